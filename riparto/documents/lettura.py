"""From the models to the plain figures of a prospetto; the number of queries does not depend on the rows."""

from collections.abc import Iterable
from dataclasses import replace

from django.db.models import Q

from convenzioni.models import Atto, Convenzione, Dotazione, LineaFinanziamento
from enti import models as enti
from riparto.models import APERTI, DEFINITIVI, Emissione, Quota, Riparto, StatoRiparto

from .cifre import Annualita, Cifra, Ente, Linea, Ripartizione, Situazione

Chiave = tuple[int, int]  # line, year


def situazione(
    convenzione: Convenzione,
    *,
    anno: int | None = None,
    emissione: Emissione | None = None,
    bozze: bool = True,
) -> Situazione:
    """What the prospetti print: of an emissione what it froze, otherwise the state of today.

    Today, for each line and year: the dotazione in force, and the last approved riparto (also of a dotazione
    changed since: it stands until its successor); failing that the draft, if `bozze`.
    Raises ValueError if the year is outside the convention.
    """
    if anno is not None and anno not in convenzione.anni:
        raise ValueError(f"La convenzione {convenzione.codice} non comprende il {anno}.")
    if anno is None and emissione:
        anno = emissione.anno
    anni = (anno,) if anno else tuple(convenzione.anni)
    riparti = _riparti(convenzione, anni, emissione, bozze)
    dotazioni = _dotazioni(convenzione, anni, emissione)
    return _componi(convenzione, anni, dotazioni, riparti)


def situazione_di(riparto: Riparto) -> Situazione:
    """One version of one riparto, alone: its line (even if it is a «di cui») in its year."""
    dotazione = riparto.dotazione
    chiave = (dotazione.linea_id, dotazione.anno)
    return _componi(dotazione.convenzione, (dotazione.anno,), {chiave: dotazione}, {chiave: riparto})


def _dotazioni(convenzione, anni, emissione) -> dict[Chiave, Dotazione]:
    insieme = emissione.dotazioni if emissione else convenzione.dotazioni.in_vigore()
    righe = insieme.filter(anno__in=anni).select_related("linea__padre", "atto")
    return {(d.linea_id, d.anno): d for d in righe}


def _riparti(convenzione, anni, emissione, bozze) -> dict[Chiave, Riparto]:
    if emissione:
        insieme = emissione.riparti.all()
    else:
        stati = [StatoRiparto.APPROVATO, *(APERTI if bozze else ())]
        insieme = Riparto.objects.filter(dotazione__convenzione=convenzione, stato__in=stati)
    insieme = insieme.filter(dotazione__anno__in=anni).select_related(
        "dotazione__linea__padre", "dotazione__atto", "atto"
    )
    # last wins: drafts before approved ones, and of those the highest version of the dotazione
    righe = sorted(insieme, key=lambda r: (r.stato in DEFINITIVI, r.dotazione.versione, r.versione))
    return {(r.dotazione.linea_id, r.dotazione.anno): r for r in righe}


def _componi(
    convenzione, anni, dotazioni: dict[Chiave, Dotazione], riparti: dict[Chiave, Riparto]
) -> Situazione:
    quote: dict[int, dict[int, dict[str, Cifra]]] = {}
    for q in Quota.objects.filter(riparto__in=[r.pk for r in riparti.values()]).order_by(
        "riparto", "ente", "pk"
    ):
        quote.setdefault(q.riparto_id, {}).setdefault(q.ente_id, {})[q.componente] = _quota(q)
    linee = {d.linea_id: d.linea for d in dotazioni.values()}
    voci = {
        pk: {
            a: Annualita(_dotazione(d), _atto(d.atto), _riparto(riparti.get((pk, a)), quote))
            for a in anni
            if (d := dotazioni.get((pk, a)))
        }
        for pk in linee
    }
    return Situazione(
        codice=convenzione.codice,
        titolo=convenzione.titolo,
        organo=convenzione.regione.denominazione,
        anni=tuple(anni),
        linee=tuple(_ordina(linee, voci)),
        enti=tuple(_ente(e) for e in _enti(convenzione, quote)),
        atti=tuple(_atti(convenzione)),
        dimostrativa=convenzione.dimostrativo,
    )


def _ordina(linee: dict[int, LineaFinanziamento], voci: dict[int, dict[int, Annualita]]) -> Iterable[Linea]:
    """Lines in the order of the catalogue, each with its «di cui»; without its parent it stands alone."""
    ordinate = sorted(linee.values(), key=lambda x: (x.ordine, x.codice))
    principali = [x for x in ordinate if x.padre_id not in linee]
    for numero, linea in enumerate(principali):
        lettera = linea.lettera or (linea.padre.lettera if linea.padre else "") or str(numero + 1)
        figlie = [x for x in ordinate if x.padre_id == linea.pk]
        yield replace(
            _linea(linea, lettera, voci),
            dicui=tuple(_linea(x, f"{lettera} (di cui {x.nome_breve})", voci) for x in figlie),
        )


def _linea(linea: LineaFinanziamento, segno: str, voci) -> Linea:
    return Linea(
        linea.pk,
        segno,
        linea.codice,
        linea.denominazione,
        linea.nome_breve,
        linea.fonte_risorse,
        voci[linea.pk],
    )


def _dotazione(d: Dotazione) -> Cifra:
    motivo = d.motivo_verifica if d.da_verificare else None
    return Cifra(d.importo, d.precisione, motivo_verifica=motivo, nota=d.nota, dimostrativo=d.dimostrativo)


def _quota(q: Quota) -> Cifra:
    motivo = q.motivo_verifica if q.da_verificare else None
    return Cifra(
        q.importo, formula=q.formula, motivo_verifica=motivo, nota=q.nota, dimostrativo=q.dimostrativo
    )


def _riparto(r: Riparto | None, quote) -> Ripartizione | None:
    if r is None:
        return None
    return Ripartizione(
        versione=r.versione,
        stato=r.get_stato_display(),
        approvata=r.definitivo,
        superata=r.stato == StatoRiparto.SUPERATO,
        parziale=r.parziale,
        criterio=r.criterio,
        atto=_atto(r.atto),
        nota=r.nota,
        dimostrativo=r.dimostrativo or bool(r.atto and r.atto.dimostrativo),
        quote=quote.get(r.pk, {}),
    )


def _atto(atto: Atto | None) -> str:
    if atto is None:
        return ""
    return f"{atto}{' (atto dimostrativo)' if atto.dimostrativo else ''}"


def _enti(convenzione: Convenzione, quote) -> Iterable[enti.Ente]:
    """The signatories, as for the approval, and whoever has a share; all of the region if none signs yet."""
    con_quota = {ente for di_uno in quote.values() for ente in di_uno}
    firmatari = convenzione.sottoscrizioni.values("ente")
    trovati = list(enti.Ente.objects.filter(Q(pk__in=firmatari) | Q(pk__in=con_quota)))
    return trovati or enti.Ente.objects.filter(regione=convenzione.regione_id)


def _ente(e: enti.Ente) -> Ente:
    codici = [
        f"sigla {e.sigla}",
        f"ISTAT {e.codice_istat_sovracomunale}" * bool(e.codice_istat_sovracomunale),
    ]
    codici.append(f"NUTS {e.nuts}" * bool(e.nuts))
    return Ente(e.pk, e.sigla, e.denominazione, ", ".join(filter(None, codici)))


def _atti(convenzione: Convenzione) -> Iterable[tuple[str, str]]:
    """The acts of the steps of the convention: what the act decides, and how it is named."""
    for passo in convenzione.passaggi.exclude(atto=None).select_related("atto"):
        yield f"Convenzione: {passo.get_a_stato_display()}", _atto(passo.atto)


def adesione(convenzione: Convenzione, ente: enti.Ente) -> tuple[str, str] | None:
    """How this ente signed: its act and the day, where they are known; None if it has no signature."""
    firma = convenzione.sottoscrizioni.filter(ente=ente).select_related("atto").first()
    if firma is None:
        return None
    atto = _atto(firma.atto) or "atto non indicato"
    giorno = f"; firmata il {firma.firmata_il:%d/%m/%Y}" if firma.firmata_il else ""
    return "Sottoscrizione dell’ente", atto + giorno
