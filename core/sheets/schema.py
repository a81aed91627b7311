"""The declared shape of a sheet: its columns, and how its first row is recognised."""

import difflib
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from .esiti import AVVISO, BLOCCANTE, Controllo, Raccolta, Trovato


def chiave(testo: object) -> str:
    """The form in which names are compared: no case, accents, punctuation or extra spaces."""
    scomposto = unicodedata.normalize("NFKD", str(testo)).casefold()
    senza_accenti = "".join(c for c in scomposto if not unicodedata.combining(c))
    return " ".join(re.sub(r"[\W_]+", " ", senza_accenti).split())


def lettera_colonna(numero: int) -> str:
    """0 → A, 25 → Z, 26 → AA."""
    lettere = ""
    numero += 1
    while numero:
        numero, resto = divmod(numero - 1, 26)
        lettere = chr(65 + resto) + lettere
    return lettere


def numero_colonna(lettere: str) -> int:
    numero = 0
    for lettera in lettere:
        numero = numero * 26 + ord(lettera) - 64
    return numero - 1


def indirizzo(riga: int, colonna: int) -> str:
    """Row and column from 0 → «H12»."""
    return f"{lettera_colonna(colonna)}{riga + 1}"


@dataclass(frozen=True)
class Colonna:
    """A column: `nome` for the code, `titolo` as people read it.

    `genere`: testo, intero, percentuale, importo, scelta, data; or `lettore`, a function from a cell to a
    value that raises `celle.Problema`. `scelte` maps each accepted spelling to the value stored,
    `non_ammesse` the values that are known but do not belong here to their names. `controllo` is the rule
    named when a cell does not read, `controllo_avviso` when it reads but something is to be said.
    """

    nome: str
    titolo: str
    genere: str = "testo"
    obbligatoria: bool = True
    scelte: dict[str, object] | None = None
    non_ammesse: dict[str, str] | None = None
    lettore: Callable[[object], object] | None = None
    massimo: int = 100
    controllo: Controllo | None = None
    controllo_avviso: Controllo | None = None


@dataclass
class Tabella:
    """Whole columns of typed values. `numeri[i]` is the row of the sheet (from 1) of the i-th with data."""

    foglio: str
    numeri: list[int]
    posizioni: dict[str, int]
    grezzi: dict[str, list]
    valori: dict[str, list] = field(default_factory=dict)
    illeggibili: dict[str, set[int]] = field(default_factory=dict)
    arrotondati: dict[str, set[int]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.numeri)

    def cella(self, indice: int | None, colonna: str | None) -> tuple[str, int | None]:
        if indice is None:
            return "", None
        riga = self.numeri[indice]
        lettera = lettera_colonna(self.posizioni[colonna]) if colonna in self.posizioni else ""
        return (f"{lettera}{riga}" if lettera else "", riga)


class Modulo(Protocol):
    """What the engine asks of the sheet of an app: its shape, its controls, its rows.

    `contesto` is the plain JSON data that the caller of `esamina` passed.
    """

    foglio: str  # the name of the sheet that holds the data
    colonne_etichetta: tuple[str, ...]  # the columns `etichetta` needs, read before the others

    def colonne(self, contesto: dict) -> tuple[Colonna, ...]: ...

    def metadati(self, contesto: dict) -> dict[str, tuple[str, str]]:
        """What the hidden sheet must say: name → (value, the words that introduce it in a message)."""

    def etichetta(self, tabella: Tabella, indice: int) -> str:
        """The words by which people know a row, «matricola 20417, luglio»."""

    def controlla(self, tabella: Tabella, contesto: dict, raccolta: Raccolta) -> tuple[int, dict]:
        """Run the controls; return the total in cents and the summary for the verdict."""

    def righe(self, tabella: Tabella, contesto: dict) -> Iterator[str]:
        """COPY text, a line per row; asked only when nothing blocks."""


_FONTE = "Modello di foglio: intestazioni nella prima riga"
_MASSIMO_INTESTAZIONE = 200
MANCANTE = Controllo(
    "S01",
    BLOCCANTE,
    "Colonne che mancano",
    "La prima riga del foglio deve avere tutte le intestazioni del modello.",
    "Aggiungi la colonna, o riscrivi l’intestazione come nel modello. L’ordine non conta.",
    _FONTE,
    "colonne",
)
DOPPIA = Controllo(
    "S02",
    BLOCCANTE,
    "Colonne ripetute",
    "Due colonne hanno la stessa intestazione: non si sa quale leggere.",
    "Togli o rinomina una delle due.",
    _FONTE,
    "colonne",
)
IGNOTA = Controllo(
    "S03",
    AVVISO,
    "Colonne che il modello non ha",
    "Queste colonne non vengono lette.",
    "Se contengono dati che servono, spostali nelle colonne del modello.",
    _FONTE,
    "colonne",
)


def riconosci_intestazioni(
    righe: list[list], colonne: tuple[Colonna, ...], raccolta: Raccolta
) -> dict[str, int]:
    """The position of each column found in the first row; names what is missing, repeated or unknown."""
    attese = {chiave(c.titolo): c for c in colonne}
    prima = righe[0] if righe else []
    posizioni: dict[str, int] = {}
    ignote: list[tuple[int, str]] = []
    for posizione, cella in enumerate(prima):
        testo = " ".join(str(cella)[:_MASSIMO_INTESTAZIONE].split())
        colonna = attese.get(chiave(testo))
        if colonna is None:
            if testo:
                ignote.append((posizione, testo))
        elif colonna.nome in posizioni:
            dove = indirizzo(0, posizioni[colonna.nome])
            raccolta.segnala_cella(
                DOPPIA,
                indirizzo(0, posizione),
                1,
                Trovato(
                    None,
                    None,
                    testo,
                    "una sola colonna con questo nome",
                    f"«{colonna.titolo}» è già nella cella {dove}.",
                ),
            )
        else:
            posizioni[colonna.nome] = posizione
    mancanti = [c for c in colonne if c.nome not in posizioni]
    altrove = _intestazioni_altrove(righe, attese) if len(mancanti) == len(colonne) else None
    vicine = [chiave(t) for _, t in ignote[: 2 * len(colonne)]]
    for colonna in mancanti:
        simile = difflib.get_close_matches(chiave(colonna.titolo), vicine, 1, 0.75)
        posto = next((p for p, t in ignote if simile and chiave(t) == simile[0]), None)
        messaggio = f"Manca la colonna «{colonna.titolo}»."
        if posto is not None:
            messaggio += f" L’intestazione {indirizzo(0, posto)} le somiglia: riscrivila così."
        elif altrove:
            messaggio += f" Le intestazioni sono alla riga {altrove}: devono stare nella prima."
        trovato = "" if posto is None else dict(ignote)[posto]
        cella = "" if posto is None else indirizzo(0, posto)
        raccolta.segnala_cella(MANCANTE, cella, 1, Trovato(None, None, trovato, colonna.titolo, messaggio))
    for posizione, testo in ignote[:200]:
        trovato = Trovato(
            None, None, testo, "una intestazione del modello", f"La colonna «{testo[:60]}» non viene letta."
        )
        raccolta.segnala_cella(IGNOTA, indirizzo(0, posizione), 1, trovato)
    return posizioni


def _intestazioni_altrove(righe: list[list], attese: dict) -> int | None:
    for numero, riga in enumerate(righe[1:20], start=2):
        if sum(chiave(str(c)[:_MASSIMO_INTESTAZIONE]) in attese for c in riga[:1_000]) * 2 > len(attese):
            return numero
    return None
