"""Work done outside the request. Each job may run twice: a ready document stays as it is."""

from procrastinate.contrib.django import app

from core.pdf import componi
from registro.actions import consegna

from . import documents
from .models import Emissione, Riparto


@app.task(name="riparto.prepara_riparto")
def prepara_riparto(riparto_id: int) -> None:
    """Render the document of an approved riparto, once."""
    riparto = Riparto.objects.select_related("documento").get(pk=riparto_id)
    if not riparto.documento.pronto:
        prospetto = documents.documento_riparto(riparto)
        consegna(riparto.documento, componi(prospetto.template, prospetto.contesto()))


@app.task(name="riparto.prepara_emissione")
def prepara_emissione(emissione_id: int) -> None:
    """Render an issued prospetto, once."""
    emissione = Emissione.objects.select_related("documento").get(pk=emissione_id)
    if not emissione.documento.pronto:
        prospetto = documents.prospetto(
            emissione.convenzione,
            ente=emissione.ente,
            linea=emissione.linea,
            anno=emissione.anno,
            emissione=emissione,
        )
        consegna(emissione.documento, componi(prospetto.template, prospetto.contesto()))
