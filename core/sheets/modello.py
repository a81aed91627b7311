"""Write the workbook that people fill in: headings, drop-downs, validation, instructions. No formulas.

Colours are those of the pages. What identifies the workbook stands in clear in a hidden sheet, which
`lettura` reads back and the controls compare with the destination.
"""

import datetime
import io
from dataclasses import dataclass

import xlsxwriter

from .lettura import FOGLIO_MODELLO

_ELENCHI = "_elenchi"
_ULTIMA_RIGA = 1_048_575
_NOTTE, _GRIGIO, _VELO, _LINEA, _TESTO = "#17324d", "#475a6d", "#eef3f8", "#d5dde5", "#1c2a38"
_FORMATI = {
    "testo": "@",
    "scelta": "@",
    "intero": "0",
    "percentuale": "General",
    "importo": "#,##0.00",
    "data": "dd/mm/yyyy",
}


@dataclass(frozen=True)
class ColonnaModello:
    """A column of the template: `aiuto` is shown by the cell and in the instructions, `elenco` drops down."""

    titolo: str
    genere: str
    larghezza: int
    aiuto: str
    esempio: str = ""
    obbligatoria: bool = True
    elenco: tuple[str, ...] = ()
    minimo: float | datetime.date | None = None
    massimo: float | datetime.date | None = None


@dataclass(frozen=True)
class Istruzioni:
    """The sheet of instructions: a title, the destination in pairs, then titled paragraphs."""

    titolo: str
    destinazione: tuple[tuple[str, str], ...]
    sezioni: tuple[tuple[str, tuple[str, ...]], ...]


def scrivi_cartella(
    foglio: str,
    colonne: tuple[ColonnaModello, ...],
    metadati: dict[str, str],
    istruzioni: Istruzioni,
    *,
    colonne_ferme: int = 0,
) -> bytes:
    """The bytes of an xlsx: the sheet to fill, its instructions, the hidden lists, the hidden identity."""
    uscita = io.BytesIO()
    cartella = xlsxwriter.Workbook(
        uscita,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    cartella.set_properties({"title": istruzioni.titolo, "subject": foglio})
    pagina = cartella.add_worksheet(foglio)
    guida = cartella.add_worksheet("Istruzioni")
    elenchi = cartella.add_worksheet(_ELENCHI)
    identita = cartella.add_worksheet(FOGLIO_MODELLO)
    riferimenti = _scrivi_elenchi(elenchi, colonne)
    _scrivi_dati(cartella, pagina, colonne, riferimenti, colonne_ferme)
    _scrivi_istruzioni(cartella, guida, istruzioni, colonne)
    for riga, (nome, valore) in enumerate(metadati.items()):
        identita.write_string(riga, 0, nome)
        identita.write_string(riga, 1, valore)
    identita.set_column(0, 1, 40)
    for nascosto in (elenchi, identita):
        nascosto.protect()
        nascosto.hide()
    pagina.activate()
    cartella.close()
    return uscita.getvalue()


def _scrivi_elenchi(elenchi, colonne: tuple[ColonnaModello, ...]) -> dict[str, str]:
    riferimenti = {}
    for posizione, colonna in enumerate(c for c in colonne if c.elenco):
        elenchi.write_string(0, posizione, colonna.titolo)
        for riga, voce in enumerate(colonna.elenco, start=1):
            elenchi.write_string(riga, posizione, voce)
        lettera = xlsxwriter.utility.xl_col_to_name(posizione, col_abs=True)
        riferimenti[colonna.titolo] = f"='{_ELENCHI}'!{lettera}$2:{lettera}${len(colonna.elenco) + 1}"
    return riferimenti


def _scrivi_dati(cartella, pagina, colonne, riferimenti: dict[str, str], colonne_ferme: int) -> None:
    base = {
        "bold": True,
        "font_color": "white",
        "text_wrap": True,
        "valign": "vcenter",
        "border": 1,
        "border_color": "white",
    }
    testa = cartella.add_format(base | {"bg_color": _NOTTE})
    testa_facoltativa = cartella.add_format(base | {"bg_color": _GRIGIO})
    formati = {
        genere: cartella.add_format({"num_format": formato, "locked": False, "font_color": _TESTO})
        for genere, formato in _FORMATI.items()
    }
    for posizione, colonna in enumerate(colonne):
        pagina.set_column(posizione, posizione, colonna.larghezza, formati[colonna.genere])
        pagina.write_string(
            0, posizione, colonna.titolo, testa if colonna.obbligatoria else testa_facoltativa
        )
        if regola := _validazione(colonna, riferimenti.get(colonna.titolo)):
            pagina.data_validation(1, posizione, _ULTIMA_RIGA, posizione, regola)
    pagina.set_row(0, 34)
    pagina.freeze_panes(1, colonne_ferme)
    pagina.set_landscape()
    pagina.set_paper(9)
    pagina.repeat_rows(0)
    pagina.fit_to_pages(1, 0)
    # Only the headings are locked; no password, because it is a help and not a defence.
    pagina.protect(
        "",
        {
            "format_cells": True,
            "format_columns": True,
            "format_rows": True,
            "insert_rows": True,
            "delete_rows": True,
            "sort": True,
            "autofilter": True,
        },
    )


def _validazione(colonna: ColonnaModello, riferimento: str | None) -> dict | None:
    comune = {
        "ignore_blank": True,
        "input_title": colonna.titolo[:32],
        "input_message": colonna.aiuto[:255],
        "error_title": colonna.titolo[:32],
    }
    if riferimento:
        return comune | {
            "validate": "list",
            "source": riferimento,
            "error_message": "Scegli un valore dall’elenco a discesa.",
        }
    genere = {"intero": "integer", "percentuale": "decimal", "importo": "decimal", "data": "date"}.get(
        colonna.genere
    )
    if genere is None or colonna.minimo is None or colonna.massimo is None:
        return comune | {"validate": "any"}
    parole = {
        "intero": f"Scrivi un numero intero da {colonna.minimo} a {colonna.massimo}.",
        "percentuale": f"Scrivi un numero da {colonna.minimo} a {colonna.massimo}, per esempio 37,5.",
        "importo": "Scrivi un importo da zero in su, con la virgola prima dei centesimi.",
        "data": "Scrivi una data come 31/01/2024.",
    }
    return comune | {
        "validate": genere,
        "criteria": "between",
        "minimum": colonna.minimo,
        "maximum": colonna.massimo,
        "error_message": parole[colonna.genere],
    }


def _scrivi_istruzioni(cartella, guida, istruzioni: Istruzioni, colonne: tuple[ColonnaModello, ...]) -> None:
    comune = {"text_wrap": True, "valign": "top", "font_color": _TESTO}
    titolo = cartella.add_format({"bold": True, "font_size": 16, "font_color": _NOTTE})
    sezione = cartella.add_format(
        {"bold": True, "font_size": 12, "font_color": _NOTTE, "bottom": 1, "bottom_color": _LINEA}
    )
    testo = cartella.add_format(comune)
    nome = cartella.add_format(comune | {"bold": True})
    scatola = cartella.add_format(comune | {"bg_color": _VELO})
    scatola_nome = cartella.add_format(comune | {"bg_color": _VELO, "bold": True})
    testa = cartella.add_format({"bold": True, "font_color": "white", "bg_color": _NOTTE})
    guida.hide_gridlines(2)
    guida.set_column(0, 0, 28)
    guida.set_column(1, 1, 14)
    guida.set_column(2, 2, 74)
    guida.set_column(3, 3, 26)
    guida.write_string(0, 0, istruzioni.titolo, titolo)
    guida.set_row(0, 26)
    riga = 2
    for etichetta, valore in istruzioni.destinazione:
        guida.write_string(riga, 0, etichetta, scatola_nome)
        guida.merge_range(riga, 1, riga, 3, "", scatola)
        guida.write_string(riga, 1, valore, scatola)
        riga += 1
    for intestazione, paragrafi in istruzioni.sezioni:
        riga += 1
        guida.merge_range(riga, 0, riga, 3, "", sezione)
        guida.write_string(riga, 0, intestazione, sezione)
        guida.set_row(riga, 20)
        riga += 1
        for paragrafo in paragrafi:
            guida.merge_range(riga, 0, riga, 3, "", testo)
            guida.write_string(riga, 0, paragrafo, testo)
            guida.set_row(riga, 16 * (1 + len(paragrafo) // 135))
            riga += 1
    riga += 1
    for posizione, intestazione in enumerate(("Colonna", "Serve", "Che cosa scrivere", "Esempio")):
        guida.write_string(riga, posizione, intestazione, testa)
    for colonna in colonne:
        riga += 1
        guida.write_string(riga, 0, colonna.titolo, nome)
        guida.write_string(riga, 1, "sempre" if colonna.obbligatoria else "se c’è", testo)
        guida.write_string(riga, 2, colonna.aiuto, testo)
        guida.write_string(riga, 3, colonna.esempio, testo)
        guida.set_row(riga, 16 * (1 + max(len(colonna.aiuto) // 74, len(colonna.esempio) // 26)))
    guida.set_landscape()
    guida.set_paper(9)
    guida.fit_to_pages(1, 0)
    guida.protect()
