"""The GET filter of the list of people."""

import django_filters
from django import forms
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import Q

from .models import Ente, Incarico, Utente
from .permessi import Permesso, Ruolo


def _enti(request):
    return Ente.objects.con_permesso(request.user, Permesso.GESTIRE_PERSONE)


class UtenteFilter(django_filters.FilterSet):
    testo = django_filters.CharFilter(method="cerca", label="Nome o e-mail")
    ruolo = django_filters.ChoiceFilter(
        method="per_incarico",
        label="Ruolo",
        choices=[(r.value, r.label.capitalize()) for r in Ruolo],
        empty_label="Tutti",
    )
    ente = django_filters.ModelChoiceFilter(
        method="per_incarico", label="Ente", queryset=_enti, to_field_name="sigla", empty_label="Tutti"
    )
    stato = django_filters.ChoiceFilter(
        method="per_stato",
        label="Accesso",
        choices=[("attivo", "Attivo"), ("invitato", "Invitato"), ("disattivato", "Disattivato")],
        empty_label="Tutti",
    )

    class Meta:
        model = Utente
        fields = []
        form = forms.Form

    def cerca(self, persone, nome, valore):
        for parola in valore.split():
            persone = persone.filter(
                Q(nome__icontains=parola) | Q(cognome__icontains=parola) | Q(email__icontains=parola)
            )
        return persone

    def per_incarico(self, persone, nome, valore):
        """Role and ente together name one role held today, not a role here and an ente there."""
        scelti = {n: v for n in ("ruolo", "ente") if (v := self.form.cleaned_data.get(n))}
        return persone.filter(pk__in=Incarico.objects.attivi().filter(**scelti).values("utente"))

    def per_stato(self, persone, nome, valore):
        if valore == "disattivato":
            return persone.filter(is_active=False)
        persone = persone.filter(is_active=True)
        senza_password = Q(password__startswith=UNUSABLE_PASSWORD_PREFIX)
        return persone.filter(senza_password if valore == "invitato" else ~senza_password)
