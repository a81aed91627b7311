"""Loads the official data of the source documents (`fixtures/ufficiali`)."""

from django.core.management.base import BaseCommand

from cruscotto.dati import ufficiali


class Command(BaseCommand):
    help = "Carica i dati ufficiali che mancano; ciò che c'è già resta com'è."
    requires_system_checks = []

    def handle(self, *args, verbosity, **options):
        creati = ufficiali.carica()
        if verbosity:
            testo = ", ".join(f"{numero} {nome}" for nome, numero in creati.items())
            self.stdout.write(
                f"Dati ufficiali caricati: {testo}." if creati else "Dati ufficiali già presenti."
            )
