"""Data entry of conventions: a whole one, with its signatures and the dotazioni of its lines, on one page."""

from django import forms
from django.contrib import admin
from django.db import models

from enti.permessi import Permesso
from registro.admin import AdminDelDominio, InlineDelDominio

from .models import Atto, Convenzione, Dotazione, LineaFinanziamento, Sottoscrizione, StatoConvenzione

LETTURA = (Permesso.VEDERE_BOZZE,)
SCRITTURA = (Permesso.GESTIRE_CONVENZIONI,)


class SottoscrizioneInline(InlineDelDominio):
    model = Sottoscrizione
    permessi_lettura = LETTURA
    permessi_scrittura = SCRITTURA
    fields = ["ente", "atto", "firmata_il", "nota"]
    autocomplete_fields = ["ente", "atto"]
    verbose_name_plural = "sottoscrizioni: un ente per riga, con il suo atto"


class DotazioneInline(InlineDelDominio):
    model = Dotazione
    permessi_lettura = LETTURA
    permessi_scrittura = SCRITTURA
    fields = [
        "linea",
        "anno",
        "importo",
        "precisione",
        "origine",
        "atto",
        "da_verificare",
        "motivo_verifica",
        "nota",
    ]
    autocomplete_fields = ["linea", "atto"]
    verbose_name_plural = "dotazioni in vigore: una riga per linea e anno; vuoto non è zero"

    def get_queryset(self, request):
        return super().get_queryset(request).in_vigore()


@admin.register(Convenzione)
class ConvenzioneAdmin(AdminDelDominio):
    permessi_lettura = LETTURA
    permessi_scrittura = SCRITTURA
    list_display = ["codice", "titolo", "anno_inizio", "anno_fine", "stato"]
    list_filter = ["stato"]
    search_fields = ["codice", "titolo"]
    autocomplete_fields = ["regione", "precedente", "fonte"]
    fields = [
        "codice",
        "titolo",
        "regione",
        ("anno_inizio", "anno_fine"),
        "precedente",
        "fonte",
        "nota",
    ]
    formfield_overrides = {models.TextField: {"widget": forms.Textarea(attrs={"rows": 2, "cols": 80})}}
    inlines = [SottoscrizioneInline, DotazioneInline]

    def get_readonly_fields(self, request, obj=None):
        # Addresses and commands name a convention by its code.
        fissi = () if obj is None or obj.stato == StatoConvenzione.BOZZA else ("codice",)
        return (*super().get_readonly_fields(request, obj), *fissi)

    def get_changeform_initial_data(self, request):
        iniziali = super().get_changeform_initial_data(request)
        regioni = {i.ente_id for i in request.user.incarichi_attivi() if i.ente.e_regione}
        if len(regioni) == 1:
            iniziali.setdefault("regione", regioni.pop())
        return iniziali


@admin.register(Atto)
class AttoAdmin(AdminDelDominio):
    permessi_lettura = LETTURA
    permessi_scrittura = SCRITTURA
    list_display = ["__str__", "ente", "oggetto"]
    list_filter = ["tipo"]
    list_select_related = ["ente"]
    search_fields = ["numero", "oggetto", "ente__denominazione"]
    autocomplete_fields = ["ente", "fonte"]
    fields = ["ente", "tipo", ("numero", "data"), "oggetto", "url", "fonte"]

    def ente_di(self, obj):
        return obj.ente

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and not (obj is not None and obj.usato)


@admin.register(LineaFinanziamento)
class LineaFinanziamentoAdmin(AdminDelDominio):
    permessi_lettura = LETTURA
    permessi_scrittura = SCRITTURA
    list_display = ["nome_breve", "codice", "lettera", "natura", "padre", "fonte_risorse"]
    list_filter = ["natura"]
    list_select_related = ["padre"]
    search_fields = ["codice", "denominazione", "nome_breve"]
    autocomplete_fields = ["regione", "padre"]


@admin.register(Dotazione)
class DotazioneAdmin(AdminDelDominio):
    """To look at all the versions; the ones in force are entered on the page of their convention."""

    permessi_lettura = (*LETTURA, *SCRITTURA)
    list_display = ["__str__", "convenzione", "versione", "in_vigore", "importo", "da_verificare"]
    list_filter = ["in_vigore", "da_verificare", "anno", ("convenzione", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["convenzione", "linea"]
    search_fields = ["linea__nome_breve", "linea__codice", "convenzione__codice"]

    def ente_di(self, obj):
        return obj.convenzione.regione
