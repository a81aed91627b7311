"""Shape of the forms on people and roles; the rules are in the actions."""

from django import forms
from django.utils import timezone

from .models import Ente
from .permessi import RUOLI_PROVINCIALI, RUOLI_REGIONALI, Permesso, Ruolo

DATA = "gg/mm/aaaa"


def scelte_ruolo():
    """The roles in three groups, by the kind of ente that can have them."""
    comuni = [r for r in Ruolo if r not in RUOLI_REGIONALI and r not in RUOLI_PROVINCIALI]
    gruppi = (
        ("Nella Regione", [r for r in Ruolo if r in RUOLI_REGIONALI]),
        ("In una Provincia o Città metropolitana", [r for r in Ruolo if r in RUOLI_PROVINCIALI]),
        ("In qualunque ente", comuni),
    )
    scelte = [(nome, [(r.value, r.label.capitalize()) for r in ruoli]) for nome, ruoli in gruppi]
    return [("", "Scegli il ruolo"), *scelte]


class IncaricoForm(forms.Form):
    ruolo = forms.ChoiceField(label="Ruolo", choices=scelte_ruolo)
    ente = forms.ModelChoiceField(Ente.objects.none(), label="Ente", empty_label="Scegli l’ente")
    dal = forms.DateField(label="Dal", help_text=f"Primo giorno, {DATA}.", initial=timezone.localdate)
    al = forms.DateField(
        label="Al", help_text=f"Ultimo giorno compreso, {DATA}. Vuoto se non ha una fine.", required=False
    )

    def __init__(self, *args, utente, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["ente"].queryset = Ente.objects.con_permesso(utente, Permesso.GESTIRE_PERSONE)


class InvitoForm(IncaricoForm):
    email = forms.EmailField(
        label="E-mail", help_text="Qui arriva il collegamento per scegliere la password.", max_length=254
    )
    nome = forms.CharField(label="Nome", max_length=60)
    cognome = forms.CharField(label="Cognome", max_length=60)

    field_order = ["email", "nome", "cognome", "ruolo", "ente", "dal", "al"]


class ChiusuraForm(forms.Form):
    al = forms.DateField(label="Ultimo giorno", help_text=f"Compreso, {DATA}.", initial=timezone.localdate)
