"""Reading of the data files of `fixtures/`."""

import csv
import json
from decimal import Decimal
from pathlib import Path

from django.conf import settings

UFFICIALI = Path(settings.BASE_DIR) / "fixtures" / "ufficiali"
DEMO = Path(settings.BASE_DIR) / "fixtures" / "demo"


def righe(file: Path) -> list[dict[str, str]]:
    """The rows of a csv file (comma, UTF-8), by heading; an empty cell is an empty text."""
    with file.open(encoding="utf-8", newline="") as aperto:
        return list(csv.DictReader(aperto))


def oggetti(file: Path):
    """What a json file holds."""
    return json.loads(file.read_text(encoding="utf-8"))


def importo(testo: str | None) -> Decimal | None:
    """«8972346.42» as it stands in the data files; empty or null is «not stated», never zero."""
    return Decimal(testo) if testo else None
