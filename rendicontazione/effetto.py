"""Where a report brings the ente: per line, what is declared in the period and in the year against the quota.

Reads totals and approved quote, never the cost rows.
"""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Sum

from convenzioni.models import LineaFinanziamento
from riparto.models import Quota, StatoRiparto

from .models import Adempimento, TotaleRendiconto, VoceAmmessa

ZERO = Decimal(0)


@dataclass(frozen=True)
class RigaEffetto:
    """A line, in euro; a «di cui» is in its parent. `quota` and `residuo` are None where it is not stated."""

    linea: LineaFinanziamento | None
    nel_periodo: Decimal
    da_inizio_anno: Decimal
    quota: Decimal | None
    da_verificare: bool = False
    motivo_verifica: str = ""

    @property
    def e_di_cui(self) -> bool:
        return self.linea is not None and self.linea.padre_id is not None

    @property
    def residuo(self) -> Decimal | None:
        return None if self.quota is None else self.quota - self.da_inizio_anno

    @property
    def percento(self) -> Decimal | None:
        """Share of the quota used since the first of January, 0–100 and beyond."""
        return 100 * self.da_inizio_anno / self.quota if self.quota else None


@dataclass(frozen=True)
class Effetto:
    righe: list[RigaEffetto]
    totale: RigaEffetto
    trimestri_mancanti: list[int]
    # The regular pace at the end of the period, in percent of the year.
    passo: int


def effetto(adempimento: Adempimento, nel_periodo: dict[int, Decimal], *, utente=None) -> Effetto:
    """What the totals per line of the period (`linea_id` → euro) add to the earlier quarters of the year.

    `utente` sees of the earlier quarters what is in his scope; None is the system, which sees all of them.
    """
    precedenti, mancanti = _trimestri_precedenti(adempimento, utente)
    quote = _quote(adempimento)
    ammesse = VoceAmmessa.objects.filter(convenzione=adempimento.convenzione_id, anno=adempimento.anno)
    chiavi = {*ammesse.values_list("linea", flat=True), *nel_periodo, *precedenti}
    linee = {linea.pk: linea for linea in LineaFinanziamento.objects.filter(pk__in=chiavi)}
    padri = {linea.padre_id for linea in linee.values() if linea.padre_id} - linee.keys()
    linee |= {linea.pk: linea for linea in LineaFinanziamento.objects.filter(pk__in=padri)}

    righe = []
    for linea in sorted(linee.values(), key=lambda linea: (linea.ordine, linea.codice)):
        if linea.padre_id:
            continue
        figlie = [figlia for figlia in linee.values() if figlia.padre_id == linea.pk]
        righe.append(_riga(linea, [linea, *figlie], nel_periodo, precedenti, quote))
        righe += [_riga(figlia, [figlia], nel_periodo, precedenti, quote) for figlia in figlie]
    principali = [riga for riga in righe if not riga.e_di_cui]
    note = [riga.quota for riga in principali]
    totale = RigaEffetto(
        linea=None,
        nel_periodo=sum((riga.nel_periodo for riga in principali), ZERO),
        da_inizio_anno=sum((riga.da_inizio_anno for riga in principali), ZERO),
        quota=None if None in note or not note else sum(note, ZERO),
        da_verificare=any(riga.da_verificare for riga in principali),
    )
    return Effetto(righe, totale, mancanti, 25 * (adempimento.trimestre or 4))


def totali_per_linea(rendiconto_id: int | None) -> dict[int, Decimal]:
    """The totals of a report by line, in euro, without adding the «di cui» to their parents."""
    if rendiconto_id is None:
        return {}
    totali = TotaleRendiconto.objects.filter(rendiconto=rendiconto_id).order_by()
    return dict(totali.values("linea").annotate(somma=Sum("importo")).values_list("linea", "somma"))


def _riga(linea, insieme, nel_periodo, precedenti, quote) -> RigaEffetto:
    adesso = sum((nel_periodo.get(una.pk, ZERO) for una in insieme), ZERO)
    prima = sum((precedenti.get(una.pk, ZERO) for una in insieme), ZERO)
    importo, motivo = quote.get(linea.pk, (None, ""))
    return RigaEffetto(linea, adesso, prima + adesso, importo, bool(motivo), motivo)


def _trimestri_precedenti(adempimento: Adempimento, utente) -> tuple[dict[int, Decimal], list[int]]:
    """Totals per line of the quarters before (all four for the yearly report); quarters without report."""
    altri = (
        Adempimento.objects.filter(
            convenzione=adempimento.convenzione_id,
            ente=adempimento.ente_id,
            anno=adempimento.anno,
            trimestre__lt=adempimento.trimestre or 5,
        )
        .con_rendiconto(utente)
        .values_list("trimestre", "rendiconto_id")
    )
    trovati = {trimestre: chiave for trimestre, chiave in altri if chiave is not None}
    totali = TotaleRendiconto.objects.filter(rendiconto__in=trovati.values()).order_by()
    somme = dict(totali.values("linea").annotate(somma=Sum("importo")).values_list("linea", "somma"))
    return somme, [t for t in range(1, adempimento.trimestre or 5) if t not in trovati]


def _quote(adempimento: Adempimento) -> dict[int, tuple[Decimal | None, str]]:
    """Line → (quota of the ente in the approved riparto or None, reason why it is to be verified)."""
    quote: dict[int, tuple[Decimal | None, str]] = {}
    righe = Quota.objects.filter(
        ente=adempimento.ente_id,
        riparto__stato=StatoRiparto.APPROVATO,
        riparto__dotazione__convenzione=adempimento.convenzione_id,
        riparto__dotazione__anno=adempimento.anno,
    ).order_by("riparto__dotazione__versione", "pk")
    versioni: dict[int, int] = {}
    for linea, versione, importo, verificare, motivo in righe.values_list(
        "riparto__dotazione__linea",
        "riparto__dotazione__versione",
        "importo",
        "da_verificare",
        "motivo_verifica",
    ):
        motivo = motivo if verificare else ""
        somma, motivi = quote.get(linea, (ZERO, "")) if versioni.get(linea) == versione else (ZERO, "")
        versioni[linea] = versione
        # One component that is not stated leaves the whole unknown: missing is not zero.
        quote[linea] = (None if somma is None or importo is None else somma + importo, motivi or motivo)
    return quote
