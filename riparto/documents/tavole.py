"""A table once, for paper and for spreadsheets: the PDF and the exported files cannot differ.

Paper prints «—» for a missing figure and hangs its notes; a spreadsheet gets an empty cell and a column of
remarks.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from core import money
from core.exports import Tabella

DUBBIO = "*"
VUOTA = object()  # a cell that has no figure by nature, unlike None, which is a figure not stated


@dataclass(frozen=True)
class Colonna:
    titolo: str
    sotto: str = ""
    tipo: str = "num"  # num, pct, testo
    gruppo: bool = False  # first of its group: a rule on its left
    larghezza: float | None = None  # mm; None: shares what is left

    @property
    def classi(self) -> str:
        return " ".join(filter(None, ["" if self.tipo == "testo" else self.tipo, "g" if self.gruppo else ""]))

    @property
    def per_esteso(self) -> str:
        return f"{self.titolo} {self.sotto}".strip()


@dataclass(frozen=True)
class Cella:
    valore: object = VUOTA  # Decimal, None, str or VUOTA
    segni: tuple[str, ...] = ()
    dubbio: bool = False  # framed and named on paper
    forte: bool = False
    colonna: Colonna = Colonna("")

    @property
    def testo(self) -> str:
        if self.valore is VUOTA:
            return ""
        if self.valore is None or isinstance(self.valore, Decimal):
            return money.scrivi(self.valore)
        return str(self.valore)

    @property
    def segno(self) -> str:
        return ",".join(self.segni)


NIENTE = Cella()


@dataclass(frozen=True)
class Riga:
    etichetta: str
    celle: Sequence[Cella]
    sigla: str = ""
    genere: str = ""  # "", con (followed by its parts), dicui, parte, totale


@dataclass
class Note:
    """Numbers the notes through the whole document: the same words keep the same number."""

    numeri: dict[str, str] = field(default_factory=dict)

    def segno(self, testo: str) -> str:
        return self.numeri.setdefault(testo, str(len(self.numeri) + 1))


@dataclass
class Tavola:
    nome: str  # short: the name of the sheet
    titolo: str
    intestazione: str
    colonne: Sequence[Colonna]
    note_documento: Note
    larghezza_etichetta: float | None = None
    classi: str = ""
    gruppi: list[list[Riga]] = field(default_factory=list)
    totali: list[Riga] = field(default_factory=list)
    note: list[tuple[str, str]] = field(default_factory=list)  # printed under the table
    verifiche: list[tuple[str, str]] = field(default_factory=list)  # (what, reason)

    def annota(self, testo: str) -> str:
        """The mark of this note, which is printed under this table."""
        segno = self.note_documento.segno(testo)
        if (segno, testo) not in self.note:
            self.note.append((segno, testo))
        return segno

    def vuoto(self, testo: str) -> None:
        """Says in words what a «—» of this table stands for."""
        self.note.append(("—", testo))

    @property
    def note_ordinate(self) -> list[tuple[str, str]]:
        """Numbers in their order, then the signs."""
        return sorted(self.note, key=lambda n: (not n[0].isdigit(), int(n[0]) if n[0].isdigit() else 0))

    def riga(self, etichetta: str, celle: Sequence[Cella], **altro) -> Riga:
        allineate = [replace(c, colonna=k) for c, k in zip(celle, self.colonne, strict=True)]
        return Riga(etichetta, allineate, **altro)

    @property
    def blocchi(self) -> list[list[Riga]]:
        """The bodies of the table: a row with its parts has its own, so that they never split."""
        corpi: list[list[Riga]] = []
        for gruppo in self.gruppi:
            if len(gruppo) == 1 and corpi and corpi[-1][0].genere != "con":
                corpi[-1].extend(gruppo)
            else:
                corpi.append(list(gruppo))
        return corpi

    @property
    def con_sigle(self) -> bool:
        return any(r.sigla for g in self.gruppi for r in g)

    def esporta(self) -> Tabella:
        righe = [r for gruppo in self.gruppi for r in gruppo] + self.totali
        dati = [
            [*([r.sigla or None] if self.con_sigle else []), _etichetta(r), *map(_dato, r.celle), _rimandi(r)]
            for r in righe
        ]
        sigla = ["Sigla"] if self.con_sigle else []
        intestazioni = [*sigla, self.intestazione, *(c.per_esteso for c in self.colonne), "Annotazioni"]
        note = [self.titolo, *(f"{segno} {testo}".strip() for segno, testo in self.note_ordinate)]
        note += [f"{DUBBIO} Da verificare – {chi}: {motivo}" for chi, motivo in self.verifiche]
        return Tabella(self.nome, intestazioni, dati, note)


def _etichetta(riga: Riga) -> str:
    return f"{riga.etichetta} (non si somma)" if riga.genere == "dicui" else riga.etichetta


def _dato(cella: Cella):
    return None if cella.valore is VUOTA else cella.valore


def _rimandi(riga: Riga) -> str | None:
    """What the marks say, in words: «2024: da verificare; 2025: nota 3»."""
    pezzi = []
    for cella in riga.celle:
        parole = ["da verificare" if s == DUBBIO else f"nota {s}" for s in cella.segni]
        if parole:
            pezzi.append(f"{cella.colonna.per_esteso}: {', '.join(parole)}")
    return "; ".join(pezzi) or None
