"""The shares of a riparto as a grid: one row per ente and component. Only an open draft can be typed in."""

from django import forms
from django.contrib import admin
from django.db import models
from django.db.models import F
from django.http import HttpResponseRedirect
from django.urls import reverse

from enti.permessi import Permesso
from registro.admin import AdminDelDominio, InlineDelDominio

from .models import Quota, Riparto, StatoRiparto

LETTURA = (Permesso.VEDERE_BOZZE,)
SCRITTURA = (Permesso.PREPARARE_RIPARTO,)


class QuotaInline(InlineDelDominio):
    model = Quota
    permessi_lettura = LETTURA
    permessi_scrittura = SCRITTURA
    fields = ["chi", "componente", "importo", "origine", "formula", "da_verificare", "motivo_verifica"]
    readonly_fields = ["chi", "componente"]
    can_delete = False
    max_num = 0
    verbose_name_plural = "quote: un importo vuoto non è zero"

    def get_queryset(self, request):
        righe = super().get_queryset(request).select_related("ente", "riparto")
        return righe.order_by(F("ente__nome_breve"), F("componente"))

    @admin.display(description="ente")
    def chi(self, quota):
        return quota.ente.nome_breve

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and (
            obj is None or obj.stato == StatoRiparto.BOZZA
        )

    def ente_di(self, obj):
        return obj.convenzione.regione


@admin.register(Riparto)
class RipartoAdmin(AdminDelDominio):
    permessi_lettura = LETTURA
    permessi_scrittura = SCRITTURA
    list_display = ["dotazione", "convenzione", "versione", "stato", "parziale"]
    list_filter = ["stato", "dotazione__anno", ("dotazione__convenzione", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["dotazione__linea", "dotazione__convenzione__regione"]
    search_fields = ["dotazione__linea__nome_breve", "dotazione__convenzione__codice"]
    fields = ["dotazione", "stato", "criterio", "motivo", "nota"]
    readonly_fields = ["dotazione", "stato"]
    formfield_overrides = {models.TextField: {"widget": forms.Textarea(attrs={"rows": 2, "cols": 80})}}
    inlines = [QuotaInline]

    def ente_di(self, obj):
        return obj.convenzione.regione

    def add_view(self, request, form_url="", extra_context=None):
        # A draft is born complete, with a share for each signatory: the page of the site does that.
        return HttpResponseRedirect(reverse("riparto:nuovo"))

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and (
            obj is None or obj.stato == StatoRiparto.BOZZA
        )

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and (
            obj is None or obj.stato == StatoRiparto.BOZZA
        )

    def response_change(self, request, obj):
        # «Salva» leads back to the page of the riparto, which shows what is still missing.
        if "_continue" in request.POST:
            return super().response_change(request, obj)
        return HttpResponseRedirect(obj.get_absolute_url())
