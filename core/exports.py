"""Tables as files: xlsx, ods and csv with the same figures. Missing is an empty cell, never 0.

Text is always text: a name that begins with «=» must not become a formula in the reader's spreadsheet.
"""

import csv as modulo_csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import xlsxwriter
from odfdo import Cell, Document, Element, Row, Style, Table

TIPI = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "csv": "text/csv; charset=utf-8",
}

Valore = Decimal | int | date | str | None

_CONTROLLI = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_VIETATI_NEL_NOME = re.compile(r"[\[\]:*?/\\]")
_INIZIO_DI_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_LARGHEZZA_MASSIMA = 60


@dataclass(frozen=True)
class Tabella:
    """A sheet: headings in the first row, then the rows, then the notes below an empty row.

    In `righe`: Decimal is written with two decimals, int without, None as an empty cell.
    """

    titolo: str
    intestazioni: Sequence[str]
    righe: Sequence[Sequence[Valore]]
    note: Sequence[str] = ()


def xlsx(tabelle: Sequence[Tabella]) -> bytes:
    """The tables as an Excel workbook, one sheet each; amounts are numbers shown as `#,##0.00`."""
    uscita = io.BytesIO()
    with xlsxwriter.Workbook(uscita, {"in_memory": True}) as cartella:
        testa = cartella.add_format({"bold": True, "text_wrap": True, "bottom": 1, "valign": "bottom"})
        formati = {
            Decimal: cartella.add_format({"num_format": "#,##0.00"}),
            int: cartella.add_format({"num_format": "0"}),
            date: cartella.add_format({"num_format": "dd/mm/yyyy"}),
        }
        for tabella, nome in zip(tabelle, _nomi(tabelle), strict=True):
            foglio = cartella.add_worksheet(nome)
            foglio.freeze_panes(1, 1)
            foglio.repeat_rows(0)
            foglio.set_landscape()
            foglio.set_paper(9)  # A4
            foglio.fit_to_pages(1, 0)
            foglio.set_header("&L" + (_testo(tabella.titolo)[:100] or nome).replace("&", "&&"))
            for colonna, intestazione in enumerate(tabella.intestazioni):
                foglio.write_string(0, colonna, _testo(intestazione), testa)
                foglio.set_column(colonna, colonna, _larghezza(tabella, colonna))
            for numero, riga in enumerate(tabella.righe, start=1):
                for colonna, valore in enumerate(riga):
                    _scrivi_xlsx(foglio, numero, colonna, valore, formati)
            for numero, nota in enumerate(tabella.note, start=len(tabella.righe) + 2):
                foglio.write_string(numero, 0, _testo(nota))
    return uscita.getvalue()


def _scrivi_xlsx(foglio, riga, colonna, valore, formati):
    # The typed methods, not write(): it would take «=…» for a formula and «http…» for a link.
    if valore is None:
        return
    if isinstance(valore, Decimal | int):
        foglio.write_number(riga, colonna, valore, formati[Decimal if isinstance(valore, Decimal) else int])
    elif isinstance(valore, date):
        foglio.write_datetime(riga, colonna, valore, formati[date])
    else:
        foglio.write_string(riga, colonna, _testo(valore))


def ods(tabelle: Sequence[Tabella]) -> bytes:
    """The tables as an OpenDocument spreadsheet, one sheet each; amounts are numbers with two decimals."""
    documento = Document("spreadsheet")
    documento.body.clear()
    for stile in _stili_ods():
        documento.insert_style(stile, automatic=True)
    for tabella, nome in zip(tabelle, _nomi(tabelle), strict=True):
        foglio = Table(nome)
        testa = [Cell(_testo(intestazione), style="testa") for intestazione in tabella.intestazioni]
        foglio.append_row(_riga_ods(testa))
        for riga in tabella.righe:
            foglio.append_row(_riga_ods([_cella_ods(valore) for valore in riga]))
        if tabella.note:
            foglio.append_row(Row())
        for nota in tabella.note:
            foglio.append_row(_riga_ods([Cell(_testo(nota))]))
        documento.body.append(foglio)
    uscita = io.BytesIO()
    documento.save(uscita)
    return uscita.getvalue()


def _stili_ods() -> list[Element]:
    numeri = Element.from_tag(
        '<number:number-style style:name="cifre">'
        '<number:number number:decimal-places="2" number:min-decimal-places="2" '
        'number:min-integer-digits="1" number:grouping="true"/></number:number-style>'
    )
    giorni = Element.from_tag(
        '<number:date-style style:name="giorni"><number:day number:style="long"/><number:text>/</number:text>'
        '<number:month number:style="long"/><number:text>/</number:text><number:year number:style="long"/>'
        "</number:date-style>"
    )
    celle = []
    for nome, formato in (("importo", "cifre"), ("giorno", "giorni")):
        stile = Style("table-cell", name=nome)
        stile.set_attribute("style:data-style-name", formato)  # odfdo has no argument for it
        celle.append(stile)
    return [numeri, giorni, *celle, Style("table-cell", name="testa", area="text", bold=True)]


def _cella_ods(valore: Valore) -> Cell:
    if isinstance(valore, Decimal):
        return Cell(valore, text=_decimale(valore), style="importo")
    if isinstance(valore, date):
        return Cell(valore, style="giorno")
    return Cell(valore if valore is None or isinstance(valore, int) else _testo(valore))


def _riga_ods(celle: list[Cell]) -> Row:
    riga = Row()
    riga.extend_cells(celle)
    return riga


def csv(tabelle: Sequence[Tabella]) -> bytes:
    """The tables as the csv that Italian spreadsheets open: `;`, decimal comma, CRLF, UTF-8 with BOM.

    One table: its headings are the first row. Several: each has its title above and an empty row below.
    A text that a spreadsheet would run as a formula is preceded by an apostrophe.
    """
    uscita = io.StringIO(newline="")
    scrittore = modulo_csv.writer(uscita, delimiter=";", lineterminator="\r\n")
    for numero, tabella in enumerate(tabelle):
        if numero:
            scrittore.writerow([])
        if len(tabelle) > 1:
            scrittore.writerow([_disinnescato(tabella.titolo)])
        scrittore.writerow([_disinnescato(intestazione) for intestazione in tabella.intestazioni])
        scrittore.writerows([_campo_csv(valore) for valore in riga] for riga in tabella.righe)
        if tabella.note:
            scrittore.writerow([])
        scrittore.writerows([_disinnescato(nota)] for nota in tabella.note)
    return uscita.getvalue().encode("utf-8-sig")


def _campo_csv(valore: Valore) -> str:
    if valore is None:
        return ""
    if isinstance(valore, Decimal):
        return _decimale(valore)
    if isinstance(valore, int):
        return str(valore)
    if isinstance(valore, date):
        return f"{valore:%d/%m/%Y}"
    return _disinnescato(valore)


def _decimale(valore: Decimal) -> str:
    """«-1234,50»: no thousands separator and a plain minus, so that every program reads a number."""
    return f"{valore:.2f}".replace(".", ",")


def _disinnescato(testo: str) -> str:
    pulito = _CONTROLLI.sub("", testo)
    return f"'{pulito}" if pulito.startswith(_INIZIO_DI_FORMULA) else pulito


def _testo(testo: str) -> str:
    return _CONTROLLI.sub("", str(testo))


def _nomi(tabelle: Iterable[Tabella]) -> list[str]:
    """Names of the sheets: at most 31 characters, without the signs that Excel refuses, each one once."""
    nomi: list[str] = []
    for tabella in tabelle:
        base = " ".join(_VIETATI_NEL_NOME.sub(" ", _testo(tabella.titolo)).split()).strip("'") or "Tabella"
        nome, numero = base[:31].strip(), 1
        while nome.casefold() in {altro.casefold() for altro in nomi}:
            numero += 1
            nome = f"{base[: 31 - len(str(numero)) - 1].strip()} {numero}"
        nomi.append(nome)
    return nomi


def _larghezza(tabella: Tabella, colonna: int) -> int:
    """Characters: as wide as the widest value, within reason; a heading may wrap."""
    celle = [riga[colonna] for riga in tabella.righe if colonna < len(riga)]
    lunghezze = [len(f"{v:,.2f}") if isinstance(v, Decimal) else len(str(v)) for v in celle if v is not None]
    return min(_LARGHEZZA_MASSIMA, max([10, *lunghezze]) + 2)
