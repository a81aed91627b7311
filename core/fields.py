"""Model and form fields shared by the apps."""

from decimal import Decimal

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models

from . import money


class ImportoInput(forms.TextInput):
    """A text box for an amount: right aligned, decimal keyboard, the € outside (see the form renderer)."""

    def __init__(self, attrs=None):
        super().__init__({"inputmode": "decimal", "class": "importo", "autocomplete": "off", **(attrs or {})})

    def format_value(self, value):
        # What was typed comes back as typed; what was stored is written the Italian way.
        if isinstance(value, Decimal):
            return money.scrivi(value).replace("−", "-")
        return super().format_value(value)


class EuroField(forms.DecimalField):
    """Reads an amount as Italians write it; refuses what could be read in two ways, showing the readings."""

    widget = ImportoInput

    def __init__(self, *, max_digits=14, decimal_places=2, **kwargs):
        kwargs.pop("localize", None)
        super().__init__(max_digits=max_digits, decimal_places=decimal_places, **kwargs)

    def to_python(self, value):
        if value in self.empty_values or (isinstance(value, str) and not value.strip()):
            return None
        if isinstance(value, Decimal):
            return value
        try:
            return money.leggi(str(value))
        except money.ImportoNonLeggibile as errore:
            raise ValidationError(str(errore), code="invalid") from errore

    def widget_attrs(self, widget):
        return {}


class ImportoField(models.DecimalField):
    """An amount in euro, never negative, to the cent. NULL where the source does not state it."""

    default_validators = [MinValueValidator(Decimal(0), "L'importo non può essere negativo.")]

    def __init__(self, *args, **kwargs):
        kwargs.setdefault("max_digits", 14)
        kwargs.setdefault("decimal_places", 2)
        super().__init__(*args, **kwargs)

    def formfield(self, **kwargs):
        # The admin asks for its own widget for every DecimalField; ours must win.
        kwargs.pop("widget", None)
        return super().formfield(**{"form_class": EuroField, **kwargs})
