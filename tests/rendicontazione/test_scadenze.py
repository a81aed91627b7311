"""Due dates from their rule, and the duties of a convention."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from hypothesis import given
from hypothesis import strategies as st

from registro.models import Evento
from rendicontazione import actions
from rendicontazione.models import Adempimento
from rendicontazione.scadenze import periodo, scadenza


@pytest.mark.parametrize(
    ("anno", "trimestre", "giorno"),
    [(2024, 1, (2024, 4, 30)), (2024, 2, (2024, 7, 31)), (2024, 3, (2024, 10, 31)), (2024, 4, (2025, 1, 31))],
)
def test_a_quarter_is_due_at_the_end_of_the_month_after(anno, trimestre, giorno):
    assert scadenza(anno, trimestre, mesi_dopo=1, giorno=None) == dt.date(*giorno)


def test_the_yearly_report_is_due_on_the_28_february_also_in_a_leap_year():
    assert scadenza(2023, None, mesi_dopo=2, giorno=28) == dt.date(2024, 2, 28)
    assert scadenza(2025, None, mesi_dopo=2, giorno=28) == dt.date(2026, 2, 28)


def test_a_day_that_the_month_does_not_have_is_its_last():
    assert scadenza(2024, 1, mesi_dopo=1, giorno=31) == dt.date(2024, 4, 30)
    assert scadenza(2024, None, mesi_dopo=2, giorno=None) == dt.date(2025, 2, 28)


@given(
    st.integers(2000, 2100),
    st.sampled_from([1, 2, 3, 4, None]),
    st.integers(1, 24),
    st.one_of(st.none(), st.integers(1, 31)),
)
def test_a_due_date_falls_that_many_months_after_the_period(anno, trimestre, mesi, giorno):
    _, fine = periodo(anno, trimestre)
    quando = scadenza(anno, trimestre, mesi_dopo=mesi, giorno=giorno)
    assert (quando.year - fine.year) * 12 + quando.month - fine.month == mesi
    assert quando > fine


def test_each_signatory_has_four_quarters_and_a_year_for_each_year(pronta, funzionario):
    nuovi = actions.genera_adempimenti(pronta, da=funzionario)
    assert len(nuovi) == 2 * 3 * 5
    primo = Adempimento.objects.get(ente__sigla="MI", anno=2025, trimestre=3)
    assert (primo.scadenza, primo.presunta) == (dt.date(2025, 10, 31), True)
    annuale = Adempimento.objects.get(ente__sigla="BG", anno=2024, trimestre=None)
    assert (annuale.scadenza, annuale.presunta) == (dt.date(2025, 2, 28), False)
    assert Evento.objects.get(azione="scadenze generate").dettagli == {"nuove": 30}


def test_done_again_it_adds_nothing_and_keeps_a_date_that_was_mended(pronta, funzionario):
    actions.genera_adempimenti(pronta, da=funzionario)
    Adempimento.objects.filter(ente__sigla="MI", anno=2024, trimestre=1).update(scadenza=dt.date(2024, 5, 15))
    Adempimento.objects.filter(ente__sigla="BG", anno=2026).delete()
    assert len(actions.genera_adempimenti(pronta, da=funzionario)) == 5
    assert actions.genera_adempimenti(pronta, da=funzionario) == []
    assert Adempimento.objects.get(ente__sigla="MI", anno=2024, trimestre=1).scadenza == dt.date(2024, 5, 15)
    assert Evento.objects.filter(azione="scadenze generate").count() == 2


def test_only_a_convention_in_force_has_duties(pronta, funzionario):
    type(pronta).objects.filter(pk=pronta.pk).update(stato="schema_approvato")
    with pytest.raises(ValidationError, match="non è vigente"):
        actions.genera_adempimenti(pronta, da=funzionario)
    assert not Adempimento.objects.exists()


def test_without_rules_there_are_no_dates_to_invent(convenzione, funzionario):
    with pytest.raises(ValidationError, match="non ha regole"):
        actions.genera_adempimenti(convenzione, da=funzionario)


def test_a_province_does_not_make_its_own_duties(pronta, responsabile):
    with pytest.raises(PermissionDenied):
        actions.genera_adempimenti(pronta, da=responsabile)
    assert not Evento.objects.filter(azione="scadenze generate").exists()
