"""From bytes to a grid of cells: xlsx through calamine, csv through the standard library. For the child."""

import csv
import io
import itertools
import re
import threading
import zipfile
import zlib
from dataclasses import dataclass, field

import python_calamine

from . import rifiuti
from .esiti import FileRifiutato
from .guardia import guarda_zip
from .perche import celle_senza_valore, parte_del_foglio, perlustra
from .schema import chiave

FOGLIO_MODELLO = "_modello"
# What damaged contents raise, here and in calamine; anything else is a bug and must show.
_NON_SI_LEGGE = (python_calamine.CalamineError, OSError, ValueError, KeyError, NotImplementedError)
_BINARIO = re.compile(rb"[\x00-\x08\x0e-\x1f]")


@dataclass
class Griglia:
    """The cells of the sheet as read: `righe[0]` is the first row of the sheet, each row a list of cells."""

    foglio: str
    righe: list[list]
    formato: str
    codifica: str | None = None
    separatore: str | None = None
    unioni: list[tuple[tuple[int, int], tuple[int, int]]] = field(default_factory=list)
    senza_valore: list[tuple[int, int, str]] = field(default_factory=list)
    metadati: dict[str, str] | None = None


def leggi_xlsx(dati: bytes, foglio: str, limiti: dict) -> Griglia:
    archivio = guarda_zip(dati, limiti["decompressi"], limiti["righe"])
    try:
        cartella = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(dati))
    except python_calamine.PasswordError as e:
        raise FileRifiutato(rifiuti.CIFRATO, "Il file è protetto da una password.") from e
    except _NON_SI_LEGGE as e:
        raise FileRifiutato(
            rifiuti.ILLEGGIBILE, "Il file non si riesce a leggere.", trovato="contenuto non valido"
        ) from e
    metadati = _metadati(cartella)
    nome = next((n for n in cartella.sheet_names if chiave(n) == chiave(foglio)), None)
    if nome is None:
        # A template of another kind has no sheet of this name: its hidden sheet says better what it is.
        if metadati is not None:
            return Griglia(foglio, [], "xlsx", metadati=metadati)
        trovati = ", ".join(f"«{n}»" for n in cartella.sheet_names[:6] if n != FOGLIO_MODELLO)
        raise FileRifiutato(
            rifiuti.FOGLIO_ASSENTE,
            f"Manca il foglio «{foglio}»: nel file ci sono {trovati or 'solo fogli vuoti'}.",
            trovato=trovati,
            atteso=f"un foglio di nome {foglio}",
        )
    try:
        parte = parte_del_foglio(archivio, nome)
        righe, unioni, formule_o_errori = _leggi_pagina(cartella, nome, archivio, parte, limiti["righe"])
        senza_valore = celle_senza_valore(archivio, parte) if formule_o_errori else []
    except (zipfile.BadZipFile, zlib.error, EOFError) as e:
        raise FileRifiutato(
            rifiuti.INCOMPLETO, "Il file è danneggiato: una parte non si apre.", trovato="parte danneggiata"
        ) from e
    except _NON_SI_LEGGE as e:
        raise FileRifiutato(
            rifiuti.ILLEGGIBILE,
            f"Il foglio «{nome}» non si riesce a leggere.",
            trovato="contenuto non valido",
        ) from e
    return Griglia(nome, righe, "xlsx", unioni=unioni, senza_valore=senza_valore, metadati=metadati)


def _leggi_pagina(cartella, nome: str, archivio: zipfile.ZipFile, parte: str, massimo_righe: int):
    """Rows, merged ranges, and whether there is something that calamine does not tell.

    calamine works without the interpreter's lock, so the look at the XML costs no time of its own. If that
    look refuses the file, the process ends without waiting for the reader.
    """
    letta: dict = {}

    def leggi() -> None:
        try:
            pagina = cartella.get_sheet_by_name(nome)
            letta["righe"] = pagina.to_python(skip_empty_area=False)
            letta["unioni"] = pagina.merged_cell_ranges or []
        except BaseException as e:  # told to the main thread, which knows what it means
            letta["errore"] = e

    lettore = threading.Thread(target=leggi, daemon=True)
    lettore.start()
    formule_o_errori = perlustra(archivio, parte, massimo_righe)
    lettore.join()
    if "errore" in letta:
        raise letta["errore"]
    return letta["righe"], letta["unioni"], formule_o_errori


def _metadati(cartella: python_calamine.CalamineWorkbook) -> dict[str, str] | None:
    """The hidden sheet that a template carries: two columns, name and value, in clear."""
    if FOGLIO_MODELLO not in cartella.sheet_names:
        return None
    try:
        righe = cartella.get_sheet_by_name(FOGLIO_MODELLO).to_python(nrows=50)
    except _NON_SI_LEGGE:
        return {}
    testi = {}
    for riga in righe:
        if len(riga) >= 2 and riga[0] != "":
            valore = int(riga[1]) if isinstance(riga[1], float) and riga[1].is_integer() else riga[1]
            testi[str(riga[0])] = str(valore).strip()
    return testi


def leggi_csv(dati: bytes, foglio: str, intestazioni: set[str], limiti: dict) -> Griglia:
    """`intestazioni` are the normalised headings expected: the right separator is the one that finds most."""
    if dati[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise FileRifiutato(
            rifiuti.BINARIO,
            "Il csv è in UTF-16. Salvalo come «CSV UTF-8».",
            trovato="UTF-16",
            atteso="UTF-8 o Windows-1252",
        )
    if binario := _BINARIO.search(dati):
        riga = dati.count(b"\n", 0, binario.start()) + 1
        raise FileRifiutato(
            rifiuti.BINARIO,
            f"Alla riga {riga} del csv c’è un byte che non è testo (0x{binario[0][0]:02x}).",
            trovato=f"byte 0x{binario[0][0]:02x} alla riga {riga}",
            atteso="solo testo",
        )
    testo, codifica = _decodifica(dati)
    separatore = None
    prima, _, resto = testo.partition("\n")
    if re.fullmatch(r"sep=[;,\t]\r?", prima):  # the line Excel itself writes and hides
        separatore, testo = prima[4], resto
    separatore = separatore or _separatore(testo, intestazioni)
    csv.field_size_limit(32_767)  # what a cell can hold
    lettore = csv.reader(io.StringIO(testo, newline=""), delimiter=separatore, strict=True)
    righe, piene = [], 0
    try:
        for riga in lettore:
            righe.append(riga)
            piene += any(riga)
            if piene > limiti["righe"] + 1 or len(righe) > 1_048_576:
                raise rifiuti.troppe_righe(limiti["righe"])
    except csv.Error as e:
        raise FileRifiutato(
            rifiuti.INCOMPLETO,
            f"Il csv non si legge dopo la riga {len(righe)}: virgolette non chiuse o campo troppo lungo.",
            trovato=f"riga {len(righe) + 1}",
        ) from e
    return Griglia(foglio, righe, "csv", codifica=codifica, separatore=separatore)


def _decodifica(dati: bytes) -> tuple[str, str]:
    if dati.startswith(b"\xef\xbb\xbf"):
        tentativi = [("utf-8-sig", "UTF-8 con BOM")]
    else:
        tentativi = [("utf-8", "UTF-8"), ("cp1252", "Windows-1252")]
    for codifica, nome in tentativi:
        try:
            return dati.decode(codifica), nome
        except UnicodeDecodeError:
            continue
    raise FileRifiutato(
        rifiuti.BINARIO,
        "Il csv contiene caratteri che non si riconoscono. Salvalo come «CSV UTF-8».",
        trovato="codifica sconosciuta",
        atteso="UTF-8 o Windows-1252",
    )


def _separatore(testo: str, intestazioni: set[str]) -> str:
    prime = list(itertools.islice(io.StringIO(testo, newline=""), 1))
    riga = prime[0] if prime else ""

    def riconosciute(separatore: str) -> tuple[int, int]:
        campi = next(csv.reader([riga], delimiter=separatore), [])
        return sum(chiave(c) in intestazioni for c in campi), len(campi)

    return max(";,\t", key=riconosciute)
