"""The lists of issued documents and of the register."""

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html, format_html_join

from core.tables import StatoColumn
from core.templatetags.formati import data_breve, data_ora

from .registro import tipi


class DocumentoTable(tables.Table):
    titolo = tables.Column(verbose_name="Documento", orderable=False)
    codice = tables.Column(verbose_name="Codice", orderable=False)
    creato_il = tables.Column(verbose_name="Data")
    stato = StatoColumn(verbose_name="Stato", orderable=False)
    apri = tables.Column(
        verbose_name="Azione", accessor="codice", orderable=False, attrs={"td": {"class": "azione"}}
    )

    didascalia = "Documenti emessi"
    nota_didascalia = "Dal più recente. Un documento emesso non cambia più."
    testo_vuoto = "Un documento nasce quando un riparto è approvato, o quando la Regione emette un prospetto."

    class Meta:
        empty_text = "Nessun documento con questi filtri"

    def render_titolo(self, record):
        if record.dimostrativo:
            return format_html('{}<span class="nota-cifra">dati dimostrativi</span>', record.titolo)
        return record.titolo

    def render_creato_il(self, value):
        return data_breve(value)

    def render_apri(self, record):
        return format_html(
            '<a class="btn btn-sm btn-outline-primary" href="{}">{}<span class="solo-lettore">: {}</span></a>',
            reverse("documento", args=[record.codice]),
            "Apri il PDF" if record.pronto else "Guarda se è pronto",
            record.titolo,
        )


class EventoTable(tables.Table):
    quando = tables.Column(verbose_name="Quando")
    chi = tables.Column(verbose_name="Chi", orderable=False, empty_values=())
    azione = tables.Column(verbose_name="Che cosa", orderable=False)
    oggetto_nome = tables.Column(verbose_name="Su che cosa", orderable=False)
    ente = tables.Column(verbose_name="Ente", accessor="ente__nome_breve", orderable=False)
    dettagli = tables.Column(verbose_name="Dettagli", orderable=False)

    didascalia = "Operazioni"
    nota_didascalia = "Dalla più recente. Il registro si può solo leggere e allungare."
    testo_vuoto = "Cambia i filtri: le date si scrivono gg/mm/aaaa."

    class Meta:
        empty_text = "Nessuna operazione con questi filtri"

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._tipi = tipi()

    def render_quando(self, value):
        return data_ora(value)

    def render_chi(self, record):
        if record.chi is None:
            return "il sistema"
        return format_html('{}<span class="nota-cifra">{}</span>', record.chi, record.chi.email)

    def render_oggetto_nome(self, record):
        tipo = self._tipi.get(record.oggetto_tipo, record.oggetto_tipo)
        nota = format_html('<span class="nota-cifra">{} {}</span>', tipo, record.oggetto_id)
        return format_html("{}{}", record.oggetto_nome, nota)

    def render_dettagli(self, value):
        voci = ((nome.replace("_", " "), "—" if v is None else v) for nome, v in value.items())
        return format_html_join("", '<div class="minuto">{}: {}</div>', voci) or "—"
