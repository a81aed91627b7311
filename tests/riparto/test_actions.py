"""What is done to a riparto: it works, it refuses and leaves everything as it was, at the last cent."""

from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from convenzioni.actions import cambia_dotazione
from enti.permessi import Ruolo
from registro.models import Evento
from riparto import actions
from riparto.models import Riparto, StatoRiparto
from tests import factories


@pytest.fixture
def pronto(dotazione, funzionario):
    """In review, adding up to the cent: Milano 600, Bergamo 400."""
    riparto = factories.bozza(dotazione, funzionario, {"MI": "600.00", "BG": "400.00"})
    return actions.manda_in_verifica(riparto, da=funzionario)


def approva(riparto, da, **campi):
    return actions.approva(riparto, da=da, atto=factories.atto(riparto.convenzione.regione), **campi)


def test_a_draft_has_an_empty_share_for_each_signatory(dotazione, funzionario):
    riparto = actions.crea_bozza(dotazione, da=funzionario, componenti=("fissa", "variabile"))

    quote = list(riparto.quote.values_list("ente__sigla", "componente", "importo"))
    assert sorted(quote) == [
        ("BG", "fissa", None),
        ("BG", "variabile", None),
        ("MI", "fissa", None),
        ("MI", "variabile", None),
    ]


def test_approve(pronto, dirigente):
    riparto = approva(pronto, dirigente)

    assert riparto.stato == StatoRiparto.APPROVATO
    assert riparto.approvato_da == dirigente
    assert not riparto.parziale
    assert Evento.objects.filter(azione="riparto: approvato", chi=dirigente, oggetto_id=riparto.pk).exists()


def test_approve_refuses_a_cent_of_difference(dotazione, funzionario, dirigente):
    riparto = factories.bozza(dotazione, funzionario, {"MI": "600.00", "BG": "399.99"})

    with pytest.raises(ValidationError, match=r"Mancano 0,01 per arrivare alla dotazione di 1\.000,00"):
        actions.manda_in_verifica(riparto, da=funzionario)

    riparto.refresh_from_db()
    assert riparto.stato == StatoRiparto.BOZZA
    assert not Evento.objects.filter(azione="riparto: in verifica").exists()


def test_approve_accepts_a_difference_within_the_precision_and_not_a_cent_more(
    convenzione, linea, funzionario, dirigente
):
    dotazione = factories.dotazione(convenzione, linea, importo="1000.00", precisione=Decimal("50.00"))
    riparto = factories.bozza(dotazione, funzionario, {"MI": "650.00", "BG": "400.01"})
    with pytest.raises(ValidationError, match="superano di 50,01"):
        actions.manda_in_verifica(riparto, da=funzionario)

    riparto.quote.filter(ente__sigla="BG").update(importo=Decimal("400.00"))
    actions.manda_in_verifica(riparto, da=funzionario)

    assert approva(riparto, dirigente).stato == StatoRiparto.APPROVATO


def test_approve_is_not_for_the_official(pronto, funzionario):
    with pytest.raises(PermissionDenied):
        approva(pronto, funzionario)


def test_approve_is_not_for_the_director_of_another_region(pronto):
    altrove = factories.incaricato(Ruolo.DIRIGENTE_REGIONALE, factories.ente("PIE", "Regione Piemonte"))

    with pytest.raises(PermissionDenied):
        approva(pronto, altrove)


def test_four_eyes_a_director_does_not_approve_what_he_entered(dotazione, dirigente):
    riparto = factories.bozza(dotazione, dirigente, {"MI": "600.00", "BG": "400.00"})
    actions.manda_in_verifica(riparto, da=dirigente)

    with pytest.raises(ValidationError, match="la approva un altro dirigente"):
        approva(riparto, dirigente)


def test_four_eyes_counts_a_single_amount_touched_later(pronto, funzionario, dirigente):
    import pghistory

    actions.riporta_in_bozza(pronto, da=funzionario)
    with pghistory.context(user=dirigente.pk):
        quota = pronto.quote.get(ente__sigla="MI")
        quota.importo = Decimal("599.00")
        quota.save()
        quota.importo = Decimal("600.00")
        quota.save()
    actions.manda_in_verifica(pronto, da=funzionario)

    with pytest.raises(ValidationError, match="la approva un altro dirigente"):
        approva(pronto, dirigente)


def test_four_eyes_the_steps_of_the_procedure_do_not_count(pronto, funzionario, dirigente):
    actions.riporta_in_bozza(pronto, da=dirigente)
    actions.manda_in_verifica(pronto, da=dirigente)

    assert approva(pronto, dirigente).stato == StatoRiparto.APPROVATO


def test_approve_refuses_a_draft(dotazione, funzionario, dirigente):
    riparto = factories.bozza(dotazione, funzionario, {"MI": "600.00", "BG": "400.00"})

    with pytest.raises(ValidationError, match="bozza"):
        approva(riparto, dirigente)


def test_a_missing_amount_allows_only_partial(dotazione, funzionario, dirigente):
    riparto = factories.bozza(dotazione, funzionario, {"MI": "600.00", "BG": None})
    actions.manda_in_verifica(riparto, da=funzionario)

    with pytest.raises(ValidationError, match="Mancano gli importi di Bergamo"):
        approva(riparto, dirigente)

    assert approva(riparto, dirigente, parziale=True).parziale


def test_an_unknown_dotazione_allows_only_partial(convenzione, linea, funzionario, dirigente):
    dotazione = factories.dotazione(convenzione, linea, importo=None)
    riparto = factories.bozza(dotazione, funzionario, {"MI": "600.00", "BG": "400.00"})
    actions.manda_in_verifica(riparto, da=funzionario)

    with pytest.raises(ValidationError, match="La dotazione non è indicata"):
        approva(riparto, dirigente)

    assert approva(riparto, dirigente, parziale=True).parziale


def test_a_complete_riparto_is_not_partial(pronto, dirigente):
    with pytest.raises(ValidationError, match="non è un riparto parziale"):
        approva(pronto, dirigente, parziale=True)


def test_a_partial_riparto_does_not_exceed_the_dotazione(dotazione, funzionario):
    riparto = factories.bozza(dotazione, funzionario, {"MI": "1000.01", "BG": None})

    with pytest.raises(ValidationError, match="superano di 0,01"):
        actions.manda_in_verifica(riparto, da=funzionario)


def test_a_new_version_supersedes_the_old_one_and_wants_a_reason(pronto, dotazione, funzionario, dirigente):
    prima = approva(pronto, dirigente)
    with pytest.raises(ValidationError, match="motivo"):
        actions.crea_bozza(dotazione, da=funzionario)

    seconda = actions.crea_bozza(dotazione, da=funzionario, motivo="Rimodulazione")
    assert list(seconda.quote.order_by("importo").values_list("importo", flat=True)) == [400, 600]
    actions.manda_in_verifica(seconda, da=funzionario)
    approva(seconda, dirigente)

    prima.refresh_from_db()
    assert prima.stato == StatoRiparto.SUPERATO
    assert Riparto.objects.approvati().get() == seconda


def test_a_changed_dotazione_is_a_new_version_and_its_riparto_follows(
    pronto, dotazione, funzionario, dirigente
):
    prima = approva(pronto, dirigente)
    nuova = cambia_dotazione(
        dotazione,
        da=funzionario,
        importo=Decimal("1200.00"),
        atto=factories.atto(dotazione.convenzione.regione),
        motivo="Assestamento",
    )
    with pytest.raises(ValidationError, match="non è più in vigore"):
        actions.crea_bozza(dotazione, da=funzionario, motivo="Rimodulazione")

    riparto = actions.crea_bozza(nuova, da=funzionario, motivo="Assestamento")
    riparto.quote.filter(ente__sigla="MI").update(importo=Decimal("800.00"))
    actions.manda_in_verifica(riparto, da=funzionario)
    approva(riparto, dirigente)

    prima.refresh_from_db()
    assert prima.stato == StatoRiparto.SUPERATO


def test_a_part_does_not_exceed_its_line(convenzione, linea, dotazione, pronto, funzionario, dirigente):
    approva(pronto, dirigente)
    figlia = factories.linea(linea.regione, "DI_CUI", padre=linea)
    parte = factories.dotazione(convenzione, figlia, importo="500.00")
    riparto = factories.bozza(parte, funzionario, {"MI": "99.99", "BG": "400.01"})
    actions.manda_in_verifica(riparto, da=funzionario)

    with pytest.raises(ValidationError, match="Bergamo: il «di cui» è 400,01 e supera la quota"):
        approva(riparto, dirigente)


def test_the_act_is_of_the_region(pronto, dirigente, milano):
    with pytest.raises(ValidationError, match="atto della Regione"):
        actions.approva(pronto, da=dirigente, atto=factories.atto(milano))


def test_issue_refuses_a_mix_with_drafts(pronto, convenzione, funzionario, dirigente):
    approva(pronto, dirigente)
    altra = factories.dotazione(convenzione, factories.linea(convenzione.regione), anno=2025)
    factories.bozza(altra, funzionario)

    with pytest.raises(ValidationError, match="sarebbe una bozza"):
        actions.emetti(convenzione, da=funzionario)

    emissione = actions.emetti(convenzione, da=funzionario, anno=2024)
    assert (emissione.numero, list(emissione.riparti.all())) == (1, [pronto])


def test_issue_is_not_for_a_reader(pronto, convenzione, dirigente, lettore):
    approva(pronto, dirigente)

    with pytest.raises(PermissionDenied):
        actions.emetti(convenzione, da=lettore)


def test_delete_a_draft_only(dotazione, pronto, funzionario):
    with pytest.raises(ValidationError, match="si elimina solo una bozza"):
        actions.elimina_bozza(pronto, da=funzionario)

    actions.riporta_in_bozza(pronto, da=funzionario)
    actions.elimina_bozza(pronto, da=funzionario)
    assert not Riparto.objects.exists()
    assert Evento.objects.filter(azione="riparto: bozza eliminata").exists()
