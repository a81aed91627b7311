"""The grid of a riparto as the page shows it: one row per ente, its components, last year beside."""

from dataclasses import dataclass, field
from decimal import Decimal

from .models import Componente, Quota, Riparto, StatoRiparto


@dataclass
class RigaEnte:
    """The shares of an ente (euro); `totale` is None while a component is missing."""

    nome: str
    quote: dict[str, Quota] = field(default_factory=dict)
    prima: Decimal | None = None
    percentuale: Decimal | None = None

    @property
    def totale(self) -> Decimal | None:
        importi = [q.importo for q in self.quote.values()]
        return None if not importi or None in importi else sum(importi)

    @property
    def differenza(self) -> Decimal | None:
        return None if self.totale is None or self.prima is None else self.totale - self.prima

    @property
    def differenza_percento(self) -> Decimal | None:
        return self.differenza / self.prima * 100 if self.differenza is not None and self.prima else None

    @property
    def segni(self) -> list[Quota]:
        """The shares of which something is to be said: to be verified, computed."""
        return [q for q in self.quote.values() if q.da_verificare or q.formula]


@dataclass
class Griglia:
    componenti: list[str]
    righe: list[RigaEnte]
    anno_prima: int
    dotazione_prima: Decimal | None
    totale_prima: Decimal | None

    @property
    def per_componente(self) -> list[Decimal | None]:
        """Total of each component (euro) over the amounts that are there."""
        totali = []
        for componente in self.componenti:
            importi = [r.quote[componente].importo for r in self.righe if componente in r.quote]
            importi = [importo for importo in importi if importo is not None]
            totali.append(sum(importi) if importi else None)
        return totali

    @property
    def per_componenti(self) -> bool:
        return len(self.componenti) > 1


def griglia(riparto: Riparto) -> Griglia:
    """Read the shares, and those approved for the same line the year before, in three queries."""
    dotazione = riparto.dotazione
    quote = list(riparto.quote.select_related("ente").order_by("ente__nome_breve"))
    componenti = [c for c in Componente.values if any(q.componente == c for q in quote)]
    righe: dict[int, RigaEnte] = {}
    for firmatario in riparto.convenzione.sottoscrizioni.select_related("ente").order_by("ente__nome_breve"):
        righe[firmatario.ente_id] = RigaEnte(firmatario.ente.nome_breve)
    for quota in quote:
        righe.setdefault(quota.ente_id, RigaEnte(quota.ente.nome_breve)).quote[quota.componente] = quota

    prima = Quota.objects.filter(
        riparto__stato=StatoRiparto.APPROVATO,
        riparto__dotazione__convenzione=dotazione.convenzione_id,
        riparto__dotazione__linea=dotazione.linea_id,
        riparto__dotazione__anno=dotazione.anno - 1,
    ).select_related("riparto__dotazione")
    dotazione_prima = None
    for quota in prima:
        dotazione_prima = quota.riparto.dotazione.importo
        if quota.ente_id in righe and quota.importo is not None:
            riga = righe[quota.ente_id]
            riga.prima = (riga.prima or Decimal(0)) + quota.importo
    for riga in righe.values():
        if riga.totale is not None and dotazione.importo:
            riga.percentuale = riga.totale / dotazione.importo * 100
    importi_prima = [r.prima for r in righe.values() if r.prima is not None]
    return Griglia(
        componenti=componenti,
        righe=list(righe.values()),
        anno_prima=dotazione.anno - 1,
        dotazione_prima=dotazione_prima,
        totale_prima=sum(importi_prima) if importi_prima else None,
    )
