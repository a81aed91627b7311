"""The filters of the list of reports. Choices come from the person's scope."""

import django_filters

from convenzioni.models import Convenzione
from enti.models import Ente
from enti.permessi import Permesso

from .models import DA_PRESENTARE, StatoRendiconto

ANNUALE = "annuale"


def enti_dei_rendiconti(request):
    return Ente.objects.con_permesso(request.user, Permesso.VEDERE_RENDICONTI).delegati()


def convenzioni_visibili(request):
    return Convenzione.objects.visibili_a(request.user).filter(adempimenti__isnull=False).distinct()


class AdempimentoFilter(django_filters.FilterSet):
    convenzione = django_filters.ModelChoiceFilter(
        label="Convenzione", queryset=convenzioni_visibili, to_field_name="codice", empty_label="Tutte"
    )
    ente = django_filters.ModelChoiceFilter(
        label="Ente", queryset=enti_dei_rendiconti, to_field_name="sigla", empty_label="Tutti"
    )
    anno = django_filters.NumberFilter(label="Anno", min_value=2000, max_value=2100)
    trimestre = django_filters.ChoiceFilter(
        label="Periodo",
        choices=[*((str(t), f"{t}° trimestre") for t in (1, 2, 3, 4)), (ANNUALE, "Anno intero")],
        method="per_periodo",
        empty_label="Tutti",
    )
    stato = django_filters.ChoiceFilter(
        label="Stato",
        choices=[(DA_PRESENTARE, "da presentare"), *StatoRendiconto.choices],
        empty_label="Tutti",
    )

    def __init__(self, *args, solo_un_ente: bool = False, **kwargs):
        super().__init__(*args, **kwargs)
        if solo_un_ente:
            del self.filters["ente"]

    def per_periodo(self, righe, nome, periodo):
        return righe.filter(trimestre=None if periodo == ANNUALE else int(periodo))
