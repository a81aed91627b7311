"""The two commands: exit status, JSON, default convention."""

import io
import json

import pytest
from django.core.management import CommandError, call_command
from openpyxl import load_workbook

from registro.models import Allegato, Caricamento
from rendicontazione.models import Adempimento, Rendiconto
from tests import factories

from .conftest import csv, riga

QUALE = ("--ente", "MI", "--anno", "2024", "--trimestre", "1")


def importa(file, *opzioni, quale=QUALE):
    """(exit status, standard output)."""
    uscita = io.StringIO()
    try:
        call_command("importa_rendiconto", str(file), *quale, *opzioni, stdout=uscita)
    except SystemExit as fine:
        return fine.code, uscita.getvalue()
    return 0, uscita.getvalue()


@pytest.fixture
def buono(tmp_path):
    file = tmp_path / "rendiconto.csv"
    file.write_bytes(csv(riga(1), riga(2, importo="345,67")))
    return file


@pytest.fixture
def cattivo(tmp_path):
    file = tmp_path / "cattivo.csv"
    file.write_bytes(csv(riga(1, importo="2.145.30")))
    return file


def test_the_template_is_written(pronta, tmp_path):
    file = tmp_path / "modello.xlsx"
    call_command("modello_rendiconto", *QUALE, "--uscita", str(file), stdout=io.StringIO())
    foglio = load_workbook(file)["Costi"]
    assert [cella.value for cella in foglio[1]][:3] == ["Matricola", "Codice fiscale", "Cognome"]


def test_an_accepted_file_ends_with_zero_and_one_json_object(pronta, buono):
    stato, uscita = importa(buono, "--json")
    assert stato == 0
    assert json.loads(uscita) == {
        "esito": "accettato",
        "righe": 2,
        "totale": "1345.67",
        "errori_totali": 0,
        "errori": [],
    }
    assert Rendiconto.objects.get().caricamento.caricato_da is None


def test_a_refused_file_ends_with_one_and_names_the_cell(pronta, cattivo):
    stato, uscita = importa(cattivo, "--json")
    risposta = json.loads(uscita)
    assert (stato, risposta["esito"]) == (1, "rifiutato")
    errore = next(e for e in risposta["errori"] if e["cella"] == "L2")
    assert set(errore) == {"livello", "codice", "foglio", "cella", "trovato", "atteso", "messaggio"}
    assert (errore["livello"], errore["codice"], errore["foglio"]) == ("bloccante", "C19", "Costi")
    assert Allegato.objects.get().dimensione == cattivo.stat().st_size


def test_solo_verifica_answers_and_writes_nothing(pronta, buono, cattivo):
    assert importa(buono, "--solo-verifica", "--json")[0] == 0
    assert importa(cattivo, "--solo-verifica")[0] == 1
    assert not Adempimento.objects.exists()
    assert not Caricamento.objects.exists()


def test_the_same_file_again_ends_with_one(pronta, buono):
    assert importa(buono)[0] == 0
    stato, uscita = importa(buono, "--json")
    errore = json.loads(uscita)["errori"][0]
    assert (stato, errore["codice"], "stesso file" in errore["messaggio"]) == (1, "C08", True)


@pytest.mark.parametrize(
    "quale",
    [
        ("--ente", "XX", "--anno", "2024", "--trimestre", "1"),
        ("--ente", "LOM", "--anno", "2024", "--trimestre", "1"),
        ("--ente", "MI", "--anno", "2031", "--trimestre", "1"),
        ("--ente", "MI", "--anno", "2024", "--trimestre", "1", "--convenzione", "NIENTE"),
        ("--ente", "MI", "--anno", "2025", "--trimestre", "1"),
    ],
)
def test_anything_else_ends_with_two(pronta, buono, quale):
    with pytest.raises(CommandError) as errore:
        importa(buono, "--json", quale=quale)
    assert errore.value.returncode == 2
    assert not Caricamento.objects.exists()


def test_a_file_that_is_not_there_ends_with_two(pronta, tmp_path):
    with pytest.raises(CommandError) as errore:
        importa(tmp_path / "niente.csv")
    assert errore.value.returncode == 2


def test_a_program_error_ends_with_two_and_not_with_one(pronta, buono, monkeypatch):
    from rendicontazione import actions

    def rotto(*args, **kwargs):
        raise RuntimeError("broken")

    monkeypatch.setattr(actions, "carica", rotto)
    with pytest.raises(CommandError) as errore:
        importa(buono)
    assert errore.value.returncode == 2


def test_the_default_convention_is_not_the_demonstrative_one(pronta, regione, milano, bergamo, buono):
    factories.convenzione(regione, [milano, bergamo], codice="DEMO-2024-2026", dimostrativo=True)
    assert importa(buono)[0] == 0
    assert Rendiconto.objects.get().adempimento.convenzione == pronta


def test_a_file_beyond_the_size_is_refused_and_not_kept(pronta, buono, settings):
    settings.CARICAMENTO_MAX_MB = 0
    stato, uscita = importa(buono, "--json")
    assert (stato, json.loads(uscita)["esito"]) == (1, "rifiutato")
    assert not Allegato.objects.exists()
