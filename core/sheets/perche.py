"""The XML of a sheet, read as a stream of bytes: what calamine does not tell, and why it died.

`perlustra` runs before every reading and costs a tenth of it. The cell by cell readings run only when
there is something to look for.
"""

import re
import zipfile
from collections.abc import Iterator
from xml.parsers import expat

from . import rifiuti
from .esiti import FileRifiutato
from .schema import indirizzo, numero_colonna

_BLOCCO = 2**18
_RELAZIONI = "xl/_rels/workbook.xml.rels"
_CELLA = rb"<(?:\w+:)?c\b([^>]*?)(?:/>|>(.*?)</(?:\w+:)?c>)"
_RIGA = rb"<(?:\w+:)?row\b([^>]*)>"
_ELEMENTO = re.compile(_RIGA + b"|" + _CELLA, re.S)
_ATTRIBUTO_R = re.compile(rb"\br=[\"']([A-Z]{0,3})(\d{1,7})[\"']")
_ATTRIBUTO_T = re.compile(rb"\bt=[\"'](\w+)[\"']")
_FORMULA = re.compile(rb"<(?:\w+:)?f\b")
_VALORE = re.compile(rb"<(?:\w+:)?v(?:\s[^>]*)?>([^<]*)<|<(?:\w+:)?t[ >]")
# A cell holds 32,767 characters; a single row longer than this is no table.
_MASSIMO_PEZZO = 4 * 2**20


def parte_del_foglio(archivio: zipfile.ZipFile, nome: str) -> str:
    """The name, in the archive, of the part that holds the sheet `nome`."""
    relazioni, fogli = {}, {}

    def relazione(elemento: str, a: dict) -> None:
        if elemento.rpartition(":")[2] == "Relationship":
            relazioni[a.get("Id")] = a.get("Target", "")

    def foglio(elemento: str, a: dict) -> None:
        if elemento.rpartition(":")[2] == "sheet":
            fogli[a.get("name")] = next((v for k, v in a.items() if k.rpartition(":")[2] == "id"), None)

    _analizza(archivio, _RELAZIONI, relazione)
    _analizza(archivio, "xl/workbook.xml", foglio)
    bersaglio = relazioni[fogli[nome]]
    parte = bersaglio.lstrip("/") if bersaglio.startswith("/") else f"xl/{bersaglio}"
    # zip names are case sensitive, the format is not
    nomi = {n.replace("\\", "/").lower(): n for n in archivio.namelist()}
    return nomi[parte.lower()]


def nomi_dei_fogli(archivio: zipfile.ZipFile) -> list[str]:
    nomi: list[str] = []

    def foglio(elemento: str, a: dict) -> None:
        if elemento.rpartition(":")[2] == "sheet":
            nomi.append(a.get("name", ""))

    _analizza(archivio, "xl/workbook.xml", foglio)
    return nomi


def _analizza(archivio: zipfile.ZipFile, parte: str, inizio) -> None:
    with archivio.open(parte) as f:
        testo = f.read(4 * 2**20)
    lettore = expat.ParserCreate()
    lettore.StartElementHandler = inizio
    lettore.StartDoctypeDeclHandler = _niente_doctype
    try:
        lettore.Parse(testo, True)
    except expat.ExpatError as e:
        raise ValueError(f"{parte}: {e}") from e


def _niente_doctype(*_) -> None:
    raise FileRifiutato(
        rifiuti.XML_VIETATO, "Una parte del file contiene una dichiarazione DOCTYPE, non ammessa."
    )


def perlustra(archivio: zipfile.ZipFile, parte: str, massimo_righe: int) -> bool:
    """Refuse a sheet with too many rows before it is loaded, whatever its `<dimension>` says.

    Returns whether there are formulas or error values, whose cells calamine reads as empty.
    """
    righe, sospetti, coda = 0, False, b""
    with archivio.open(parte) as f:
        prefisso = _prefisso(f.peek(4096)[:4096])
        riga, formula = b"<" + prefisso + b"row", b"<" + prefisso + b"f"
        while blocco := f.read(_BLOCCO):
            pezzo = coda + blocco
            # The tail kept is one byte shorter than what is counted, so nothing counts twice.
            sospetti = (
                sospetti or formula in pezzo or b't="e"' in pezzo or (b"'" in pezzo and b"t='e'" in pezzo)
            )
            # A DOCTYPE stands before the first row or nowhere.
            if not righe and b"<!DOCTYPE" in pezzo:
                _niente_doctype()
            righe += pezzo.count(riga)
            coda = pezzo[-(len(riga) - 1) :]
    if righe > massimo_righe + 1 and righe_piene(archivio, parte) > massimo_righe + 1:
        raise rifiuti.troppe_righe(massimo_righe)
    return sospetti


def _prefisso(testa: bytes) -> bytes:
    trovato = re.search(rb"<((?:\w+:)?)worksheet\b", testa)
    return trovato[1] if trovato else b""


def _pezzi(archivio: zipfile.ZipFile, parte: str) -> Iterator[bytes]:
    """The XML in pieces cut before a row, so that no row is in two of them."""
    avanzo = b""
    with archivio.open(parte) as f:
        riga = b"<" + _prefisso(f.peek(4096)[:4096]) + b"row"
        while blocco := f.read(_BLOCCO):
            avanzo += blocco
            if (taglio := avanzo.rfind(riga)) > 0:
                yield avanzo[:taglio]
                avanzo = avanzo[taglio:]
            elif len(avanzo) > _MASSIMO_PEZZO:
                raise FileRifiutato(
                    rifiuti.GONFIO, "Una riga del foglio contiene un testo enorme.", trovato="testo enorme"
                )
    yield avanzo


def righe_piene(archivio: zipfile.ZipFile, parte: str) -> int:
    """How many rows hold at least one value: a formatted empty row does not count."""
    riga, valore = re.compile(rb"<(?:\w+:)?row\b"), re.compile(rb"<(?:\w+:)?(?:v|is|f)[\s>]")
    piene = 0
    for pezzo in _pezzi(archivio, parte):
        piene += sum(1 for p in riga.split(pezzo)[1:] if valore.search(p))
    return piene


def _celle(archivio: zipfile.ZipFile, parte: str) -> Iterator[tuple[int, int, bytes, bytes]]:
    """(row, column, attributes, content) of every cell, from 0; the address may be left out by the writer."""
    riga, colonna = -1, -1
    for pezzo in _pezzi(archivio, parte):
        for e in _ELEMENTO.finditer(pezzo):
            if e[1] is not None:
                r = _ATTRIBUTO_R.search(e[1])
                riga, colonna = (int(r[2]) - 1 if r else riga + 1), -1
                continue
            r = _ATTRIBUTO_R.search(e[2])
            if r and r[1]:
                riga, colonna = int(r[2]) - 1, numero_colonna(r[1].decode())
            else:
                colonna += 1
            yield riga, colonna, e[2], e[3] or b""


def celle_senza_valore(archivio: zipfile.ZipFile, parte: str) -> list[tuple[int, int, str]]:
    """The cells with a formula that was never calculated, or with an error: (row, column, what is there)."""
    trovate = []
    for riga, colonna, attributi, contenuto in _celle(archivio, parte):
        genere = _ATTRIBUTO_T.search(attributi)
        valore = _VALORE.search(contenuto)
        if genere and genere[1] == b"e":
            testo = (valore[1] or b"").decode("ascii", "replace") if valore else ""
            trovate.append((riga, colonna, testo or "#ERRORE"))
        elif (
            _FORMULA.search(contenuto) and not (valore and valore[1]) and not (genere and genere[1] == b"str")
        ):
            trovate.append((riga, colonna, "formula senza valore"))
    return trovate


def spiega(
    archivio: zipfile.ZipFile, parte: str, massimo_righe: int, massimo_colonne: int = 1_000
) -> FileRifiutato:
    """Why the reader died on this sheet. Reads it cell by cell in little memory."""
    lontana, righe, ultima = None, 0, -1
    for riga, colonna, _, contenuto in _celle(archivio, parte):
        if not contenuto:
            continue
        if riga != ultima:
            righe, ultima = righe + 1, riga
        if (riga > massimo_righe * 2 or colonna > massimo_colonne) and (
            lontana is None or (riga, colonna) > lontana
        ):
            lontana = (riga, colonna)
    if righe > massimo_righe + 1:
        return rifiuti.troppe_righe(massimo_righe)
    if lontana:
        cella = indirizzo(*lontana)
        return FileRifiutato(
            rifiuti.CELLA_LONTANA,
            f"C’è un valore nella cella {cella}, lontano dai dati: il foglio è troppo grande da leggere.",
            trovato=f"un valore in {cella}",
            atteso="celle vuote fuori dalla tabella",
            cella=cella,
        )
    return FileRifiutato(
        rifiuti.ILLEGGIBILE, "File illeggibile.", trovato="contenuto che non si riesce a leggere"
    )
