"""Uploading a file: kept as it is, examined, a version of the report or a refusal that changes nothing."""

import sys
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection

from registro.models import Allegato, Caricamento, Evento
from rendicontazione import actions
from rendicontazione.models import Rendiconto, RigaCosto, TotaleRendiconto

from .conftest import csv, riga


def test_an_accepted_file_becomes_the_version_in_force(adempimento, operatore):
    dati = csv(riga(1), riga(1, mese=2, importo="500,00", linea="POT_EX_PON"), riga(2, importo="0,50"))
    caricamento = actions.carica(adempimento, dati, "primo.csv", da=operatore)

    assert (caricamento.esito, caricamento.righe, caricamento.totale) == ("accettato", 3, Decimal("1500.50"))
    rendiconto = caricamento.rendiconto
    assert (rendiconto.versione, rendiconto.in_vigore, rendiconto.stato) == (1, True, "in_compilazione")
    righe = RigaCosto.objects.filter(rendiconto=rendiconto)
    assert list(righe.values_list("riga", "totale", "datore", "irap")) == [
        (2, Decimal("1000.00"), None, None),
        (3, Decimal("500.00"), None, None),
        (4, Decimal("0.50"), None, None),
    ]
    totali = TotaleRendiconto.objects.filter(rendiconto=rendiconto)
    assert list(
        totali.order_by("mese").values_list("linea__codice", "mese", "importo", "righe", "persone")
    ) == [
        ("POT_PERSONALE", 1, Decimal("1000.50"), 2, 2),
        ("POT_EX_PON", 2, Decimal("500.00"), 1, 1),
    ]
    evento = Evento.objects.get(azione="rendiconto: file accettato")
    assert (evento.chi, evento.ente, evento.dettagli["righe"]) == (operatore, adempimento.ente, 3)


@pytest.mark.parametrize(
    "dati", [csv(riga(1)), b"", b"\x00\xff\x00 not a sheet", csv(riga(1, importo="1.2"))]
)
def test_the_file_is_kept_byte_for_byte_also_when_refused(adempimento, operatore, dati):
    caricamento = actions.carica(adempimento, dati, "file.csv", da=operatore)
    allegato = Allegato.objects.get(pk=caricamento.allegato_id)
    assert bytes(allegato.contenuto.dati) == dati
    assert allegato.dimensione == len(dati)


def test_a_refused_file_changes_nothing_but_its_own_upload(caricato, operatore):
    adempimento = caricato.adempimento
    dati = csv(riga(1, importo="2.145.30"), riga(2, linea="POT_FUNZIONAMENTO"), riga(3, mese=7))
    caricamento = actions.carica(adempimento, dati, "sbagliato.csv", da=operatore)

    assert caricamento.esito == "rifiutato"
    assert set(caricamento.esiti.values_list("codice", "cella", "trovato")) >= {
        ("C19", "L2", "2.145.30"),
        ("C15", "I3", "POT_FUNZIONAMENTO"),
    }
    assert {c["id"] for c in caricamento.riepilogo} >= {"C19.lettura", "C15.linea", "C02"}
    assert not hasattr(caricamento, "rendiconto")
    assert Rendiconto.objects.get() == caricato
    assert RigaCosto.objects.count() == 2
    assert Evento.objects.filter(azione="rendiconto: file rifiutato").count() == 1


def test_a_new_file_makes_a_new_version_and_the_old_one_stays(caricato, operatore):
    nuovo = actions.carica(caricato.adempimento, csv(riga(9)), "secondo.csv", da=operatore).rendiconto
    caricato.refresh_from_db()
    assert (nuovo.versione, nuovo.in_vigore, caricato.in_vigore) == (2, True, False)
    assert caricato.righe.count() == 2


def test_the_same_file_again_is_recognised_and_changes_nothing(caricato, responsabile):
    adempimento = caricato.adempimento
    dati = bytes(caricato.caricamento.allegato.contenuto.dati)
    caricamento = actions.carica(adempimento, dati, "altro nome.csv", da=responsabile)

    assert caricamento.esito == "rifiutato"
    esito = caricamento.esiti.get()
    assert esito.codice == "C08"
    assert "Chiara Bianchi" in esito.messaggio
    assert "accettato, versione 1 in vigore" in esito.messaggio
    assert Rendiconto.objects.get() == caricato


def test_a_file_refused_before_is_examined_again_and_says_so(adempimento, operatore):
    dati = csv(riga(1, cpi="Sesto"))
    actions.carica(adempimento, dati, "a.csv", da=operatore)
    from tests import factories

    factories.cpi(adempimento.ente, "Sesto")
    secondo = actions.carica(adempimento, dati, "a.csv", da=operatore)
    assert secondo.esito == "accettato"
    esito = secondo.esiti.get(codice="C08")
    assert (esito.livello, "rifiutato" in esito.messaggio) == ("nota", True)


def test_the_file_of_another_ente_or_quarter_is_named_in_words(pronta, milano, adempimento, operatore):
    from rendicontazione.importazione import modello

    altro = actions.adempimento_di(pronta, milano, 2024, 2)
    caricamento = actions.carica(adempimento, modello(altro), "modello.xlsx", da=operatore)
    assert caricamento.esito == "rifiutato"
    assert any("2° trimestre 2024" in f"{e.trovato} {e.messaggio}" for e in caricamento.esiti.all())


def test_who_may_not_upload_writes_nothing(adempimento, estraneo, funzionario):
    for persona in (estraneo, funzionario):
        with pytest.raises(PermissionDenied):
            actions.carica(adempimento, csv(riga(1)), "a.csv", da=persona)
    assert not Caricamento.objects.exists()
    assert not Allegato.objects.exists()


def test_a_report_that_was_sent_takes_no_file(caricato, operatore, responsabile):
    actions.trasmetti(caricato, da=responsabile)
    prima = Evento.objects.count()
    with pytest.raises(ValidationError, match="ritiralo prima"):
        actions.carica(caricato.adempimento, csv(riga(5)), "a.csv", da=operatore)
    assert Caricamento.objects.count() == 1
    assert Evento.objects.count() == prima


def test_without_admitted_items_the_convention_is_not_ready(adempimento, operatore, pronta):
    pronta.voci_ammesse.all().delete()
    with pytest.raises(ValidationError, match="voci di costo ammesse"):
        actions.carica(adempimento, csv(riga(1)), "a.csv", da=operatore)


def test_beyond_the_quota_is_an_avviso_from_the_first_cent(adempimento, con_quota, operatore):
    giusto = actions.carica(adempimento, csv(riga(1, importo="2.500,00")), "a.csv", da=operatore)
    assert not giusto.esiti.filter(codice="C03").exists()
    oltre = actions.carica(adempimento, csv(riga(1, importo="2.500,01")), "b.csv", da=operatore)
    assert oltre.esito == "accettato"
    esito = oltre.esiti.get(codice="C03")
    assert (esito.trovato, "0,01 oltre la quota" in esito.messaggio) == ("2.500,01", True)


def test_the_quota_counts_the_quarters_before_and_the_di_cui_in_its_parent(
    caricato, con_quota, pronta, operatore
):
    secondo = actions.adempimento_di(pronta, caricato.adempimento.ente, 2024, 2)
    caricamento = actions.carica(secondo, csv(riga(1, mese=4, importo="1.000,01")), "a.csv", da=operatore)
    esito = caricamento.esiti.get(codice="C03")
    assert esito.etichetta == "Personale potenziamento"
    assert esito.trovato == "2.500,01"


def test_a_missing_quarter_before_is_an_avviso(pronta, milano, operatore):
    terzo = actions.adempimento_di(pronta, milano, 2024, 3)
    caricamento = actions.carica(terzo, csv(riga(1, mese=7)), "a.csv", da=operatore)
    assert caricamento.esito == "accettato"
    assert [e.etichetta for e in caricamento.esiti.filter(codice="C05")] == [
        "1° trimestre 2024",
        "2° trimestre 2024",
    ]


def test_verifica_gives_the_same_answer_and_writes_nothing(caricato, con_quota, operatore):
    adempimento = caricato.adempimento
    righe = csv(riga(1, importo="9.999,00"))
    prima = [m.objects.count() for m in (Caricamento, Allegato, Rendiconto, RigaCosto, Evento)]
    verdetto = actions.verifica(adempimento, righe, "a.csv", da=operatore)
    assert [m.objects.count() for m in (Caricamento, Allegato, Rendiconto, RigaCosto, Evento)] == prima
    caricamento = actions.carica(adempimento, righe, "a.csv", da=operatore)
    assert verdetto["esito"] == caricamento.esito == "accettato"
    assert verdetto["errori_totali"] == caricamento.errori_totali == caricamento.esiti.count() == 1


def test_the_row_history_of_the_report_says_who(caricato, operatore):
    storia = Rendiconto.pgh_event_model.objects.get(pgh_obj_id=caricato.pk)
    assert storia.pgh_label == "insert"
    assert storia.pgh_context.metadata["user"] == operatore.pk


def test_the_rows_are_held_to_their_codes(caricato):
    from django.db import IntegrityError, transaction

    with (
        pytest.raises(IntegrityError, match="rimanda a una linea"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "INSERT INTO rendicontazione_rigacosto (rendiconto_id, riga, matricola, codice_fiscale, cognome,"
            " nome, cpi_id, inquadramento, profilo, linea_id, mese, percentuale, totale)"
            " SELECT rendiconto_id, 99, 'x', 'x', 'x', 'x', cpi_id, '', '', 999999, 1, 100, 0"
            " FROM rendicontazione_rigacosto LIMIT 1"
        )


def test_an_examination_that_breaks_leaves_the_file_and_says_so(adempimento, operatore, monkeypatch):
    from rendicontazione.actions import caricamento as modulo

    def rotto(*args):
        raise RuntimeError("broken")

    monkeypatch.setattr(modulo, "_copia_righe", rotto)
    with pytest.raises(RuntimeError, match="broken"):
        actions.carica(adempimento, csv(riga(1)), "a.csv", da=operatore)
    caricamento = Caricamento.objects.get()
    assert caricamento.esito == "rifiutato"
    assert caricamento.esiti.get().codice == "S99"
    assert not Rendiconto.objects.exists()


def test_a_file_beyond_the_rows_is_refused_in_words(adempimento, operatore, settings):
    settings.CARICAMENTO_MAX_RIGHE = 2
    caricamento = actions.carica(adempimento, csv(*(riga(n) for n in range(1, 4))), "a.csv", da=operatore)
    assert caricamento.esito == "rifiutato"
    assert "2" in caricamento.esiti.get().messaggio + caricamento.esiti.get().atteso


def test_many_equal_errors_are_counted_and_not_all_listed(adempimento, operatore):
    dati = csv(*(riga(n, importo="1.2") for n in range(1, 1_502)))
    caricamento = actions.carica(adempimento, dati, "a.csv", da=operatore)
    assert caricamento.errori_totali >= 3_002
    assert caricamento.esiti.count() == 1_000


def test_the_file_is_kept_where_no_reader_can_be_started(adempimento, operatore, monkeypatch):
    """No room for one more process: a real failure of the start, on a program that is not there."""
    monkeypatch.setattr(sys, "executable", "/nessun/python")

    caricamento = actions.carica(adempimento, csv(riga(1)), "file.csv", da=operatore)

    assert caricamento.esito == "rifiutato"
    assert caricamento.esiti.get().codice == "S99"
    assert bytes(caricamento.allegato.contenuto.dati) == csv(riga(1))
    assert not Rendiconto.objects.exists()
