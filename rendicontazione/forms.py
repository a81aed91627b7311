"""The shape of what is sent to a report: a file, a reason."""

from django import forms
from django.conf import settings


def limiti_in_parole() -> str:
    """The limits of an upload, as the page states them and the refusal repeats them."""
    righe = f"{settings.CARICAMENTO_MAX_RIGHE:,}".replace(",", ".")
    return f"al massimo {settings.CARICAMENTO_MAX_MB} MB e {righe} righe"


class CaricaForm(forms.Form):
    file = forms.FileField(
        label="File del rendiconto",
        # An empty file is refused by the controls, which also keep it and say what to do.
        allow_empty_file=True,
        max_length=255,
        widget=forms.FileInput({"accept": ".xlsx,.csv"}),
        error_messages={"required": "Scegli il file da caricare.", "missing": "Scegli il file da caricare."},
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["file"].help_text = f"xlsx o csv, {limiti_in_parole()}."

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > settings.CARICAMENTO_MAX_MB * 2**20:
            raise forms.ValidationError(
                f"Il file è di {file.size / 2**20:.1f} MB".replace(".", ",")
                + f": se ne accettano {limiti_in_parole()}. "
                "Togli fogli e immagini che non servono, o salvalo in csv."
            )
        return file


class RestituzioneForm(forms.Form):
    motivo = forms.CharField(
        label="Perché lo restituisci",
        help_text="L’ente legge queste parole: di’ quali righe correggere e come.",
        max_length=2_000,
        widget=forms.Textarea({"rows": 4}),
        error_messages={"required": "Scrivi perché restituisci il rendiconto."},
    )
