"""The log of who reads personal data: the only thing a GET writes."""

from core.actions import azione
from enti.models import Utente
from registro.actions import annota

from ..models import Adempimento


@azione
def registra_lettura(adempimento: Adempimento, che_cosa: str, *, da: Utente, **dettagli) -> None:
    """Write in the register that the person read `che_cosa` («righe», «file originale»…) of the report."""
    annota(f"lettura: {che_cosa}", adempimento, da=da, ente=adempimento.ente, **dettagli)
