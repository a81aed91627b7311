"""The cost rows have no foreign key constraint: triggers hold them to what they point to."""

import pytest
from django.db import IntegrityError, connection, transaction

from rendicontazione.models import RigaCosto


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
