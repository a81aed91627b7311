"""The cost rows have no foreign key constraint: triggers hold them to what they point to."""

import pytest
from django.db import IntegrityError, connection, transaction

from registro.models import Allegato, Caricamento, Contenuto, EsitoControllo
from rendicontazione import actions
from rendicontazione.models import RigaCosto, TotaleRendiconto


@pytest.fixture
def righe(caricato):
    return RigaCosto.objects.filter(rendiconto=caricato)


@pytest.mark.parametrize("campo", ["rendiconto_id", "linea_id", "cpi_id", "datore_id"])
def test_a_row_never_points_to_what_is_not_there(righe, campo):
    nuova = righe.first()
    nuova.pk = None
    setattr(nuova, campo, 2**40)
    with pytest.raises(IntegrityError, match="che non c'è"), transaction.atomic():
        nuova.save(force_insert=True)
    with pytest.raises(IntegrityError, match="che non c'è"), transaction.atomic():
        righe.update(**{campo: 2**40})


@pytest.mark.parametrize("campo", ["rendiconto", "linea", "cpi"])
def test_what_a_row_points_to_is_not_deleted(righe, campo):
    altro = getattr(righe.first(), campo)
    with (
        pytest.raises(IntegrityError, match="Ci sono costi rendicontati"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"DELETE FROM {altro._meta.db_table} WHERE id = %s", [altro.pk])


def test_a_report_is_deleted_with_its_rows(caricato, righe):
    assert righe.exists()
    caricato.totali.all().delete()
    caricato.delete()
    assert not righe.exists()


@pytest.fixture
def trasmesso(caricato, responsabile):
    return actions.trasmetti(caricato, da=responsabile)


def test_nothing_is_added_to_a_sent_report(trasmesso, righe):
    nuova = righe.first()
    nuova.pk = None
    with pytest.raises(IntegrityError, match="è stato trasmesso"), transaction.atomic():
        nuova.save(force_insert=True)
    totale = TotaleRendiconto.objects.filter(rendiconto=trasmesso).first()
    totale.pk, totale.mese = None, 3
    with pytest.raises(IntegrityError, match="è stato trasmesso"), transaction.atomic():
        totale.save(force_insert=True)


def test_what_was_sent_is_neither_changed_nor_deleted(trasmesso, righe):
    for parte in (righe, TotaleRendiconto.objects.filter(rendiconto=trasmesso)):
        with pytest.raises(IntegrityError, match="è stato trasmesso"), transaction.atomic():
            parte.update(mese=3)
        with pytest.raises(IntegrityError, match="è stato trasmesso"), transaction.atomic():
            parte.delete()


@pytest.mark.parametrize(
    "modello", [RigaCosto, TotaleRendiconto, Allegato, Caricamento, Contenuto, EsitoControllo]
)
def test_what_was_received_is_not_emptied(caricato, modello):
    with (
        pytest.raises(IntegrityError, match="non si svuota"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        # The deferred checks of the upload, if still to do, would refuse before the trigger does.
        cursor.execute(f"SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE {modello._meta.db_table} CASCADE")


def test_the_bytes_of_a_file_are_not_deleted(caricato):
    contenuto = caricato.caricamento.allegato.contenuto
    with (
        pytest.raises(IntegrityError, match="non si elimina"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("DELETE FROM registro_contenuto WHERE id = %s", [contenuto.pk])
