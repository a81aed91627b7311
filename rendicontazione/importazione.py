"""From the database to the sheet engine and back: what a file is compared with, and what it may cost."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core.exceptions import ValidationError

from convenzioni.models import LineaFinanziamento
from core.sheets.esame import Esame, Limiti, esamina
from enti.models import CentroImpiego, EnteStrumentale

from .modello import DatiModello, scrivi_modello
from .models import Adempimento, VoceAmmessa
from .scadenze import periodo

MODULO = "rendicontazione.controlli:COSTI"
TIPO = "rendiconto_costi"
VERSIONE_MODELLO = "1"

# Every file under examination is a process with its own memory: the threads of a server must not start one each.
_posti = threading.BoundedSemaphore(settings.CARICAMENTO_INSIEME)
ATTESA_SECONDI = 30


def limiti() -> Limiti:
    """Size and rows as the upload page states them; the rest is what the reader may take from the machine."""
    return Limiti(
        byte=settings.CARICAMENTO_MAX_MB * 2**20,
        righe=settings.CARICAMENTO_MAX_RIGHE,
        # A sheet of 18 columns takes about 1 KB a row once unzipped.
        decompressi=max(200 * 2**20, settings.CARICAMENTO_MAX_RIGHE * 2_000),
        memoria=2**30,
        secondi=30,
    )


def contesto(adempimento: Adempimento, rendiconto_id: int | None = None) -> dict:
    """What the controls compare the file with, as plain data (see `core.sheets`).

    Raises `ValidationError` where the convention does not say which costs are admitted in that year.
    """
    ente, convenzione = adempimento.ente, adempimento.convenzione
    ammesse: dict[int, list[str]] = {}
    for linea_id, voce in VoceAmmessa.objects.filter(
        convenzione=convenzione, anno=adempimento.anno
    ).values_list("linea", "voce"):
        ammesse.setdefault(linea_id, []).append(voce)
    if not ammesse:
        raise ValidationError(
            f"Per la convenzione {convenzione.codice} non sono ancora indicate le voci di costo ammesse nel "
            f"{adempimento.anno}: le inserisce la Regione nei dati di base."
        )
    catalogo = LineaFinanziamento.objects.filter(regione=convenzione.regione_id).select_related("padre")
    dal, al = periodo(adempimento.anno, adempimento.trimestre)
    return {
        "rendiconto_id": rendiconto_id,
        "tipo": TIPO,
        "versione": VERSIONE_MODELLO,
        "ente": {"sigla": ente.sigla, "denominazione": ente.denominazione},
        "anno": adempimento.anno,
        "trimestre": adempimento.trimestre,
        "convenzione": convenzione.codice,
        "linee": [
            {
                "id": linea.pk,
                "codice": linea.codice,
                "denominazione": linea.nome_breve,
                "padre": linea.padre.codice if linea.padre else None,
                "voci": ammesse[linea.pk],
            }
            for linea in catalogo
            if linea.pk in ammesse
        ],
        "linee_non_ammesse": [
            {"codice": linea.codice, "denominazione": linea.nome_breve}
            for linea in catalogo
            if linea.pk not in ammesse
        ],
        "cpi": [
            {"id": cpi.pk, "nome": cpi.denominazione}
            for cpi in CentroImpiego.objects.filter(ente=ente).attivi(dal, al)
        ],
        "datori": [
            {"id": None, "nome": ente.denominazione, "altri_nomi": sorted({ente.nome_breve, ente.sigla})},
            *(
                {"id": datore.pk, "nome": datore.denominazione}
                for datore in EnteStrumentale.objects.attivi_per(ente, dal, al)
            ),
        ],
        "inquadramenti": [],
        "profili": [],
    }


@contextmanager
def esamina_file(dati: bytes, nome: str, confronto: dict) -> Iterator[Esame]:
    """The file examined by the controls of the cost report. `confronto`: what `contesto` gives.

    Raises `ValidationError` where too many others are being examined and none ends in time.
    """
    if not _posti.acquire(timeout=ATTESA_SECONDI):
        raise ValidationError("Stiamo controllando altri file. Carica di nuovo il tuo tra un minuto.")
    try:
        with esamina(dati, nome, MODULO, confronto, limiti()) as esame:
            yield esame
    finally:
        _posti.release()


def modello(adempimento: Adempimento) -> bytes:
    """The template workbook made for that ente, year and quarter."""
    dati = contesto(adempimento)
    return scrivi_modello(
        DatiModello(
            ente_sigla=dati["ente"]["sigla"],
            ente_denominazione=dati["ente"]["denominazione"],
            anno=adempimento.anno,
            trimestre=adempimento.trimestre,
            convenzione=dati["convenzione"],
            versione=dati["versione"],
            linee=tuple((linea["codice"], linea["denominazione"], linea["padre"]) for linea in dati["linee"]),
            cpi=tuple(cpi["nome"] for cpi in dati["cpi"]),
            datori=tuple(datore["nome"] for datore in dati["datori"]),
            inquadramenti=tuple(dati["inquadramenti"]),
            profili=tuple(dati["profili"]),
        )
    )


def nome_del_modello(adempimento: Adempimento) -> str:
    return f"rendiconto_{adempimento.ente.sigla}_{adempimento.anno}_T{adempimento.trimestre}.xlsx"
