"""Data entry of what the reports are compared with: due dates and admitted cost items."""

from django.contrib import admin

from enti.permessi import Permesso
from registro.admin import AdminDelDominio

from .models import Adempimento, RegolaAdempimento, VoceAmmessa

LETTURA = (Permesso.VEDERE_BOZZE,)
SCRITTURA = (Permesso.GESTIRE_CONVENZIONI,)


class _DellaConvenzione(AdminDelDominio):
    permessi_lettura = LETTURA
    permessi_scrittura = SCRITTURA

    def ente_di(self, obj):
        return obj.convenzione.regione if obj.convenzione_id else None


@admin.register(RegolaAdempimento)
class RegolaAdempimentoAdmin(_DellaConvenzione):
    list_display = ["convenzione", "tipo", "mesi_dopo", "giorno", "presunta", "fonte"]
    list_filter = [("convenzione", admin.RelatedOnlyFieldListFilter), "tipo"]
    list_select_related = ["convenzione"]
    search_fields = ["convenzione__codice", "fonte"]
    autocomplete_fields = ["convenzione"]
    fields = ["convenzione", "tipo", ("mesi_dopo", "giorno"), "presunta", "fonte"]


@admin.register(VoceAmmessa)
class VoceAmmessaAdmin(_DellaConvenzione):
    list_display = ["linea", "anno", "voce", "convenzione"]
    list_filter = [("convenzione", admin.RelatedOnlyFieldListFilter), "anno", "voce"]
    list_select_related = ["convenzione", "linea"]
    search_fields = ["linea__codice", "linea__nome_breve", "convenzione__codice"]
    autocomplete_fields = ["convenzione", "linea"]
    fields = ["convenzione", "linea", "anno", "voce"]


@admin.register(Adempimento)
class AdempimentoAdmin(_DellaConvenzione):
    """A due date is mended one by one; the duties themselves come from the rules."""

    list_display = ["__str__", "convenzione", "scadenza", "presunta"]
    list_filter = [("convenzione", admin.RelatedOnlyFieldListFilter), "anno", "trimestre", "presunta"]
    list_select_related = ["convenzione__regione", "ente"]
    search_fields = ["ente__denominazione", "ente__sigla", "convenzione__codice"]
    fields = ["convenzione", "ente", "tipo", "anno", "trimestre", "scadenza", "presunta"]
    readonly_fields = ["convenzione", "ente", "tipo", "anno", "trimestre"]

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
