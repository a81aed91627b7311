import threading
from datetime import UTC, datetime
from io import BytesIO

import pytest
from django.template import Context
from pypdf import PdfReader
from weasyprint.urls import FatalURLFetchingError

from core import pdf
from core.pdf import modelli, stampa

TESTA = (
    '<!doctype html><html lang="it"{classe}><head><title>Prova</title>'
    '<meta name="dcterms.created" content="2024-04-18T10:42:00+02:00">'
    '<meta name="dcterms.modified" content="2024-04-18T10:42:00+02:00"></head><body>{corpo}</body></html>'
)


def stampato(corpo: str, classe: str = "") -> bytes:
    return pdf._stampa().pdf(TESTA.format(corpo=corpo, classe=classe))


def test_a_document_declares_pdf_ua_and_its_language():
    lettore = PdfReader(BytesIO(stampato("<h1>Perché no</h1>")))
    assert b"pdfuaid:part" in lettore.trailer["/Root"]["/Metadata"].get_data()
    assert lettore.trailer["/Root"]["/Lang"] == "it"
    assert lettore.trailer["/Root"]["/MarkInfo"]["/Marked"]


def test_only_the_fonts_of_the_design_system_are_embedded():
    lettore = PdfReader(
        BytesIO(stampato("<h1>8.972.346,42 €</h1><p><em>± − «—» × · “a”</em> <b>Quota</b></p>"))
    )
    nomi = {f.get_object()["/BaseFont"] for p in lettore.pages for f in p["/Resources"]["/Font"].values()}
    assert nomi
    assert all("Titillium" in nome for nome in nomi)


def test_the_same_page_gives_the_same_bytes():
    assert stampato("<p>Uno</p>") == stampato("<p>Uno</p>")


def test_threads_take_turns_and_get_the_same_bytes():
    attesi, avuti = stampato("<p>Uno</p>"), []
    fili = [threading.Thread(target=lambda: avuti.append(stampato("<p>Uno</p>"))) for _ in range(4)]
    for filo in fili:
        filo.start()
    for filo in fili:
        filo.join()
    assert avuti == [attesi] * 4


@pytest.mark.parametrize(
    "corpo",
    [
        '<img alt="x" src="http://127.0.0.1:1/x.png">',
        '<img alt="x" src="https://example.org/x.png">',
        '<img alt="x" src="file:///etc/hostname">',
        '<img alt="x" src="data:text/html;base64,YQ==">',
        '<img alt="x" src="font:../../etc/passwd">',
        '<img alt="x" src="filigrana:ALTRO">',
        '<link rel="stylesheet" href="http://127.0.0.1:1/x.css">',
        '<style>@import "file:///tmp/x.css";</style>',
        '<style>p { background: url("file:///etc/hostname") }</style><p>x</p>',
        '<link rel="attachment" href="file:///etc/hostname">',
    ],
)
def test_whatever_comes_from_outside_stops_the_document(corpo):
    with pytest.raises(FatalURLFetchingError):
        stampato(corpo)


def test_a_png_and_an_svg_made_here_are_let_through():
    assert stampato(f'<img alt="Codice QR" src="{pdf.qr("https://example.org/d/7KQ4-M2XD/")}">')


@pytest.mark.parametrize("parola", stampa.FILIGRANE)
@pytest.mark.parametrize("orizzontale", ["", "orizzontale "])
def test_a_state_has_its_watermark_on_every_page_and_it_is_not_text(parola, orizzontale):
    corpo = '<p>Uno</p><p style="break-before: page">Due</p>'
    nuda = PdfReader(BytesIO(stampato(corpo, f' class="{orizzontale}"')))
    lettore = PdfReader(BytesIO(stampato(corpo, f' class="{orizzontale}{parola.lower()}"')))
    for pagina, senza in zip(lettore.pages, nuda.pages, strict=True):
        assert parola not in pagina.extract_text()
        assert _disegni(pagina) > _disegni(senza)


def _disegni(pagina) -> int:
    """How much is drawn on the page, its forms and patterns included."""
    risorse = pagina["/Resources"]
    forme = [v.get_object() for k in ("/XObject", "/Pattern") for v in risorse.get(k, {}).values()]
    return len(pagina.get_contents().get_data()) + sum(len(f.get_data()) for f in forme)


class TestTemplates:
    def scrivi(self, testo: str, **contesto) -> str:
        modello = modelli._motore().from_string(testo)
        return modello.render(Context(contesto, use_l10n=False))

    def test_a_missing_variable_stops_the_document(self):
        with pytest.raises(pdf.VariabileMancante, match=r"doc\.titolo"):
            self.scrivi("<p>{{ doc.titolo }}</p>", doc={})

    def test_a_missing_variable_behind_a_filter_too(self):
        with pytest.raises(pdf.VariabileMancante):
            self.scrivi("{{ importo|euro }}")

    def test_none_is_a_dash_and_a_year_has_no_point(self):
        assert self.scrivi("{{ importo|euro }} {{ anno }}", importo=None, anno=2026) == "— 2026"

    def test_text_is_escaped(self):
        assert "<img" not in self.scrivi("{{ nome }}", nome="<img src=x onerror=alert(1)>")


def test_without_the_system_libraries_the_message_says_what_to_install(monkeypatch):
    import sys

    pdf._stampa.cache_clear()
    monkeypatch.setitem(sys.modules, "core.pdf.stampa", None)

    class Assente:
        def find_spec(self, nome, *_):
            if nome == "core.pdf.stampa":
                raise OSError("cannot load library 'libpango-1.0-0'")

    monkeypatch.delitem(sys.modules, "core.pdf.stampa")
    monkeypatch.setattr(sys, "meta_path", [Assente(), *sys.meta_path])
    with pytest.raises(pdf.StampaNonDisponibile, match="libpango"):
        pdf._stampa()


def test_the_qr_holds_the_address_in_capitals_in_its_compact_mode():
    import segno

    indirizzo = "https://cpi.example.it/d/7KQ4-M2XD/"
    assert segno.make(indirizzo.upper(), error="m").mode == "alphanumeric"
    assert pdf.qr(indirizzo) == pdf.qr(indirizzo.upper())


def test_dates_inside_are_those_of_the_page():
    lettore = PdfReader(BytesIO(stampato("<p>Uno</p>")))
    assert lettore.metadata.creation_date.astimezone(UTC) == datetime(2024, 4, 18, 8, 42, tzinfo=UTC)
