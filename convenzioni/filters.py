"""The filters of the list of conventions. Choices come from the person's scope."""

import django_filters

from enti.models import Ente

from .models import Convenzione, LineaFinanziamento, StatoConvenzione


def enti_visibili(request):
    return Ente.objects.visibili_a(request.user).delegati()


def linee_visibili(request):
    return LineaFinanziamento.objects.visibili_a(request.user).principali()


class ConvenzioneFilter(django_filters.FilterSet):
    anno = django_filters.NumberFilter(label="Anno", method="per_anno", min_value=2000, max_value=2100)
    stato = django_filters.ChoiceFilter(label="Stato", choices=StatoConvenzione, empty_label="Tutti")
    ente = django_filters.ModelChoiceFilter(
        label="Ente",
        queryset=enti_visibili,
        to_field_name="sigla",
        method="per_ente",
        empty_label="Tutti",
    )
    linea = django_filters.ModelChoiceFilter(
        label="Linea",
        queryset=linee_visibili,
        to_field_name="codice",
        method="per_linea",
        empty_label="Tutte",
    )

    class Meta:
        model = Convenzione
        fields = []

    def per_anno(self, righe, nome, anno):
        return righe.filter(anno_inizio__lte=anno, anno_fine__gte=anno)

    def per_ente(self, righe, nome, ente):
        return righe.filter(sottoscrizioni__ente=ente)

    def per_linea(self, righe, nome, linea):
        return righe.filter(dotazioni__linea=linea).distinct()
