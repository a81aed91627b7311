"""The sheet `Costi`: its eighteen columns, its controls in order, its rows for the database."""

import re
from collections.abc import Iterator

from core.calendario import MESI
from core.sheets.celle import Problema
from core.sheets.esiti import Raccolta, Trovato
from core.sheets.schema import Colonna, Tabella

from . import regole
from .importi import VOCI, negativi, totali, voci_non_ammesse
from .persone import linee_e_tempo, mesi_fuori, persone_e_totali, righe_doppie

COLONNE_COPY = (
    "rendiconto_id",
    "riga",
    "matricola",
    "codice_fiscale",
    "cognome",
    "nome",
    "datore_id",
    "cpi_id",
    "inquadramento",
    "profilo",
    "linea_id",
    "mese",
    "percentuale",
    *VOCI,
    "totale",
)
TIPO = "Rendiconto trimestrale dei costi del personale"
FOGLIO = "Costi"
TITOLI = {
    "matricola": "Matricola",
    "codice_fiscale": "Codice fiscale",
    "cognome": "Cognome",
    "nome": "Nome",
    "datore": "Datore di lavoro",
    "cpi": "CPI",
    "inquadramento": "Inquadramento",
    "profilo": "Profilo",
    "linea": "Linea",
    "mese": "Mese",
    "percentuale": "Percentuale di tempo",
    "trattamento_fondamentale": "Trattamento fondamentale",
    "trattamento_accessorio": "Trattamento accessorio",
    "oneri_riflessi": "Oneri riflessi",
    "irap": "IRAP",
    "buoni_pasto": "Buoni pasto",
    "altro": "Altro",
    "totale": "Totale",
}
# The employer that is the ente itself is NULL in the database; in a column None means «not read».
ENTE_STESSO = 0
_CODICE = re.compile(
    r"[A-Z]{6}[0-9LMNPQRSTUV]{2}[ABCDEHLMPRST][0-9LMNPQRSTUV]{2}[A-Z][0-9LMNPQRSTUV]{3}[A-Z]|[0-9]{11}"
)


def leggi_codice_fiscale(cella: object) -> str:
    """The codice fiscale in capitals. A wrong shape blocks; a wrong check character is an avviso:
    no amount depends on it."""
    if isinstance(cella, float):
        cella = f"{cella:.0f}".zfill(11)
    codice = str(cella)
    if not _CODICE.fullmatch(codice):
        codice = re.sub(r"[\s.-]", "", codice).upper()
    if not _CODICE.fullmatch(codice):
        raise Problema(
            "16 caratteri come RSSMRA80A01H501U",
            "Il codice fiscale non ha la forma giusta: controlla lunghezza, lettere e cifre.",
            controllo=regole.CODICE_FISCALE,
        )
    if not _controllo_torna(codice):
        raise Problema(
            "un codice fiscale con il carattere di controllo giusto",
            "Il carattere di controllo non torna.",
            valore=codice,
            avviso=regole.CODICE_FISCALE_DUBBIO,
        )
    return codice


# Values of characters by place (D.M. 23/12/1976): in even places a digit or a letter is its number.
_PARI = dict(zip("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", (*range(10), *range(26)), strict=True))
_VALORI_DISPARI = (
    1,
    0,
    5,
    7,
    9,
    13,
    15,
    17,
    19,
    21,
    2,
    4,
    18,
    20,
    11,
    3,
    6,
    8,
    12,
    14,
    16,
    10,
    22,
    25,
    24,
    23,
)
_DISPARI = {c: _VALORI_DISPARI[n] for c, n in _PARI.items()}


def _controllo_torna(codice: str) -> bool:
    """Whether the last character is the one the others ask for. Here and not by stdnum, which the provisional
    codes still use: its import and its generality would cost a tenth of the time of the whole file."""
    if len(codice) == 11:
        from stdnum.it import iva

        return iva.is_valid(codice)
    somma = sum(map(_DISPARI.__getitem__, codice[0:15:2])) + sum(map(_PARI.__getitem__, codice[1:15:2]))
    return ord(codice[15]) == 65 + somma % 26


class FoglioCosti:
    """The `core.sheets.schema.Modulo` of the cost report."""

    foglio = FOGLIO
    colonne_etichetta = ("matricola", "mese")

    def colonne(self, contesto: dict) -> tuple[Colonna, ...]:
        def scelte(voci: list[dict]) -> dict[str, object]:
            return {
                nome: voce["id"] if voce["id"] is not None else ENTE_STESSO
                for voce in voci
                for nome in (voce["nome"], *voce.get("altri_nomi", ()))
            }

        def nomi(elenco: list[str]) -> dict:
            return {"genere": "scelta", "scelte": {n: n for n in elenco}} if elenco else {}

        particolari = {
            "matricola": {"massimo": 30},
            "codice_fiscale": {"lettore": leggi_codice_fiscale},
            "datore": {"genere": "scelta", "scelte": scelte(contesto["datori"])},
            "cpi": {"genere": "scelta", "scelte": scelte(contesto["cpi"])},
            "inquadramento": nomi(contesto["inquadramenti"]),
            "profilo": nomi(contesto["profili"]),
            "linea": {
                "genere": "scelta",
                "scelte": {linea["codice"]: linea["id"] for linea in contesto["linee"]},
                "non_ammesse": {
                    linea["codice"]: linea["denominazione"] for linea in contesto["linee_non_ammesse"]
                },
                "controllo": regole.LINEA,
            },
            "mese": {"genere": "intero", "massimo": 12},
            "percentuale": {"genere": "percentuale"},
        }
        importo = {"genere": "importo", "controllo": regole.LETTURA, "controllo_avviso": regole.ARROTONDATO}
        return tuple(
            Colonna(
                nome,
                titolo,
                # An item left empty is «not stated», not zero; the total of the row must be there.
                obbligatoria=nome not in VOCI,
                **(importo if nome in VOCI or nome == "totale" else particolari.get(nome, {})),
            )
            for nome, titolo in TITOLI.items()
        )

    def metadati(self, contesto: dict) -> dict[str, tuple[str, str]]:
        """What the hidden sheet must say, each with the words that introduce it in a message."""
        return metadati_del_modello(
            contesto["versione"],
            contesto["ente"]["sigla"],
            contesto["ente"]["denominazione"],
            contesto["anno"],
            contesto["trimestre"],
            contesto["convenzione"],
        )

    def etichetta(self, tabella: Tabella, indice: int) -> str:
        matricola = tabella.valori.get("matricola", [None] * (indice + 1))[indice]
        mese = tabella.valori.get("mese", [None] * (indice + 1))[indice]
        parti = [f"matricola {matricola}"] if matricola else []
        parti += [MESI[mese]] if mese else []
        return ", ".join(parti)

    def controlla(self, tabella: Tabella, contesto: dict, raccolta: Raccolta) -> tuple[int, dict]:
        if not len(tabella):
            trovato = Trovato(None, None, "nessuna riga", "almeno una riga", regole.SENZA_RIGHE.perche)
            raccolta.segnala_cella(regole.SENZA_RIGHE, "A2", 2, trovato)
            return 0, {"persone": 0, "linee": []}
        for controllo in (mesi_fuori, righe_doppie, linee_e_tempo, voci_non_ammesse, negativi, totali):
            controllo(tabella, contesto, raccolta)
        importi = [c or 0 for c in tabella.valori["totale"]]
        raccolta.pesa(importi)
        nomi = {linea["id"]: linea["codice"] for linea in contesto["linee"]}
        return sum(importi), persone_e_totali(tabella, nomi)

    def righe(self, tabella: Tabella, contesto: dict) -> Iterator[str]:
        """COPY text (PostgreSQL text format), columns as in `COLONNE_COPY`."""
        v = tabella.valori
        forme, colonne = zip(
            ("%d", tabella.numeri),
            *(("%s", _testi(v[n])) for n in ("matricola", "codice_fiscale", "cognome", "nome")),
            ("%s", [r"\N" if d == ENTE_STESSO else d for d in v["datore"]]),
            ("%d", v["cpi"]),
            *(("%s", _testi(v[n])) for n in ("inquadramento", "profilo")),
            ("%d", v["linea"]),
            ("%d", v["mese"]),
            *(_decimali(v[n]) for n in ("percentuale", *VOCI, "totale")),
            strict=True,
        )
        riga = "\t".join((str(contesto["rendiconto_id"]), *forme)) + "\n"
        return map(riga.__mod__, zip(*colonne, strict=True))


def metadati_del_modello(
    versione: str, sigla: str, denominazione: str, anno: int, trimestre: int, convenzione: str
) -> dict[str, tuple[str, str]]:
    """The hidden sheet of the template, in clear: name → (value, words). Written there, read back here."""
    return {
        "tipo": (TIPO, "il modello"),
        "ente": (f"{sigla} {denominazione}", "l’ente"),
        "periodo": (f"{trimestre}° trimestre {anno}", "il periodo"),
        "convenzione": (convenzione, "la convenzione"),
        "versione": (versione, "la versione del modello"),
    }


def _testi(valori: list[str]) -> list[str]:
    """Escaped for COPY: tabs and line ends are already gone, the backslash is left."""
    memo = {t: t.replace("\\", "\\\\") for t in set(valori)}
    return [memo[t] for t in valori]


def _decimali(centesimi: list[int | None]) -> tuple[str, list]:
    """How to print the column, and the column. 1234 cents are written «1234e-2», which PostgreSQL reads as
    12.34: half the cost of placing the point here."""
    if None in centesimi:
        return "%s", [r"\N" if c is None else f"{c}e-2" for c in centesimi]
    return "%de-2", centesimi


COSTI = FoglioCosti()
