"""The characters: a Region with its official and its director, Milan with its people, Bergamo as the stranger."""

import pytest
from django.db.backends.postgresql.operations import DatabaseOperations

from enti.permessi import Ruolo
from tests import factories

_sql_flush = DatabaseOperations.sql_flush


def _flush_senza_trigger(self, *args, **kwargs):
    # Tests with real transactions empty the tables afterwards; the triggers that refuse TRUNCATE must let them.
    sql = _sql_flush(self, *args, **kwargs)
    if not sql:
        return sql
    return ["SET session_replication_role = replica", *sql, "SET session_replication_role = origin"]


DatabaseOperations.sql_flush = _flush_senza_trigger


@pytest.fixture
def regione(db):
    return factories.ente("LOM", "Regione Lombardia")


@pytest.fixture
def milano(regione):
    return factories.ente(
        "MI",
        "Città metropolitana di Milano",
        nome_breve="Milano",
        tipo="citta_metropolitana",
        regione=regione,
        codice_istat_sovracomunale="215",
    )


@pytest.fixture
def bergamo(regione):
    return factories.ente(
        "BG", "Provincia di Bergamo", nome_breve="Bergamo", regione=regione, codice_istat_sovracomunale="016"
    )


@pytest.fixture
def funzionario(regione):
    return factories.incaricato(Ruolo.FUNZIONARIO_REGIONALE, regione, nome="Paolo", cognome="Ferri")


@pytest.fixture
def dirigente(regione):
    return factories.incaricato(Ruolo.DIRIGENTE_REGIONALE, regione, nome="Elena", cognome="Conti")


@pytest.fixture
def operatore(milano):
    return factories.incaricato(Ruolo.OPERATORE_PROVINCIALE, milano, nome="Chiara", cognome="Bianchi")


@pytest.fixture
def responsabile(milano):
    return factories.incaricato(Ruolo.RESPONSABILE_PROVINCIALE, milano, nome="Marco", cognome="Greco")


@pytest.fixture
def estraneo(bergamo):
    """An operator of another province."""
    return factories.incaricato(Ruolo.OPERATORE_PROVINCIALE, bergamo, nome="Ugo", cognome="Altrove")


@pytest.fixture
def lettore(regione):
    return factories.incaricato(Ruolo.LETTORE, regione, nome="Lia", cognome="Legge")


@pytest.fixture
def revisore(regione):
    return factories.incaricato(Ruolo.REVISORE, regione, nome="Rino", cognome="Rivede")


@pytest.fixture
def amministratore(regione):
    return factories.incaricato(Ruolo.AMMINISTRATORE, regione, nome="Ada", cognome="Ministra")


@pytest.fixture
def senza_incarichi(db):
    return factories.utente(nome="Nino", cognome="Nessuno")


@pytest.fixture
def convenzione(regione, milano, bergamo):
    return factories.convenzione(regione, [milano, bergamo], codice="CPI-2024-2026")


@pytest.fixture
def linea(regione):
    return factories.linea(regione, "POT_PERSONALE", nome_breve="Personale potenziamento", lettera="C")


@pytest.fixture
def dotazione(convenzione, linea):
    return factories.dotazione(convenzione, linea)


@pytest.fixture
def conta_query(django_assert_num_queries):
    """How many queries a call makes."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def conta(funzione):
        with CaptureQueriesContext(connection) as query:
            funzione()
        return len(query)

    return conta
