"""The register as the revisore reads it: events in scope, and their GET filter."""

import django_filters
import pghistory.models
from django import forms
from django.apps import apps
from django.db.models import Q

from enti.models import Ente
from enti.permessi import Permesso
from registro.models import Evento

APP = ("convenzioni", "enti", "registro", "rendicontazione", "riparto")


def eventi_visibili_a(utente):
    """Events of the enti whose register the person reads, and those of no ente."""
    enti = Ente.objects.con_permesso(utente, Permesso.VEDERE_REGISTRO)
    if not enti.exists():
        return Evento.objects.none()
    return Evento.objects.filter(Q(ente__in=enti) | Q(ente=None)).select_related("chi", "ente")


def tipi() -> dict[str, str]:
    """Label of each model of ours → its Italian name: what an event may be about."""
    modelli = [m for app in APP for m in apps.get_app_config(app).get_models()]
    nomi = {
        m._meta.label: str(m._meta.verbose_name).capitalize()
        for m in modelli
        if not issubclass(m, pghistory.models.Event)
    }
    return dict(sorted(nomi.items(), key=lambda voce: voce[1]))


def _enti(request):
    return Ente.objects.con_permesso(request.user, Permesso.VEDERE_REGISTRO)


class EventoFilter(django_filters.FilterSet):
    dal = django_filters.DateFilter(field_name="quando", lookup_expr="date__gte", label="Dal")
    al = django_filters.DateFilter(field_name="quando", lookup_expr="date__lte", label="Al")
    chi = django_filters.CharFilter(method="cerca", label="Persona")
    ente = django_filters.ModelChoiceFilter(
        label="Ente", queryset=_enti, to_field_name="sigla", empty_label="Tutti"
    )
    oggetto = django_filters.ChoiceFilter(
        label="Oggetto", field_name="oggetto_tipo", choices=lambda: list(tipi().items()), empty_label="Tutti"
    )
    numero = django_filters.NumberFilter(field_name="oggetto_id", widget=forms.HiddenInput)

    class Meta:
        model = Evento
        fields = []
        form = forms.Form

    def cerca(self, eventi, nome, valore):
        for parola in valore.split():
            eventi = eventi.filter(
                Q(chi__nome__icontains=parola)
                | Q(chi__cognome__icontains=parola)
                | Q(chi__email__icontains=parola)
            )
        return eventi
