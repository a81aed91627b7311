"""What the two commands on a report share: which report, and how an error ends."""

import logging
import sys

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from convenzioni.models import Convenzione
from enti.models import Ente

from ...actions import adempimento_di
from ...models import Adempimento

logger = logging.getLogger(__name__)


class ComandoRendiconto(BaseCommand):
    """Exit status: 0 done, 1 the file is refused, 2 anything else (with one line on standard error)."""

    requires_system_checks = ()  # one that fails would end with status 1, which means «refused»

    def add_arguments(self, parser):
        parser.add_argument(
            "--ente", required=True, metavar="SIGLA", help="la sigla dell'ente, per esempio MI"
        )
        parser.add_argument("--anno", required=True, type=int, help="l'anno del rendiconto")
        parser.add_argument("--trimestre", required=True, type=int, choices=(1, 2, 3, 4), help="il trimestre")
        parser.add_argument(
            "--convenzione",
            metavar="CODICE",
            help="il codice della convenzione (altrimenti quella in vigore, non dimostrativa, di quell'anno)",
        )

    def handle(self, *args, **opzioni):
        try:
            esito = self.esegui(**opzioni)
        except CommandError:
            raise
        except ValidationError as errore:
            raise CommandError(" ".join(errore.messages), returncode=2) from errore
        except OSError as errore:
            raise CommandError(
                f"{errore.filename or 'File'}: {errore.strerror or errore}.", returncode=2
            ) from errore
        except Exception as errore:
            # An exception would end with status 1, which means «refused».
            logger.exception("the command stopped")
            raise CommandError(f"Il comando si è fermato: {errore}", returncode=2) from errore
        if esito:
            sys.exit(esito)

    def esegui(self, **opzioni) -> int:
        raise NotImplementedError

    def adempimento(self, *, ente: str, anno: int, trimestre: int, convenzione: str | None) -> Adempimento:
        trovato = Ente.objects.delegati().filter(sigla=ente.upper()).first()
        if trovato is None:
            raise CommandError(f"Nessuna Provincia o Città metropolitana ha la sigla «{ente}».", returncode=2)
        return adempimento_di(self._convenzione(trovato, anno, convenzione), trovato, anno, trimestre)

    def _convenzione(self, ente: Ente, anno: int, codice: str | None) -> Convenzione:
        convenzioni = Convenzione.objects.filter(regione=ente.regione)
        if codice:
            trovata = convenzioni.filter(codice=codice).first()
            if trovata is None:
                raise CommandError(f"La convenzione «{codice}» non c'è.", returncode=2)
            return trovata
        in_forza = list(
            convenzioni.in_forza().filter(
                dimostrativo=False, anno_inizio__lte=anno, anno_fine__gte=anno, sottoscrizioni__ente=ente
            )
        )
        if len(in_forza) != 1:
            quante = "Nessuna convenzione" if not in_forza else "Più di una convenzione"
            raise CommandError(
                f"{quante} in vigore nel {anno} per {ente}: indica quale con --convenzione.", returncode=2
            )
        return in_forza[0]
