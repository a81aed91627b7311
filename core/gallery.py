"""The gallery of components, mounted under DEBUG only: each of them once, with invented words and figures."""

from decimal import Decimal

from django import forms
from django.core.paginator import Paginator
from django.shortcuts import render
from django.views.decorators.http import require_safe

from core.fields import EuroField
from core.templatetags.componenti import STATI


class ModuloDiProva(forms.Form):
    """Every kind of control, to see label, help, error and control together."""

    codice = forms.CharField(label="Codice", help_text="Maiuscole, cifre e trattino basso.")
    importo = EuroField(label="Importo", help_text="Scrivi 7.000.000,00 oppure 7000000.")
    quota = forms.IntegerField(label="Quota", widget=forms.NumberInput({"data-unita": "%"}), required=False)
    giorno = forms.DateField(label="Giorno", help_text="Per esempio 31/10/2025.", required=False)
    ente = forms.ChoiceField(label="Ente", choices=[("", "Scegli"), ("1", "Primo"), ("2", "Secondo")])
    fonte = forms.ChoiceField(
        label="Chi mette le risorse",
        choices=[("s", "Stato"), ("r", "Regione"), ("n", "L’atto non lo indica")],
        widget=forms.RadioSelect,
    )
    anni = forms.MultipleChoiceField(
        label="Anni",
        choices=[("a", "2024"), ("b", "2025")],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    arrotondata = forms.BooleanField(label="Cifra arrotondata nella fonte", required=False)
    file = forms.FileField(label="File", help_text="xlsx o csv.", required=False)
    motivo = forms.CharField(label="Motivo", widget=forms.Textarea({"rows": 3}), required=False)


@require_safe
def galleria(request):
    gruppo = {
        "codice": "X01",
        "livello": "bloccante",
        "titolo": "Importi che non si leggono",
        "conteggio": "24 celle",
        "effetto": "68.402,15 € non conteggiati",
        "perche": "Il punto separa le migliaia e la virgola i centesimi.",
        "rimedio": "Riscrivi l’importo con la virgola: 1.234,56.",
        "celle": [
            {"cella": "Foglio!L12", "riga": "riga 12", "trovato": "2.145.30", "atteso": "come 2.145,30"},
            {
                "cella": "Foglio!N88",
                "riga": "riga 88",
                "trovato": "6O4,11",
                "atteso": "solo cifre: forse 604,11",
            },
        ],
        "altre": 22,
        "altre_url": "#g-X01",
    }
    context = {
        "stati": list(STATI),
        "gruppo": gruppo,
        "importo": Decimal("2161744.40"),
        "quota": Decimal("4000000.00"),
        "meno": Decimal("-50877.95"),
        "piu": Decimal("197765.78"),
        "pagina": Paginator(range(230), 25).page(4),
        "modulo": ModuloDiProva(),
        "rifiutato": ModuloDiProva(
            {
                "importo": "7.000.000.00",
                "quota": "dieci",
                "giorno": "31/31/2025",
                "fonte": "z",
                "anni": ["z"],
            },
            auto_id="errato_%s",
        ),
        "filtro": ModuloDiFiltro(),
    }
    return render(request, "componenti/galleria.html", context)


class ModuloDiFiltro(forms.Form):
    anno = forms.ChoiceField(label="Anno", choices=[("", "Tutti"), ("2025", "2025")], required=False)
    testo = forms.CharField(label="Contiene", required=False)
