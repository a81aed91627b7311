"""Loads the demonstration set (`fixtures/demo`) into a database that holds nothing else."""

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from cruscotto.dati import demo, ufficiali


class Command(BaseCommand):
    help = "Carica i dati dimostrativi e gli account, dopo quelli ufficiali. Si può ripetere."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument(
            "--account",
            type=Path,
            default=Path(settings.BASE_DIR) / "var" / "demo-accounts.txt",
            help="dove scrivere e-mail e password (var/demo-accounts.txt)",
        )

    def handle(self, *args, account, verbosity, **options):
        ufficiali.carica()
        try:
            nuovi = demo.carica(account)
        except demo.DatabaseOccupato as errore:
            raise CommandError(str(errore)) from errore
        if verbosity:
            self.stdout.write("Dati dimostrativi caricati." if nuovi else "I dati dimostrativi ci sono già.")
            self.stdout.write(account.read_text(encoding="utf-8"), ending="")
