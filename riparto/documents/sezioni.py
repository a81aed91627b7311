"""The tables with the lines as rows, built from plain figures. Years are columns, three to a table."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from core import money

from .cifre import Annualita, Cifra, Ente, Linea, Ripartizione, Situazione, somma_intera, somma_nota
from .tavole import DUBBIO, NIENTE, Cella, Colonna, Note, Riga, Tavola

ANNI_PER_TAVOLA = 3
COMPONENTI = {"fissa": "quota fissa", "variabile": "quota variabile"}
SOMMA = "Somma delle linee indicate"


def a_blocchi(anni: Sequence[int], quanti: int = ANNI_PER_TAVOLA) -> list[tuple[int, ...]]:
    """Years of one table: more than three do not fit on a sheet."""
    return [tuple(anni[i : i + quanti]) for i in range(0, len(anni), quanti)]


def elenco(parti: Iterable[object]) -> str:
    """«2024, 2025 e 2026»."""
    parole = [str(p) for p in parti]
    return parole[0] if len(parole) == 1 else f"{', '.join(parole[:-1])} e {parole[-1]}" if parole else ""


def periodo(anni: Sequence[int]) -> str:
    return str(anni[0]) if len(anni) == 1 else f"{anni[0]}-{anni[-1]}"


def quota_percentuale(parte: Decimal | None, intero: Decimal | None) -> Decimal | None:
    """Percent (0–100) to the hundredth; None where one of the two is not stated."""
    return None if parte is None or not intero else money.arrotonda(parte * 100 / intero)


def e_completo(voce: Annualita, enti: Sequence[Ente]) -> bool:
    return voce.riparto is not None and all(voce.quota(e.chiave) is not None for e in enti)


def base_percentuale(voce: Annualita, enti: Sequence[Ente]) -> Decimal | None:
    """What 100 % is: the total shared out, or the dotazione where the shares of some enti are not stated."""
    if e_completo(voce, enti):
        return somma_intera(voce.quota(e.chiave) for e in enti)
    return voce.dotazione.valore


def cella(tavola: Tavola, cifra: Cifra, *, chi: str = "", dubbio_breve: bool = False) -> Cella:
    """A figure with its marks; `chi` says whose it is in the list of the figures to verify."""
    segni = []
    if cifra.valore is not None and cifra.precisione:
        segni.append(tavola.annota(f"Importo arrotondato nella fonte: ± {money.scrivi(cifra.precisione)} €."))
    if cifra.formula:
        segni.append(
            tavola.annota(f"Importo calcolato, non stampato nella fonte: {cifra.formula.rstrip('.')}.")
        )
    if cifra.nota:
        segni.append(tavola.annota(cifra.nota))
    if cifra.da_verificare:
        segni.append(DUBBIO)
        _segna_verifica(tavola, chi, cifra.motivo_verifica)
    return Cella(cifra.valore, tuple(segni), dubbio=cifra.da_verificare and not dubbio_breve)


def _segna_verifica(tavola: Tavola, chi: str, motivo: str) -> None:
    voce = (chi, motivo or "il motivo non è indicato.")
    if voce not in tavola.verifiche:
        tavola.verifiche.append(voce)


def cella_quota(tavola: Tavola, riparto: Ripartizione | None, ente: Ente, chi: str) -> Cella:
    """The share of an ente: its only component as it is, or the sum of its parts with their doubts."""
    if riparto is None:
        return Cella(None)
    parti = riparto.quote.get(ente.chiave, {})
    if set(parti) <= {"unica"} and not riparto.per_componenti:
        return cella(tavola, riparto.componente(ente.chiave, "unica"), chi=chi)
    segni: list[str] = []
    for parte in parti.values():
        segni += [s for s in cella(tavola, parte, chi=chi).segni if s not in segni]
    return Cella(riparto.quota(ente.chiave), tuple(segni), dubbio=riparto.dubbio(ente.chiave))


def con_dubbio(valore: Decimal | None, dubbio: bool, **altro) -> Cella:
    """A sum: it carries the mark of the doubtful figure that it contains, without the frame."""
    return Cella(valore, (DUBBIO,) if dubbio and valore is not None else (), **altro)


def quadro(situazione: Situazione, note: Note, anni: Sequence[int], *, con_totale: bool) -> Tavola:
    """Dotazioni of the region: lines as rows, years as columns."""
    s = situazione
    tavola = Tavola(
        f"Quadro {periodo(anni)}",
        "Dotazioni per linea di finanziamento e annualità, in euro. Le righe «di cui» sono già comprese "
        "nella linea e non si sommano." + _solo_indicati(s, con_totale),
        "Linea di finanziamento",
        [
            Colonna("Fonte", tipo="testo", larghezza=44),
            *(Colonna(str(a)) for a in anni),
            *_colonna_somma(s, con_totale),
        ],
        note,
        larghezza_etichetta=92,
    )

    def righe(linea: Linea, genere: str, prefisso: str = "") -> Riga:
        cifre = [linea.anno(a).dotazione for a in anni]
        celle = [Cella(linea.fonte or "fonte non indicata")]
        celle += [cella(tavola, c, chi=f"{linea.breve}, {a}") for c, a in zip(cifre, anni, strict=True)]
        if con_totale and len(s.anni) > 1:
            celle.append(Cella(somma_nota(linea.anno(a).dotazione.valore for a in s.anni)))
        return tavola.riga(prefisso + linea.nome, celle, sigla="" if prefisso else linea.segno, genere=genere)

    for linea in s.linee:
        tavola.gruppi.append(
            [righe(linea, "con" if linea.dicui else ""), *(righe(f, "dicui", "di cui ") for f in linea.dicui)]
        )
    per_anno = {a: [linea.anno(a).dotazione for linea in s.linee] for a in s.anni}
    _totali(tavola, per_anno, anni, con_totale, prima=[NIENTE], totale="Totale delle dotazioni")
    ripartito = {
        a: somma_nota(linea.anno(a).quota(e.chiave) for linea in s.linee for e in s.enti) for a in s.anni
    }
    celle = [NIENTE, *(Cella(ripartito[a]) for a in anni)]
    if con_totale and len(s.anni) > 1:
        celle.append(Cella(somma_nota(ripartito.values())))
    tavola.totali.append(tavola.riga("Quote degli enti indicate", celle))
    _vuoti(
        tavola,
        anni,
        {a: [x for x in s.linee if x.anno(a).dotazione.valore is None] for a in anni},
        "Dotazione non indicata",
    )
    return tavola


def assegnazioni(
    situazione: Situazione, ente: Ente, note: Note, anni: Sequence[int], *, con_totale: bool
) -> Tavola:
    """Shares of one ente: lines as rows with their parts and «di cui», years as columns."""
    s = situazione
    tavola = Tavola(
        f"{ente.sigla} {periodo(anni)}",
        "Importi assegnati per linea di finanziamento e annualità, in euro. Le righe «di cui» e le quote di "
        "una linea sono già comprese." + _solo_indicati(s, con_totale),
        "Linea di finanziamento",
        [*(Colonna(str(a)) for a in anni), *_colonna_somma(s, con_totale)],
        note,
        larghezza_etichetta=69,
    )

    def riga(linea: Linea, genere: str, prefisso: str = "") -> Riga:
        celle = [
            cella_quota(tavola, linea.anno(a).riparto, ente, chi_e_quando(linea.breve, linea, ente, s))
            for a in anni
        ]
        if con_totale and len(s.anni) > 1:
            celle.append(Cella(somma_nota(linea.anno(a).quota(ente.chiave) for a in s.anni)))
        return tavola.riga(
            prefisso + linea.breve, celle, sigla="" if prefisso else linea.segno, genere=genere
        )

    def parte(linea: Linea, nome: str) -> Riga:
        cifre = {
            a: r.componente(ente.chiave, nome) if (r := linea.anno(a).riparto) else Cifra(None)
            for a in s.anni
        }
        celle = [
            cella(tavola, cifre[a], chi=f"{linea.breve}, {COMPONENTI[nome]}", dubbio_breve=True) for a in anni
        ]
        if con_totale and len(s.anni) > 1:
            celle.append(Cella(somma_nota(c.valore for c in cifre.values())))
        return tavola.riga(COMPONENTI[nome], celle, genere="parte")

    for linea in s.linee:
        riparti = [r for a in s.anni if (r := linea.anno(a).riparto)]
        parti = [n for n in COMPONENTI if any(n in r.quote.get(ente.chiave, {}) for r in riparti)]
        sotto = [parte(linea, n) for n in parti] + [riga(f, "dicui", "di cui ") for f in linea.dicui]
        tavola.gruppi.append([riga(linea, "con" if sotto else ""), *sotto])
    per_anno = {
        a: [
            Cifra(
                v.quota(ente.chiave),
                motivo_verifica="" if v.riparto and v.riparto.dubbio(ente.chiave) else None,
            )
            for v in (linea.anno(a) for linea in s.linee)
        ]
        for a in s.anni
    }
    _totali(tavola, per_anno, anni, con_totale, prima=[], totale="Totale assegnato")
    _vuoti(
        tavola,
        anni,
        {a: [x for x in s.linee if x.anno(a).quota(ente.chiave) is None] for a in anni},
        "Importo non indicato",
    )
    note_dei_riparti(tavola, [v for x in s.linee for v in x.tutte], anni)
    return tavola


def chi_e_quando(breve: str, linea: Linea, ente: Ente, s: Situazione) -> str:
    anni = [a for a in s.anni if (r := linea.anno(a).riparto) and r.dubbio(ente.chiave)]
    return f"{breve}, {elenco(anni)}"


def _solo_indicati(s: Situazione, con_totale: bool) -> str:
    return " La somma è dei soli importi indicati." if con_totale and len(s.anni) > 1 else ""


def _colonna_somma(s: Situazione, con_totale: bool) -> list[Colonna]:
    if not con_totale or len(s.anni) < 2:
        return []
    return [Colonna("Somma", periodo(s.anni), gruppo=True)]


def _totali(
    tavola, per_anno: dict[int, list[Cifra]], anni, con_totale: bool, *, prima: list[Cella], totale: str
):
    """The row of totals; where a line is missing «—», and below it the sum of the lines that are stated."""
    dubbi = {a: any(c.da_verificare for c in cifre) for a, cifre in per_anno.items()}
    intere = {a: somma_intera(c.valore for c in cifre) for a, cifre in per_anno.items()}
    note = {a: somma_nota(c.valore for c in cifre) for a, cifre in per_anno.items()}

    def riga(etichetta: str, valori: dict[int, Decimal | None], somma: Decimal | None, genere: str) -> Riga:
        celle = [*prima, *(con_dubbio(valori[a], dubbi[a]) for a in anni)]
        if con_totale and len(per_anno) > 1:
            celle.append(con_dubbio(somma, any(dubbi.values())))
        return tavola.riga(etichetta, celle, genere=genere)

    tavola.totali.append(riga(totale, intere, somma_intera(intere.values()), "totale"))
    if None in intere.values():
        tavola.totali.append(riga(SOMMA, note, somma_nota(note.values()), ""))


def note_dei_riparti(tavola: Tavola, linee: Sequence[Linea], anni: Sequence[int]) -> None:
    """What the officials wrote beside each riparto, with its line and its years."""
    for linea in linee:
        scritte: dict[str, list[int]] = {}
        for a in anni:
            if (r := linea.anno(a).riparto) and r.nota:
                scritte.setdefault(r.nota, []).append(a)
        for nota, quando in scritte.items():
            tavola.note.append(("", f"Linea {linea.segno}, {elenco(quando)}: {nota}"))


def _vuoti(tavola: Tavola, anni, mancanti: dict[int, list[Linea]], fatto: str) -> None:
    """What «—» stands for, in words, under the table."""
    pezzi = [
        f"{a}: {'linea' if len(linee) == 1 else 'linee'} {elenco(x.segno for x in linee)}"
        for a in anni
        if (linee := mancanti[a])
    ]
    if pezzi:
        tavola.vuoto(f"{fatto}, che non equivale a zero. {'; '.join(pezzi)}.")


def quote_sulla_dotazione(situazione: Situazione, ente: Ente, note: Note, anni: Sequence[int]) -> Tavola:
    """What part of each dotazione goes to this ente, in percent."""
    colonne = []
    for a in anni:
        colonne += [
            Colonna("Dotazione", f"{a}, euro", gruppo=True, larghezza=24),
            Colonna("%", str(a), "pct"),
        ]
    tavola = Tavola(
        f"Percentuali {periodo(anni)}",
        "Percentuale dell’importo dell’ente sulla dotazione regionale della linea e dell’annualità.",
        "Linea di finanziamento", colonne, note, larghezza_etichetta=58 if len(anni) > 2 else 69,
    )  # fmt: skip
    for linea in situazione.linee:
        righe = []
        for voce in linea.tutte:
            celle = []
            for a in anni:
                dotazione = voce.anno(a).dotazione
                pct = quota_percentuale(voce.anno(a).quota(ente.chiave), dotazione.valore)
                celle += [cella(tavola, dotazione, chi=f"{voce.breve}, {a}", dubbio_breve=True), Cella(pct)]
            figlia = voce is not linea
            genere = "dicui" if figlia else "con" if linea.dicui else ""
            righe.append(
                tavola.riga(
                    "di cui " * figlia + voce.breve, celle, sigla="" if figlia else linea.segno, genere=genere
                )
            )
        tavola.gruppi.append(righe)
    return tavola
