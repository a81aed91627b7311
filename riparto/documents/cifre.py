"""The figures of a prospetto as plain data: what the models hold, without the ORM.

A figure is never alone: its rounding, its origin and its doubt travel with it. None is «not stated», never 0.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True)
class Cifra:
    """An amount in euro and what is known of it; `precisione` is the half-width of the rounding, in euro."""

    valore: Decimal | None
    precisione: Decimal | None = None
    formula: str = ""
    motivo_verifica: str | None = None  # None: not in doubt; text (also empty): to be verified
    nota: str = ""
    dimostrativo: bool = False

    @property
    def da_verificare(self) -> bool:
        return self.motivo_verifica is not None


NON_INDICATA = Cifra(None)


@dataclass(frozen=True)
class Ripartizione:
    """One version of a riparto: its state and, per ente (key), its components."""

    versione: int
    stato: str  # as the user reads it, lower case
    approvata: bool
    superata: bool = False
    parziale: bool = False
    criterio: str = ""
    atto: str = ""
    nota: str = ""
    dimostrativo: bool = False
    quote: dict[int, dict[str, Cifra]] = field(default_factory=dict)  # ente → unica, fissa, variabile

    @property
    def per_componenti(self) -> bool:
        return any("fissa" in q or "variabile" in q for q in self.quote.values())

    def quota(self, ente: int) -> Decimal | None:
        """The share of the ente: the sum of its components, None if one of them is not stated.

        The same rule as at the approval: a component that the ente does not have counts as none.
        """
        return somma_intera(c.valore for c in self.quote.get(ente, {}).values())

    def componente(self, ente: int, nome: str) -> Cifra:
        return self.quote.get(ente, {}).get(nome, NON_INDICATA)

    def dubbio(self, ente: int) -> bool:
        return any(c.da_verificare for c in self.quote.get(ente, {}).values())


@dataclass(frozen=True)
class Annualita:
    """A line in a year: its dotazione and the version of the riparto that the document shows, if any."""

    dotazione: Cifra = NON_INDICATA
    atto: str = ""
    riparto: Ripartizione | None = None

    def quota(self, ente: int) -> Decimal | None:
        return self.riparto.quota(ente) if self.riparto else None


@dataclass(frozen=True)
class Linea:
    chiave: int
    segno: str  # the letter that names it in the document
    codice: str
    nome: str
    breve: str
    fonte: str | None  # who pays; None: the sources do not say
    anni: dict[int, Annualita]
    dicui: tuple["Linea", ...] = ()

    def anno(self, anno: int) -> Annualita:
        return self.anni.get(anno) or Annualita()

    @property
    def tutte(self) -> tuple["Linea", ...]:
        return (self, *self.dicui)


@dataclass(frozen=True)
class Ente:
    chiave: int
    sigla: str
    nome: str
    codici: str = ""


@dataclass(frozen=True)
class Situazione:
    """All that the prospetti of a convention say; `atti` are its own acts, as (oggetto, estremi)."""

    codice: str
    titolo: str
    organo: str
    anni: tuple[int, ...]
    linee: tuple[Linea, ...]
    enti: tuple[Ente, ...]
    atti: tuple[tuple[str, str], ...] = ()
    dimostrativa: bool = False

    @property
    def riparti(self) -> list[Ripartizione]:
        return [a.riparto for _, _, a in self.voci() if a.riparto]

    def voci(self) -> Iterable[tuple[Linea, int, Annualita]]:
        """Every line, «di cui» included, in every year of the document."""
        for linea in self.linee:
            for voce in linea.tutte:
                for anno in self.anni:
                    yield voce, anno, voce.anno(anno)


def somma_nota(valori: Iterable[Decimal | None]) -> Decimal | None:
    """The sum of what is stated; None if nothing is."""
    noti = [v for v in valori if v is not None]
    return sum(noti, Decimal(0)) if noti else None


def somma_intera(valori: Iterable[Decimal | None]) -> Decimal | None:
    """The sum, or None if a part of it is not stated (or there is none): a total with gaps is not a total."""
    valori = list(valori)
    return None if not valori or None in valori else sum(valori, Decimal(0))
