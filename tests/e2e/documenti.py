"""What a downloaded document says."""

import csv
import re
import subprocess
from decimal import Decimal
from pathlib import Path

from openpyxl import load_workbook

# Euro amounts as documents print them, with the sign of a difference: 8.972.346,42, −12.400,00.
CIFRA = re.compile(r"(?<![\d.,])[−+]?\d{1,3}(?:\.\d{3})*,\d{2}(?![\d,]|\s*%)")


def leggi_pdf(file: Path) -> str:
    return subprocess.run(
        ["pdftotext", "-layout", file, "-"], check=True, capture_output=True, text=True
    ).stdout


def euro(testo: str) -> Decimal:
    return Decimal(testo.replace(".", "").replace(",", ".").replace("−", "-"))


def scritto(importo: Decimal) -> str:
    """`8.972.346,42`."""
    return f"{importo:,.2f}".translate(str.maketrans(",.", ".,"))


def cifre(testo: str) -> set[Decimal]:
    return {abs(euro(trovata)) for trovata in CIFRA.findall(testo)}


def righe_csv(file: Path) -> list[list[str]]:
    return list(csv.reader(file.read_text(encoding="utf-8-sig").splitlines(), delimiter=";"))


def valori_xlsx(file: Path) -> list:
    cartella = load_workbook(file)
    return [cella.value for foglio in cartella for riga in foglio.iter_rows() for cella in riga]
