"""What is done to an adempimento and to its report. Whoever writes passes through here."""

from .adempimenti import adempimento_di, genera_adempimenti
from .caricamento import carica, chiudi_interrotti, verifica
from .lettura import registra_lettura
from .passaggi import prendi_in_carico, restituisci, ritira, scarta, trasmetti, valida

__all__ = [
    "adempimento_di",
    "carica",
    "chiudi_interrotti",
    "genera_adempimenti",
    "prendi_in_carico",
    "registra_lettura",
    "restituisci",
    "ritira",
    "scarta",
    "trasmetti",
    "valida",
    "verifica",
]
