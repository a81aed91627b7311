"""Brings a database up to date: tables, static files, official data and, on request, the demo."""

from django.core.management import call_command
from django.core.management.base import BaseCommand

# (what is said, command, options): one process, because each start of Django costs half a second.
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
        for titolo, comando, opzioni in PASSI + (PASSI_DEMO if demo else []):
            self.stdout.write(f"{titolo}…")
            self.stdout.flush()
            call_command(comando, verbosity=max(0, verbosity - 1), stdout=self.stdout, **opzioni)
