"""From cells to typed columns. Each distinct value is read once; a column of plain numbers in one go.

Amounts are whole cents, percentages hundredths of a point; an empty cell is `None`, never 0.
"""

import datetime
import difflib
import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal

from core.money import ImportoNonLeggibile, leggi_centesimi, scrivi

from .esiti import AVVISO, BLOCCANTE, Controllo, Raccolta, Trovato, breve
from .schema import Colonna, Tabella, chiave

# numeric(14,2): twelve digits before the comma
MASSIMO_CENTESIMI = 10**14
# Far more than twelve digits with their separators: longer texts are not worth a reading.
_MASSIMO_CIFRE = 60
# A number this near to a cent is that cent: binary noise of the sheet, not a third decimal.
RUMORE_CENTESIMI = Decimal("0.001")

_FONTE = "Modello di foglio"
VUOTA = Controllo(
    "S04",
    BLOCCANTE,
    "Celle vuote che servono",
    "Queste colonne vanno compilate in ogni riga.",
    "Scrivi il valore. Se la riga non serve, eliminala tutta.",
    _FONTE,
)
SENZA_VALORE = Controllo(
    "S05",
    BLOCCANTE,
    "Formule senza risultato e celle in errore",
    "La cella contiene una formula mai calcolata o un errore: il valore non c’è.",
    "Apri il file, lascia ricalcolare, poi incolla i soli valori (Incolla speciale, Valori) e salva.",
    _FONTE,
)
TESTO = Controllo(
    "S06",
    BLOCCANTE,
    "Testi che non si leggono",
    "Il testo è troppo lungo, contiene caratteri non stampabili o la cella non contiene un testo.",
    "Riscrivi il valore.",
    _FONTE,
)
NUMERO = Controllo(
    "S07",
    BLOCCANTE,
    "Numeri che non si leggono",
    "La cella deve contenere un numero intero tra quelli ammessi.",
    "Riscrivi il numero con le sole cifre.",
    _FONTE,
)
SCELTA = Controllo(
    "S08",
    BLOCCANTE,
    "Valori fuori dall’elenco",
    "Il valore non è tra quelli ammessi per la colonna.",
    "Scegli il valore dall’elenco a discesa della cella.",
    _FONTE,
)
PERCENTUALE = Controllo(
    "S09",
    BLOCCANTE,
    "Percentuali che non si leggono",
    "La percentuale è un numero tra 0 e 100.",
    "Scrivi per esempio 100 oppure 37,5.",
    _FONTE,
)
PERCENTUALE_DUBBIA = Controllo(
    "S10",
    AVVISO,
    "1 % o 100 %?",
    "Una percentuale fino a 1 di solito viene da una cella in formato percentuale, dove 100 % vale 1.",
    "Se intendi 100 % scrivi 100. Se il valore è giusto lascialo così.",
    _FONTE,
)
IMPORTO = Controllo(
    "S11",
    BLOCCANTE,
    "Importi che non si leggono",
    "Il punto separa le migliaia e la virgola i centesimi.",
    "Riscrivi l’importo con la virgola: 1.234,56.",
    _FONTE,
)
IMPORTO_ARROTONDATO = Controllo(
    "S12",
    AVVISO,
    "Importi con più di due decimali",
    "L’importo ha frazioni di centesimo ed è stato arrotondato al centesimo più vicino.",
    "Se l’arrotondamento è giusto non serve altro.",
    _FONTE,
)
DATA = Controllo(
    "S13",
    BLOCCANTE,
    "Date che non si leggono",
    "La cella deve contenere una data.",
    "Scrivi la data come 31/01/2024.",
    _FONTE,
)
VALORI_IN_PIU = Controllo(
    "S14",
    BLOCCANTE,
    "Righe con valori in più",
    "La riga ha più valori delle intestazioni: i valori sono spostati rispetto alle colonne.",
    "Metti tra virgolette i valori che contengono il separatore, o usa il punto e virgola come separatore.",
    "Modello di foglio, file csv",
    "righe",
)


class Problema(Exception):
    """A cell that does not read, or (with `avviso`) that reads as `valore` with something to say."""

    def __init__(
        self, atteso: str, messaggio: str, *, valore=None, avviso: Controllo | bool = False, controllo=None
    ):
        super().__init__(messaggio)
        self.atteso, self.messaggio, self.valore = atteso, messaggio, valore
        self.avviso, self.controllo = avviso, controllo


def leggi_colonna(tabella: Tabella, colonna: Colonna, raccolta: Raccolta) -> None:
    """Fill `tabella.valori[colonna.nome]` and tell `raccolta` of each cell that does not read."""
    celle = tabella.grezzi[colonna.nome]
    generi = set(map(type, celle))
    if bool in generi:  # True == 1.0 would share its place in the memo
        celle = [("VERO" if c else "FALSO") if isinstance(c, bool) else c for c in celle]
    if colonna.genere == "importo" and generi == {float} and (veloci := _centesimi_esatti(celle)) is not None:
        tabella.valori[colonna.nome] = veloci
        tabella.illeggibili[colonna.nome] = set()
        return
    lettore, di_serie, avviso_di_serie = _lettore(colonna)
    gia_note = tabella.illeggibili.get(colonna.nome, set())
    letti: dict = {}
    problemi: dict = {}
    for cella in set(celle):
        if cella == "" or (isinstance(cella, str) and not cella.strip()):
            letti[cella] = None
            continue
        try:
            letti[cella] = lettore(cella)
        except Problema as p:
            letti[cella], problemi[cella] = p.valore, p
    tabella.valori[colonna.nome] = valori = list(map(letti.__getitem__, celle))
    if colonna.obbligatoria and None in letti.values():
        atteso = {"importo": "un importo", "scelta": "un valore dell’elenco"}.get(colonna.genere, "un valore")
        raccolta.segnala(
            VUOTA,
            (
                Trovato(i, colonna.nome, "vuota", atteso, f"Manca il valore di «{colonna.titolo}».")
                for i, (v, c) in enumerate(zip(valori, celle, strict=True))
                if v is None and c not in problemi and i not in gia_note
            ),
        )
    illeggibili = set(gia_note)
    if problemi:
        per_controllo: dict[Controllo, list] = {}
        for i, cella in enumerate(celle):
            if (p := problemi.get(cella)) is not None:
                if not p.avviso:
                    illeggibili.add(i)
                elif colonna.genere == "importo":
                    tabella.arrotondati.setdefault(colonna.nome, set()).add(i)
                controllo = (
                    (
                        p.avviso
                        if isinstance(p.avviso, Controllo)
                        else colonna.controllo_avviso or avviso_di_serie
                    )
                    if p.avviso
                    else p.controllo or colonna.controllo or di_serie
                )
                per_controllo.setdefault(controllo, []).append((i, cella, p))
        for controllo, trovati in per_controllo.items():
            raccolta.segnala(
                controllo,
                (Trovato(i, colonna.nome, mostra(c), p.atteso, p.messaggio) for i, c, p in trovati),
            )
    tabella.illeggibili[colonna.nome] = illeggibili


def mostra(cella: object) -> str:
    """The cell as a person sees it in an Italian sheet."""
    if isinstance(cella, float):
        return f"{cella:.15g}".replace(".", ",")
    if isinstance(cella, datetime.datetime) and cella.time() == datetime.time():
        cella = cella.date()
    if isinstance(cella, datetime.datetime):
        return f"{cella:%d/%m/%Y %H:%M}"
    if isinstance(cella, datetime.date):
        return f"{cella:%d/%m/%Y}"
    return breve(cella)


def _lettore(colonna: Colonna) -> tuple[Callable, Controllo, Controllo | None]:
    if colonna.lettore:
        return colonna.lettore, colonna.controllo or TESTO, None
    return {
        "testo": lambda: (lambda c: testo(c, colonna.massimo), TESTO, None),
        "intero": lambda: (lambda c: intero(c, colonna.massimo), NUMERO, None),
        "percentuale": lambda: (percentuale, PERCENTUALE, PERCENTUALE_DUBBIA),
        "importo": lambda: (centesimi, IMPORTO, IMPORTO_ARROTONDATO),
        "scelta": lambda: (_scelta(colonna), SCELTA, None),
        "data": lambda: (data, DATA, None),
    }[colonna.genere]()


def _centesimi_esatti(celle: list[float]) -> list[int] | None:
    """The whole column, when every number is the double nearest to a cent: four times faster than one by one.

    None when a number is not: then they are read one by one.
    """
    if not -1e12 < min(celle) <= max(celle) < 1e12:
        return None
    try:
        interi = [round(c * 100) for c in celle]
    except ValueError:  # a NaN passes through min and max
        return None
    return interi if [c / 100 for c in interi] == celle else None


def centesimi(cella: object) -> int:
    """An amount in whole cents: a number within 0,001 cent of a cent is that cent, otherwise half up with an
    avviso that names both values; a text must follow the grammar of `core.money`."""
    atteso = "un importo come 1.234,56"
    if isinstance(cella, str):
        if len(cella) > _MASSIMO_CIFRE:
            raise Problema(atteso, "Il testo è troppo lungo per essere un importo.")
        try:
            valore = leggi_centesimi(cella)
        except ImportoNonLeggibile as e:
            raise Problema(_forse(cella) or atteso, str(e)) from None
        return _nei_limiti(valore)
    if not isinstance(cella, int | float):
        raise Problema(
            atteso, f"La cella contiene {_genere(cella)}, non un importo. Cambia il formato e riscrivilo."
        )
    if not abs(cella) < 1e12:  # also what is not a number at all
        raise Problema("al massimo 12 cifre prima della virgola", "L’importo è troppo grande.")
    interi = round(cella * 100)
    if interi / 100 == cella:
        return interi
    # 15 significant digits are what a sheet keeps and shows: beyond them 1,005 is 1.00499999999999989.
    esatto = Decimal(f"{cella:.15g}") * 100
    vicino = esatto.quantize(Decimal(1), ROUND_HALF_UP)
    if abs(esatto - vicino) <= RUMORE_CENTESIMI:
        return int(vicino)
    preso = scrivi(vicino.scaleb(-2))
    raise Problema(
        preso,
        f"{mostra(float(cella))} ha più di due decimali: vale {preso}.",
        valore=int(vicino),
        avviso=True,
    )


def _nei_limiti(valore: int) -> int:
    if abs(valore) >= MASSIMO_CENTESIMI:
        raise Problema("al massimo 12 cifre prima della virgola", "L’importo è troppo grande.")
    return valore


def _forse(cella: str) -> str | None:
    """A guess to show beside what cannot be read: a letter for a digit, a second point for the comma."""
    pulita = cella.strip()
    scambiata = pulita.translate(str.maketrans("OoIl", "0011"))
    if scambiata != pulita and re.search(r"[0-9]", pulita):
        try:
            letto = scrivi(Decimal(leggi_centesimi(scambiata)).scaleb(-2))
        except ImportoNonLeggibile:
            return None
        lettera = next(c for c in pulita if c in "OoIl")
        return f"solo cifre: forse {letto} (c’è una «{lettera}»)"
    if re.fullmatch(r"[0-9]{1,3}(\.[0-9]{3})+\.[0-9]{1,2}", pulita):
        migliaia, _, decimali = pulita.rpartition(".")
        return f"un importo come {migliaia},{decimali}"
    return None


def _genere(cella: object) -> str:
    if isinstance(cella, datetime.date):
        return "una data"
    if isinstance(cella, datetime.time | datetime.timedelta):
        return "un’ora"
    return "un testo" if isinstance(cella, str) else "un numero"


def testo(cella: object, massimo: int) -> str:
    """A text without extra spaces; whole numbers (a matricola typed as a number) become their digits."""
    if isinstance(cella, float):
        cella = str(int(cella)) if cella.is_integer() and abs(cella) < 1e15 else f"{cella:.15g}"
    if not isinstance(cella, str | int):
        raise Problema("un testo", f"La cella contiene {_genere(cella)}, non un testo.")
    pulito = " ".join(str(cella).split())
    if not pulito.isprintable() and any(ord(c) < 32 or ord(c) == 127 for c in pulito):
        raise Problema("un testo", "Il testo contiene caratteri non stampabili: riscrivilo a mano.")
    if len(pulito) > massimo:
        raise Problema(
            f"al massimo {massimo} caratteri", f"Il testo ha {len(pulito)} caratteri: il massimo è {massimo}."
        )
    return pulito


def intero(cella: object, massimo: int) -> int:
    atteso = f"un numero intero da 1 a {massimo}"
    if isinstance(cella, str) and re.fullmatch(r"[0-9]{1,9}", cella.strip()):
        cella = int(cella)
    if isinstance(cella, datetime.date):
        raise Problema(
            atteso, f"La cella contiene una data: scrivi il numero, per esempio {min(cella.month, massimo)}."
        )
    if not isinstance(cella, int | float) or not 1 <= cella <= massimo or cella != int(cella):
        raise Problema(atteso, f"Serve {atteso}.")
    return int(cella)


def percentuale(cella: object) -> int:
    """A percentage 0–100 in hundredths of a point. Up to 1 it is kept as typed, and an avviso asks."""
    atteso = "un numero tra 0 e 100"
    if isinstance(cella, str):
        pulita = cella.strip().removesuffix("%").strip().replace(",", ".")
        # No thousands here, so comma and point are equally clear.
        if not re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,2})?", pulita):
            raise Problema(atteso, "La percentuale non si legge: scrivi per esempio 100 oppure 37,5.")
        valore = Decimal(pulita)
    elif isinstance(cella, int | float):
        valore = Decimal(f"{cella:.15g}") if 0 <= cella <= 100 else Decimal(-1)
    else:
        raise Problema(atteso, f"La cella contiene {_genere(cella)}, non una percentuale.")
    if not 0 <= valore <= 100:
        raise Problema(atteso, "La percentuale di tempo va da 0 a 100.")
    centesimi_di_punto = int((valore * 100).quantize(Decimal(1), ROUND_HALF_UP))
    if valore <= 1:
        scritta = f"{valore.normalize():f}".replace(".", ",")
        intesa = f"{(valore * 100).normalize():f}".replace(".", ",")
        domanda = f"{scritta} % o {intesa} %?" if valore else "0 %, cioè nessun tempo di lavoro?"
        raise Problema(
            domanda, f"{domanda} È letta come {scritta} %.", valore=centesimi_di_punto, avviso=True
        )
    return centesimi_di_punto


def data(cella: object) -> datetime.date:
    if isinstance(cella, datetime.datetime):
        return cella.date()
    if isinstance(cella, datetime.date):
        return cella
    if isinstance(cella, str) and (
        t := re.fullmatch(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})", cella.strip())
    ):
        try:
            return datetime.date(int(t[3]), int(t[2]), int(t[1]))
        except ValueError:
            pass
    raise Problema("una data come 31/01/2024", "La data non si legge: scrivila come 31/01/2024.")


def _scelta(colonna: Colonna) -> Callable[[object], object]:
    per_chiave: dict[str, tuple[str, object]] = {}
    per_chiave_vietate = {chiave(c): (c, nome) for c, nome in (colonna.non_ammesse or {}).items()}
    for nome, valore in (colonna.scelte or {}).items():
        per_chiave.setdefault(chiave(nome), (nome, valore))
    nomi = [n for n, _ in per_chiave.values()]
    ammesse = " o ".join(nomi) if 0 < len(nomi) <= 3 else "un valore dell’elenco"
    # Looking for the nearest name costs a millisecond: a column of garbage must not cost a minute.
    suggerimenti = iter(range(200))

    def leggi(cella: object) -> object:
        scritto = testo(cella, 1_000)
        trovato = per_chiave.get(chiave(scritto))
        if trovato is not None:
            return trovato[1]
        vietata = per_chiave_vietate.get(chiave(scritto))
        if vietata is not None:
            raise Problema(ammesse, f"«{vietata[0]}» ({vietata[1]}) esiste, ma qui non è ammessa.")
        cerca = next(suggerimenti, None) is not None
        simili = difflib.get_close_matches(chiave(scritto)[:100], per_chiave, 1, 0.6) if cerca else []
        if simili:
            nome = per_chiave[simili[0]][0]
            raise Problema(
                f"forse {nome}", f"«{breve(scritto)}» non è nell’elenco di «{colonna.titolo}»: forse {nome}?"
            )
        raise Problema(ammesse, f"«{breve(scritto)}» non è nell’elenco di «{colonna.titolo}».")

    return leggi
