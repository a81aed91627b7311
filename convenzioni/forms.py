"""Forms of the convention pages."""

from django import forms

from .models import TRANSIZIONI, Atto, Convenzione, Dotazione, StatoConvenzione


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


class DotazioneForm(forms.Form):
    """The amount of a dotazione (euro) from an act on: starts from the one in force; empty is not stated."""

    importo = Dotazione._meta.get_field("importo").formfield()
    precisione = Dotazione._meta.get_field("precisione").formfield()
    atto = forms.ModelChoiceField(
        label="Atto che la cambia",
        queryset=Atto.objects.none(),
        help_text="Se manca nell'elenco, inseriscilo prima nei dati di base.",
    )
    motivo = forms.CharField(
        label="Motivo", max_length=300, help_text="Resta scritto accanto ai due importi."
    )

    def __init__(self, *args, dotazione: Dotazione, **kwargs):
        iniziali = {"importo": dotazione.importo, "precisione": dotazione.precisione}
        super().__init__(*args, initial=iniziali, **kwargs)
        self.fields["atto"].queryset = Atto.objects.filter(ente=dotazione.convenzione.regione_id)
