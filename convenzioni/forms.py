"""Forms of the convention pages."""

from django import forms

from .models import TRANSIZIONI, Atto, Convenzione, StatoConvenzione


class PassaggioForm(forms.Form):
    """The next state of a convention, with its act among those of the Region."""

    stato = forms.ChoiceField(label="Nuovo stato")
    atto = forms.ModelChoiceField(
        label="Atto che lo decide",
        queryset=Atto.objects.none(),
        required=False,
        help_text="Se manca nell'elenco, inseriscilo prima nei dati di base.",
    )
    nota = forms.CharField(label="Nota", max_length=300, required=False)

    def __init__(self, *args, convenzione: Convenzione, utente, **kwargs):
        super().__init__(*args, **kwargs)
        possibili = TRANSIZIONI[convenzione.stato]
        self.fields["stato"].choices = [(s, StatoConvenzione(s).label) for s in possibili]
        self.fields["atto"].queryset = Atto.objects.visibili_a(utente)
