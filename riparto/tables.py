"""The list of riparti."""

import django_tables2 as tables
from django.utils.html import format_html

from core.tables import CifraColumn, StatoColumn

from .models import Riparto


class RipartoTable(tables.Table):
    linea = tables.Column(
        accessor="dotazione__linea",
        verbose_name="linea",
        order_by="dotazione__linea__ordine",
        linkify=lambda record: record.get_absolute_url(),
    )
    anno = tables.Column(accessor="dotazione__anno", verbose_name="anno")
    convenzione = tables.Column(accessor="dotazione__convenzione", verbose_name="convenzione")
    versione = tables.Column(verbose_name="versione")
    assegnato = CifraColumn(verbose_name="assegnato")
    dotazione = CifraColumn(accessor="dotazione__importo", verbose_name="dotazione")
    stato = StatoColumn()

    didascalia = "Riparti"
    nota_didascalia = "importi in euro; dal più recente"
    testo_vuoto = "Togli un filtro, oppure apri il quadro finanziario per vedere le dotazioni."

    class Meta:
        model = Riparto
        fields = ["linea", "anno", "convenzione", "versione", "assegnato", "dotazione", "stato"]
        order_by_field = "ordina"
        empty_text = "Nessun riparto con questi filtri"

    def render_linea(self, value, record):
        if record.dimostrativo:
            return format_html('{}<span class="nota-cifra">dati dimostrativi</span>', value)
        return value
