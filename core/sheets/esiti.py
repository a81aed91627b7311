"""What a control says of a file: `Controllo` (the rule), `Errore` (one finding), `Raccolta` (all of them)."""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from typing import NamedTuple

BLOCCANTE, AVVISO, NOTA = "bloccante", "avviso", "nota"
LIVELLI = (BLOCCANTE, AVVISO, NOTA)

# A cell can hold 32,767 characters; what is quoted back is only to recognise it.
MASSIMO_TROVATO = 80


@dataclass(frozen=True)
class Controllo:
    """A rule, with the words that explain it. Several may share a code («C19.lettura», «C19.somma»)."""

    id: str
    livello: str
    titolo: str
    perche: str
    rimedio: str
    fonte: str = "Regola del modello di foglio"
    unita: str = "celle"
    effetto: str = ""

    @property
    def codice(self) -> str:
        return self.id.partition(".")[0]


class Trovato(NamedTuple):
    """One finding: `indice` is the position in the columns, not the number of the row in the sheet."""

    indice: int | None
    colonna: str | None
    trovato: str
    atteso: str
    messaggio: str


@dataclass
class Errore:
    livello: str
    codice: str
    controllo: str
    foglio: str
    cella: str
    riga: int | None
    etichetta: str
    trovato: str
    atteso: str
    messaggio: str


@dataclass
class _Gruppo:
    controllo: Controllo
    quanti: int = 0
    errori: list[Errore] = field(default_factory=list)
    indici: set[int] = field(default_factory=set)
    centesimi: int | None = None


class FileRifiutato(Exception):
    """The file as a whole is refused. `str()` is the Italian message; `controllo` says why and what to do."""

    def __init__(
        self, controllo: Controllo, messaggio: str, *, trovato: str = "", atteso: str = "", cella: str = ""
    ):
        super().__init__(messaggio)
        self.controllo, self.messaggio = controllo, messaggio
        self.trovato, self.atteso, self.cella = trovato, atteso, cella


def breve(valore: object) -> str:
    """The value as it is quoted back: one line, printable, short."""
    testo = "".join(c if c.isprintable() else "·" for c in " ".join(str(valore)[:1000].split()))
    return testo if len(testo) <= MASSIMO_TROVATO else testo[: MASSIMO_TROVATO - 1] + "…"


class Raccolta:
    """Counts every finding but keeps only the first `massimo` of each control: a million equal errors weigh
    as much as a thousand."""

    def __init__(self, massimo: int, *, foglio: str = ""):
        self.massimo, self.foglio = massimo, foglio
        self._gruppi: dict[str, _Gruppo] = {}
        self.usa_indirizzi(lambda indice, colonna: ("", None), lambda indice: "")

    def usa_indirizzi(
        self,
        indirizzo: Callable[[int | None, str | None], tuple[str, int | None]],
        etichetta: Callable[[int], str],
    ) -> None:
        """How a finding gets its address («H12», 12) and the words that name its row («matricola 20417»)."""
        self._indirizzo, self._etichetta = indirizzo, etichetta

    def segnala(self, controllo: Controllo, trovati: Iterable[Trovato]) -> None:
        gruppo = None
        for t in trovati:
            gruppo = gruppo or self._gruppi.setdefault(controllo.id, _Gruppo(controllo))
            gruppo.quanti += 1
            if t.indice is not None:
                gruppo.indici.add(t.indice)
            if len(gruppo.errori) < self.massimo:
                cella, riga = self._indirizzo(t.indice, t.colonna)
                gruppo.errori.append(self._errore(controllo, t, cella, riga))

    def segnala_cella(self, controllo: Controllo, cella: str, riga: int | None, trovato: Trovato) -> None:
        """A finding whose address is not one of the table (a heading, a row that was not read)."""
        gruppo = self._gruppi.setdefault(controllo.id, _Gruppo(controllo))
        gruppo.quanti += 1
        if len(gruppo.errori) < self.massimo:
            gruppo.errori.append(self._errore(controllo, trovato, cella, riga))

    def _errore(self, controllo: Controllo, t: Trovato, cella: str, riga: int | None) -> Errore:
        return Errore(
            livello=controllo.livello,
            codice=controllo.codice,
            controllo=controllo.id,
            foglio=self.foglio,
            cella=cella,
            riga=riga,
            etichetta="" if t.indice is None else self._etichetta(t.indice),
            trovato=breve(t.trovato),
            atteso=t.atteso,
            messaggio=t.messaggio,
        )

    def rifiuta(self, rifiuto: FileRifiutato) -> None:
        t = Trovato(
            None, None, rifiuto.trovato, rifiuto.atteso or rifiuto.controllo.rimedio, rifiuto.messaggio
        )
        self.segnala_cella(rifiuto.controllo, rifiuto.cella, None, t)

    def pesa(self, importi: list[int]) -> None:
        """Give each control the sum, in cents, of the rows it names (each row once)."""
        for gruppo in self._gruppi.values():
            if gruppo.indici:
                gruppo.centesimi = sum(importi[i] for i in gruppo.indici)

    @property
    def accettato(self) -> bool:
        return not any(g.controllo.livello == BLOCCANTE for g in self._gruppi.values())

    def verdetto(self) -> dict:
        """The part of the verdict about controls: totals are true, the list holds at most `massimo` entries,
        shared so that every control shows some of its own."""
        gruppi = sorted(
            self._gruppi.values(), key=lambda g: (LIVELLI.index(g.controllo.livello), g.controllo.id)
        )
        quote, resto, da_servire = {}, self.massimo, len(gruppi)
        for gruppo in sorted(gruppi, key=lambda g: len(g.errori)):
            quote[gruppo.controllo.id] = min(len(gruppo.errori), resto // da_servire)
            resto -= quote[gruppo.controllo.id]
            da_servire -= 1
        per_livello = dict.fromkeys(LIVELLI, 0)
        for gruppo in gruppi:
            per_livello[gruppo.controllo.livello] += gruppo.quanti
        return {
            "esito": "accettato" if self.accettato else "rifiutato",
            "errori_totali": sum(per_livello.values()),
            "per_livello": per_livello,
            "controlli": [
                asdict(g.controllo)
                | {"codice": g.controllo.codice, "quanti": g.quanti, "centesimi": g.centesimi}
                for g in gruppi
            ],
            "errori": [asdict(e) for g in gruppi for e in g.errori[: quote[g.controllo.id]]],
        }
