"""`manage.py prospetto CODICE`: the prospetto di riparto as things stand now, written to a file."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from convenzioni.models import Convenzione
from core import exports
from core.pdf import componi
from riparto import documents
from riparto.forms import ProspettoForm


class Command(BaseCommand):
    help = (
        "Scrive il prospetto di riparto di una convenzione (pdf, xlsx, ods o csv, secondo il nome del file)."
    )

    def add_arguments(self, parser):
        parser.add_argument("codice", help="codice della convenzione, per esempio CPI-2024-2026")
        parser.add_argument("--anno", type=int, help="un solo anno; senza, tutti")
        parser.add_argument("--ente", help="sigla di un ente, per esempio MI; senza, l'intera Regione")
        parser.add_argument("--linea", help="codice di una linea, per esempio POT_PERSONALE")
        parser.add_argument("--uscita", required=True, type=Path, help="il file da scrivere")

    def handle(self, *, codice, anno, ente, linea, uscita, **altro):
        try:
            convenzione = Convenzione.objects.select_related("regione").get(codice=codice)
        except Convenzione.DoesNotExist as errore:
            raise CommandError(f"Nessuna convenzione ha il codice {codice}.") from errore
        form = ProspettoForm({"anno": anno, "ente": ente, "linea": linea}, convenzione=convenzione)
        if not form.is_valid():
            spiegazioni = [f"--{campo}: {' '.join(testi)}" for campo, testi in form.errors.items()]
            raise CommandError("\n".join(spiegazioni))
        formato = uscita.suffix.lstrip(".").lower()
        if formato not in ("pdf", *exports.TIPI):
            raise CommandError("Il nome del file finisce con .pdf, .xlsx, .ods o .csv.")

        fatto = documents.prospetto(convenzione, **form.cleaned_data)
        if formato == "pdf":
            dati = componi(fatto.template, fatto.contesto())
        else:
            dati = getattr(exports, formato)(fatto.tabelle())
        try:
            uscita.write_bytes(dati)
        except OSError as errore:
            raise CommandError(f"Non riesco a scrivere {uscita}: {errore.strerror}.") from errore
        self.stdout.write(f"Scritto {uscita}{' (bozza)' if fatto.bozza else ''}.")
