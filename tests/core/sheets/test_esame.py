"""Every bad file is refused in words, quickly, in bounded memory; every odd but honest one is read right."""

import datetime
import io
import resource
import time
import zipfile

import openpyxl
import pytest

from core.sheets.esame import ErroreDelProgramma, Esame, Limiti, esamina

from . import ostili

LIMITI = Limiti(byte=5 * 2**20, righe=1_000, decompressi=100 * 2**20, memoria=2**30, secondi=20)
FINTO = "tests.core.sheets.finto:FINTO"


def verdetto(dati: bytes, nome: str = "dati.xlsx", limiti: Limiti = LIMITI, **contesto) -> dict:
    with esamina(dati, nome, FINTO, contesto, limiti) as esame:
        b"".join(esame.righe())
        return esame.verdetto


def salva(cartella) -> bytes:
    uscita = io.BytesIO()
    cartella.save(uscita)
    return uscita.getvalue()


def prime_righe() -> bytes:
    return ostili.TESTA_XML + ostili.riga_xml(2)


RIFIUTATI = {
    "empty": (lambda: b"", "dati.xlsx", "F01", "vuoto"),
    "a PDF": (lambda: b"%PDF-1.7\n" + b"x" * 100, "dati.xlsx", "F02", "PDF"),
    "a web page": (
        lambda: b"<html><table><tr><td>1</td></tr></table></html>",
        "dati.xlsx",
        "F02",
        "pagina web",
    ),
    "a text named xlsx": (lambda: b"Nome;Importo\r\nRossi;1", "dati.xlsx", "F02", "non è un foglio"),
    "another extension": (lambda: b"x", "dati.exe", "F02", ".exe"),
    "a zip that is no workbook": (lambda: zip_di({"a.txt": b"ciao"}), "dati.xlsx", "F02", "archivio"),
    "xlsx named csv": (ostili.buona, "dati.csv", "F02", "Rinominalo"),
    "truncated": (lambda: ostili.buona()[:-200], "dati.xlsx", "F03", "tagliato"),
    "truncated and closed": (
        lambda: ostili.buona()[:3000] + ostili.buona()[-22:],
        "dati.xlsx",
        "F03",
        "danneggiato",
    ),
    "corrupted part": (lambda: guasta(), "dati.xlsx", "F03", "danneggiato"),
    "password": (ostili.cifrata, "dati.xlsx", "F04", "password"),
    "encrypted zip": (ostili.zip_cifrato, "dati.xlsx", "F04", "password"),
    "macros by name": (ostili.buona, "dati.XLSM", "F05", ".xlsm"),
    "macros renamed": (
        lambda: ostili.riscrivi(ostili.buona(), aggiungi={"xl/vbaProject.bin": b"x"}),
        "dati.xlsx",
        "F05",
        "macro",
    ),
    "macros by content type": (
        lambda: ostili.riscrivi(
            ostili.buona(),
            {
                "[Content_Types].xml": lambda x: x.replace(
                    b"spreadsheetml.sheet.main", b"sheet.macroEnabled.main"
                )
            },
        ),
        "dati.xlsx",
        "F05",
        "macro",
    ),
    "external links": (
        lambda: ostili.riscrivi(ostili.buona(), aggiungi={"xl/externalLinks/externalLink1.xml": b"<a/>"}),
        "dati.xlsx",
        "F06",
        "collegamenti",
    ),
    "embedded files": (
        lambda: ostili.riscrivi(ostili.buona(), aggiungi={"xl/embeddings/oleObject1.bin": b"x"}),
        "dati.xlsx",
        "F07",
        "incorporati",
    ),
    "external entity": (ostili.con_doctype, "dati.xlsx", "F08", "DOCTYPE"),
    "external entity in UTF-16": (lambda: ostili.con_doctype("utf-16"), "dati.xlsx", "F08", "codifica"),
    "zip bomb": (ostili.bomba, "dati.xlsx", "F09", "aperto"),
    "too many parts": (lambda: ostili.molte_parti(1_200), "dati.xlsx", "F09", "parti"),
    "too heavy": (lambda: b"PK\x03\x04" + b"\0" * (6 * 2**20), "dati.xlsx", "F10", "6,0 MB"),
    "old xls": (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 4000, "dati.xlsx", "F13", ".xls"),
    "ods": (lambda: zip_di({"mimetype": b"x", "content.xml": b"<a/>"}), "dati.ods", "F13", "OpenDocument"),
    "ods renamed": (
        lambda: zip_di({"mimetype": b"x", "content.xml": b"<a/>"}),
        "dati.xlsx",
        "F13",
        "OpenDocument",
    ),
    "csv with NUL": (lambda: b"Nome;Importo\nRo\0ssi;1\n", "dati.csv", "F14", "riga 2"),
    "binary csv": (lambda: bytes(range(256)) * 4, "dati.csv", "F14", "non è testo"),
    "csv in UTF-16": (lambda: "Nome;Importo\nè;1".encode("utf-16"), "dati.csv", "F14", "UTF-16"),
    "csv of unknown bytes": (lambda: b"Nome;Importo\n\x81\x8d;1\n", "dati.csv", "F14", "riconoscono"),
    "csv with an open quote": (lambda: b'Nome;Importo\n"Rossi;1\n', "dati.csv", "F03", "virgolette"),
    "one cell at XFD1048576": (
        lambda: ostili.foglio(prime_righe() + b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'),
        "dati.xlsx",
        "F12",
        "XFD1048576",
    ),
    "rows beyond a lying dimension": (
        lambda: ostili.foglio(
            ostili.TESTA_XML + b"".join(ostili.riga_xml(i) for i in range(2, 1_200)), "A1:B3"
        ),
        "dati.xlsx",
        "F11",
        "1.000 righe",
    ),
    "too many csv rows": (lambda: b"Nome;Importo\n" + b"Rossi;1\n" * 1_001, "dati.csv", "F11", "1.000 righe"),
    "another sheet": (lambda: ostili.cartella([["a"]], foglio="Foglio1"), "dati.xlsx", "F17", "«Foglio1»"),
    "damaged sheet": (lambda: guasta(ostili.FOGLIO1, in_fondo=True), "dati.xlsx", "F03", "danneggiato"),
    "broken XML": (lambda: ostili.foglio(b'<row r="1"><c r="A1"><v>1</row>'), "dati.xlsx", "F15", "leggere"),
}


def zip_di(parti: dict[str, bytes]) -> bytes:
    uscita = io.BytesIO()
    with zipfile.ZipFile(uscita, "w") as z:
        for nome, parte in parti.items():
            z.writestr(nome, parte)
    return uscita.getvalue()


def guasta(parte: str = "xl/workbook.xml", *, in_fondo: bool = False) -> bytes:
    """A workbook with forty bytes of a part overwritten, near its start or near its end."""
    righe = [[f"nome {i * 7919 % 1009}", i * 7919 % 1009] for i in range(900)]
    dati = bytearray(ostili.cartella([ostili.INTESTAZIONI, *righe]))
    with zipfile.ZipFile(io.BytesIO(bytes(dati))) as z:
        info = z.getinfo(parte)
        inizio = info.header_offset + (info.compress_size - 40 if in_fondo else 60)
    dati[inizio : inizio + 40] = b"\xff" * 40
    return bytes(dati)


@pytest.mark.parametrize("caso", RIFIUTATI)
def test_a_bad_file_is_refused_in_words(caso):
    crea, nome, codice, parola = RIFIUTATI[caso]
    dati = crea()
    inizio = time.monotonic()
    v = verdetto(dati, nome)
    durata = time.monotonic() - inizio
    assert (v["esito"], v["errori_totali"]) == ("rifiutato", 1), v["errori"]
    (errore,) = v["errori"]
    assert (errore["codice"], errore["livello"]) == (codice, "bloccante"), errore
    assert parola in errore["messaggio"] + errore["trovato"]
    assert errore["atteso"]
    assert durata < 5


def test_a_million_rows_are_refused_without_loading_them():
    dati = ostili.foglio(ostili.TESTA_XML + b"<row><c><v>1</v></c><c><v>2</v></c></row>" * 1_000_000)
    prima = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    v = verdetto(
        dati, limiti=Limiti(byte=20 * 2**20, righe=50_000, decompressi=200 * 2**20, memoria=2**29, secondi=20)
    )
    assert [e["codice"] for e in v["errori"]] == ["F11"]
    assert "50.000 righe" in v["errori"][0]["messaggio"]
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - prima < 60 * 1024


def test_a_reader_out_of_time_is_said_so_and_ends():
    lenta = Limiti(byte=5 * 2**20, righe=1_000_000, decompressi=2**30, memoria=2**30, secondi=1)
    dati = ostili.foglio(ostili.TESTA_XML + b"<row><c><v>1</v></c><c><v>2</v></c></row>" * 900_000)
    inizio = time.monotonic()
    v = verdetto(dati, limiti=lenta)
    assert v["esito"] == "rifiutato"
    assert time.monotonic() - inizio < 15


def test_a_bug_of_ours_is_not_blamed_on_the_file():
    with pytest.raises(ErroreDelProgramma, match="guasto"):
        verdetto(ostili.buona(), guasto=True)


def test_a_formula_without_a_saved_value_and_an_error_value_are_named_by_cell():
    cartella = openpyxl.Workbook()
    cartella.active.title = "Dati"
    for riga in (["Nome", "Importo"], ["a", "=1+1"], ["b", "#REF!"], ["c", 3], [None, None], [None, "=B2"]):
        cartella.active.append(riga)
    v = verdetto(salva(cartella))
    assert [(e["codice"], e["cella"], e["trovato"]) for e in v["errori"] if e["livello"] == "bloccante"] == [
        ("S05", "B2", "formula senza valore"),
        ("S05", "B3", "#REF!"),
        ("S05", "B6", "formula senza valore"),
    ]


def test_a_formula_with_its_saved_value_is_a_value():
    def formule(_, pagina):
        pagina.write_formula(1, 1, "=10/4", None, 2.5)

    v = verdetto(ostili.cartella([ostili.INTESTAZIONI, ["a", None]], dopo=formule))
    assert (v["esito"], v["totale"]) == ("accettato", 250)


def test_merged_cells_say_their_value_for_each_row_but_amounts_do_not():
    def unisci(c, pagina):
        pagina.merge_range(1, 0, 3, 0, "Rossi")
        pagina.merge_range(2, 1, 3, 1, 7)

    v = verdetto(
        ostili.cartella([ostili.INTESTAZIONI, [None, 1], [None, None], [None, None]], dopo=unisci),
        obbligatorio=False,
    )
    assert v["esito"] == "accettato"
    assert v["totale"] == 800
    assert v["riepilogo"]["valori"]["nome"] == ["Rossi", "Rossi"]


def test_dates_of_1904_and_hidden_sheets_are_read_right():
    cartella = openpyxl.Workbook()
    cartella.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    cartella.active.title = "Altro"
    pagina = cartella.create_sheet("Dati ")
    pagina.sheet_state = "hidden"
    pagina.append(["IMPORTO", "  nome ", "Giorno"])
    pagina.append([1, "a", datetime.date(2024, 2, 29)])
    v = verdetto(salva(cartella), altre={"giorno": "data"})
    assert v["esito"] == "accettato"
    assert v["riepilogo"]["valori"]["giorno"] == ["2024-02-29"]


def test_empty_rows_are_skipped_and_the_numbers_of_the_others_kept():
    v = verdetto(ostili.cartella([ostili.INTESTAZIONI, [], ["a", 1], [" ", None], ["b", "x"]]))
    assert v["righe"] == 2
    assert [(e["cella"], e["riga"], e["etichetta"]) for e in v["errori"] if e["codice"] == "S11"] == [
        ("B5", 5, "riga 5")
    ]


@pytest.mark.parametrize("codifica", ["cp1252", "utf-8", "utf-8-sig"])
@pytest.mark.parametrize("separatore", [";", ",", "\t"])
def test_csv_in_every_encoding_and_separator(codifica, separatore):
    righe = [["Importo", "Nome"], ["1.234,56", "Niccolò d’Alò"], ["", ""], ["7", "€uro"]]
    testo = "\r\n".join(separatore.join(f'"{c}"' for c in r) for r in righe)
    v = verdetto(testo.encode(codifica), "dati.csv")
    assert (v["esito"], v["righe"], v["totale"]) == ("accettato", 2, 124_156)
    assert v["lettura"]["separatore"] == separatore
    assert v["riepilogo"]["valori"]["nome"] == ["Niccolò d’Alò", "€uro"]
    assert v["riepilogo"]["numeri"] == [2, 4]


def test_the_cell_of_a_csv_is_the_one_it_would_have_in_the_sheet():
    v = verdetto(b'sep=;\r\nNome;Importo\r\n"due\nrighe";1\r\na;2.145.30\r\n', "dati.csv")
    assert [(e["foglio"], e["cella"], e["trovato"], e["atteso"]) for e in v["errori"]] == [
        ("Dati", "B3", "2.145.30", "un importo come 2.145,30")
    ]


def test_a_decimal_comma_without_quotes_in_a_comma_csv_is_explained():
    v = verdetto(b"Nome,Importo\na,12,50\n", "dati.csv")
    (errore,) = [e for e in v["errori"] if e["codice"] == "S14"]
    assert errore["cella"] == "C2"
    assert "virgolette" in errore["messaggio"]


def test_a_lying_dimension_hides_no_row():
    v = verdetto(
        ostili.foglio(ostili.TESTA_XML + b"".join(ostili.riga_xml(i) for i in range(2, 902)), "A1:B3")
    )
    assert (v["esito"], v["righe"], v["totale"]) == ("accettato", 900, 900 * 1_250)


def test_values_without_a_heading_are_said():
    v = verdetto(ostili.cartella([["Nome", "Importo"], ["a", 1], ["b", 2, "fuori"]]))
    assert [(e["codice"], e["livello"], e["cella"]) for e in v["errori"] if e["codice"] != "F18"] == [
        ("S03", "avviso", "C3")
    ]


def test_merged_ranges_over_the_whole_sheet_cost_nothing():
    unioni = b"".join(b'<mergeCell ref="A%d:XFD1048576"/>' % i for i in range(2, 20_002))
    dati = ostili.riscrivi(
        ostili.foglio(ostili.TESTA_XML + b"".join(ostili.riga_xml(i) for i in range(2, 902))),
        {
            ostili.FOGLIO1: lambda x: x.replace(
                b"</worksheet>", b'<mergeCells count="20000">' + unioni + b"</mergeCells></worksheet>"
            )
        },
    )
    inizio = time.monotonic()
    assert verdetto(dati)["righe"] == 900
    assert time.monotonic() - inizio < 5


def test_headings_missing_repeated_and_unknown_are_named():
    v = verdetto(ostili.cartella([["Nome", "Inporto", "nome", "Nota"], ["a", 1, "b", "c"]]))
    assert {(e["codice"], e["cella"]) for e in v["errori"] if e["codice"][0] == "S"} == {
        ("S01", "B1"),
        ("S02", "C1"),
        ("S03", "B1"),
        ("S03", "D1"),
    }
    assert "le somiglia" in next(e["messaggio"] for e in v["errori"] if e["codice"] == "S01")


def test_headings_lower_down_are_found_and_said():
    v = verdetto(ostili.cartella([["Titolo"], [], ostili.INTESTAZIONI, ["a", 1]]))
    assert "riga 3" in next(e["messaggio"] for e in v["errori"] if e["codice"] == "S01")


def test_the_hidden_sheet_is_compared_with_the_destination():
    def identita(valori):
        def aggiungi(c, _):
            pagina = c.add_worksheet("_modello")
            pagina.hide()
            for i, coppia in enumerate(valori.items()):
                pagina.write_row(i, 0, coppia)

        return ostili.cartella([ostili.INTESTAZIONI, ["a", 1]], dopo=aggiungi)

    assert verdetto(identita({"tipo": "Prova", "ente": "MI Milano"}))["errori_totali"] == 0
    v = verdetto(identita({"tipo": "Prova", "ente": "BG Bergamo"}))
    assert [(e["codice"], e["livello"]) for e in v["errori"]] == [("F16", "bloccante")]
    assert v["errori"][0]["messaggio"] == "Il file è per l’ente «BG Bergamo», qui serve «MI Milano»."


def test_the_list_is_capped_and_shared_while_the_counts_are_true():
    righe = [["n" * 30, "x"] for _ in range(900)] + [["", 1]]
    v = verdetto(
        ostili.cartella([ostili.INTESTAZIONI, *righe]),
        limiti=Limiti(**{**vars(LIMITI), "errori": 100}),
    )
    assert v["per_livello"] == {"bloccante": 1_801, "avviso": 0, "nota": 1}
    assert len(v["errori"]) == 100
    assert {c["id"]: c["quanti"] for c in v["controlli"]} == {"S04": 1, "S06": 900, "S11": 900, "F18": 1}
    assert {e["codice"] for e in v["errori"]} == {"S04", "S06", "S11", "F18"}


def test_rows_are_streamed_once_and_only_when_accepted():
    dati = ostili.cartella([ostili.INTESTAZIONI, ["a", 1], ["b", 2.25]])
    with esamina(dati, "dati.xlsx", FINTO, {}, LIMITI) as esame:
        assert b"".join(esame.righe()) == b"a\t100\nb\t225\n"
        with pytest.raises(RuntimeError):
            next(esame.righe())
    assert not list(Esame({"esito": "rifiutato"}).righe())
