"""What happens to an upload whose process was killed."""

from datetime import timedelta

from django.utils import timezone

from registro.models import Caricamento
from rendicontazione.jobs import ATTESA, chiudi_caricamenti_interrotti
from tests import factories


def test_an_upload_left_in_progress_is_closed_with_a_word_and_a_recent_one_is_not(
    convenzione, milano, bergamo
):
    vecchio = factories.rendiconto(convenzione, milano).caricamento
    recente = factories.rendiconto(convenzione, bergamo).caricamento
    accettato = factories.rendiconto(factories.convenzione(convenzione.regione, [milano]), milano).caricamento
    tardi = timezone.now() - ATTESA - timedelta(seconds=1)
    Caricamento.objects.filter(pk=vecchio.pk).update(esito="in_corso", caricato_il=tardi)
    Caricamento.objects.filter(pk=recente.pk).update(esito="in_corso")
    Caricamento.objects.filter(pk=accettato.pk).update(caricato_il=tardi)

    chiudi_caricamenti_interrotti(timestamp=0)

    assert dict(Caricamento.objects.values_list("pk", "esito")) == {
        vecchio.pk: "rifiutato",
        recente.pk: "in_corso",
        accettato.pk: "accettato",
    }
    assert vecchio.esiti.get().codice == "S99"
