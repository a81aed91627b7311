"""WeasyPrint, kept warm and shut in: nothing is read but what is named here."""

import threading
from importlib.resources import files

from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from core.pdf.immagini import CARATTERI, carattere, filigrana

FILIGRANE = ("BOZZA", "SUPERATO")
IMMAGINI = ("data:image/svg+xml;base64,", "data:image/png;base64,")


class Risorse(URLFetcher):
    """Answers `font:` and `filigrana:` from memory, lets `data:` pictures pass; all else stops the document.

    The error must be FatalURLFetchingError: any other exception is swallowed and the document would come out
    without the picture.
    """

    def fetch(self, url, headers=None):
        schema, _, nome = url.partition(":")
        if schema == "font" and nome in CARATTERI:
            return URLFetcherResponse(url, carattere(nome), {"Content-Type": "font/ttf"})
        if schema == "filigrana" and nome in FILIGRANE:
            return URLFetcherResponse(url, filigrana(nome), {"Content-Type": "image/svg+xml"})
        if url.startswith(IMMAGINI):
            return super().fetch(url, headers)
        raise FatalURLFetchingError(f"Risorsa non ammessa nel documento: {url[:80]}")


class Stampa:
    """One per process: fonts and stylesheet are parsed once (0.05 s).

    Pango's font map is not safe between threads, and a document is work of the processor: one at a time.
    """

    def __init__(self):
        self._turno = threading.Lock()
        self._risorse = Risorse()
        self._font = FontConfiguration()
        stile = (files("core.pdf") / "documento.css").read_text(encoding="utf-8")
        self._css = CSS(string=stile, font_config=self._font, url_fetcher=self._risorse)

    def pdf(self, html: str) -> bytes:
        """Bytes of a PDF/UA-1 file; the dates inside are those of the <meta> of the page."""
        with self._turno:
            return HTML(string=html, url_fetcher=self._risorse).write_pdf(
                stylesheets=[self._css], font_config=self._font, pdf_variant="pdf/ua-1"
            )
