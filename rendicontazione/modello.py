"""The template workbook of the quarterly cost report, made for one ente, year and quarter. No ORM."""

from dataclasses import dataclass

from core.calendario import MESI
from core.sheets.modello import ColonnaModello, Istruzioni, scrivi_cartella

from .controlli.costi import FOGLIO, TITOLI, metadati_del_modello
from .controlli.importi import VOCI
from .controlli.persone import mesi_del_trimestre


@dataclass(frozen=True)
class DatiModello:
    """Who and when the workbook is for, what its drop-downs offer. `linee`: (code, name, parent or None)."""

    ente_sigla: str
    ente_denominazione: str
    anno: int
    trimestre: int
    convenzione: str
    versione: str
    linee: tuple[tuple[str, str, str | None], ...]
    cpi: tuple[str, ...]
    datori: tuple[str, ...]
    inquadramenti: tuple[str, ...] = ()
    profili: tuple[str, ...] = ()


_AIUTI_VOCI = {
    "trattamento_fondamentale": "Stipendio tabellare, indennità di comparto, tredicesima, altre voci fisse.",
    "trattamento_accessorio": "Performance, straordinari, indennità, posizione e risultato.",
    "oneri_riflessi": "Contributi a carico del datore: CPDEL, TFS o TFR, INAIL, previdenza complementare.",
    "irap": "L’IRAP a carico del datore.",
    "buoni_pasto": "Il costo dei buoni pasto del mese.",
    "altro": "Missioni, formazione e ogni altra voce che non sta nelle precedenti.",
}


def scrivi_modello(dati: DatiModello) -> bytes:
    """The bytes of the xlsx to download."""
    mesi = mesi_del_trimestre(dati.trimestre)
    nomi_mesi = ", ".join(f"{m} ({MESI[m]})" for m in mesi)
    colonne = _colonne(dati, mesi, nomi_mesi)
    metadati = metadati_del_modello(
        dati.versione, dati.ente_sigla, dati.ente_denominazione, dati.anno, dati.trimestre, dati.convenzione
    )
    return scrivi_cartella(
        FOGLIO,
        colonne,
        {nome: valore for nome, (valore, _) in metadati.items()},
        _istruzioni(dati, nomi_mesi),
        colonne_ferme=4,
    )


def _colonne(dati: DatiModello, mesi: range, nomi_mesi: str) -> tuple[ColonnaModello, ...]:
    importo = {
        "genere": "importo",
        "larghezza": 15,
        "minimo": 0,
        "massimo": 999_999_999_999.99,
        "esempio": "2.145,30",
    }
    scelte = "Scegli dall’elenco a discesa"
    particolari = {
        "matricola": {
            "larghezza": 12,
            "aiuto": "La matricola della persona presso il datore di lavoro.",
            "esempio": "20417",
        },
        "codice_fiscale": {
            "larghezza": 21,
            "aiuto": "Il codice fiscale della persona, 16 caratteri.",
            "esempio": "RSSMRA80A01H501U",
        },
        "cognome": {"larghezza": 18, "aiuto": "Il cognome.", "esempio": "Rossi"},
        "nome": {"larghezza": 16, "aiuto": "Il nome.", "esempio": "Maria"},
        "datore": {
            "larghezza": 30,
            "aiuto": f"{scelte}: l’ente o l’azienda che paga la persona.",
            "elenco": dati.datori,
        },
        "cpi": {
            "larghezza": 24,
            "aiuto": f"{scelte}: il Centro per l’impiego dove la persona lavora.",
            "elenco": dati.cpi,
        },
        "inquadramento": {
            "larghezza": 24,
            "aiuto": "L’area o la categoria di contratto.",
            "elenco": dati.inquadramenti,
        },
        "profilo": {"larghezza": 28, "aiuto": "Il profilo professionale.", "elenco": dati.profili},
        "linea": {
            "larghezza": 28,
            "aiuto": f"{scelte}: il codice della linea che paga il costo. L’elenco è nelle istruzioni.",
            "elenco": tuple(codice for codice, _, _ in dati.linee),
        },
        "mese": {
            "genere": "intero",
            "larghezza": 8,
            "aiuto": f"Il numero del mese: {nomi_mesi}.",
            "minimo": mesi[0],
            "massimo": mesi[-1],
            "esempio": str(mesi[0]),
        },
        "percentuale": {
            "genere": "percentuale",
            "larghezza": 13,
            "aiuto": "Il tempo di lavoro da 0 a 100, senza il segno %. Tempo pieno è 100, non 1.",
            "minimo": 0,
            "massimo": 100,
            "esempio": "100",
        },
        "totale": importo
        | {"aiuto": "La somma delle sei voci della riga. La ricalcoliamo noi e diciamo se non torna."},
    }
    colonne = []
    for nome, titolo in TITOLI.items():
        campi = particolari.get(nome) or importo | {"aiuto": _AIUTI_VOCI[nome], "obbligatoria": False}
        if campi.get("elenco"):
            campi = campi | {"genere": "scelta", "esempio": campi["elenco"][0]}
        colonne.append(ColonnaModello(titolo=titolo, **({"genere": "testo"} | campi)))
    return tuple(colonne)


def _istruzioni(dati: DatiModello, nomi_mesi: str) -> Istruzioni:
    linee = tuple(
        f"{codice}: {nome}" + (f" (di cui di {padre}: il costo conta in quella linea)" if padre else "")
        for codice, nome, padre in dati.linee
    )
    return Istruzioni(
        titolo="Rendiconto trimestrale dei costi del personale",
        destinazione=(
            ("Ente", dati.ente_denominazione),
            ("Periodo", f"{dati.trimestre}° trimestre {dati.anno}"),
            ("Convenzione", dati.convenzione),
            ("Versione del modello", dati.versione),
        ),
        sezioni=(
            (
                "Come si compila",
                (
                    f"1. Nel foglio «{FOGLIO}» scrivi una riga per persona e per mese: {nomi_mesi}.",
                    "2. Non cambiare le intestazioni. Le righe vuote non contano.",
                    "3. Chi è pagato su due linee ha due righe, con la percentuale di tempo divisa.",
                    "4. Scrivi valori, non formule. Se incolli, usa Incolla speciale, Valori.",
                    "5. Una voce che non c’è lasciala vuota. Gli importi sono in euro, con due decimali.",
                    "6. Carica il file nella pagina del rendiconto: gli errori si vedono tutti insieme.",
                ),
            ),
            ("Linee di finanziamento", linee),
            (
                "Buono a sapersi",
                (
                    "Il file vale per l’ente e il periodo scritti sopra: per un altro scaricane uno nuovo.",
                    "Puoi caricare anche un csv con le stesse intestazioni, separato da punto e virgola.",
                    "Il file contiene dati personali: conservalo e mandalo solo per le vie del tuo ente.",
                ),
            ),
        ),
    )


assert set(_AIUTI_VOCI) == set(VOCI)  # noqa: S101 - a new item must come with its words
