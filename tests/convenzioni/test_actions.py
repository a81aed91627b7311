"""The steps of a convention and its dotazioni."""

from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from convenzioni import actions
from convenzioni.models import TRANSIZIONI, Convenzione, Dotazione, Passaggio, StatoConvenzione
from enti.permessi import Ruolo
from registro.models import Evento
from tests import factories

S = StatoConvenzione


@pytest.fixture
def bozza(regione, milano):
    return factories.convenzione(regione, [milano], stato=S.BOZZA)


def test_a_step_has_its_act_and_leaves_a_trace(bozza, funzionario, regione):
    atto = factories.atto(regione)

    convenzione = actions.cambia_stato(bozza, S.SCHEMA_APPROVATO, da=funzionario, atto=atto)

    assert convenzione.stato == S.SCHEMA_APPROVATO
    passaggio = convenzione.passaggi.get()
    assert (passaggio.da_stato, passaggio.a_stato, passaggio.atto, passaggio.fatto_da) == (
        S.BOZZA,
        S.SCHEMA_APPROVATO,
        atto,
        funzionario,
    )
    assert Evento.objects.get().azione == "convenzione: schema approvato"


def test_a_step_without_its_act_is_refused_and_nothing_changes(bozza, funzionario):
    with pytest.raises(ValidationError, match="atto"):
        actions.cambia_stato(bozza, S.SCHEMA_APPROVATO, da=funzionario)

    bozza.refresh_from_db()
    assert bozza.stato == S.BOZZA
    assert not Passaggio.objects.exists()
    assert not Evento.objects.exists()


@pytest.mark.parametrize("da_stato", S.values)
@pytest.mark.parametrize("a_stato", S.values)
def test_only_the_steps_of_the_table(da_stato, a_stato, regione, milano, dirigente):
    convenzione = factories.convenzione(regione, [milano], stato=da_stato)
    atto = factories.atto(regione)

    if a_stato in TRANSIZIONI[da_stato]:
        assert actions.cambia_stato(convenzione, a_stato, da=dirigente, atto=atto).stato == a_stato
    else:
        with pytest.raises(ValidationError, match="da qui non può diventare"):
            actions.cambia_stato(convenzione, a_stato, da=dirigente, atto=atto)


def test_every_state_is_reachable_and_left_unless_final():
    raggiunti = {S.BOZZA.value} | {str(s) for seguenti in TRANSIZIONI.values() for s in seguenti}
    assert raggiunti == set(S.values)
    assert [str(s) for s in S if not TRANSIZIONI[s]] == ["conclusa", "risolta"]


def test_in_force_wants_a_signature(regione, funzionario):
    convenzione = factories.convenzione(regione, [], stato=S.SCHEMA_APPROVATO)

    with pytest.raises(ValidationError, match="Nessun ente ha sottoscritto"):
        actions.cambia_stato(convenzione, S.VIGENTE, da=funzionario, atto=factories.atto(regione))


@pytest.mark.parametrize(
    ("stato", "chi"), [(S.RISOLTA, "funzionario"), (S.PROROGATA, "funzionario"), (S.CONCLUSA, "operatore")]
)
def test_who_may_not(convenzione, stato, chi, request, regione):
    with pytest.raises(PermissionDenied):
        actions.cambia_stato(
            convenzione, stato, da=request.getfixturevalue(chi), atto=factories.atto(regione)
        )


def test_a_changed_dotazione_is_a_new_version(dotazione, funzionario, regione):
    nuova = actions.cambia_dotazione(
        dotazione,
        da=funzionario,
        importo=Decimal("900.00"),
        atto=factories.atto(regione),
        motivo="Assestamento",
    )

    assert (nuova.versione, nuova.in_vigore, nuova.sostituisce) == (2, True, dotazione)
    assert list(Dotazione.objects.in_vigore()) == [nuova]


def test_a_new_version_of_a_dotazione_wants_a_reason(dotazione, funzionario, regione):
    with pytest.raises(ValidationError, match="motivo"):
        actions.cambia_dotazione(
            dotazione, da=funzionario, importo=Decimal(1), atto=factories.atto(regione), motivo=" "
        )

    assert Dotazione.objects.get().in_vigore


@pytest.mark.parametrize(
    ("vincolo", "campi"),
    [
        ("dotazione_precisione_di_un_importo", {"importo": None, "precisione": 500}),
        ("dotazione_importo_non_negativo", {"importo": -1}),
        ("dotazione_verifica_ha_motivo", {"da_verificare": True}),
        ("dotazione_versione_sostituisce", {"versione": 2}),
    ],
)
def test_constraints_of_a_dotazione(convenzione, linea, vincolo, campi):
    with pytest.raises(IntegrityError, match=vincolo), transaction.atomic():
        Dotazione.objects.create(convenzione=convenzione, linea=linea, anno=2024, **campi)


def test_a_province_sees_its_region_and_no_drafts(convenzione, bozza, operatore, funzionario):
    altrove = factories.convenzione(factories.ente("PIE", "Regione Piemonte"))

    assert list(Convenzione.objects.visibili_a(operatore)) == [convenzione]
    assert set(Convenzione.objects.visibili_a(funzionario)) == {convenzione, bozza}
    assert altrove not in Convenzione.objects.visibili_a(funzionario)


def test_a_role_of_another_region_sees_nothing_here(convenzione):
    altrove = factories.incaricato(Ruolo.FUNZIONARIO_REGIONALE, factories.ente("PIE", "Regione Piemonte"))

    assert not Convenzione.objects.visibili_a(altrove).exists()
