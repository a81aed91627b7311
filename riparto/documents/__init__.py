"""The printed prospetti of the riparto: who asks for one gets its template, its context and its tables.

A Prospetto is data only: `core.pdf.componi(p.template, p.contesto())` prints it, `core.exports` writes its
`tabelle()`.
Who may see what is decided by the caller: `bozze=False` leaves the drafts out.
"""

from dataclasses import replace

from django.conf import settings
from django.utils import timezone

from convenzioni.models import Convenzione, LineaFinanziamento
from enti.models import Ente
from registro.models import Documento
from riparto.models import Emissione, Riparto

from . import lettura, prospetti
from .prospetti import Emesso, Prospetto

__all__ = [
    "Prospetto",
    "documento_riparto",
    "prospetto",
    "prospetto_ente",
    "prospetto_linea",
    "prospetto_regione",
]


def prospetto(
    convenzione: Convenzione, *, ente: Ente | None = None, linea: LineaFinanziamento | None = None, **altro
) -> Prospetto:
    """The prospetto of an ente, of a line, or of the whole Region when neither is given."""
    if ente:
        return prospetto_ente(convenzione, ente, **altro)
    if linea:
        return prospetto_linea(convenzione, linea, **altro)
    return prospetto_regione(convenzione, **altro)


def prospetto_regione(
    convenzione: Convenzione,
    *,
    anno: int | None = None,
    emissione: Emissione | None = None,
    bozze: bool = True,
) -> Prospetto:
    """Whole region, all lines. Raises ValueError if the year is outside the convention."""
    s = lettura.situazione(convenzione, anno=anno, emissione=emissione, bozze=bozze)
    return prospetti.regione(s, _emesso(s, emissione), **_stato(convenzione, s, s.enti))


def prospetto_ente(
    convenzione: Convenzione,
    ente: Ente,
    *,
    anno: int | None = None,
    emissione: Emissione | None = None,
    bozze: bool = True,
) -> Prospetto:
    """One ente, all lines. Raises ValueError for a foreign ente or a year outside the convention."""
    s = lettura.situazione(convenzione, anno=anno, emissione=emissione, bozze=bozze)
    voce = next((e for e in s.enti if e.chiave == ente.pk), None)
    if voce is None:
        raise ValueError(f"{ente} non è un ente della convenzione {convenzione.codice}.")
    adesione = lettura.adesione(convenzione, ente)
    return prospetti.ente(s, voce, _emesso(s, emissione), adesione=adesione, **_stato(convenzione, s, [voce]))


def prospetto_linea(
    convenzione: Convenzione,
    linea: LineaFinanziamento,
    *,
    anno: int | None = None,
    emissione: Emissione | None = None,
    bozze: bool = True,
) -> Prospetto:
    """One line (or one «di cui»), all enti. Raises ValueError if the convention has no dotazione of it."""
    s = lettura.situazione(convenzione, anno=anno, emissione=emissione, bozze=bozze)
    voce = next((v for x in s.linee for v in x.tutte if v.chiave == linea.pk), None)
    if voce is None:
        raise ValueError(f"La convenzione {convenzione.codice} non ha dotazioni per «{linea}».")
    s = replace(s, linee=(voce,))
    padre = linea.padre.denominazione if linea.padre_id else ""
    return prospetti.linea(s, voce, _emesso(s, emissione), padre=padre, **_stato(convenzione, s, s.enti))


def documento_riparto(riparto: Riparto) -> Prospetto:
    """One version of one riparto; issued when it is approved, with the code of its document."""
    s = lettura.situazione_di(riparto)
    (voce,) = s.linee
    stato = riparto.get_stato_display().upper()
    quando = riparto.approvato_il if riparto.definitivo else timezone.now()
    parziale = ", parziale" if riparto.parziale else ""
    dettaglio = f"versione {riparto.versione}{parziale} · {timezone.localtime(quando):%d/%m/%Y}"
    emesso = Emesso(stato, dettaglio, timezone.localtime(quando), **_codice(riparto.documento))
    linea = riparto.dotazione.linea
    padre = linea.padre.denominazione if linea.padre_id else ""
    convenzione = riparto.dotazione.convenzione
    superato = any(r.superata for r in s.riparti)
    return prospetti.riparto(
        s, voce, emesso, padre=padre, superato=superato, **_stato(convenzione, s, s.enti)
    )


def _emesso(s: prospetti.Situazione, emissione: Emissione | None) -> Emesso:
    if emissione:
        quando = timezone.localtime(emissione.emesso_il)
        dettaglio = f"del {emissione.data:%d/%m/%Y}"
        return Emesso(f"EMISSIONE N. {emissione.numero}", dettaglio, quando, **_codice(emissione.documento))
    quando = timezone.localtime()
    stato = "BOZZA" if prospetti.in_bozza(s.riparti) else "APPROVATO" if s.riparti else "NESSUN RIPARTO"
    return Emesso(stato, f"situazione al {quando:%d/%m/%Y}, non emessa", quando)


def _codice(documento: Documento | None) -> dict[str, str]:
    """The short code of an issued document and the address where it is verified."""
    if documento is None:
        return {}
    return {"codice": documento.codice, "indirizzo": f"{settings.INDIRIZZO_PUBBLICO}/d/{documento.codice}/"}


def _stato(convenzione: Convenzione, s: prospetti.Situazione, enti) -> dict:
    return {
        "bozza": prospetti.in_bozza(s.riparti),
        "dimostrativo": prospetti.e_dimostrativo(s, enti),
        "nota_dimostrativa": convenzione.nota_dimostrativa,
        "ufficio": settings.UFFICIO,
    }
