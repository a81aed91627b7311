"""The steps of a report: each works, refuses without a trace, and belongs to its role."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from registro.models import Evento
from rendicontazione import actions
from rendicontazione.models import TRANSIZIONI, Adempimento, Rendiconto, RigaCosto, StatoRendiconto

from .conftest import csv, riga


@pytest.fixture
def trasmesso(caricato, responsabile):
    return actions.trasmetti(caricato, da=responsabile)


@pytest.fixture
def in_istruttoria(trasmesso, funzionario):
    return actions.prendi_in_carico(trasmesso, da=funzionario)


@pytest.fixture
def restituito(in_istruttoria, funzionario):
    return actions.restituisci(in_istruttoria, motivo="Manca un mese.", da=funzionario)


def rifiuta(azione, rendiconto, **campi):
    """The action is refused, and neither the row nor the register has changed."""
    prima = Rendiconto.objects.filter(pk=rendiconto.pk).values().get(), Evento.objects.count()
    with pytest.raises((ValidationError, PermissionDenied)) as errore:
        azione(rendiconto, **campi)
    assert (Rendiconto.objects.filter(pk=rendiconto.pk).values().get(), Evento.objects.count()) == prima
    return errore.value


def test_the_manager_sends_and_the_register_says_it(caricato, responsabile):
    trasmesso = actions.trasmetti(caricato, da=responsabile)
    assert (trasmesso.stato, trasmesso.trasmesso_da) == ("trasmesso", responsabile)
    evento = Evento.objects.get(azione="rendiconto: trasmesso")
    assert (evento.chi, evento.ente) == (responsabile, caricato.adempimento.ente)


def test_only_the_manager_of_that_ente_sends(caricato, operatore, estraneo, funzionario):
    for persona in (operatore, estraneo, funzionario):
        assert isinstance(rifiuta(actions.trasmetti, caricato, da=persona), PermissionDenied)


@pytest.mark.parametrize(("giorni", "ritardo"), [(0, 0), (1, 1)])
def test_late_is_accepted_and_counted_from_the_day_after_the_due_date(
    caricato, responsabile, giorni, ritardo
):
    oggi = timezone.localdate()
    Adempimento.objects.filter(pk=caricato.adempimento_id).update(scadenza=oggi - dt.timedelta(days=giorni))
    trasmesso = actions.trasmetti(caricato, da=responsabile)
    assert trasmesso.giorni_di_ritardo == ritardo
    assert Evento.objects.get(azione="rendiconto: trasmesso").dettagli["giorni_di_ritardo"] == ritardo


def test_the_day_of_the_transmission_is_that_of_rome(caricato, responsabile):
    caricato.adempimento.scadenza = dt.date(2024, 4, 30)
    # 22:30 UTC of 30 April is already 1 May in Rome.
    caricato.trasmesso_il = dt.datetime(2024, 4, 30, 22, 30, tzinfo=dt.UTC)
    assert caricato.giorni_di_ritardo == 1


def test_it_is_sent_once(trasmesso, responsabile):
    assert "già stato trasmesso" in str(rifiuta(actions.trasmetti, trasmesso, da=responsabile))


def test_it_is_withdrawn_until_the_region_takes_it(trasmesso, responsabile, funzionario):
    ritirato = actions.ritira(trasmesso, da=responsabile)
    assert (ritirato.stato, ritirato.trasmesso_il, ritirato.trasmesso_da) == ("in_compilazione", None, None)
    di_nuovo = actions.trasmetti(ritirato, da=responsabile)
    actions.prendi_in_carico(di_nuovo, da=funzionario)
    assert "preso in carico" in str(rifiuta(actions.ritira, di_nuovo, da=responsabile))


def test_the_region_approves(in_istruttoria, dirigente):
    validato = actions.valida(in_istruttoria, da=dirigente)
    assert (validato.stato, validato.deciso_da) == ("validato", dirigente)


def test_the_province_does_not_review(trasmesso, responsabile, revisore, lettore):
    for persona in (responsabile, revisore, lettore):
        assert isinstance(rifiuta(actions.prendi_in_carico, trasmesso, da=persona), PermissionDenied)


def test_it_comes_back_with_a_reason(in_istruttoria, funzionario):
    rifiuta(actions.restituisci, in_istruttoria, motivo="  ", da=funzionario)
    restituito = actions.restituisci(in_istruttoria, motivo=" Manca un mese. ", da=funzionario)
    assert (restituito.stato, restituito.motivo) == ("restituito", "Manca un mese.")
    assert restituito.trasmesso_il is not None


def test_a_report_that_came_back_takes_a_new_file(restituito, operatore):
    nuovo = actions.carica(restituito.adempimento, csv(riga(7)), "corretto.csv", da=operatore).rendiconto
    assert (nuovo.versione, nuovo.stato) == (2, "in_compilazione")
    restituito.refresh_from_db()
    assert (restituito.in_vigore, restituito.stato) == (False, "restituito")


def test_a_report_that_came_back_can_be_sent_again_as_it_is(restituito, responsabile):
    di_nuovo = actions.trasmetti(restituito, da=responsabile)
    assert (di_nuovo.stato, di_nuovo.motivo, di_nuovo.deciso_il) == ("trasmesso", "", None)
    evento = Evento.objects.filter(azione="rendiconto: trasmesso").first()
    assert evento.dettagli["era_restituito_per"] == "Manca un mese."


def test_a_discarded_version_gives_way_to_the_one_that_came_back(restituito, operatore):
    nuovo = actions.carica(restituito.adempimento, csv(riga(7)), "corretto.csv", da=operatore).rendiconto
    actions.scarta(nuovo, da=operatore)
    nuovo.refresh_from_db()
    restituito.refresh_from_db()
    assert (nuovo.in_vigore, restituito.in_vigore) == (False, True)
    assert nuovo.righe.exists()


def test_what_was_sent_is_not_discarded(trasmesso, operatore):
    rifiuta(actions.scarta, trasmesso, da=operatore)


def test_an_old_version_takes_no_step(caricato, operatore, responsabile):
    actions.carica(caricato.adempimento, csv(riga(7)), "secondo.csv", da=operatore)
    assert "non è più in vigore" in str(rifiuta(actions.trasmetti, caricato, da=responsabile))


def test_the_rows_of_a_sent_report_do_not_change(trasmesso):
    from django.db import IntegrityError, transaction

    with (
        pytest.raises(IntegrityError, match="le sue righe e i suoi totali non si cambiano"),
        transaction.atomic(),
    ):
        RigaCosto.objects.filter(rendiconto=trasmesso).update(cognome="Altro")


def test_every_state_is_reached_and_left():
    raggiunti = {stato for stati in TRANSIZIONI.values() for stato in stati}
    assert raggiunti == set(StatoRendiconto.values)
    assert [stato for stato, stati in TRANSIZIONI.items() if not stati] == ["validato"]


def test_the_region_meets_a_report_only_once_sent(caricato, funzionario, operatore, responsabile, estraneo):
    def stato_per(persona):
        suoi = Adempimento.objects.visibili_a(persona).con_rendiconto(persona)
        return suoi.filter(pk=caricato.adempimento_id).values_list("stato", flat=True).first()

    assert (stato_per(operatore), stato_per(funzionario), stato_per(estraneo)) == (
        "in_compilazione",
        "da_presentare",
        None,
    )
    actions.trasmetti(caricato, da=responsabile)
    assert stato_per(funzionario) == "trasmesso"


def test_while_the_ente_mends_it_the_region_sees_what_it_returned(restituito, operatore, funzionario):
    actions.carica(restituito.adempimento, csv(riga(7)), "corretto.csv", da=operatore)
    visto = Adempimento.objects.con_rendiconto(funzionario).get(pk=restituito.adempimento_id)
    assert (visto.stato, visto.rendiconto_id) == ("restituito", restituito.pk)
