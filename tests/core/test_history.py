"""The history of the rows only grows."""

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction

from registro.models import Fonte

STORIE = sorted(m._meta.label for m in apps.get_models() if hasattr(m, "pgh_tracked_model"))


@pytest.fixture
def storia(db):
    """The history of a source that was inserted and then changed."""
    fonte = Fonte.objects.create(codice="prova", titolo="Prima", emittente="Regione")
    fonte.titolo = "Dopo"
    fonte.save()
    return apps.get_model("registro", "FonteEvent").objects.filter(pgh_obj=fonte)


def test_every_version_is_kept_also_of_a_deleted_row(storia):
    Fonte.objects.get(codice="prova").delete()

    assert list(storia.order_by("pgh_id").values_list("pgh_label", "titolo")) == [
        ("insert", "Prima"),
        ("update", "Dopo"),
        ("delete", "Dopo"),
    ]


def test_the_history_is_neither_changed_nor_deleted(storia):
    with pytest.raises(IntegrityError, match="si può solo leggere"), transaction.atomic():
        storia.update(titolo="Mai stata così")
    with pytest.raises(IntegrityError, match="si può solo leggere"), transaction.atomic():
        storia.delete()
    assert storia.count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize("modello", STORIE)
def test_no_history_is_emptied(modello):
    tabella = apps.get_model(modello)._meta.db_table
    with (
        pytest.raises(IntegrityError, match="non si svuota"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"TRUNCATE {tabella}")
