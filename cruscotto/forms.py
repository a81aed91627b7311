from django import forms

from enti.models import Ente


class EnteForm(forms.Form):
    """Which ente the quadro shows below the regional figures."""

    ente = forms.ModelChoiceField(
        Ente.objects.none(),
        to_field_name="sigla",
        label="Ente",
        required=False,
        empty_label="Solo le dotazioni regionali",
    )

    def __init__(self, *args, enti, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["ente"].queryset = enti
