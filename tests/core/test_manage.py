"""What manage.py does when it cannot even begin."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]


QUALE = ("--ente", "MI", "--anno", "2024", "--trimestre", "1")


@pytest.mark.parametrize(
    "comando",
    [("importa_rendiconto", "costi.csv", *QUALE), ("modello_rendiconto", *QUALE, "--uscita", "-")],
    ids=lambda comando: comando[0],
)
def test_settings_that_are_wrong_end_with_two_and_one_line(comando):
    ambiente = {nome: os.environ[nome] for nome in ("PATH", "HOME") if nome in os.environ}
    ambiente |= {"DATABASE_URL": "postgresql://nessuno@127.0.0.1:1/niente", "CARICAMENTO_MAX_MB": "venti"}

    fine = subprocess.run(
        [sys.executable, "manage.py", *comando],
        cwd=PROJECT,
        env=ambiente | {"SECRET_KEY": "una"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert fine.returncode == 2
    assert len(fine.stderr.splitlines()) == 1
    assert "configurazione" in fine.stderr
