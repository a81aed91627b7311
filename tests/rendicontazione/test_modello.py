"""The template workbook: made for one ente and quarter, and read back by the controls without a word."""

import io
import zipfile

import openpyxl
import pytest

from rendicontazione.controlli.costi import TITOLI
from rendicontazione.modello import DatiModello, scrivi_modello
from tests.rendicontazione.controlli.test_costi import CONTESTO, esamina_qui, riga

DATI = DatiModello(
    ente_sigla="MI",
    ente_denominazione="Città metropolitana di Milano",
    anno=2024,
    trimestre=1,
    convenzione="CPI-2024-2026",
    versione="1",
    linee=(("PRE_POT_PERSONALE", "Personale", None), ("POT_PERSONALE_PON_SPAO", "ex PON", "POT_PERSONALE")),
    cpi=("Milano", "Legnano"),
    datori=("Città metropolitana di Milano", "AFOL Metropolitana"),
)


@pytest.fixture
def cartella():
    return openpyxl.load_workbook(io.BytesIO(scrivi_modello(DATI)))


def compila(cartella, *righe: dict) -> bytes:
    for r in righe:
        cartella["Costi"].append([r.get(n) for n in TITOLI])
    uscita = io.BytesIO()
    cartella.save(uscita)
    return uscita.getvalue()


def test_headings_stand_in_the_first_row_and_the_identity_in_a_hidden_sheet_in_clear(cartella):
    assert [c.value for c in cartella["Costi"][1]] == list(TITOLI.values())
    assert cartella.active.title == "Costi"
    assert {s.title: s.sheet_state for s in cartella} == {
        "Costi": "visible",
        "Istruzioni": "visible",
        "_elenchi": "hidden",
        "_modello": "hidden",
    }
    assert {r[0].value: r[1].value for r in cartella["_modello"].iter_rows()} == {
        "tipo": "Rendiconto trimestrale dei costi del personale",
        "ente": "MI Città metropolitana di Milano",
        "periodo": "1° trimestre 2024",
        "convenzione": "CPI-2024-2026",
        "versione": "1",
    }


def test_lists_numbers_and_locked_headings(cartella):
    pagina = cartella["Costi"]
    regole = {str(v.sqref)[0]: v for v in pagina.data_validations.dataValidation}
    assert [regole[c].type for c in "EFI"] == ["list"] * 3
    assert (regole["J"].type, regole["J"].formula1, regole["J"].formula2) == ("whole", "1", "3")
    assert (regole["K"].type, regole["K"].formula1, regole["K"].formula2) == ("decimal", "0", "100")
    assert {regole[c].type for c in "LMNOPQR"} == {"decimal"}
    assert pagina.protection.sheet
    assert pagina["A1"].protection.locked
    assert not pagina.column_dimensions["A"].protection.locked
    assert [c.value for c in cartella["_elenchi"]["B"]] == ["CPI", "Milano", "Legnano"]


def test_there_are_no_formulas_and_no_macros():
    with zipfile.ZipFile(io.BytesIO(scrivi_modello(DATI))) as z:
        assert not any("vba" in n or "external" in n for n in z.namelist())
        for nome in z.namelist():
            if "worksheets" in nome:
                assert b"<f>" not in z.read(nome)


def test_the_instructions_name_the_destination_and_every_column(cartella):
    testi = {str(c.value) for r in cartella["Istruzioni"].iter_rows() for c in r if c.value}
    assert {"Città metropolitana di Milano", "1° trimestre 2024", *TITOLI.values()} <= testi
    assert "POT_PERSONALE_PON_SPAO: ex PON (di cui di POT_PERSONALE: il costo conta in quella linea)" in testi


def test_filled_and_uploaded_it_is_accepted_without_a_word(cartella):
    verdetto, _ = esamina_qui(compila(cartella, riga(), riga(mese=2)))
    assert (verdetto["esito"], verdetto["errori_totali"], verdetto["righe"]) == ("accettato", 0, 2)


@pytest.mark.parametrize(
    ("cambia", "parole"),
    [
        (
            {"ente": {"sigla": "BG", "denominazione": "Provincia di Bergamo"}},
            "qui serve «BG Provincia di Bergamo»",
        ),
        ({"trimestre": 2}, "per il periodo «1° trimestre 2024», qui serve «2° trimestre 2024»"),
        ({"anno": 2025}, "qui serve «1° trimestre 2025»"),
        ({"convenzione": "DEMO-2024-2026"}, "qui serve «DEMO-2024-2026»"),
    ],
)
def test_sent_to_another_destination_it_is_refused_in_words(cartella, cambia, parole):
    verdetto, copia = esamina_qui(compila(cartella, riga()), CONTESTO | cambia)
    assert (verdetto["esito"], copia) == ("rifiutato", "")
    assert [e["codice"] for e in verdetto["errori"]] == ["F16"]
    assert parole in verdetto["errori"][0]["messaggio"]


def test_an_older_version_of_the_template_is_an_avviso(cartella):
    verdetto, _ = esamina_qui(compila(cartella, riga()), CONTESTO | {"versione": "2"})
    assert [(e["codice"], e["livello"]) for e in verdetto["errori"]] == [("F19", "avviso")]
