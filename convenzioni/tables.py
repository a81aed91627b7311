"""The list of conventions."""

import django_tables2 as tables
from django.utils.html import format_html

from core.tables import StatoColumn

from .models import Convenzione


class ConvenzioneTable(tables.Table):
    codice = tables.Column(
        linkify=lambda record: record.get_absolute_url(), attrs={"td": {"class": "text-nowrap"}}
    )
    periodo = tables.Column(
        verbose_name="anni", order_by="anno_inizio", attrs={"td": {"class": "text-nowrap"}}
    )
    stato = StatoColumn()
    firmatari = tables.Column(verbose_name="enti firmatari", attrs={"td": {"class": "cifra"}})
    quadro = tables.LinkColumn(
        "quadro:convenzione",
        args=[tables.A("codice")],
        text="Quadro finanziario",
        verbose_name="azioni",
        orderable=False,
        empty_values=(),
        attrs={"td": {"class": "azione"}},
    )

    didascalia = "Convenzioni"
    nota_didascalia = "dalla più recente"
    testo_vuoto = "Togli un filtro, oppure chiedi alla Regione se la convenzione è stata inserita."

    class Meta:
        model = Convenzione
        fields = ["codice", "titolo", "periodo", "stato", "firmatari", "quadro"]
        order_by_field = "ordina"
        empty_text = "Nessuna convenzione con questi filtri"

    def render_codice(self, record):
        if record.dimostrativo:
            return format_html('{}<span class="nota-cifra">dati dimostrativi</span>', record.codice)
        return record.codice
