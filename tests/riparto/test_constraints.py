"""The rules that the database itself keeps: from raw SQL, and with two connections that check before either commits."""

import threading
from contextlib import contextmanager

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, OperationalError, connection, connections, transaction

from convenzioni.actions import cambia_dotazione
from core.constraints import in_parole
from riparto import actions
from riparto.models import Riparto, StatoRiparto
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def approvato(dotazione, funzionario, dirigente):
    return factories.approvato(
        dotazione, {"MI": "600.00", "BG": "400.00"}, da=funzionario, dirigente=dirigente
    )


@pytest.fixture
def pronto(dotazione, funzionario):
    riparto = factories.bozza(dotazione, funzionario, {"MI": "600.00", "BG": "400.00"})
    return actions.manda_in_verifica(riparto, da=funzionario)


def sql(comando, *valori):
    with connection.cursor() as cursor:
        cursor.execute(comando, valori)


def approva_a_mano(riparto, atto, *, parziale=False):
    """As somebody with a SQL prompt would: no action, no form."""
    sql(
        """WITH c AS (INSERT INTO registro_documento
                (tipo, titolo, codice, nome_file, stato, creato_il, dimostrativo)
            VALUES ('riparto', 't', %s, 'f', 'in_preparazione', now(), false) RETURNING id)
        UPDATE riparto_riparto SET stato = 'approvato', atto_id = %s, parziale = %s, approvato_il = now(),
            documento_id = (SELECT id FROM c) WHERE id = %s""",
        f"SQL-{riparto.pk:05d}",
        atto.pk,
        parziale,
        riparto.pk,
    )


@contextmanager
def rifiutato(vincolo):
    with pytest.raises(IntegrityError) as errore, transaction.atomic():
        yield
    assert errore.value.__cause__.diag.constraint_name == vincolo
    assert in_parole(errore.value).messages


def test_a_sum_that_differs_by_a_cent_does_not_commit(pronto):
    atto = factories.atto(pronto.convenzione.regione)

    with rifiutato("riparto_quadratura"):
        sql("UPDATE riparto_quota SET importo = importo + 0.01 WHERE importo = 600")
        approva_a_mano(pronto, atto)


def test_null_is_not_zero(pronto):
    """600 + NULL is not a sum of 600: the riparto is incomplete, even over a dotazione of 600."""
    atto = factories.atto(pronto.convenzione.regione)

    with rifiutato("riparto_incompleto_e_parziale"):
        sql("UPDATE riparto_quota SET importo = NULL WHERE importo = 400")
        sql("UPDATE convenzioni_dotazione SET importo = 600")
        approva_a_mano(pronto, atto)


def test_an_unknown_dotazione_does_not_pass_as_complete(pronto):
    with rifiutato("riparto_senza_dotazione_e_parziale"):
        sql("UPDATE convenzioni_dotazione SET importo = NULL")
        approva_a_mano(pronto, factories.atto(pronto.convenzione.regione))


def test_a_partial_one_does_not_exceed_the_dotazione(pronto):
    with rifiutato("riparto_parziale_entro_dotazione"):
        sql("UPDATE convenzioni_dotazione SET importo = 999.99")
        approva_a_mano(pronto, factories.atto(pronto.convenzione.regione), parziale=True)


def test_an_ente_that_has_not_signed_gets_nothing(pronto, regione):
    como = factories.ente("CO", "Provincia di Como", regione=regione)

    with rifiutato("riparto_solo_sottoscrittori"):
        sql("UPDATE riparto_quota SET ente_id = %s WHERE importo = 400", como.pk)
        approva_a_mano(pronto, factories.atto(regione))


@pytest.mark.parametrize(
    "comando",
    [
        "UPDATE riparto_quota SET importo = 600",
        "DELETE FROM riparto_quota",
        "UPDATE riparto_riparto SET criterio = 'altro'",
        "UPDATE riparto_riparto SET stato = 'bozza', atto_id = NULL, documento_id = NULL, approvato_il = NULL",
        "UPDATE riparto_riparto SET stato = 'superato', criterio = 'altro'",
        "DELETE FROM riparto_riparto",
        "UPDATE convenzioni_dotazione SET importo = 1",
        "UPDATE convenzioni_dotazione SET in_vigore = false, importo = 1",
        "DELETE FROM convenzioni_dotazione",
        "TRUNCATE riparto_quota CASCADE",
        "TRUNCATE riparto_riparto CASCADE",
        "TRUNCATE convenzioni_dotazione CASCADE",
        "TRUNCATE riparto_emissione CASCADE",
        "TRUNCATE riparto_emissione_riparti",
        "TRUNCATE registro_evento",
        "DELETE FROM convenzioni_sottoscrizione",
        "DELETE FROM registro_evento",
        "UPDATE registro_evento SET azione = 'niente'",
    ],
)
def test_what_is_approved_is_immutable(approvato, comando):
    with pytest.raises(IntegrityError), transaction.atomic():
        sql(comando)

    approvato.refresh_from_db()
    assert approvato.stato == StatoRiparto.APPROVATO
    assert approvato.quote.totale() == 1000


def test_a_quota_cannot_be_added_to_an_approved_riparto(approvato, milano):
    with rifiutato("riparto_approvato_immutabile"):
        approvato.quote.create(ente=milano, componente="fissa", importo=0)


def test_approved_may_only_become_superseded(approvato):
    sql("UPDATE riparto_riparto SET stato = 'superato'")

    approvato.refresh_from_db()
    assert approvato.stato == StatoRiparto.SUPERATO


def test_one_approved_riparto_for_a_line_and_year_whatever_the_version_of_the_dotazione(
    approvato, dotazione, funzionario, regione
):
    atto = factories.atto(regione)
    nuova = cambia_dotazione(
        dotazione, da=funzionario, importo=dotazione.importo, atto=atto, motivo="Nuovo atto"
    )
    secondo = factories.bozza(nuova, funzionario, {"MI": "600.00", "BG": "400.00"}, motivo="Nuovo atto")
    actions.manda_in_verifica(secondo, da=funzionario)

    with rifiutato("riparto_uno_per_linea_e_anno"):
        approva_a_mano(secondo, atto)


def test_a_draft_on_a_superseded_dotazione_is_not_approved(
    pronto, dotazione, funzionario, dirigente, regione
):
    atto = factories.atto(regione)
    nuova = cambia_dotazione(
        dotazione, da=funzionario, importo=dotazione.importo, atto=atto, motivo="Nuovo atto"
    )

    with pytest.raises(ValidationError, match="è stata sostituita"):
        actions.approva(pronto, da=dirigente, atto=atto)
    with rifiutato("riparto_su_dotazione_in_vigore"):
        approva_a_mano(pronto, atto)
    with pytest.raises(ValidationError, match="C'è già una bozza"):
        actions.crea_bozza(nuova, da=funzionario)


def test_nothing_is_added_to_an_issued_prospetto(approvato, convenzione, dotazione, funzionario):
    emissione = actions.emetti(convenzione, da=funzionario)
    altra = actions.crea_bozza(dotazione, da=funzionario, motivo="Rimodulazione")

    with rifiutato("emissione_immutabile"):
        emissione.riparti.add(altra)


def test_two_open_drafts_of_the_same_dotazione_do_not_stand(dotazione, funzionario):
    actions.crea_bozza(dotazione, da=funzionario)

    with pytest.raises(ValidationError, match="C'è già una bozza"):
        actions.crea_bozza(dotazione, da=funzionario)


# ---- two connections


@contextmanager
def altra_connessione():
    """A second connection to the same database, in a transaction of its own."""
    altra = connection.copy()
    altra.set_autocommit(False)
    try:
        yield altra
    finally:
        altra.rollback()
        altra.close()


def test_a_change_of_amount_and_an_approval_cannot_both_pass(pronto, dirigente):
    """The other connection changes a share and has not committed: the approval waits, it does not overtake."""
    atto = factories.atto(pronto.convenzione.regione)
    with altra_connessione() as altra:
        with altra.cursor() as cursor:
            cursor.execute("UPDATE riparto_quota SET importo = 1 WHERE importo = 600")
        with transaction.atomic():
            sql("SET LOCAL lock_timeout = '200ms'")
            with pytest.raises(OperationalError, match="lock timeout"):
                actions.approva(pronto, da=dirigente, atto=atto)
        altra.commit()

    with pytest.raises(ValidationError, match="Mancano 599,00"):
        actions.approva(pronto, da=dirigente, atto=atto)


def test_the_deferred_check_sees_what_another_connection_committed_meanwhile(pronto):
    """Both connections have checked their own change before either commits; the second one must fail.

    The first takes a cent away from the draft, the second approves it: each alone is fine.
    """
    atto = factories.atto(pronto.convenzione.regione)
    esito = []

    def approva_altrove():
        try:
            with transaction.atomic():
                approva_a_mano(pronto, atto)
            esito.append("approvato")
        except IntegrityError as errore:
            esito.append(errore.__cause__.diag.constraint_name)
        finally:
            connections.close_all()

    with transaction.atomic():
        sql("UPDATE riparto_quota SET importo = 599.99 WHERE importo = 600")
        filo = threading.Thread(target=approva_altrove)
        filo.start()
        filo.join(timeout=0.5)  # it waits for our row
        assert filo.is_alive()
    filo.join(timeout=10)

    assert esito == ["riparto_quadratura"]
    assert Riparto.objects.get().stato == StatoRiparto.IN_VERIFICA


def test_of_two_simultaneous_approvals_one_wins(pronto, dirigente, regione):
    atto = factories.atto(regione)
    secondo = factories.incaricato("dirigente_regionale", regione, nome="Bruno")
    insieme = threading.Barrier(2)
    esiti = []

    def prova(chi):
        try:
            insieme.wait()
            actions.approva(pronto, da=chi, atto=atto)
            esiti.append("approvato")
        except ValidationError as errore:
            esiti.append(errore.messages[0])
        finally:
            connections.close_all()

    fili = [threading.Thread(target=prova, args=[chi]) for chi in (dirigente, secondo)]
    for filo in fili:
        filo.start()
    for filo in fili:
        filo.join(timeout=20)

    assert sorted(esiti)[1] == "approvato"
    assert "Il riparto è in stato «approvato»" in sorted(esiti)[0]
