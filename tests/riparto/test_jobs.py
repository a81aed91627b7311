"""The documents that a job renders: once, with what was frozen, kept as they are."""

import hashlib
from decimal import Decimal
from io import BytesIO

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob
from pypdf import PdfReader

from convenzioni.actions import cambia_dotazione
from registro import jobs
from registro.models import Documento
from riparto import actions
from tests import factories


@pytest.fixture
def approvato(dotazione, funzionario, dirigente):
    return factories.approvato(
        dotazione, {"MI": "612.34", "BG": "387.66"}, da=funzionario, dirigente=dirigente
    )


def parole(documento: Documento) -> str:
    lettore = PdfReader(BytesIO(bytes(documento.contenuto.dati)))
    return " ".join(" ".join(pagina.extract_text() for pagina in lettore.pages).split())


def test_approval_enqueues_the_document_in_its_own_transaction(approvato):
    lavoro = ProcrastinateJob.objects.get(task_name="registro.prepara_documento")

    assert lavoro.args == {"documento_id": approvato.documento_id}
    assert not approvato.documento.pronto


def test_the_job_renders_once(approvato):
    jobs.prepara_documento(documento_id=approvato.documento_id)
    primo = Documento.objects.select_related("contenuto").get(pk=approvato.documento_id)
    jobs.prepara_documento(documento_id=approvato.documento_id)
    secondo = Documento.objects.select_related("contenuto").get(pk=approvato.documento_id)

    assert primo.pronto
    assert primo.contenuto_id == secondo.contenuto_id
    assert primo.sha256 == hashlib.sha256(bytes(primo.contenuto.dati)).hexdigest()
    assert "612,34" in parole(primo)
    assert primo.codice in parole(primo)


def test_an_issued_prospetto_shows_what_was_frozen_even_if_the_job_runs_later(
    approvato, dotazione, convenzione, funzionario, dirigente, regione
):
    emissione = actions.emetti(convenzione, da=funzionario)
    nuova = cambia_dotazione(
        dotazione,
        da=funzionario,
        importo=Decimal("2000.00"),
        atto=factories.atto(regione),
        motivo="Assestamento",
    )
    seconda = actions.crea_bozza(nuova, da=funzionario, motivo="Assestamento")
    seconda.quote.filter(ente__sigla="MI").update(importo=Decimal("1612.34"))
    actions.manda_in_verifica(seconda, da=funzionario)
    actions.approva(seconda, da=dirigente, atto=factories.atto(regione))

    jobs.prepara_documento(documento_id=emissione.documento_id)

    documento = Documento.objects.select_related("contenuto").get(pk=emissione.documento_id)
    stampato = parole(documento)
    assert "612,34" in stampato
    assert "1.612,34" not in stampato
    assert "2.000,00" not in stampato
    assert "SUPERATO" not in stampato.upper()
    assert documento.codice in stampato


def test_the_document_of_a_riparto_says_approved_even_if_the_job_runs_after_its_successor(
    approvato, dotazione, funzionario, dirigente, regione
):
    seconda = actions.crea_bozza(dotazione, da=funzionario, motivo="Rimodulazione")
    actions.manda_in_verifica(seconda, da=funzionario)
    actions.approva(seconda, da=dirigente, atto=factories.atto(regione))

    jobs.prepara_documento(documento_id=approvato.documento_id)

    documento = Documento.objects.select_related("contenuto").get(pk=approvato.documento_id)
    assert "SUPERATO" not in parole(documento).upper()
