from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from enti.models import Utente
from enti.permessi import Permesso
from registro.models import Evento
from tests import factories


def esegui(*argomenti):
    uscita = StringIO()
    call_command("primo_amministratore", *argomenti, stdout=uscita)
    return uscita.getvalue()


def test_it_makes_the_first_administrator_and_prints_a_link_that_works(regione, client):
    uscita = esegui("Ada@regione.example", "--nome", "Ada", "--cognome", "Ministra")
    utente = Utente.objects.get(email="ada@regione.example")
    assert str(utente) == "Ada Ministra"
    assert utente.puo(Permesso.GESTIRE_PERSONE, regione)
    assert not hasattr(utente, "is_superuser")
    assert Evento.objects.filter(chi=None, azione="incarico: assegnato").count() == 1
    percorso = uscita.strip().splitlines()[-1].removeprefix("http://127.0.0.1:8000")
    assert "form" in client.get(percorso, follow=True).context


def test_asked_again_for_the_same_person_it_only_prints_a_new_link(regione):
    esegui("ada@regione.example")
    assert "/key/" in esegui("ada@regione.example")
    assert Evento.objects.filter(azione="incarico: assegnato").count() == 1


def test_it_refuses_when_there_is_one(amministratore):
    prima = Utente.objects.count(), Evento.objects.count()
    with pytest.raises(CommandError, match="ha già un amministratore"):
        esegui("altra@regione.example")
    assert (Utente.objects.count(), Evento.objects.count()) == prima


def test_it_asks_which_region(regione):
    factories.ente("PIE", "Regione Piemonte")
    with pytest.raises(CommandError, match="più di una"):
        esegui("ada@regione.example")
    with pytest.raises(CommandError, match="Nessuna Regione con sigla XX"):
        esegui("ada@regione.example", "--regione", "XX")
    esegui("ada@regione.example", "--regione", "pie")


def test_without_regions_it_says_what_to_load(db):
    with pytest.raises(CommandError, match="dati ufficiali"):
        esegui("ada@regione.example")


def test_a_person_with_a_password_keeps_it(regione):
    factories.utente("ada@regione.example")
    assert "con la password che ha" in esegui("ada@regione.example")
