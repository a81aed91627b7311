"""What every page needs around its content: office, person, menu."""

from dataclasses import dataclass

from django.urls import reverse

from core.errors import office
from enti.permessi import Permesso


@dataclass(frozen=True)
class VoceMenu:
    titolo: str
    url: str
    corrente: bool
    conteggio: int | None = None


# (title, route, namespaces that light it up, permissions that show it)
VOCI = (
    ("Home", "home", (), ()),
    ("Convenzioni", "convenzioni:elenco", ("convenzioni", "quadro"), (Permesso.VEDERE_RISORSE,)),
    ("Riparti", "riparto:elenco", ("riparto",), (Permesso.VEDERE_RISORSE,)),
    ("Rendiconti", "rendicontazione:elenco", ("rendicontazione",), (Permesso.VEDERE_RENDICONTI,)),
    ("Documenti", "documenti", (), (Permesso.VEDERE_RISORSE,)),
    ("Persone", "enti:persone", ("enti",), (Permesso.GESTIRE_PERSONE,)),
    ("Registro", "registro", (), (Permesso.VEDERE_REGISTRO,)),
)


def navigazione(request):
    utente = getattr(request, "user", None)
    if utente is None or not utente.is_authenticated:
        return {"ambiente": office(), "voci_menu": [], "utente_descrizione": ""}
    incontro = request.resolver_match
    spazi = set(incontro.namespaces) if incontro else set()
    rotta = incontro.view_name if incontro else ""
    voci = [
        VoceMenu(titolo, reverse(nome), rotta == nome or bool(spazi & set(namespace)))
        for titolo, nome, namespace, permessi in VOCI
        if not permessi or any(utente.puo(p) for p in permessi)
    ]
    return {"ambiente": office(), "voci_menu": voci, "utente_descrizione": _descrizione(utente)}


def _descrizione(utente) -> str:
    """«Chiara Bianchi, operatore provinciale, Città metropolitana di Milano»."""
    incarichi = [f"{i.get_ruolo_display()}, {i.ente}" for i in utente.incarichi_attivi()]
    altri = f" e altri {len(incarichi) - 1}" if incarichi[1:] else ""
    return ", ".join([str(utente), *incarichi[:1]]) + altri
