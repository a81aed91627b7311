"""The sheet `Costi`: each control refuses what it must, at its exact boundary, and names the cell."""

import io
import json

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.it import codicefiscale

from core.sheets.celle import Problema
from core.sheets.esame import Limiti, esamina
from core.sheets.esiti import Raccolta
from core.sheets.figlio import esamina_dati
from rendicontazione.controlli import COLONNE_COPY, COSTI, TUTTE
from rendicontazione.controlli.costi import TITOLI, leggi_codice_fiscale
from rendicontazione.controlli.importi import VOCI

LIMITI = {
    "byte": 10**7,
    "righe": 50_000,
    "decompressi": 10**8,
    "memoria": 2**30,
    "secondi": 20,
    "errori": 1_000,
}
CONTESTO = {
    "rendiconto_id": 12,
    "versione": "1",
    "ente": {"sigla": "MI", "denominazione": "Città metropolitana di Milano"},
    "anno": 2024,
    "trimestre": 1,
    "convenzione": "CPI-2024-2026",
    "linee": [
        {
            "id": 1,
            "codice": "PRE_POT_PERSONALE",
            "denominazione": "Personale",
            "padre": None,
            "voci": list(VOCI),
        },
        {
            "id": 2,
            "codice": "POT_PERSONALE",
            "denominazione": "Potenziamento",
            "padre": None,
            "voci": list(VOCI[:5]),
        },
    ],
    "linee_non_ammesse": [{"codice": "POT_FUNZIONAMENTO", "denominazione": "Oneri di funzionamento"}],
    "cpi": [{"id": 31, "nome": "Milano"}, {"id": 32, "nome": "Legnano"}],
    "datori": [
        {"id": None, "nome": "Città metropolitana di Milano"},
        {"id": 5, "nome": "AFOL Metropolitana"},
    ],
    "inquadramenti": [],
    "profili": [],
}
BASE = {
    "matricola": "20417",
    "codice_fiscale": "RSSMRA80A01H501U",
    "cognome": "Rossi",
    "nome": "Mario",
    "datore": "AFOL Metropolitana",
    "cpi": "Milano",
    "inquadramento": "Istruttori",
    "profilo": "Operatore",
    "linea": "PRE_POT_PERSONALE",
    "mese": 1,
    "percentuale": 100,
    "trattamento_fondamentale": 1000.10,
    "totale": 1000.10,
}


def riga(**cambia) -> dict:
    """A good row with something changed; the total follows the items unless it is given."""
    nuova = BASE | cambia
    if "totale" not in cambia and any(v in cambia for v in VOCI):
        nuova["totale"] = round(sum(nuova.get(v) or 0 for v in VOCI), 2)
    return nuova


def csv(*righe: dict) -> bytes:
    def scrivi(valore) -> str:
        testo = (
            ""
            if valore is None
            else str(valore).replace(".", ",")
            if isinstance(valore, float)
            else str(valore)
        )
        return f'"{testo}"'

    tabella = [list(TITOLI.values())] + [[r.get(n) for n in TITOLI] for r in righe]
    return "\n".join(";".join(map(scrivi, t)) for t in tabella).encode()


def xlsx(*righe: dict) -> bytes:
    uscita = io.BytesIO()
    with xlsxwriter.Workbook(uscita, {"in_memory": True}) as c:
        pagina = c.add_worksheet("Costi")
        pagina.write_row(0, 0, TITOLI.values())
        for i, r in enumerate(righe, start=1):
            for j, nome in enumerate(TITOLI):
                if r.get(nome) is not None:
                    pagina.write(i, j, r[nome])
    return uscita.getvalue()


def esamina_qui(dati: bytes, contesto: dict = CONTESTO) -> tuple[dict, str]:
    """The child's work without the child: what it says is the same, and a hundred times quicker to test."""
    formato = "xlsx" if dati.startswith(b"PK") else "csv"
    verdetto, righe = esamina_dati(dati, formato, COSTI, json.loads(json.dumps(contesto)), LIMITI)
    return verdetto, b"".join(righe).decode()


def errori(*righe: dict, dati: bytes | None = None) -> list[tuple[str, str]]:
    verdetto, _ = esamina_qui(dati or xlsx(*righe))
    return [(e["controllo"], e["cella"]) for e in verdetto["errori"] if e["codice"] != "F18"]


def test_a_good_row_becomes_the_row_of_the_database():
    verdetto, copia = esamina_qui(
        xlsx(
            riga(trattamento_accessorio=0.5, cognome="De\\Rossi"),
            riga(mese=2, datore="CITTA METROPOLITANA DI MILANO"),
        )
    )
    assert verdetto["esito"] == "accettato"
    assert verdetto["totale"] == 200_070
    prima, seconda = ([*r.split("\t")] for r in copia.splitlines())
    assert dict(zip(COLONNE_COPY, prima, strict=True)) == {
        "rendiconto_id": "12",
        "riga": "2",
        "matricola": "20417",
        "codice_fiscale": "RSSMRA80A01H501U",
        "cognome": "De\\\\Rossi",
        "nome": "Mario",
        "datore_id": "5",
        "cpi_id": "31",
        "inquadramento": "Istruttori",
        "profilo": "Operatore",
        "linea_id": "1",
        "mese": "1",
        "percentuale": "10000e-2",
        "trattamento_fondamentale": "100010e-2",
        "trattamento_accessorio": "50e-2",
        "oneri_riflessi": "\\N",
        "irap": "\\N",
        "buoni_pasto": "\\N",
        "altro": "\\N",
        "totale": "100060e-2",
    }
    assert seconda[COLONNE_COPY.index("datore_id")] == "\\N"


def test_the_same_rows_in_csv_say_the_same():
    righe = [riga(), riga(mese=2, irap=85.01), riga(mese=3, totale=1.0)]
    (da_xlsx, _), (da_csv, _) = esamina_qui(xlsx(*righe)), esamina_qui(csv(*righe))
    senza_nota = [e for e in da_xlsx["errori"] if e["codice"] != "F18"]
    assert senza_nota == da_csv["errori"]
    assert da_xlsx["riepilogo"] == da_csv["riepilogo"]


def test_totals_by_line_and_month_and_people_are_counted():
    verdetto, _ = esamina_qui(
        xlsx(
            riga(percentuale=50),
            riga(percentuale=50, linea="POT_PERSONALE", trattamento_fondamentale=10.0),
            riga(mese=2, codice_fiscale="VRDLGU80A01H501Q", matricola="9"),
        )
    )
    assert verdetto["riepilogo"]["persone"] == 2
    assert [tuple(r.values()) for r in verdetto["riepilogo"]["linee"]] == [
        (1, "PRE_POT_PERSONALE", 1, 100_010, 1, 1),
        (1, "PRE_POT_PERSONALE", 2, 100_010, 1, 1),
        (2, "POT_PERSONALE", 1, 1_000, 1, 1),
    ]


@pytest.mark.parametrize(
    ("cambia", "atteso"),
    [
        ({"mese": 4}, ("C02", "J2")),
        ({"mese": 13}, ("S07", "J2")),
        ({"mese": "gennaio"}, ("S07", "J2")),
        ({"linea": "POT_FUNZIONAMENTO"}, ("C15.linea", "I2")),
        ({"linea": "boh"}, ("C15.linea", "I2")),
        ({"linea": "POT_PERSONALE", "altro": 5.0}, ("C15.voce", "Q2")),
        ({"cpi": "Milanno"}, ("S08", "F2")),
        ({"datore": "Eurolavoro"}, ("S08", "E2")),
        ({"codice_fiscale": "RSSMRA80A01H501"}, ("S20", "B2")),
        ({"codice_fiscale": "RSSMRA80A01H501X"}, ("S21", "B2")),
        ({"irap": -1.0}, ("C19.negativo", "O2")),
        ({"irap": "1.23"}, ("C19.lettura", "O2")),
        ({"irap": "12,345", "totale": 1012.45}, ("C19.lettura", "O2")),
        ({"totale": None}, ("S04", "R2")),
        ({"matricola": None}, ("S04", "A2")),
        ({"percentuale": 100.5}, ("S09", "K2")),
        ({"percentuale": 1}, ("S10", "K2")),
        ({"totale": 1000.11}, ("C19.somma", "R2")),
    ],
)
def test_a_single_wrong_cell_gives_a_single_finding(cambia, atteso):
    if cambia.get("irap") == "1.23":
        cambia = cambia | {"totale": 1000.10}
    assert errori(riga(**cambia)) == [atteso]


def test_a_line_known_but_not_admitted_is_said_with_the_admitted_ones():
    verdetto, _ = esamina_qui(xlsx(riga(linea="pot_funzionamento")))
    errore = verdetto["errori"][0]
    assert errore["atteso"] == "PRE_POT_PERSONALE o POT_PERSONALE"
    assert "Oneri di funzionamento" in errore["messaggio"]
    assert errore["etichetta"] == "matricola 20417, gennaio"


def test_a_double_row_names_the_first_one_and_weighs_its_cost():
    verdetto, _ = esamina_qui(xlsx(riga(), riga(mese=2), riga()))
    (controllo,) = [c for c in verdetto["controlli"] if c["codice"] == "C08"]
    assert (controllo["quanti"], controllo["centesimi"]) == (1, 100_010)
    (errore,) = [e for e in verdetto["errori"] if e["codice"] == "C08"]
    assert (errore["cella"], errore["trovato"]) == ("A4", "uguale alla riga 2")


@pytest.mark.parametrize(
    ("percentuali", "altra", "atteso"),
    [
        ((50, 50), {"linea": "POT_PERSONALE"}, "C07.diviso"),
        ((50, 50.01), {"linea": "POT_PERSONALE"}, "C07.oltre"),
        ((60, 60), {"datore": "Città metropolitana di Milano"}, "C07.oltre"),
        ((60, 60), {"matricola": "99"}, "C09"),
        ((60, 40), {"matricola": "99"}, None),
        ((60, 60), {"mese": 2}, None),
        ((60, 60), {"codice_fiscale": "VRDLGU80A01H501Q"}, None),
    ],
)
def test_a_person_twice_in_a_month(percentuali, altra, atteso):
    trovati = errori(riga(percentuale=percentuali[0]), riga(percentuale=percentuali[1], **altra))
    assert trovati == ([(atteso, "K2"), (atteso, "K3")] if atteso else [])


@pytest.mark.parametrize(
    ("voci", "totale", "atteso"),
    [
        ([10.0], 10.01, "C19.somma"),  # k = 0: not one cent
        ([10.004], 10.01, "C19.centesimi"),  # k = 1: one cent
        ([10.004], 10.02, "C19.somma"),
        ([10.004, 10.004], 20.01, "C19.centesimi"),  # k = 2: ⌊3/2⌋ = one cent
        ([10.004, 10.004], 20.02, "C19.somma"),
        ([10.004, 10.004, 10.004], 30.02, "C19.centesimi"),  # k = 3: two cents
        ([10.004, 10.004, 10.004], 30.03, "C19.somma"),
        ([10.004], 10.0, None),
    ],
)
def test_the_total_may_differ_only_by_what_rounding_can_move(voci, totale, atteso):
    cambia = dict(zip(VOCI, voci, strict=False))
    verdetto, copia = esamina_qui(xlsx(riga(**cambia, totale=totale)))
    somme = [e["controllo"] for e in verdetto["errori"] if e["cella"] == "R2"]
    assert somme == ([atteso] if atteso else [])
    assert sum(e["controllo"] == "C19.arrotondato" for e in verdetto["errori"]) == sum(
        v == 10.004 for v in voci
    )
    if atteso != "C19.somma":
        assert verdetto["totale"] == 1_000 * len(voci)
        assert copia.rstrip().endswith(f"\t{1_000 * len(voci)}e-2")


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(st.integers(0, 10**8), min_size=6, max_size=6), min_size=1, max_size=30))
def test_no_cent_is_lost_between_the_sheet_and_the_rows(importi):
    righe = [
        riga(
            **{n: c / 100 for n, c in zip(VOCI, r, strict=True)},
            totale=sum(r) / 100,
            mese=1 + i % 3,
            matricola=str(i),
        )
        for i, r in enumerate(importi)
    ]
    verdetto, copia = esamina_qui(xlsx(*righe))
    assert verdetto["per_livello"]["bloccante"] == 0
    assert (
        verdetto["totale"]
        == sum(map(sum, importi))
        == sum(r["centesimi"] for r in verdetto["riepilogo"]["linee"])
    )
    scritte = [[int(c.removesuffix("e-2")) for c in r.split("\t")[-7:]] for r in copia.splitlines()]
    assert scritte == [[*r, sum(r)] for r in importi]


def test_no_rows_is_said():
    assert errori(dati=xlsx()) == [("S22", "A2")]


def test_columns_in_another_order_and_spelling_are_read():
    cartella = openpyxl.load_workbook(io.BytesIO(xlsx(riga())))
    pagina = cartella["Costi"]
    pagina.move_range("A1:A2", cols=18)
    pagina["S1"] = " MATRICOLA "
    pagina["B1"] = "codice  Fiscale"
    uscita = io.BytesIO()
    cartella.save(uscita)
    assert errori(dati=uscita.getvalue()) == []


def test_the_child_says_the_same_as_the_function():
    dati = xlsx(riga(), riga(mese=2))
    with esamina(dati, "x.xlsx", "rendicontazione.controlli:COSTI", CONTESTO, Limiti(**LIMITI)) as esame:
        assert (esame.verdetto, b"".join(esame.righe()).decode()) == esamina_qui(dati)


def test_fifty_thousand_equal_errors_weigh_as_a_thousand():
    raccolta, _ = esamina_qui(csv(*[riga(linea="boh", mese=9)] * 5_000))
    assert raccolta["esito"] == "rifiutato"
    assert len(raccolta["errori"]) == 1_000
    assert len(json.dumps(raccolta)) < 10**6


def test_a_codice_fiscale_is_cleaned_and_a_provisional_one_is_read():
    assert leggi_codice_fiscale(" rssmra80a01h501u ") == "RSSMRA80A01H501U"
    assert leggi_codice_fiscale(12345670017.0) == "12345670017"


def test_every_control_has_its_words():
    assert len({c.id for c in TUTTE}) == len(TUTTE)
    for c in TUTTE:
        assert all((c.titolo, c.perche, c.rimedio, c.fonte)), c.id
        assert "!" not in c.perche + c.rimedio
        assert c.perche.endswith(".")
        assert c.rimedio.endswith(".")
    assert Raccolta(1).accettato


@given(
    st.from_regex(
        r"[A-Z]{6}[0-9LMNPQRSTUV]{2}[ABCDEHLMPRST][0-9LMNPQRSTUV]{2}[A-Z][0-9LMNPQRSTUV]{3}", fullmatch=True
    )
)
def test_the_check_character_is_that_of_the_library(quindici):
    giusto = codicefiscale.calc_check_digit(quindici)
    assert leggi_codice_fiscale(quindici + giusto) == quindici + giusto
    sbagliato = "A" if giusto != "A" else "B"
    with pytest.raises(Problema):
        leggi_codice_fiscale(quindici + sbagliato)
