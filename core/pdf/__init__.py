"""Printed documents: a Django template and a context in, the bytes of a PDF/UA-1 file out.

WeasyPrint and its system libraries are loaded at the first document, not at the start of every command: the
import takes half a second and fails where Pango is missing.
"""

import atexit
from functools import cache

from core.pdf.immagini import qr, svg_uri
from core.pdf.modelli import VariabileMancante, html

__all__ = ["StampaNonDisponibile", "VariabileMancante", "componi", "da_html", "html", "qr", "svg_uri"]


class StampaNonDisponibile(RuntimeError):
    """The system libraries that draw text are not installed on this machine."""


@cache
def _stampa():
    try:
        from core.pdf.stampa import Stampa
    except OSError as errore:  # WeasyPrint does not raise ImportError when Pango is missing
        raise StampaNonDisponibile(
            "Mancano le librerie di sistema per i PDF: installa libpango-1.0-0, libpangoft2-1.0-0 "
            "e libharfbuzz-subset0."
        ) from errore
    atexit.register(_stampa.cache_clear)  # the fonts are released while their library is still loaded
    return Stampa()


def componi(template: str, contesto: dict) -> bytes:
    """The document as PDF/UA-1 bytes. The same template and context always give the same bytes.

    Raises VariabileMancante if the template names a variable that the context does not have,
    StampaNonDisponibile without Pango, and weasyprint.urls.FatalURLFetchingError (a BaseException) if it asks
    for a resource from outside.
    """
    return da_html(html(template, contesto))


def da_html(pagina: str) -> bytes:
    """The PDF/UA-1 bytes of a page made by `html`: an issued document is rendered from the page fixed then."""
    return _stampa().pdf(pagina)
