"""Forms of the riparto pages: shape and choices in scope; the actions hold the rules."""

from django import forms
from django.db.models import Q

from convenzioni.models import Atto, Convenzione, Dotazione, LineaFinanziamento
from enti.models import Ente

from .models import Componente


class SceltaDotazione(forms.ModelChoiceField):
    def label_from_instance(self, dotazione):
        nome = f"{dotazione.convenzione.codice} · {dotazione.anno} · {dotazione.linea.nome_breve}"
        return f"{nome} (dati dimostrativi)" if dotazione.dimostrativo else nome


class BozzaForm(forms.Form):
    """A new draft: on which dotazione, with which components."""

    COMPONENTI = (("unica", "Una sola quota per ente"), ("due", "Quota fissa e quota variabile"))

    dotazione = SceltaDotazione(label="Linea e anno", queryset=Dotazione.objects.none())
    componenti = forms.ChoiceField(
        label="Come si compone la quota", choices=COMPONENTI, widget=forms.RadioSelect, initial="unica"
    )
    criterio = forms.CharField(
        label="Criterio di riparto",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Come si sono decise le quote. Si stampa nel prospetto.",
    )
    motivo = forms.CharField(
        label="Motivo della nuova versione",
        required=False,
        max_length=300,
        help_text="Serve solo se un riparto di questa linea e di questo anno è già approvato.",
    )

    def __init__(self, *args, utente, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["dotazione"].queryset = (
            Dotazione.objects.visibili_a(utente)
            .in_vigore()
            .exclude(riparti__stato__in=["bozza", "in_verifica"])
            .select_related("convenzione", "linea")
            .order_by("-convenzione__anno_inizio", "convenzione__codice", "anno", "linea__ordine")
        )

    def clean_componenti(self):
        if self.cleaned_data["componenti"] == "due":
            return (Componente.FISSA, Componente.VARIABILE)
        return (Componente.UNICA,)


class ApprovazioneForm(forms.Form):
    """The act that approves, and the assent to «parziale» where the riparto can only be so."""

    atto = forms.ModelChoiceField(
        label="Atto di approvazione",
        queryset=Atto.objects.none(),
        help_text="Se manca nell'elenco, inseriscilo prima nei dati di base.",
    )
    parziale = forms.BooleanField(
        label="Approvo come riparto parziale", required=False, help_text="Il documento lo dice."
    )

    def __init__(self, *args, riparto, solo_parziale: bool, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["atto"].queryset = Atto.objects.filter(ente=riparto.convenzione.regione)
        if not solo_parziale:
            del self.fields["parziale"]

    def clean(self):
        return {"parziale": False} | super().clean()


class ProspettoForm(forms.Form):
    """Of what the prospetto is: the whole Region, one ente or one line; all years or one."""

    ente = forms.ModelChoiceField(
        label="Ente", queryset=Ente.objects.none(), to_field_name="sigla", required=False, empty_label="Tutti"
    )
    linea = forms.ModelChoiceField(
        label="Linea",
        queryset=LineaFinanziamento.objects.none(),
        to_field_name="codice",
        required=False,
        empty_label="Tutte",
    )
    anno = forms.TypedChoiceField(label="Anno", coerce=int, empty_value=None, required=False)

    def __init__(self, *args, convenzione: Convenzione, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["ente"].queryset = Ente.objects.filter(sottoscrizioni__convenzione=convenzione)
        self.fields["linea"].queryset = LineaFinanziamento.objects.filter(
            Q(dotazioni__convenzione=convenzione), padre=None
        ).distinct()
        self.fields["anno"].choices = [("", "Tutti"), *((anno, str(anno)) for anno in convenzione.anni)]

    def clean(self):
        pulito = super().clean()
        if pulito.get("ente") and pulito.get("linea"):
            self.add_error("linea", "Scegli un ente oppure una linea.")
        return pulito
