"""`manage.py importa_rendiconto FILE --ente MI --anno 2024 --trimestre 1`: read a report, like an upload."""

import json
from decimal import Decimal
from pathlib import Path

from django.db import transaction

from core import money

from ... import actions, archivio, importazione
from ._comune import ComandoRendiconto

CAMPI = ("livello", "codice", "foglio", "cella", "trovato", "atteso", "messaggio")


class Command(ComandoRendiconto):
    help = (
        "Legge un rendiconto (xlsx o csv): esce con 0 se è accettato, 1 se è rifiutato, 2 in ogni altro caso."
    )

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, metavar="FILE", help="il file da leggere")
        super().add_arguments(parser)
        parser.add_argument(
            "--solo-verifica", action="store_true", help="controlla soltanto, non scrive nulla"
        )
        parser.add_argument("--json", action="store_true", help="l'esito come un oggetto JSON")

    def esegui(self, *, file, ente, anno, trimestre, convenzione, solo_verifica, **opzioni) -> int:
        quale = {"ente": ente, "anno": anno, "trimestre": trimestre, "convenzione": convenzione}
        file = Path(file)
        massimo = importazione.limiti().byte
        with file.open("rb") as aperto:
            # One byte more than the limit is enough to know that it is too large.
            dati = aperto.read(massimo + 1)
        if solo_verifica or len(dati) > massimo:
            risposta = self._verifica(quale, dati, file.name)
        else:
            caricamento = actions.carica(self.adempimento(**quale), dati, file.name, da=None)
            risposta = _risposta(
                esito=caricamento.esito,
                righe=caricamento.righe,
                totale=caricamento.totale,
                errori_totali=caricamento.errori_totali,
                errori=list(caricamento.esiti.order_by("pk").values(*CAMPI)),
            )
        if opzioni["json"]:
            self.stdout.write(json.dumps(risposta, ensure_ascii=False))
        else:
            self._racconta(risposta)
        return 0 if risposta["esito"] == "accettato" else 1

    def _verifica(self, quale: dict, dati: bytes, nome: str) -> dict:
        with transaction.atomic():
            # The duties of the convention, if they are made now to know the report, are not kept.
            verdetto = actions.verifica(self.adempimento(**quale), dati, nome)
            transaction.set_rollback(True)
        totale = verdetto["totale"]
        return _risposta(
            esito=verdetto["esito"],
            righe=verdetto["righe"],
            totale=None if totale is None else archivio.euro(totale),
            errori_totali=verdetto["errori_totali"],
            errori=[{campo: errore[campo] for campo in CAMPI} for errore in verdetto["errori"]],
        )

    def _racconta(self, risposta: dict) -> None:
        totale = "" if risposta["totale"] is None else f", totale {money.scrivi(Decimal(risposta['totale']))}"
        self.stdout.write(f"File {risposta['esito']}: {risposta['righe']} righe{totale}.")
        for errore in risposta["errori"]:
            dove = "!".join(parte for parte in (errore["foglio"], errore["cella"]) if parte)
            trovato = f" Trovato: {errore['trovato']}." if errore["trovato"] else ""
            atteso = f" Atteso: {errore['atteso']}." if errore["atteso"] else ""
            self.stdout.write(
                f"{errore['livello']} {errore['codice']} {dove}: {errore['messaggio']}{trovato}{atteso}"
            )
        if risposta["errori_totali"] > len(risposta["errori"]):
            self.stdout.write(f"In tutto {risposta['errori_totali']}.")


def _risposta(*, esito, righe, totale, errori_totali, errori) -> dict:
    return {
        "esito": esito,
        "righe": righe,
        # Null where the file could not be read: an unknown total is not zero.
        "totale": None if totale is None else f"{totale:.2f}",
        "errori_totali": errori_totali,
        "errori": errori,
    }
