"""Make the first administrator of a Region: the others are invited from the pages."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from enti import actions
from enti.adapters import indirizzo_password
from enti.models import Ente, TipoEnte


class Command(BaseCommand):
    help = (
        "Crea il primo amministratore di una Regione e stampa il collegamento con cui sceglie la password. "
        "Si rifiuta se la Regione ha già un amministratore attivo."
    )

    def add_arguments(self, parser):
        parser.add_argument("email", metavar="E-MAIL")
        parser.add_argument("--nome", default="Primo")
        parser.add_argument("--cognome", default="Amministratore")
        parser.add_argument("--regione", metavar="SIGLA", help="serve solo se le Regioni sono più di una")

    def handle(self, *args, email, nome, cognome, regione, **options):
        try:
            utente = actions.primo_amministratore(
                email, nome=nome, cognome=cognome, regione=self._regione(regione), da=None
            )
        except ValidationError as errore:
            raise CommandError(" ".join(errore.messages)) from errore
        if utente.has_usable_password():
            self.stdout.write(f"{utente} ({utente.email}) è amministratore ed entra con la password che ha.")
            return
        giorni = settings.PASSWORD_RESET_TIMEOUT // 86_400
        self.stdout.write(f"{utente} ({utente.email}) è amministratore.")
        self.stdout.write(f"Sceglie la password qui, una volta sola, entro {giorni} giorni:")
        self.stdout.write(settings.INDIRIZZO_PUBBLICO + indirizzo_password(utente))

    def _regione(self, sigla: str | None) -> Ente:
        regioni = Ente.objects.filter(tipo=TipoEnte.REGIONE)
        if sigla:
            regioni = regioni.filter(sigla__iexact=sigla)
        trovate = list(regioni[:2])
        if len(trovate) == 1:
            return trovate[0]
        if trovate:
            raise CommandError("Le Regioni sono più di una: scegli con --regione SIGLA.")
        if sigla:
            raise CommandError(f"Nessuna Regione con sigla {sigla}.")
        raise CommandError("Nessuna Regione: carica prima i dati ufficiali (manage.py loaddata).")
