"""The filters of the list of riparti. Choices come from the person's scope."""

import django_filters

from convenzioni.models import Convenzione, LineaFinanziamento

from .models import Riparto, StatoRiparto


def convenzioni_visibili(request):
    return Convenzione.objects.visibili_a(request.user)


def linee_visibili(request):
    return LineaFinanziamento.objects.visibili_a(request.user)


class RipartoFilter(django_filters.FilterSet):
    convenzione = django_filters.ModelChoiceFilter(
        label="Convenzione",
        queryset=convenzioni_visibili,
        to_field_name="codice",
        field_name="dotazione__convenzione",
        empty_label="Tutte",
    )
    anno = django_filters.NumberFilter(
        label="Anno", field_name="dotazione__anno", min_value=2000, max_value=2100
    )
    linea = django_filters.ModelChoiceFilter(
        label="Linea",
        queryset=linee_visibili,
        to_field_name="codice",
        field_name="dotazione__linea",
        empty_label="Tutte",
    )
    stato = django_filters.ChoiceFilter(label="Stato", choices=StatoRiparto, empty_label="Tutti")

    class Meta:
        model = Riparto
        fields = []
