"""Amounts, percentages, names and dates in cells, one value at a time and by properties."""

import datetime
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from core.money import scrivi
from core.sheets import celle
from core.sheets.celle import Problema
from core.sheets.esiti import Raccolta
from core.sheets.schema import Colonna, Tabella, chiave, indirizzo, numero_colonna

centesimi = st.integers(-(10**13), 10**13)


def leggi(valori: list, **colonna) -> tuple[list, Raccolta]:
    tabella = Tabella("Dati", list(range(2, 2 + len(valori))), {"x": 0}, {"x": list(valori)})
    raccolta = Raccolta(100)
    raccolta.usa_indirizzi(tabella.cella, lambda i: "")
    celle.leggi_colonna(tabella, Colonna("x", "X", **colonna), raccolta)
    return tabella.valori["x"], raccolta


@given(centesimi)
def test_every_cent_typed_as_a_number_is_that_cent_in_silence(c):
    assert celle.centesimi(c / 100) == c


@given(st.integers(-(10**10), 10**10), st.floats(-0.00099, 0.00099))
def test_binary_noise_within_a_thousandth_of_a_cent_is_silent(c, rumore):
    assert celle.centesimi((c + rumore) / 100) == c


@given(st.integers(0, 10**9), st.integers(2, 998))
@example(100, 500)
@example(267, 500)
def test_other_decimals_are_rounded_half_up_with_one_avviso_naming_both_values(c, millesimi):
    esatto = Decimal(c) / 100 + Decimal(millesimi) / 100_000
    atteso = int((esatto * 100).quantize(Decimal(1), ROUND_HALF_UP))
    with pytest.raises(Problema) as p:
        celle.centesimi(float(esatto))
    assert (p.value.valore, bool(p.value.avviso)) == (atteso, True)
    assert celle.mostra(float(esatto)) in p.value.messaggio
    assert scrivi(Decimal(atteso).scaleb(-2)) in p.value.messaggio


@given(centesimi)
def test_every_cent_typed_as_an_italian_text_is_that_cent(c):
    assert celle.centesimi(scrivi(Decimal(c).scaleb(-2))) == c


@given(st.lists(st.one_of(centesimi.map(lambda c: c / 100), st.just("")), min_size=1))
def test_a_column_reads_like_its_cells(valori):
    letti, _ = leggi(valori, genere="importo", obbligatoria=False)
    assert letti == [None if v == "" else celle.centesimi(v) for v in valori]


@pytest.mark.parametrize(
    "testo",
    [
        "1.23",
        "1,234",
        "12,345",
        "1e3",
        "2.145.30",
        "6O4,11",
        "1.2345",
        "abc",
        "１２",
        "1 234.5",
        "--1",
        "1,2,3",
    ],
)
def test_an_unclear_text_is_refused(testo):
    letti, raccolta = leggi([testo], genere="importo")
    assert letti == [None]
    v = raccolta.verdetto()
    assert v["per_livello"]["bloccante"] == 1
    assert v["errori"][0]["trovato"] == testo
    assert v["errori"][0]["messaggio"]


@pytest.mark.parametrize(
    "cella", [True, datetime.date(2024, 1, 1), datetime.time(1), 1e12, -1e300, 9_999_999_999_999.0]
)
def test_what_is_no_amount_or_too_large_is_refused(cella):
    letti, raccolta = leggi([cella, 1.0], genere="importo")
    assert letti == [None, 100]
    assert not raccolta.accettato


def test_a_letter_for_a_digit_is_recognised():
    _, raccolta = leggi(["6O4,11"], genere="importo")
    assert raccolta.verdetto()["errori"][0]["atteso"] == "solo cifre: forse 604,11 (c’è una «O»)"


@pytest.mark.parametrize(
    ("cella", "letta"),
    [(100.0, 10_000), ("37,5", 3_750), ("37.5", 3_750), ("80 %", 8_000), (33.333333, 3_333), (1.5, 150)],
)
def test_percentages_that_read(cella, letta):
    letti, raccolta = leggi([cella], genere="percentuale")
    assert letti == [letta]
    assert raccolta.verdetto()["errori_totali"] == 0


@pytest.mark.parametrize(
    ("cella", "domanda"), [(1.0, "1 % o 100 %?"), (0.5, "0,5 % o 50 %?"), ("1", "1 % o 100 %?")]
)
def test_a_percentage_up_to_one_asks(cella, domanda):
    letti, raccolta = leggi([cella], genere="percentuale")
    v = raccolta.verdetto()
    assert (v["esito"], v["per_livello"]["avviso"]) == ("accettato", 1)
    assert domanda in v["errori"][0]["messaggio"]
    assert letti == [round(float(cella) * 100)]


@pytest.mark.parametrize("cella", [-0.5, 100.01, "101", "cento", "1e1", datetime.date(2024, 1, 1), True])
def test_percentages_that_do_not_read(cella):
    assert leggi([cella], genere="percentuale")[1].accettato is False


@pytest.mark.parametrize(
    ("cella", "letto"), [(20417.0, "20417"), ("  a \u00a0 b\t", "a b"), ("007", "007"), (1.5, "1.5")]
)
def test_texts_that_read(cella, letto):
    assert leggi([cella])[0] == [letto]


@pytest.mark.parametrize("cella", ["a\0b", "x" * 101, datetime.date(2024, 1, 1)])
def test_texts_that_do_not_read(cella):
    assert leggi([cella])[1].accettato is False


@pytest.mark.parametrize("cella", [0.0, 13.0, 1.5, "gennaio", "1.0", datetime.date(2024, 1, 31), -1.0])
def test_whole_numbers_out_of_range(cella):
    assert leggi([cella], genere="intero", massimo=12)[1].accettato is False


def test_names_of_a_list_are_recognised_without_case_accents_and_spaces():
    letti, raccolta = leggi(["  SALO'  ", "salò", "Salo"], genere="scelta", scelte={"Salò": 7, "Iseo": 8})
    assert letti == [7, 7, 7]
    assert raccolta.accettato


def test_an_unknown_name_gets_the_nearest_one_as_a_suggestion():
    _, raccolta = leggi(["Milanno"], genere="scelta", scelte={"Milano": 1, "Legnano": 2})
    assert raccolta.verdetto()["errori"][0]["atteso"] == "forse Milano"


def test_a_column_of_garbage_is_quick():
    elenco = {f"Centro per l’impiego numero {i}": i for i in range(64)}
    _, raccolta = leggi(
        [f"centro per impiego {i} di prova" for i in range(20_000)], genere="scelta", scelte=elenco
    )
    assert raccolta.verdetto()["errori_totali"] == 20_000


@settings(max_examples=300)
@given(
    st.sampled_from(["testo", "intero", "percentuale", "importo", "scelta", "data"]),
    st.lists(
        st.one_of(
            st.text(),
            st.floats(allow_nan=True, allow_infinity=True),
            st.booleans(),
            st.dates(),
            st.datetimes(),
            st.times(),
            st.timedeltas(),
            st.from_regex(r"[0-9.,eE%€ -]{1,70}", fullmatch=True),
            st.sampled_from(["1" * 5_000, "9" * 40, ",", "-", "\0", "1.234.567,8"]),
        )
    ),
)
def test_no_cell_whatever_it_holds_is_a_crash(genere, valori):
    letti, raccolta = leggi(valori, genere=genere, massimo=12, scelte={"a": 1})
    assert len(letti) == len(valori)
    errori = raccolta.verdetto()["errori"]
    senza_valore = {f"A{i}" for i, v in enumerate(letti, start=2) if v is None}
    assert senza_valore <= {e["cella"] for e in errori} or len(errori) == 100


@pytest.mark.parametrize("cella", ["31/02/2024", "2024-01-31", 45_322.0, "ieri"])
def test_dates_that_do_not_read(cella):
    assert leggi([cella], genere="data")[1].accettato is False


@given(st.integers(0, 16_383))
def test_column_letters_go_and_come_back(numero):
    lettere = indirizzo(0, numero)[:-1]
    assert numero_colonna(lettere) == numero


def test_addresses_and_keys():
    assert (indirizzo(11, 7), indirizzo(1_048_575, 16_383)) == ("H12", "XFD1048576")
    assert chiave("  Percentuale_di\u00a0TEMPO ") == chiave("percentuale di tempo")
