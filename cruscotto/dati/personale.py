"""Invented staff and costs of the demonstration reports. Same ente and quarter, same file, byte for byte."""

import csv
import io
from decimal import Decimal
from itertools import cycle, islice

from stdnum.it import codicefiscale

from core import money
from rendicontazione.controlli.costi import TITOLI
from rendicontazione.controlli.importi import VOCI

# Surnames that nobody can take for real ones.
COGNOMI = (
    "Esempio", "Prova", "Modello", "Campione", "Finzione", "Fantasia", "Dimostrativo", "Figurante",
    "Simulato", "Inventato", "Immaginario", "Ipotetico", "Segnaposto", "Fittizio",
)  # fmt: skip
NOMI = (
    "Ada", "Bruno", "Carla", "Dario", "Elisa", "Fabio", "Gina", "Ivo", "Lara", "Mario", "Nadia", "Oreste",
    "Pia", "Remo", "Sara", "Tullio",
)  # fmt: skip
INQUADRAMENTI = ("Area degli Istruttori", "Area dei Funzionari e dell'Elevata Qualificazione")
PROFILI = {
    INQUADRAMENTI[0]: ("Operatore del mercato del lavoro", "Tecnico informatico"),
    INQUADRAMENTI[1]: ("Specialista del mercato del lavoro", "Specialista informatico statistico"),
}
# The place of birth is a code that no municipality or State has: the codici fiscali are of nobody.
LUOGO = "Z999"
MESI_CF = "ABCDEHLMPRST"


def file_csv(contesto: dict, persone: dict[str, int], *, correzione: int = 0) -> bytes:
    """A csv of the report described by `contesto` (see `rendicontazione.importazione`), UTF-8 with BOM.

    `persone`: how many for each line. `correzione`: cents added to the meal vouchers of the first row, which
    make another version of the file.
    """
    righe = _righe(contesto, persone)
    righe[0]["buoni_pasto"] += Decimal(correzione) / 100
    return _scrivi(righe)


def file_sbagliato(contesto: dict, persone: dict[str, int]) -> bytes:
    """The same report with the mistakes that people make, each in some rows: it will be refused."""
    righe = _righe(contesto, persone)
    testi = _in_testo(righe)
    for riga in testi[10:14]:  # a point where the comma should be
        riga["trattamento_fondamentale"] = riga["trattamento_fondamentale"].replace(".", "").replace(",", ".")
    testi[30]["totale"] = money.scrivi(righe[30]["totale"] + 100)
    testi[45]["mese"] = str(contesto["trimestre"] * 3 % 12 + 1)
    testi[60]["linea"] = "POT_FUNZIONAMENTO"
    testi[75]["codice_fiscale"] = testi[75]["codice_fiscale"][:-1]
    testi[90]["cpi"] = "Lambrate"
    testi[100]["percentuale"] = "1"
    testi.append(dict(testi[5]))
    return _in_byte(testi)


def _righe(contesto: dict, persone: dict[str, int]) -> list[dict]:
    mesi = range(contesto["trimestre"] * 3 - 2, contesto["trimestre"] * 3 + 1)
    linee = [codice for codice, quante in persone.items() for _ in range(quante)]
    sedi = islice(cycle(contesto["cpi"]), len(linee))
    righe = []
    for numero, (linea, cpi) in enumerate(zip(linee, sedi, strict=True)):
        persona = _persona(contesto, numero) | {"linea": linea, "cpi": cpi["nome"]}
        righe += [persona | {"mese": mese} | _costo(persona, numero, mese) for mese in mesi]
    return righe


def _persona(contesto: dict, numero: int) -> dict:
    # Sixteen names and fourteen surnames: the shift makes 224 pairs before one comes back.
    nome = NOMI[numero % len(NOMI)]
    cognome = COGNOMI[(numero + numero // 112) % len(COGNOMI)]
    inquadramento = INQUADRAMENTI[numero % 5 > 2]
    datori = contesto["datori"]
    seme = sum(map(ord, contesto["ente"]["sigla"]))
    return {
        "matricola": f"{contesto['ente']['sigla']}{1001 + numero}",
        "codice_fiscale": _codice_fiscale(cognome, nome, numero * 37 + seme),
        "cognome": cognome,
        "nome": nome,
        "datore": datori[-1 if numero % 3 else 0]["nome"],
        "inquadramento": inquadramento,
        "profilo": PROFILI[inquadramento][numero % 10 == 7],
        "percentuale": "50" if numero % 20 == 13 else "100",
    }


def _costo(persona: dict, numero: int, mese: int) -> dict[str, Decimal]:
    """A month of cost (euro): some 3,100 for an istruttore, 3,600 for a funzionario, half for half time."""
    base = Decimal(1905 if persona["inquadramento"] == INQUADRAMENTI[0] else 2240) + numero % 9 * 14
    if persona["percentuale"] == "50":
        base /= 2
    fondamentale = base + Decimal(numero * 7 % 100) / 100
    accessorio = base * Decimal("0.09") + mese * 3
    lordo = fondamentale + accessorio
    voci = {
        "trattamento_fondamentale": fondamentale,
        "trattamento_accessorio": accessorio,
        "oneri_riflessi": lordo * Decimal("0.29"),
        "irap": lordo * Decimal("0.085"),
        "buoni_pasto": Decimal(7) * (16 + (numero + mese) % 5),
    }
    return {voce: money.arrotonda(importo) for voce, importo in voci.items()}


def _codice_fiscale(cognome: str, nome: str, numero: int) -> str:
    anno, mese = 60 + numero % 36, MESI_CF[numero % 12]
    giorno = 1 + numero % 28 + (40 if nome.endswith("a") else 0)
    testo = f"{_tre(cognome)}{_tre(nome, nome=True)}{anno:02}{mese}{giorno:02}{LUOGO}"
    return testo + codicefiscale.calc_check_digit(testo)


def _tre(parola: str, *, nome: bool = False) -> str:
    """The three letters of a surname or of a name in a codice fiscale (D.M. 23/12/1976)."""
    parola = parola.upper()
    consonanti = [lettera for lettera in parola if lettera not in "AEIOU"]
    if nome and len(consonanti) > 3:
        del consonanti[1]
    vocali = [lettera for lettera in parola if lettera in "AEIOU"]
    return "".join([*consonanti, *vocali, "X", "X"][:3])


def _scrivi(righe: list[dict]) -> bytes:
    return _in_byte(_in_testo(righe))


def _in_testo(righe: list[dict]) -> list[dict[str, str]]:
    for riga in righe:
        riga["totale"] = sum(riga[voce] for voce in VOCI if voce in riga)
    return [
        {campo: money.scrivi(v) if isinstance(v, Decimal) else str(v) for campo, v in riga.items()}
        for riga in righe
    ]


def _in_byte(testi: list[dict[str, str]]) -> bytes:
    uscita = io.StringIO(newline="")
    scrittore = csv.DictWriter(uscita, list(TITOLI), delimiter=";", restval="")
    scrittore.writerow(TITOLI)
    scrittore.writerows(testi)
    return uscita.getvalue().encode("utf-8-sig")
