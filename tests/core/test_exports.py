import csv as lettore_csv
import io
from datetime import date
from decimal import Decimal as D

import openpyxl
import pytest
import python_calamine

from core import exports
from core.exports import Tabella

TABELLA = Tabella(
    "Linea A",
    ["Ente", "2024", "Addetti", "Data", "Annotazioni"],
    [
        ["Città metropolitana di Milano", D("8972346.42"), 285, date(2024, 4, 18), "da verificare; «—»"],
        ["Provincia di Bergamo", None, None, None, None],
        ["Differenza", D("-5.10"), 0, None, ""],
    ],
    ["Le righe «di cui» non si sommano."],
)
PERICOLI = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1", '=HYPERLINK("http://x";"y")']


def fogli_xlsx(contenuto: bytes):
    return openpyxl.load_workbook(io.BytesIO(contenuto))


def righe_ods(contenuto: bytes, nome: str):
    return python_calamine.load_workbook(io.BytesIO(contenuto)).get_sheet_by_name(nome).to_python()


def righe_csv(contenuto: bytes):
    return list(lettore_csv.reader(io.StringIO(contenuto.decode("utf-8-sig"), newline=""), delimiter=";"))


def test_xlsx_amounts_are_numbers_with_two_decimals():
    cella = fogli_xlsx(exports.xlsx([TABELLA]))["Linea A"]["B2"]
    assert (cella.value, cella.data_type, cella.number_format) == (8972346.42, "n", "#,##0.00")


def test_ods_amounts_are_numbers_with_two_decimals():
    contenuto = exports.ods([TABELLA])
    assert righe_ods(contenuto, "Linea A")[1][1] == 8972346.42
    xml = _parte(contenuto, "content.xml")
    assert 'style:data-style-name="cifre"' in xml
    assert 'number:grouping="true"' in xml


def test_missing_is_an_empty_cell_and_never_zero():
    assert [c.value for c in fogli_xlsx(exports.xlsx([TABELLA]))["Linea A"][3]][1:] == [None] * 4
    assert righe_ods(exports.ods([TABELLA]), "Linea A")[2][1:] == ["", "", "", ""]
    assert righe_csv(exports.csv([TABELLA]))[2] == ["Provincia di Bergamo", "", "", "", ""]


def test_zero_stays_zero():
    assert fogli_xlsx(exports.xlsx([TABELLA]))["Linea A"]["C4"].value == 0
    assert righe_ods(exports.ods([TABELLA]), "Linea A")[3][2] == 0
    assert righe_csv(exports.csv([TABELLA]))[3][2] == "0"


def test_csv_is_what_an_italian_spreadsheet_opens():
    contenuto = exports.csv([TABELLA])
    assert contenuto.startswith(b"\xef\xbb\xbfEnte;2024;")
    assert contenuto.count(b"\r\n") == contenuto.count(b"\n")
    assert righe_csv(contenuto)[1] == [
        "Città metropolitana di Milano",
        "8972346,42",
        "285",
        "18/04/2024",
        "da verificare; «—»",
    ]


def test_negative_amounts_stay_numbers():
    assert fogli_xlsx(exports.xlsx([TABELLA]))["Linea A"]["B4"].value == -5.1
    assert righe_ods(exports.ods([TABELLA]), "Linea A")[3][1] == -5.1
    assert righe_csv(exports.csv([TABELLA]))[3][1] == "-5,10"


@pytest.mark.parametrize("testo", PERICOLI)
def test_a_text_never_becomes_a_formula(testo):
    tabella = Tabella("T", [testo], [[testo]], [testo])
    foglio = fogli_xlsx(exports.xlsx([tabella]))["T"]
    assert {c.data_type for riga in foglio.iter_rows() for c in riga if c.value is not None} == {"s"}
    assert "table:formula" not in _parte(exports.ods([tabella]), "content.xml")
    for riga in righe_csv(exports.csv([tabella])):
        assert not riga or riga[0].startswith("'")


def test_an_address_is_not_made_a_link():
    foglio = fogli_xlsx(exports.xlsx([Tabella("T", ["a"], [["https://example.org"]])]))["T"]
    assert foglio["A2"].hyperlink is None


def test_control_characters_are_left_out_of_every_format():
    tabella = Tabella("T\x00", ["a\x0b"], [["b\x00\x1f"]])
    assert fogli_xlsx(exports.xlsx([tabella]))["T"]["A2"].value == "b"
    assert righe_ods(exports.ods([tabella]), "T") == [["a"], ["b"]]
    assert righe_csv(exports.csv([tabella])) == [["a"], ["b"]]


def test_names_of_sheets_are_legal_and_different():
    titoli = [
        "Linea A: 2024/2026 [prova] con un titolo molto lungo",
        "linea a: 2024/2026 [prova] con un titolo molto",
    ]
    nomi = fogli_xlsx(exports.xlsx([Tabella(t, ["x"], []) for t in [*titoli, "'", ""]])).sheetnames
    assert len({n.casefold() for n in nomi}) == 4
    assert all(len(n) <= 31 for n in nomi)


def test_several_tables_in_a_csv_are_named_and_kept_apart():
    righe = righe_csv(exports.csv([TABELLA, Tabella("Linea B", ["Ente"], [["x"]])]))
    assert righe[0] == ["Linea A"]
    assert righe[-4:] == [[], ["Linea B"], ["Ente"], ["x"]]


def test_notes_stand_below_an_empty_row():
    foglio = fogli_xlsx(exports.xlsx([TABELLA]))["Linea A"]
    assert foglio["A5"].value is None
    assert foglio["A6"].value == "Le righe «di cui» non si sommano."
    assert righe_csv(exports.csv([TABELLA]))[-2:] == [[], ["Le righe «di cui» non si sommano."]]


def test_the_largest_amount_keeps_its_cents():
    grande = D("999999999999.99")
    tabella = Tabella("T", ["a"], [[grande]])
    assert D(repr(fogli_xlsx(exports.xlsx([tabella]))["T"]["A2"].value)) == grande
    assert D(repr(righe_ods(exports.ods([tabella]), "T")[1][0])) == grande


def _parte(contenuto: bytes, nome: str) -> str:
    from zipfile import ZipFile

    with ZipFile(io.BytesIO(contenuto)) as archivio:
        return archivio.read(nome).decode()
