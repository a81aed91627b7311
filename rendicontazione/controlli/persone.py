"""Controls on who is in the report: months, double rows, people on two lines or two employers."""

from collections import defaultdict
from collections.abc import Iterator

from core.calendario import MESI
from core.sheets.esiti import Raccolta, Trovato
from core.sheets.schema import Tabella

from . import regole


def mesi_del_trimestre(trimestre: int) -> range:
    return range(trimestre * 3 - 2, trimestre * 3 + 1)


def mesi_fuori(tabella: Tabella, contesto: dict, raccolta: Raccolta) -> None:
    """C02: a cost of a month that is not of the quarter."""
    ammessi = mesi_del_trimestre(contesto["trimestre"])
    if set(tabella.valori["mese"]) <= set(ammessi):
        return
    atteso = f"un mese da {ammessi[0]} a {ammessi[-1]}"
    raccolta.segnala(
        regole.MESE_FUORI,
        (
            Trovato(
                i,
                "mese",
                str(m),
                atteso,
                f"{MESI[m].capitalize()} non è nel {contesto['trimestre']}° trimestre.",
            )
            for i, m in enumerate(tabella.valori["mese"])
            if m is not None and m not in ammessi
        ),
    )


def righe_doppie(tabella: Tabella, contesto: dict, raccolta: Raccolta) -> None:
    """C08: same matricola and codice fiscale, month, line and employer."""
    v = tabella.valori
    chiavi = list(zip(v["matricola"], v["codice_fiscale"], v["mese"], v["linea"], v["datore"], strict=True))
    if len(set(chiavi)) == len(chiavi):
        return

    def doppie() -> Iterator[Trovato]:
        prime: dict[tuple, int] = {}
        for i, chiave in enumerate(chiavi):
            if None in chiave:
                continue
            prima = prime.setdefault(chiave, i)
            if prima != i:
                riga = tabella.numeri[prima]
                yield Trovato(
                    i,
                    "matricola",
                    f"uguale alla riga {riga}",
                    "una sola riga per persona, mese, linea e datore",
                    f"Stessa matricola, stesso mese, stessa linea e stesso datore della riga {riga}.",
                )

    raccolta.segnala(regole.RIGA_DOPPIA, doppie())


def linee_e_tempo(tabella: Tabella, contesto: dict, raccolta: Raccolta) -> None:
    """C07 and C09, on the rows that a person has in a month: two lines or two employers; more than 100 %.

    C09 is silent where C07 already blocks, and where the rows are the same one twice (C08 says it).
    """
    v = tabella.valori
    coppie = list(zip(v["codice_fiscale"], v["mese"], strict=True))
    if len(set(coppie)) == len(coppie):
        return
    gruppi: dict[tuple, list[int]] = defaultdict(list)
    for i, coppia in enumerate(coppie):
        if None not in coppia:
            gruppi[coppia].append(i)
    oltre, divisi, tempo = [], [], []
    for righe in gruppi.values():
        if len(righe) < 2:
            continue
        linee = {v["linea"][i] for i in righe} - {None}
        datori = {v["datore"][i] for i in righe} - {None}
        percentuali = [v["percentuale"][i] for i in righe]
        in_tutto = None if None in percentuali else sum(percentuali)
        if len(linee) > 1 or len(datori) > 1:
            # An unreadable percentage is already blocking by itself: nothing is claimed about the sum.
            if in_tutto is not None:
                (oltre if in_tutto > 10_000 else divisi).append((righe, in_tutto, _dove(linee, datori)))
        elif in_tutto is not None and in_tutto > 10_000 and len({v["matricola"][i] for i in righe}) > 1:
            tempo.append((righe, in_tutto, ""))
    for controllo, trovati in (
        (regole.DOPPIO_COSTO, oltre),
        (regole.DIVISO, divisi),
        (regole.TEMPO_OLTRE, tempo),
    ):
        raccolta.segnala(controllo, _su_ogni_riga(tabella, trovati))


def _dove(linee: set, datori: set) -> str:
    parti = [f"{len(linee)} linee"] if len(linee) > 1 else []
    parti += [f"{len(datori)} datori di lavoro"] if len(datori) > 1 else []
    return "su " + " e ".join(parti)


def _su_ogni_riga(tabella: Tabella, gruppi: list[tuple[list[int], int, str]]) -> Iterator[Trovato]:
    for righe, in_tutto, dove in gruppi:
        somma = f"{in_tutto / 100:.2f}".rstrip("0").rstrip(".").replace(".", ",")
        for i in righe:
            altre = [tabella.numeri[j] for j in righe if j != i]
            con = ("la riga " if len(altre) == 1 else "le righe ") + ", ".join(map(str, altre[:5]))
            messaggio = (
                f"Con {con} la persona nel mese è {dove} per il {somma} %."
                if dove
                else (f"Con {con} il tempo della persona nel mese è {somma} %.")
            )
            yield Trovato(
                i, "percentuale", f"{somma} % {dove}".strip(), "al massimo 100 % in tutto", messaggio
            )


def persone_e_totali(tabella: Tabella, nomi_linee: dict[int, str]) -> dict:
    """What the preview shows: per typed line code and month the cents, the people and the rows."""
    v = tabella.valori
    centesimi: dict[tuple, int] = defaultdict(int)
    persone: dict[tuple, set] = defaultdict(set)
    righe: dict[tuple, int] = defaultdict(int)
    for linea, mese, persona, totale in zip(
        v["linea"], v["mese"], v["codice_fiscale"], v["totale"], strict=True
    ):
        chiave = linea, mese
        centesimi[chiave] += totale or 0
        persone[chiave].add(persona)
        righe[chiave] += 1
    return {
        "persone": len(set(v["codice_fiscale"]) - {None}),
        "linee": [
            {
                "linea_id": linea,
                "codice": nomi_linee[linea],
                "mese": mese,
                "centesimi": centesimi[linea, mese],
                "persone": len(persone[linea, mese] - {None}),
                "righe": righe[linea, mese],
            }
            for linea, mese in sorted(k for k in centesimi if None not in k)
        ],
    }
