"""How amounts are read and written."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.template import Context, Template
from hypothesis import given
from hypothesis import strategies as st

from core import money
from core.fields import EuroField
from core.templatetags.formati import percento

importi = st.integers(min_value=0, max_value=10**14 - 1).map(lambda c: Decimal(c).scaleb(-2))


@pytest.mark.parametrize(
    ("testo", "atteso"),
    [
        ("8.972.346,42", "8972346.42"),
        ("8972346,42", "8972346.42"),
        ("€ 1.234,5", "1234.50"),
        ("1.234,50 €", "1234.50"),
        ("1\u00a0234,56", "1234.56"),
        ("1\u2009234,56", "1234.56"),
        ("1\u202f234,56", "1234.56"),
        ("1'234,56", "1234.56"),
        ("1\u2019234.567,00".replace(".", "\u2019"), "1234567.00"),
        ("1.234", "1234.00"),
        ("0,01", "0.01"),
        ("-5", "-5.00"),
        ("\u22125,10", "-5.10"),
        ("1234", "1234.00"),
    ],
)
def test_reads_what_italians_write(testo, atteso):
    assert money.leggi(testo) == Decimal(atteso)


@pytest.mark.parametrize(
    ("testo", "dice"),
    [
        ("1.23", "se intendi 1,23 scrivi 1,23, se intendi 123,00"),
        ("1,234", "se intendi 1.234,00 scrivi 1.234,00, se intendi 1,23"),
        ("0.123", "se intendi 123,00 scrivi 123,00, se intendi 0,12"),
        ("0.500", "se intendi 500,00 scrivi 500,00, se intendi 0,50"),
        ("000.123", "se intendi 123,00 scrivi 123,00, se intendi 0,12"),
        ("0'500", "non si legge"),
        ("0.500,00", "non si legge"),
        ("7.000.000.00", "se intendi 7.000.000,00 scrivi 7.000.000,00"),
        ("1e5", "esponenti"),
        ("１２", "cifre da 0 a 9"),
        ("١٢", "cifre da 0 a 9"),
        ("1,2,3", "non si legge"),
        ("12.34,56", "non si legge"),
        ("1.234'567,00", "non si legge"),
        ("604,1l", "non si legge"),
        ("1 23", "non si legge"),
        ("", "per esempio"),
        ("nan", "non si legge"),
        ("inf", "non si legge"),
        ("1\u0000", "non si legge"),
        ("+5", "non si legge"),
    ],
)
def test_refuses_what_is_unclear_and_says_the_readings(testo, dice):
    with pytest.raises(money.ImportoNonLeggibile) as errore:
        money.leggi(testo)

    assert dice in str(errore.value)


@given(importi)
def test_what_is_written_is_read_back(importo):
    assert money.leggi(money.scrivi(importo)) == importo


@given(st.text(max_size=20))
def test_any_text_is_read_or_refused_never_anything_else(testo):
    try:
        esito = money.leggi_centesimi(testo)
    except money.ImportoNonLeggibile as errore:
        esito = str(errore)

    assert isinstance(esito, int) or "importo" in esito


def test_rounds_half_up():
    assert money.arrotonda(Decimal("14009336.856")) == Decimal("14009336.86")
    assert money.arrotonda(Decimal("0.005")) == Decimal("0.01")
    assert money.arrotonda(Decimal("-0.005")) == Decimal("-0.01")


def test_a_percentage_rounds_half_up_too():
    assert percento(Decimal("0.125")) == "0,13"
    assert percento(Decimal("-0.125")) == "−0,13"
    assert percento(Decimal("2.5"), 0) == "3"
    assert percento(1 / 4, 1) == "0,3"


def test_the_field_shows_the_readings_and_keeps_an_empty_amount_missing():
    campo = EuroField(required=False)

    assert campo.clean("") is None
    assert campo.clean("  ") is None
    assert campo.clean("1.234") == Decimal("1234.00")
    with pytest.raises(ValidationError, match="se intendi 1,23"):
        campo.clean("1.23")
    with pytest.raises(ValidationError):
        campo.clean("9" * 15)
    assert campo.widget.format_value(Decimal("1234.00")) == "1.234,00"
    assert campo.widget.format_value("1.23") == "1.23"


def test_templates_write_amounts_with_dots_and_years_without():
    pagina = Template("{{ importo|euro }} {{ manca|euro }} {{ anno }} {{ chiave }} {{ delta|differenza }}")
    testo = pagina.render(
        Context(
            {
                "importo": Decimal("8972346.42"),
                "manca": None,
                "anno": 2026,
                "chiave": 12345,
                "delta": Decimal("-49810"),
            }
        )
    )

    assert testo == "8.972.346,42 — 2026 12345 −49.810,00"


def test_a_name_in_the_middle_of_a_sentence_keeps_its_capitals():
    assert Template("{{ nome|minuscola }}").render(Context({"nome": "Oneri ex Madia, POC SPAO"})) == (
        "oneri ex Madia, POC SPAO"
    )
