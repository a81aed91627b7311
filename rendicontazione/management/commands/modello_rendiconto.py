"""`manage.py modello_rendiconto --ente MI --anno 2024 --trimestre 1 --uscita FILE`: write the template."""

from pathlib import Path

from ...importazione import modello
from ._comune import ComandoRendiconto


class Command(ComandoRendiconto):
    help = "Scrive il modello di rendiconto (xlsx) fatto per un ente, un anno e un trimestre."

    def add_arguments(self, parser):
        super().add_arguments(parser)
        parser.add_argument("--uscita", required=True, type=Path, metavar="FILE", help="il file da scrivere")

    def esegui(self, *, ente, anno, trimestre, convenzione, uscita, **_) -> int:
        adempimento = self.adempimento(ente=ente, anno=anno, trimestre=trimestre, convenzione=convenzione)
        Path(uscita).write_bytes(modello(adempimento))
        self.stdout.write(f"Scritto {uscita}: {adempimento.titolo}, {adempimento.ente}.")
        return 0
