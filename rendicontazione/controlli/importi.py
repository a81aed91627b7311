"""Controls on amounts: negative ones, items not admitted for the line, totals of the rows. Whole cents."""

from collections.abc import Iterator
from decimal import Decimal

from core.money import scrivi
from core.sheets.esiti import Raccolta, Trovato
from core.sheets.schema import Tabella

from . import regole

VOCI = (
    "trattamento_fondamentale",
    "trattamento_accessorio",
    "oneri_riflessi",
    "irap",
    "buoni_pasto",
    "altro",
)


def euro(centesimi: int) -> str:
    return scrivi(Decimal(centesimi).scaleb(-2))


def negativi(tabella: Tabella, contesto: dict, raccolta: Raccolta) -> None:
    """C19: a cost below zero."""
    for nome in (*VOCI, "totale"):
        colonna = tabella.valori[nome]
        noti = [c for c in colonna if c is not None] if None in colonna else colonna
        if noti and min(noti) < 0:
            raccolta.segnala(
                regole.NEGATIVO,
                (
                    Trovato(i, nome, euro(c), "un importo da zero in su", f"{euro(c)} è minore di zero.")
                    for i, c in enumerate(colonna)
                    if c is not None and c < 0
                ),
            )


def voci_non_ammesse(tabella: Tabella, contesto: dict, raccolta: Raccolta) -> None:
    """C15: an item that the line does not admit in that year. A typed zero claims nothing and passes."""
    linee = {linea["id"]: linea for linea in contesto["linee"]}
    titoli = {"trattamento_fondamentale": "Trattamento fondamentale", "irap": "IRAP"}
    for nome in VOCI:
        vietate = {id_ for id_, linea in linee.items() if nome not in linea["voci"]}
        if not vietate:
            continue
        titolo = titoli.get(nome, nome.replace("_", " ").capitalize())
        raccolta.segnala(
            regole.VOCE,
            (
                Trovato(
                    i,
                    nome,
                    euro(c),
                    "cella vuota",
                    f"La voce «{titolo}» non è ammessa per {linee[linea]['codice']} nel {contesto['anno']}.",
                )
                for i, (linea, c) in enumerate(
                    zip(tabella.valori["linea"], tabella.valori[nome], strict=True)
                )
                if c and linea in vietate
            ),
        )


def totali(tabella: Tabella, contesto: dict, raccolta: Raccolta) -> None:
    """C19: the total is the sum of the rounded items. Sets `totale` to that sum where it may differ.

    Rounding k items moves the sum by at most k/2 cents and the typed total by another half: up to ⌊(k+1)/2⌋
    cents, in a row with k rounded items, is an avviso. With none the total must be exact.
    """
    voci = [tabella.valori[nome] for nome in VOCI]
    scritti = tabella.valori["totale"]
    if any(None in v for v in voci):
        voci = [[c or 0 for c in v] for v in voci]
    somme = list(map(sum, zip(*voci, strict=True)))
    if somme == scritti:
        return
    illeggibili = set().union(*(tabella.illeggibili[nome] for nome in (*VOCI, "totale")))
    arrotondate = tabella.arrotondati
    diversi, pochi_centesimi = [], []
    for i, (somma, scritto) in enumerate(zip(somme, scritti, strict=True)):
        if somma == scritto or scritto is None or i in illeggibili:
            continue
        k = sum(i in arrotondate.get(nome, ()) for nome in VOCI)
        (pochi_centesimi if abs(somma - scritto) <= (k + 1) // 2 else diversi).append((i, scritto, somma))
    for i, _, somma in pochi_centesimi:
        scritti[i] = somma
    raccolta.segnala(regole.SOMMA, _spiega(diversi, "{somma}, la somma delle voci"))
    raccolta.segnala(regole.SOMMA_ARROTONDATA, _spiega(pochi_centesimi, "{somma}, che è preso come totale"))


def _spiega(trovati: list[tuple[int, int, int]], atteso: str) -> Iterator[Trovato]:
    for i, scritto, somma in trovati:
        differenza = euro(abs(somma - scritto))
        messaggio = f"Il totale è {euro(scritto)}, le voci sommano a {euro(somma)}: differenza {differenza}."
        yield Trovato(i, "totale", euro(scritto), atteso.format(somma=euro(somma)), messaggio)
