"""Brings a database up to date: tables, static files, official data and, on request, the demo."""

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from convenzioni.models import Convenzione
from enti.models import Utente

# (what is said, command, options): one process, because each start of Django costs a second.
PASSI = [
    ("Tabelle", "migrate", {"interactive": False}),
    ("File statici", "collectstatic", {"interactive": False}),
    ("Dati ufficiali", "carica_dati_ufficiali", {}),
]
PASSI_DEMO = [("Dati dimostrativi e utenti", "carica_dati_demo", {})]


class Command(BaseCommand):
    help = "Prepara il database e i file statici; si può ripetere."
    requires_system_checks = []  # migrate runs those of the database, the server the others

    def add_arguments(self, parser):
        parser.add_argument("--demo", action="store_true", help="carica anche i dati dimostrativi")

    def handle(self, *args, demo, verbosity, **options):
        if demo:
            rifiuta_database_di_altri()
        for titolo, comando, opzioni in PASSI + (PASSI_DEMO if demo else []):
            self.stdout.write(f"{titolo}…")
            self.stdout.flush()
            call_command(comando, verbosity=max(0, verbosity - 1), stdout=self.stdout, **opzioni)


def rifiuta_database_di_altri() -> None:
    """Raise `CommandError` before the first table is touched; `carica_dati_demo` looks again, more closely."""
    tabelle = set(connection.introspection.table_names())
    nostre = {Utente._meta.db_table, Convenzione._meta.db_table} <= tabelle
    if tabelle and not nostre:
        raise CommandError(
            "Il database contiene le tabelle di un'altra applicazione: la demo vuole un database nuovo."
        )
    if (
        nostre
        and Utente.objects.filter(dimostrativo=False).exists()
        and not Convenzione.objects.filter(dimostrativo=True).exists()
    ):
        raise CommandError(
            "Il database contiene già persone e dati che non sono della dimostrazione: non è stato toccato. "
            "La demo vuole un database nuovo."
        )
