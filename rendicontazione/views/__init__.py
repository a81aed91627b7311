"""The pages of the reports."""

from .file import carica, errori, errori_csv, esito, modello, originale, righe
from .passaggi import genera, prendi_in_carico, restituisci, ritira, scarta, trasmetti, valida
from .rendiconti import dettaglio, elenco

__all__ = [
    "carica",
    "dettaglio",
    "elenco",
    "errori",
    "errori_csv",
    "esito",
    "genera",
    "modello",
    "originale",
    "prendi_in_carico",
    "restituisci",
    "righe",
    "ritira",
    "scarta",
    "trasmetti",
    "valida",
]
