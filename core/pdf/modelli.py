"""Django templates for paper: an engine of its own, in which a missing variable stops the document."""

from functools import cache

from django.conf import settings
from django.template import Context, Engine


class VariabileMancante(LookupError):
    """The template names a variable that its context does not have."""


class _Rifiuta(str):
    """A document with a hole must never be issued: where Django would print a placeholder, this raises."""

    __slots__ = ()

    def __mod__(self, variabile):
        raise VariabileMancante(f"Nel documento manca «{variabile}».")


@cache
def _motore() -> Engine:
    cartelle = [cartella for motore in settings.TEMPLATES for cartella in motore["DIRS"]]
    return Engine(dirs=cartelle, string_if_invalid=_Rifiuta("%s"), builtins=["core.templatetags.formati"])


def html(template: str, contesto: dict) -> str:
    """The page as HTML, escaped; raises VariabileMancante.

    Numbers are not localised: a year is «2026», never «2.026». Amounts go through core.templatetags.formati.
    """
    return _motore().get_template(template).render(Context(contesto, use_l10n=False))
