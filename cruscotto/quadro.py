"""The quadro finanziario of a convention: rows, cells and numbered notes, from the figures of the prospetti.

The page and the PDF read the same figures, so they cannot differ. No query here.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from core.money import arrotonda, scrivi
from core.templatetags.formati import euro_tondo
from riparto.documents.cifre import Cifra, Ente, Linea, Ripartizione, Situazione, somma_nota

COMPONENTI = {"fissa": "quota fissa", "variabile": "quota variabile"}
SPAZIO = "\u00a0"


@dataclass(frozen=True)
class Annotazione:
    """A remark under a figure, perhaps a link to its note."""

    testo: str
    ancora: str = ""
    verificare: bool = False


@dataclass(frozen=True)
class Casella:
    """A figure of the grid in euro (None: not stated) and the remarks under it."""

    importo: Decimal | None
    annotazioni: tuple[Annotazione, ...] = ()

    @property
    def nota_verifica(self) -> str:
        """The anchor of the note that says why the figure is in doubt; empty when it is not."""
        return next((a.ancora for a in self.annotazioni if a.verificare), "")


@dataclass(frozen=True)
class Riga:
    nome: str
    fonte: str  # who pays, in words
    caselle: list[Casella]
    di_cui: bool = False


@dataclass(frozen=True)
class Tabella:
    righe: list[Riga]
    totale: list[Casella]
    somma: list[Decimal | None]
    arrotondata: bool = False


@dataclass
class Nota:
    numero: int
    testo: str
    verificare: bool
    titoli: list[str] = field(default_factory=list)

    @property
    def ancora(self) -> str:
        return f"nota-{self.numero}"

    @property
    def titolo(self) -> str:
        return ", ".join(self.titoli)


class Note:
    """Numbers the notes of the page in order of appearance; the same words keep the same number."""

    def __init__(self):
        self._note: dict[tuple[str, bool], Nota] = {}

    def aggiungi(self, testo: str, titolo: str, *, verificare: bool = False) -> str:
        """The anchor of this note, which also names `titolo` among the figures it is about."""
        nota = self._note.setdefault((testo, verificare), Nota(len(self._note) + 1, testo, verificare))
        if titolo not in nota.titoli:
            nota.titoli.append(titolo)
        return nota.ancora

    def __iter__(self):
        return iter(self._note.values())


@dataclass(frozen=True)
class Quadro:
    anni: tuple[int, ...]
    regione: Tabella
    ente: Tabella | None
    note: list[Nota]

    @property
    def da_verificare(self) -> int:
        return sum(nota.verificare for nota in self.note)


def quadro(situazione: Situazione, ente: Ente | None) -> Quadro:
    """The regional dotazioni and, if an ente is chosen, its quote (riparti as `situazione` holds them)."""
    note = Note()
    regione = _regione(situazione, note)
    sua = _ente(situazione, ente, note) if ente else None
    return Quadro(situazione.anni, regione, sua, list(note))


def _regione(s: Situazione, note: Note) -> Tabella:
    righe = []
    for linea in s.linee:
        for voce in linea.tutte:
            caselle = [_casella(voce.anno(a).dotazione, note, chi=f"{voce.breve} {a}") for a in s.anni]
            righe.append(_riga(voce, caselle, di_cui=voce is not linea))
    arrotondata = any(voce.dotazione.precisione is not None for _, _, voce in s.voci())
    return _tabella(s, righe, arrotondata=arrotondata)


def _ente(s: Situazione, ente: Ente, note: Note) -> Tabella:
    righe = []
    for linea in s.linee:
        for voce in linea.tutte:
            caselle = _confronta(s.anni, [_quota(voce, a, ente, note) for a in s.anni])
            righe.append(_riga(voce, caselle, di_cui=voce is not linea))
            if voce is linea:
                righe += _componenti(s, voce, ente, note)
    return _tabella(s, righe)


def _quota(linea: Linea, anno: int, ente: Ente, note: Note) -> Casella:
    riparto = linea.anno(anno).riparto
    cifre = riparto.quote.get(ente.chiave, {}) if riparto else {}
    if set(cifre) == {"unica"}:
        return _casella(cifre["unica"], note, chi=f"{linea.breve} {anno}")
    # In two components the remarks stand under each of them; here only the doubt is repeated.
    valore = riparto.quota(ente.chiave) if riparto else None
    dubbi = tuple(a for c in cifre.values() for a in _dubbio(c, note))
    if valore is None and cifre:
        return Casella(None, (Annotazione("manca una parte"),))
    return Casella(valore, dubbi[:1] if valore is not None else (Annotazione("non indicato"),))


def _componenti(s: Situazione, linea: Linea, ente: Ente, note: Note) -> Iterable[Riga]:
    def cifra(riparto: Ripartizione | None, nome: str) -> Cifra:
        return riparto.componente(ente.chiave, nome) if riparto else Cifra(None)

    sue = {nome for a in s.anni if (r := linea.anno(a).riparto) for nome in r.quote.get(ente.chiave, {})}
    for nome, parola in COMPONENTI.items():
        if nome in sue:
            caselle = [
                _casella(cifra(linea.anno(a).riparto, nome), note, chi=f"{linea.breve}, {parola} {a}")
                for a in s.anni
            ]
            yield Riga(parola, "", _confronta(s.anni, caselle), di_cui=True)


def _riga(linea: Linea, caselle: list[Casella], *, di_cui: bool) -> Riga:
    if di_cui:
        return Riga(f"di cui {linea.breve}", "", caselle, di_cui=True)
    return Riga(linea.breve, linea.fonte or "fonte delle risorse non indicata", caselle)


def _casella(cifra: Cifra, note: Note, *, chi: str) -> Casella:
    ancora = note.aggiungi(cifra.nota, chi) if cifra.nota else ""
    if cifra.valore is None:
        return Casella(None, (Annotazione("non indicato", ancora),))
    annotazioni = []
    if cifra.precisione is not None:
        annotazioni.append(Annotazione(f"±{euro_tondo(cifra.precisione)}"))
    if ancora:
        annotazioni.append(Annotazione(f"nota {ancora.removeprefix('nota-')}", ancora))
    if cifra.formula:
        testo = f"Non è nella fonte. Si calcola così: {cifra.formula.rstrip('.')}."
        annotazioni.append(Annotazione("calcolato", note.aggiungi(testo, scrivi(cifra.valore))))
    return Casella(cifra.valore, (*annotazioni, *_dubbio(cifra, note)))


def _dubbio(cifra: Cifra, note: Note) -> tuple[Annotazione, ...]:
    if not cifra.da_verificare:
        return ()
    ancora = note.aggiungi(cifra.motivo_verifica or "", scrivi(cifra.valore), verificare=True)
    return (Annotazione("da verificare", ancora, verificare=True),)


def _confronta(anni: Iterable[int], caselle: list[Casella]) -> list[Casella]:
    """Add the difference from the year before, in percent, where both are known and differ."""
    confrontate = caselle[:1]
    for anno, prima, dopo in zip(anni, caselle, caselle[1:], strict=False):
        parole = variazione(prima.importo, dopo.importo, anno)
        aggiunta = (Annotazione(parole),) if parole else ()
        confrontate.append(Casella(dopo.importo, (*aggiunta, *dopo.annotazioni)))
    return confrontate


def variazione(prima: Decimal | None, dopo: Decimal | None, anno: int) -> str:
    """«+12,85 % sul 2024»; empty where an amount is missing, they are equal or the first is zero."""
    if not prima or dopo is None or prima == dopo:
        return ""
    percento = arrotonda(100 * (dopo - prima) / prima)
    return f"{'+' if percento > 0 else ''}{scrivi(percento)}{SPAZIO}% sul {anno}"


def _tabella(s: Situazione, righe: list[Riga], *, arrotondata: bool = False) -> Tabella:
    principali = [riga for riga in righe if not riga.di_cui]
    colonne = [[riga.caselle[i] for riga in principali] for i in range(len(s.anni))]
    return Tabella(
        righe,
        [_totale(colonna) for colonna in colonne],
        [somma_nota(c.importo for c in colonna) for colonna in colonne],
        arrotondata,
    )


def _totale(colonna: list[Casella]) -> Casella:
    """The total of the lines; none while one of them is not stated."""
    mancano = sum(c.importo is None for c in colonna)
    if mancano or not colonna:
        parole = "manca una linea" if mancano == 1 else f"mancano {mancano} linee"
        return Casella(None, (Annotazione(parole),))
    dubbie = [c.nota_verifica for c in colonna if c.nota_verifica]
    parole = "contiene una cifra da verificare" if len(dubbie) == 1 else "contiene cifre da verificare"
    annotazioni = (Annotazione(parole, dubbie[0], verificare=True),) if dubbie else ()
    return Casella(somma_nota(c.importo for c in colonna), annotazioni)
