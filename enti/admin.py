"""Enti, CPI and employers in the admin. People and roles have their own pages."""

from django.contrib import admin

from registro.admin import AdminDelDominio, InlineDelDominio

from .models import CentroImpiego, ContrattoServizio, Ente, EnteStrumentale
from .permessi import Permesso

LETTURA = (Permesso.VEDERE_RISORSE, Permesso.GESTIRE_PERSONE)
SCRITTURA = (Permesso.GESTIRE_CONVENZIONI,)


@admin.register(Ente)
class EnteAdmin(AdminDelDominio):
    permessi_lettura = LETTURA
    permessi_scrittura = SCRITTURA
    list_display = ["denominazione", "sigla", "tipo", "regione", "codice_istat_sovracomunale", "nuts"]
    list_filter = ["tipo"]
    list_select_related = ["regione"]
    search_fields = ["denominazione", "nome_breve", "sigla"]
    autocomplete_fields = ["regione"]

    def ente_di(self, obj):
        return obj if obj.e_regione else obj.regione


@admin.register(CentroImpiego)
class CentroImpiegoAdmin(AdminDelDominio):
    permessi_lettura = LETTURA
    permessi_scrittura = SCRITTURA
    list_display = ["denominazione", "ente", "tipo_sede", "riferimento", "da_verificare"]
    list_filter = ["tipo_sede", "da_verificare", ("ente", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["ente", "riferimento"]
    search_fields = ["denominazione", "ente__denominazione"]
    autocomplete_fields = ["ente", "riferimento"]

    def ente_di(self, obj):
        return obj.ente


class ContrattoInline(InlineDelDominio):
    model = ContrattoServizio
    permessi_lettura = LETTURA
    permessi_scrittura = SCRITTURA
    autocomplete_fields = ["ente"]


@admin.register(EnteStrumentale)
class EnteStrumentaleAdmin(AdminDelDominio):
    permessi_lettura = LETTURA
    permessi_scrittura = SCRITTURA
    list_display = ["denominazione", "confluito_in", "confluito_il"]
    list_select_related = ["confluito_in"]
    search_fields = ["denominazione"]
    autocomplete_fields = ["confluito_in"]
    inlines = [ContrattoInline]
