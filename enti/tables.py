"""The list of people."""

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html, format_html_join

from core.templatetags.componenti import stato
from core.templatetags.formati import data_breve


class PersonaTable(tables.Table):
    cognome = tables.Column(verbose_name="Persona", order_by=("cognome", "nome"))
    email = tables.Column(verbose_name="E-mail")
    incarichi = tables.Column(
        verbose_name="Incarichi", accessor="incarichi_mostrati", orderable=False, empty_values=()
    )
    accesso = tables.Column(verbose_name="Accesso", accessor="pk", orderable=False)
    last_login = tables.Column(verbose_name="Ultimo ingresso")
    apri = tables.Column(
        verbose_name="Azione", accessor="pk", orderable=False, attrs={"td": {"class": "azione"}}
    )

    didascalia = "Persone"
    nota_didascalia = "Per cognome, salvo un altro ordine scelto dalle intestazioni."
    testo_vuoto = "Cambia i filtri, o invita la persona."

    class Meta:
        empty_text = "Nessuna persona con questi filtri"
        order_by = "cognome"

    def render_cognome(self, record):
        nome = f"{record.cognome} {record.nome}"
        if record.dimostrativo:
            return format_html('{}<span class="nota-cifra">persona inventata</span>', nome)
        return nome

    def render_incarichi(self, value):
        if not value:
            return "— nessuno oggi"
        voci = ((i.get_ruolo_display(), i.ente.nome_breve) for i in value)
        return format_html_join("", "<div>{}, {}</div>", voci)

    def render_accesso(self, record):
        return stato_accesso(record)

    def render_last_login(self, value):
        return data_breve(value)

    def render_apri(self, record):
        return format_html(
            '<a class="btn btn-sm btn-outline-primary" href="{}">Apri<span class="solo-lettore"> {}</span></a>',
            reverse("enti:persona", args=[record.pk]),
            record,
        )


def stato_accesso(utente):
    """The badge of the access of a person: attivo, invitato (no password yet), disattivato."""
    if not utente.is_active:
        return stato("sospeso", "Disattivato")
    return stato("vigente", "Attivo") if utente.has_usable_password() else stato("in_corso", "Invitato")
