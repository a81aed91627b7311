"""The pictures of the printed documents, made here and given to the renderer as bytes."""

import base64
import importlib.resources
import io
from functools import cache

import segno
from fontTools.pens.svgPathPen import SVGPathPen
from fontTools.ttLib import TTFont

CARATTERI = ("regular", "italic", "600", "700")


@cache
def carattere(variante: str) -> bytes:
    """A face of Titillium Web from the design-system package (ttf opens five times faster than woff2)."""
    cartella = importlib.resources.files("bootstrap_italia_template") / "static/fonts/Titillium_Web"
    return (cartella / f"titillium-web-v10-latin-ext_latin-{variante}.ttf").read_bytes()


@cache
def filigrana(testo: str) -> bytes:
    """A word set aslant as SVG outlines: a background picture is neither text nor read aloud."""
    tipo = TTFont(io.BytesIO(carattere("700")))
    mappa, metriche, glifi = tipo.getBestCmap(), tipo["hmtx"], tipo.getGlyphSet()
    larghezza, pezzi = 0, []
    for lettera in testo:
        penna = SVGPathPen(glifi)
        glifi[mappa[ord(lettera)]].draw(penna)
        pezzi.append(f'<path transform="translate({larghezza},0)" d="{penna.getCommands()}"/>')
        larghezza += metriche[mappa[ord(lettera)]][0] + 60
    lato = round(larghezza * 0.82)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {lato} {lato}" width="{lato}" height="{lato}">'
        f'<g fill="#dfe3e7" transform="translate({lato // 2},{lato // 2}) rotate(-35) scale(.92,-.92) '
        f'translate({-larghezza // 2},-340)">{"".join(pezzi)}</g></svg>'
    ).encode()


def svg_uri(svg: bytes | str) -> str:
    dati = svg.encode() if isinstance(svg, str) else svg
    return "data:image/svg+xml;base64," + base64.b64encode(dati).decode()


def qr(indirizzo: str) -> str:
    """A QR code as a data: address. Capitals take the compact mode: the page it leads to must ignore case."""
    uscita = io.BytesIO()
    segno.make(indirizzo.upper(), error="m", boost_error=False).save(
        uscita, kind="svg", border=2, xmldecl=False, dark="#000"
    )
    return svg_uri(uscita.getvalue())
