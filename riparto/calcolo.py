"""How an allocation stands against its dotazione. Pure arithmetic on Decimal (euro), no ORM."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Situazione:
    """The sum of the known shares, and what is missing to close the riparto.

    `assegnato` and `differenza` (assegnato − dotazione) are None when no share, or no dotazione, is known.
    """

    dotazione: Decimal | None
    precisione: Decimal | None
    assegnato: Decimal | None
    enti_mancanti: tuple[str, ...]

    @property
    def differenza(self) -> Decimal | None:
        if self.dotazione is None or self.assegnato is None:
            return None
        return self.assegnato - self.dotazione

    @property
    def da_assegnare(self) -> Decimal | None:
        """What is left of the dotazione; negative when the shares exceed it."""
        return None if self.differenza is None else -self.differenza

    @property
    def mancanti_in_parole(self) -> str:
        quanti = len(self.enti_mancanti)
        return "1 importo mancante" if quanti == 1 else f"{quanti} importi mancanti"

    @property
    def quadra(self) -> bool:
        """To the cent."""
        return self.differenza == 0

    @property
    def entro_la_precisione(self) -> bool:
        """Not to the cent, but no further than the rounding of the source allows."""
        return (
            bool(self.differenza) and self.precisione is not None and abs(self.differenza) <= self.precisione
        )

    @property
    def non_quadra(self) -> bool:
        """Something is to be done before it is a whole riparto."""
        return self.solo_parziale or not self.approvabile

    @property
    def solo_parziale(self) -> bool:
        """An unknown dotazione, or an ente without amount: it can be approved only as «parziale»."""
        return self.dotazione is None or bool(self.enti_mancanti)

    @property
    def approvabile(self) -> bool:
        if self.assegnato is None:
            return False
        if self.solo_parziale:
            margine = self.precisione or 0
            return self.dotazione is None or self.assegnato <= self.dotazione + margine
        return self.quadra or self.entro_la_precisione


def situazione(
    dotazione: Decimal | None,
    precisione: Decimal | None,
    enti: Iterable[str],
    quote: Iterable[tuple[str, Decimal | None]],
) -> Situazione:
    """Compare the shares `(ente, importo)`, one per component, with the dotazione.

    `enti` are the names of all who must have an amount; an ente is missing when it has no share, or when
    one of its components is None. None never counts as 0.
    """
    quote = list(quote)
    importi = [importo for _, importo in quote if importo is not None]
    presenti = {ente for ente, _ in quote}
    incompleti = {ente for ente, importo in quote if importo is None}
    return Situazione(
        dotazione=dotazione,
        precisione=precisione,
        assegnato=sum(importi) if importi else None,
        enti_mancanti=tuple(ente for ente in enti if ente not in presenti or ente in incompleti),
    )
