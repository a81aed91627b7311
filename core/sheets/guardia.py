"""Is it safe to open? Looks at names, sizes and first bytes; decompresses at most 4 KB of each part.

`guarda_fuori` runs in the parent and reads only the first bytes; `guarda_zip` runs in the child.
"""

import io
import re
import struct
import zipfile

from . import rifiuti
from .esiti import FileRifiutato

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_TESTA = 4096
# An honest workbook has some tens of parts; each costs about 46 bytes and its name in the directory.
_MASSIMO_PARTI, _MASSIMO_INDICE = 1_000, 256 * 1024
# Sheets of equal rows shrink 100 times and more; bombs shrink 1,000 times. Small parts never matter.
_RAPPORTO, _RAPPORTO_DA = 250, 20 * 2**20

_VECCHI = {".xls": "Excel 97-2003", ".xlsb": "Excel binario", ".ods": "OpenDocument", ".numbers": "Numbers"}
_MACRO = {".xlsm", ".xltm", ".xlam", ".xla", ".xlt"}
_PARTI_VIETATE = (
    (re.compile(r"vbaproject|/macrosheets/|/dialogsheets/|vbadata", re.I), rifiuti.MACRO),
    (re.compile(r"/externallinks/|/connections\.xml$|/querytables/", re.I), rifiuti.COLLEGATO),
    (re.compile(r"/embeddings/|/activex/", re.I), rifiuti.INCORPORATO),
)
# The same things said by the relations and by the list of content types, whatever the parts are called.
_DICHIARAZIONI = (
    (re.compile(rb"vbaProject|macroEnabled|xlMacrosheet", re.I), rifiuti.MACRO),
    (
        re.compile(rb"/externalLink(?:Path)?\"|relationships/connections\"|externalLink\+xml", re.I),
        rifiuti.COLLEGATO,
    ),
    (re.compile(rb"relationships/(?:oleObject|control|package)\"|activeX", re.I), rifiuti.INCORPORATO),
)


def estensione(nome: str) -> str:
    base = nome.replace("\\", "/").rpartition("/")[2].strip().lower()
    punto = base.rfind(".")
    return base[punto:] if punto > 0 else ""


def guarda_fuori(dati: bytes, nome: str, massimo_byte: int) -> str:
    """Return «xlsx» or «csv» from size, name and first bytes, or raise `FileRifiutato`."""
    if not dati:
        raise FileRifiutato(rifiuti.VUOTO, "Il file è vuoto.", trovato="0 byte")
    if len(dati) > massimo_byte:
        raise FileRifiutato(
            rifiuti.PESANTE,
            f"Il file pesa {_misura(len(dati))}: il massimo è {_misura(massimo_byte)}.",
            trovato=_misura(len(dati)),
            atteso=f"al massimo {_misura(massimo_byte)}",
        )
    dopo_il_punto = estensione(nome)
    if dopo_il_punto in _MACRO:
        raise FileRifiutato(
            rifiuti.MACRO,
            f"Il nome del file finisce in {dopo_il_punto}, il formato con macro.",
            trovato=dopo_il_punto,
        )
    if dati.startswith(_OLE):
        # Both old .xls files and .xlsx with a password are OLE containers; the stream name tells them apart.
        if "EncryptedPackage".encode("utf-16-le") in dati:
            raise FileRifiutato(
                rifiuti.CIFRATO, "Il file è protetto da una password di apertura.", trovato="file cifrato"
            )
        raise FileRifiutato(
            rifiuti.VECCHIO, "Il file è nel vecchio formato di Excel (.xls).", trovato="formato .xls"
        )
    if dopo_il_punto in _VECCHI:
        raise FileRifiutato(
            rifiuti.VECCHIO,
            f"Il file è in formato {_VECCHI[dopo_il_punto]} ({dopo_il_punto}).",
            trovato=dopo_il_punto,
            atteso=".xlsx o .csv",
        )
    e_zip = dati.startswith(_ZIP) or dati.startswith(b"PK\x05\x06")
    if dopo_il_punto in (".csv", ".txt", ".tsv"):
        if e_zip:
            raise FileRifiutato(
                rifiuti.NON_FOGLIO,
                f"Il file si chiama {dopo_il_punto} ma è un foglio di Excel. Rinominalo in .xlsx.",
                trovato="contenuto .xlsx",
            )
        return "csv"
    if dopo_il_punto in (".xlsx", "") and e_zip:
        return "xlsx"
    if dopo_il_punto == ".xlsx":
        raise FileRifiutato(
            rifiuti.NON_FOGLIO,
            f"Il file si chiama .xlsx ma dentro c’è {_che_cosa(dati)}.",
            trovato=_che_cosa(dati),
        )
    raise FileRifiutato(
        rifiuti.NON_FOGLIO,
        f"Il file «{nome[-60:]}» non è un foglio .xlsx né un .csv.",
        trovato=dopo_il_punto or "nessuna estensione",
        atteso=".xlsx o .csv",
    )


def _che_cosa(dati: bytes) -> str:
    testa = dati[:512].lstrip().lower()
    for inizio, nome in (
        (b"%pdf", "un PDF"),
        (b"<!doctype html", "una pagina web"),
        (b"<html", "una pagina web"),
        (b"mz", "un programma"),
        (b"\x7felf", "un programma"),
        (b"{\\rtf", "un testo RTF"),
        (b"<?xml", "un testo XML"),
    ):
        if testa.startswith(inizio):
            return nome
    return "un contenuto che non è un foglio di Excel"


def _misura(byte: int) -> str:
    return f"{byte / 2**20:.1f} MB".replace(".", ",") if byte >= 2**20 else f"{max(1, byte // 1024)} KB"


def guarda_zip(dati: bytes, massimo_decompressi: int, massimo_righe: int) -> zipfile.ZipFile:
    """Return the open archive when its directory and the heads of its parts are those of a plain xlsx."""
    _guarda_indice(dati)
    try:
        archivio = zipfile.ZipFile(io.BytesIO(dati))
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError, struct.error) as e:
        raise FileRifiutato(
            rifiuti.INCOMPLETO, "Il file è incompleto o danneggiato.", trovato="archivio che non si apre"
        ) from e
    parti = archivio.infolist()
    nomi = [p.filename.replace("\\", "/") for p in parti]
    _guarda_nomi(nomi)
    if any(p.flag_bits & 1 for p in parti):
        raise FileRifiutato(rifiuti.CIFRATO, "Il file è protetto da una password.", trovato="parti cifrate")
    if any(p.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for p in parti):
        raise FileRifiutato(
            rifiuti.ILLEGGIBILE,
            "Il file usa una compressione non ammessa.",
            trovato="compressione non ammessa",
        )
    totale = sum(p.file_size for p in parti)
    piu_gonfia = max(
        parti, key=lambda p: p.file_size / max(1, p.compress_size) if p.file_size > _RAPPORTO_DA else 0
    )
    if totale > massimo_decompressi or (
        piu_gonfia.file_size > _RAPPORTO_DA
        and piu_gonfia.file_size > _RAPPORTO * max(1, piu_gonfia.compress_size)
    ):
        if _conta_righe(archivio, max(parti, key=lambda p: p.file_size), massimo_righe) > massimo_righe + 1:
            raise rifiuti.troppe_righe(massimo_righe)
        raise FileRifiutato(
            rifiuti.GONFIO,
            f"Il file una volta aperto occupa {_misura(totale)}: non è un foglio di dati normale.",
            trovato=_misura(totale),
            atteso=f"al massimo {_misura(massimo_decompressi)}",
        )
    _guarda_teste(archivio, parti)
    return archivio


def _conta_righe(archivio: zipfile.ZipFile, parte: zipfile.ZipInfo, massimo: int) -> int:
    """A part too large is mostly a sheet with too many rows: count them, to say it, in the first 64 MB."""
    righe, letti = 0, 0
    try:
        with archivio.open(parte) as f:
            while righe <= massimo + 1 and letti < 64 * 2**20 and (blocco := f.read(2**20)):
                righe, letti = righe + len(re.findall(rb"<(?:\w{1,9}:)?row\b", blocco)), letti + len(blocco)
    except Exception:  # damaged as well as large: large is enough
        return 0
    return righe


def _guarda_indice(dati: bytes) -> None:
    """Refuse a huge directory before `zipfile` turns each entry into an object."""
    coda = dati[-(65_535 + 22 + 20 + 56) :]
    fine = coda.rfind(b"PK\x05\x06")
    if fine < 0 or len(coda) < fine + 22:
        raise FileRifiutato(
            rifiuti.INCOMPLETO,
            "Il file finisce a metà: è stato tagliato o non è completo.",
            trovato="archivio senza fine",
        )
    voci, misura = struct.unpack_from("<HI", coda, fine + 10)
    grande = coda.rfind(b"PK\x06\x06", 0, fine)
    if grande >= 0 and len(coda) >= grande + 48:
        voci, misura = (
            max(a, b)
            for a, b in zip((voci, misura), struct.unpack_from("<QQ", coda, grande + 32), strict=True)
        )
    elif misura == 0xFFFFFFFF:
        raise FileRifiutato(
            rifiuti.INCOMPLETO, "Il file è incompleto o danneggiato.", trovato="indice che non si legge"
        )
    if misura > _MASSIMO_INDICE or (voci > _MASSIMO_PARTI and voci != 0xFFFF):
        raise FileRifiutato(
            rifiuti.GONFIO, "Il file contiene troppe parti per essere un foglio.", trovato=f"{voci} parti"
        )


def _guarda_nomi(nomi: list[str]) -> None:
    if len(nomi) > _MASSIMO_PARTI:
        raise FileRifiutato(
            rifiuti.GONFIO,
            "Il file contiene troppe parti per essere un foglio.",
            trovato=f"{len(nomi)} parti",
        )
    if len(set(nomi)) != len(nomi):
        raise FileRifiutato(
            rifiuti.ILLEGGIBILE, "Il file contiene due volte la stessa parte.", trovato="parti doppie"
        )
    for nome in nomi:
        if nome.startswith("/") or ".." in nome.split("/") or ":" in nome or "\0" in nome:
            raise FileRifiutato(
                rifiuti.ILLEGGIBILE, "Il file contiene percorsi non ammessi.", trovato=nome[:60]
            )
        for vietata, controllo in _PARTI_VIETATE:
            if vietata.search("/" + nome):
                raise FileRifiutato(controllo, f"{controllo.titolo}: {controllo.perche}", trovato=nome[:60])
    insieme = set(nomi)
    if "xl/workbook.bin" in insieme:
        raise FileRifiutato(rifiuti.VECCHIO, "Il file è in formato Excel binario (.xlsb).", trovato=".xlsb")
    if "mimetype" in insieme and "content.xml" in insieme:
        raise FileRifiutato(rifiuti.VECCHIO, "Il file è in formato OpenDocument (.ods).", trovato=".ods")
    if "[Content_Types].xml" not in insieme or not any(n.startswith("xl/") for n in nomi):
        raise FileRifiutato(
            rifiuti.NON_FOGLIO,
            "Il file è un archivio o un documento, non un foglio di Excel.",
            trovato="archivio senza foglio",
        )


def _guarda_teste(archivio: zipfile.ZipFile, parti: list[zipfile.ZipInfo]) -> None:
    for parte in parti:
        nome = parte.filename.lower()
        if not nome.endswith((".xml", ".rels", ".vml")):
            continue
        dichiara = nome.endswith(".rels") or nome == "[content_types].xml"
        try:
            with archivio.open(parte) as f:
                # Relations and content types are read further: what they declare may stand anywhere in them.
                testa = f.read(2**20 if dichiara else _TESTA)
        except Exception as e:  # zlib.error, BadZipFile, EOFError, …: all mean a damaged part
            raise FileRifiutato(
                rifiuti.INCOMPLETO, "Il file è danneggiato: una parte non si apre.", trovato=nome[:60]
            ) from e
        guarda_testa(testa, nome)
        if dichiara:
            for vietata, controllo in _DICHIARAZIONI:
                if vietata.search(testa):
                    raise FileRifiutato(
                        controllo, f"{controllo.titolo}: {controllo.perche}", trovato=nome[:60]
                    )


def guarda_testa(testa: bytes, nome: str) -> None:
    """Refuse a DOCTYPE and every encoding in which one could hide."""
    if testa[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in testa[:64]:
        raise FileRifiutato(
            rifiuti.XML_VIETATO, "Una parte del file usa una codifica non ammessa.", trovato=nome[:60]
        )
    dichiarata = re.match(rb"\s*(?:\xef\xbb\xbf)?<\?xml[^>]*encoding=[\"']([^\"']+)", testa)
    if dichiarata and dichiarata[1].lower() not in (b"utf-8", b"us-ascii", b"ascii"):
        raise FileRifiutato(
            rifiuti.XML_VIETATO, "Una parte del file usa una codifica non ammessa.", trovato=nome[:60]
        )
    if re.search(rb"<!(?:DOCTYPE|ENTITY)", testa, re.I):
        raise FileRifiutato(
            rifiuti.XML_VIETATO,
            "Una parte del file contiene una dichiarazione DOCTYPE, non ammessa.",
            trovato=nome[:60],
        )
