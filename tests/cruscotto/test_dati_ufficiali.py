"""The official data: complete, without invented figures, and left alone once loaded."""

import pytest
from django.core.management import call_command
from django.db import transaction

from convenzioni.models import Atto, Convenzione, Dotazione, LineaFinanziamento, Sottoscrizione
from enti.models import CentroImpiego, ContrattoServizio, Ente, EnteStrumentale
from registro.models import CifraFonte, Documento, Evento, Fonte
from rendicontazione.models import Adempimento, RegolaAdempimento, VoceAmmessa
from riparto.models import Quota, Riparto

MODELLI = (
    Fonte, CifraFonte, Ente, CentroImpiego, EnteStrumentale, ContrattoServizio, LineaFinanziamento,
    Convenzione, Atto, Sottoscrizione, Dotazione, Riparto, Quota, RegolaAdempimento, VoceAmmessa,
    Adempimento, Documento,
)  # fmt: skip


def carica() -> None:
    call_command("carica_dati_ufficiali", verbosity=0)


@pytest.fixture(scope="module", autouse=True)
def dati(django_db_setup, django_db_blocker):
    """The official data, loaded once for this module and rolled back at its end."""
    with django_db_blocker.unblock(), transaction.atomic():
        carica()
        yield
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def annulla(dati):
    """What a test changes is undone after it."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def fotografia() -> dict:
    """Every row, every row of history, every event."""
    foto = {m: list(m.objects.order_by("pk").values()) for m in (*MODELLI, Evento)}
    storie = {m: m.pgh_event_model.objects.count() for m in MODELLI if hasattr(m, "pgh_event_model")}
    return foto | {"storie": storie}


def test_loading_again_changes_nothing_not_even_the_history(capsys):
    prima = fotografia()
    call_command("carica_dati_ufficiali")
    assert capsys.readouterr().out == "Dati ufficiali già presenti.\n"
    assert fotografia() == prima


def test_what_the_officials_changed_or_removed_stays_as_they_left_it():
    CentroImpiego.objects.filter(denominazione="Bormio (Alta Valle)").update(
        denominazione="Bormio", da_verificare=False, motivo_verifica=""
    )
    CentroImpiego.objects.get(denominazione="Meda").delete()
    Ente.objects.filter(sigla="SO").update(pec="protocollo@sondrio.example")
    VoceAmmessa.objects.filter(voce="altro").delete()
    RegolaAdempimento.objects.filter(presunta=True).update(giorno=20, presunta=False)
    Dotazione.objects.get(linea__codice="OBIETTIVI_STRATEGICI", anno=2026).delete()
    prima = fotografia()
    carica()
    assert fotografia() == prima


def test_the_official_convention_holds_no_invented_figure():
    for modello in (Convenzione, Atto, Sottoscrizione, Dotazione, Riparto, Quota, Adempimento, VoceAmmessa):
        assert not modello.objects.filter(dimostrativo=True).exists(), modello
    assert set(Quota.objects.values_list("ente__sigla", flat=True)) == {"MI"}
    assert set(Quota.objects.values_list("origine", flat=True)) == {"stampato", "calcolato"}
    assert not Atto.objects.exclude(numero=None, data=None).exists(), "the sources give no number and no date"


def test_conventions_acts_and_signatures_are_as_the_sources_say():
    assert dict(Convenzione.objects.values_list("codice", "stato")) == {
        "CPI-2022-2023": "conclusa",
        "CPI-2024-2026": "vigente",
    }
    for convenzione in Convenzione.objects.all():
        assert convenzione.sottoscrizioni.count() == 12
        assert convenzione.passaggi.filter(a_stato="vigente", atto__isnull=False, fatto_da=None).exists()
    nuova = Convenzione.objects.get(codice="CPI-2024-2026")
    assert nuova.precedente.codice == "CPI-2022-2023"
    con_atto = nuova.sottoscrizioni.exclude(atto=None)
    assert [(s.ente.sigla, s.atto.tipo, s.atto.estremi) for s in con_atto] == [
        ("MI", "decreto_sindacale", "estremi non indicati")
    ]


def test_the_riparti_are_approved_as_parziali_by_the_act_and_by_nobody():
    riparti = Riparto.objects.all()
    assert riparti.count() == 15
    assert set(riparti.values_list("stato", "parziale", "approvato_da")) == {("approvato", True, None)}
    assert all(riparto.atto.ente.sigla == "LOM" for riparto in riparti.select_related("atto__ente"))
    assert not Riparto.objects.filter(dotazione__linea__codice="OBIETTIVI_STRATEGICI", dotazione__anno=2026)


def test_payers_that_the_source_does_not_name_are_null():
    nominati = LineaFinanziamento.objects.exclude(fonte_risorse=None).values_list("codice", "fonte_risorse")
    assert dict(nominati) == {
        "PRE_POT_PERSONALE": "Ministero del Lavoro e delle Politiche sociali",
        "PRE_POT_FUNZIONAMENTO": "Regione Lombardia",
    }
    assert LineaFinanziamento.objects.get(padre__isnull=False).padre.codice == "POT_PERSONALE"


def test_eurolavoro_merged_into_afol_and_no_longer_employs_anybody_in_2024():
    eurolavoro = EnteStrumentale.objects.get(denominazione="Eurolavoro")
    assert (eurolavoro.confluito_in.denominazione, str(eurolavoro.confluito_il)) == (
        "AFOL Metropolitana",
        "2023-02-17",
    )
    milano = Ente.objects.get(sigla="MI")
    attivi = EnteStrumentale.objects.attivi_per(milano, "2024-01-01", "2024-03-31")
    assert [e.denominazione for e in attivi] == ["AFOL Metropolitana"]


def test_all_six_cost_items_are_admitted_for_the_personnel_lines_of_every_year():
    linee = {"PRE_POT_PERSONALE", "POT_PERSONALE", "POT_PERSONALE_PON_SPAO"}
    assert VoceAmmessa.objects.count() == len(linee) * 3 * 6
    assert set(VoceAmmessa.objects.values_list("linea__codice", flat=True)) == linee
