"""Data entry in the admin: a whole convention on one page, a message for each broken rule, never a 500."""

import re
from decimal import Decimal

import pytest
from django.contrib.admin import ModelAdmin
from django.urls import reverse

from convenzioni.models import Convenzione, Dotazione, Passaggio
from registro.models import Evento
from riparto import actions
from tests import factories

AGGIUNGI = "/admin/convenzioni/convenzione/add/"


@pytest.fixture
def client(client, funzionario):
    client.force_login(funzionario)
    return client


def gestione(prefisso, totale=0, iniziali=0):
    return {
        f"{prefisso}-TOTAL_FORMS": totale,
        f"{prefisso}-INITIAL_FORMS": iniziali,
        f"{prefisso}-MIN_NUM_FORMS": 0,
        f"{prefisso}-MAX_NUM_FORMS": 1000,
    }


def modulo(regione, milano, linea, **dotazione):
    dati = {
        "codice": "NUOVA-2027-2029",
        "titolo": "Convenzione nuova",
        "regione": regione.pk,
        "anno_inizio": "2027",
        "anno_fine": "2029",
        **gestione("sottoscrizioni", 1),
        "sottoscrizioni-0-ente": milano.pk,
        **gestione("dotazioni", 1),
    }
    campi = {"linea": linea.pk, "anno": "2027", "importo": "8.972.346,42", "origine": "inserito"} | dotazione
    return dati | {f"dotazioni-0-{campo}": valore for campo, valore in campi.items()}


def errori(risposta):
    return re.findall(r'class="errorlist[^"]*"[^>]*>(.*?)</ul>', risposta.content.decode(), re.DOTALL)


def test_a_whole_convention_on_one_page(client, regione, milano, linea, funzionario):
    risposta = client.post(AGGIUNGI, modulo(regione, milano, linea))

    assert risposta.status_code == 302
    convenzione = Convenzione.objects.get(codice="NUOVA-2027-2029")
    assert convenzione.stato == "bozza"
    assert convenzione.sottoscrizioni.get().ente == milano
    assert convenzione.dotazioni.get().importo == Decimal("8972346.42")
    evento = Evento.objects.get(azione="dati di base: inserito")
    assert (evento.chi, evento.oggetto_nome) == (funzionario, "NUOVA-2027-2029")


@pytest.mark.parametrize(
    ("campi", "messaggio"),
    [
        ({"importo": "1.23"}, "se intendi 1,23"),
        ({"importo": "1e5"}, "esponenti"),
        ({"importo": "-5"}, "non può essere negativo"),
        ({"anno": "2024"}, "La convenzione va dal 2027 al 2029"),
        ({"importo": "", "precisione": "500"}, "La precisione è maggiore di zero"),
        ({"da_verificare": "on"}, "Scrivi perché"),
    ],
)
def test_a_clear_message_for_each_broken_rule_and_nothing_is_lost(
    client, regione, milano, linea, campi, messaggio
):
    risposta = client.post(AGGIUNGI, modulo(regione, milano, linea, **campi))

    assert risposta.status_code == 200
    assert any(messaggio.replace("'", "&#x27;") in errore for errore in errori(risposta)), errori(risposta)
    for valore in campi.values():
        if valore and valore != "on":
            assert f'value="{valore}"' in risposta.content.decode()
    assert not Convenzione.objects.filter(codice="NUOVA-2027-2029").exists()


def test_the_same_dotazione_twice_is_a_message(client, regione, milano, linea):
    dati = modulo(regione, milano, linea) | gestione("dotazioni", 2)
    dati |= {
        campo.replace("-0-", "-1-"): valore
        for campo, valore in dati.items()
        if campo.startswith("dotazioni-0")
    }

    risposta = client.post(AGGIUNGI, dati)

    assert risposta.status_code == 200
    assert errori(risposta)


def test_a_dotazione_under_an_approved_riparto_is_a_message_not_a_500(
    client, convenzione, linea, dotazione, milano, funzionario, dirigente
):
    factories.approvato(dotazione, {"MI": "600.00", "BG": "400.00"}, da=funzionario, dirigente=dirigente)
    dati = modulo(convenzione.regione, milano, linea, importo="1.000,01", anno="2024") | {
        "codice": convenzione.codice,
        "anno_inizio": 2024,
        "anno_fine": 2026,
        **gestione("dotazioni", 1, 1),
        **gestione("sottoscrizioni"),
        "dotazioni-0-id": dotazione.pk,
        "dotazioni-0-convenzione": convenzione.pk,
    }

    risposta = client.post(reverse("admin:convenzioni_convenzione_change", args=[convenzione.pk]), dati)

    assert risposta.status_code == 200
    assert "c&#x27;è un riparto approvato" in risposta.content.decode()
    assert 'value="1.000,01"' in risposta.content.decode()
    assert Dotazione.objects.get().importo == 1000


def test_deleting_what_others_depend_on_is_a_message(client, convenzione, dotazione, funzionario):
    actions.crea_bozza(dotazione, da=funzionario)

    risposta = client.post(
        reverse("admin:convenzioni_convenzione_delete", args=[convenzione.pk]), {"post": "yes"}, follow=True
    )

    assert risposta.status_code in (200, 403)
    assert Convenzione.objects.exists()


def test_choices_are_in_scope(client, regione, milano, linea):
    altrove = factories.ente("TO", "Città metropolitana di Torino", regione=factories.ente("PIE", "Piemonte"))

    risposta = client.post(AGGIUNGI, modulo(regione, altrove, linea))

    assert risposta.status_code == 200
    assert errori(risposta)
    elenco = client.get(
        "/admin/autocomplete/?term=t&app_label=convenzioni&model_name=sottoscrizione&field_name=ente"
    )
    assert "Torino" not in elenco.content.decode()


@pytest.mark.parametrize("chi", ["operatore", "lettore", "senza_incarichi"])
def test_the_admin_is_not_for_who_enters_no_data(client, chi, request):
    client.force_login(request.getfixturevalue(chi))

    assert client.get(AGGIUNGI).status_code == 302  # to the login of the admin
    assert client.get("/admin/").status_code == 302


def test_the_administrator_of_people_enters_no_money(client, amministratore):
    client.force_login(amministratore)

    assert client.get("/admin/").status_code == 200
    assert client.get(AGGIUNGI).status_code == 403


def test_the_grid_of_a_draft_is_typed_in_and_an_approved_one_is_not(
    client, dotazione, funzionario, dirigente
):
    riparto = factories.bozza(dotazione, funzionario, {"MI": "600.00", "BG": None})
    url = reverse("admin:riparto_riparto_change", args=[riparto.pk])
    quote = list(riparto.quote.order_by("ente__nome_breve"))
    dati = {"criterio": "Storico", "motivo": "", "nota": "", **gestione("quote", 2, 2)}
    for numero, (quota, importo) in enumerate(zip(quote, ["400,00", "600"], strict=True)):
        dati |= {
            f"quote-{numero}-id": quota.pk,
            f"quote-{numero}-riparto": riparto.pk,
            f"quote-{numero}-importo": importo,
            f"quote-{numero}-origine": "inserito",
        }

    assert client.post(url, dati).status_code == 302
    assert riparto.quote.totale() == 1000
    assert actions.autori_degli_importi(riparto) == {funzionario.pk}

    actions.manda_in_verifica(riparto, da=funzionario)
    assert client.post(url, dati).status_code == 403


def cambio(oggetto):
    return reverse(f"admin:{oggetto._meta.app_label}_{oggetto._meta.model_name}_change", args=[oggetto.pk])


def modulo_di(convenzione, **campi):
    return {
        "codice": convenzione.codice,
        "titolo": convenzione.titolo,
        "regione": convenzione.regione_id,
        "anno_inizio": 2024,
        "anno_fine": 2026,
        **gestione("sottoscrizioni"),
        **gestione("dotazioni"),
    } | campi


@pytest.mark.parametrize(("stato", "atteso"), [("bozza", "NUOVO"), ("vigente", "VECCHIO")])
def test_the_code_of_a_convention_is_fixed_once_it_is_no_draft(client, regione, stato, atteso):
    convenzione = factories.convenzione(regione, codice="VECCHIO", stato=stato)

    risposta = client.post(cambio(convenzione), modulo_di(convenzione, codice="NUOVO", titolo="Altro"))

    assert risposta.status_code == 302, errori(risposta)
    convenzione.refresh_from_db()
    assert (convenzione.codice, convenzione.titolo) == (atteso, "Altro")


def test_an_act_that_decided_something_is_only_read(client, dotazione, regione, funzionario, dirigente):
    libero = factories.atto(regione)
    riparto = factories.approvato(
        dotazione, {"MI": "600.00", "BG": "400.00"}, da=funzionario, dirigente=dirigente
    )
    passato = factories.atto(regione)
    Passaggio.objects.create(
        convenzione=dotazione.convenzione, da_stato="bozza", a_stato="schema_approvato", atto=passato
    )

    for atto, risposta in ((libero, 302), (riparto.atto, 403), (passato, 403)):
        dati = {"ente": regione.pk, "tipo": atto.tipo, "numero": "cambiato", "oggetto": atto.oggetto}
        assert client.get(cambio(atto)).status_code == 200
        assert client.post(cambio(atto), dati).status_code == risposta


def test_a_row_is_saved_as_it_is_once_locked(client, convenzione, monkeypatch):
    """Another person changes the state between our reading and our lock: it stays changed."""
    primo = ModelAdmin.get_object

    def letto_prima(self, request, object_id, from_field=None):
        oggetto = primo(self, request, object_id, from_field)
        Convenzione.objects.filter(pk=oggetto.pk).update(stato="conclusa")
        return oggetto

    monkeypatch.setattr(ModelAdmin, "get_object", letto_prima)

    risposta = client.post(cambio(convenzione), modulo_di(convenzione, titolo="Altro"))

    assert risposta.status_code == 302, errori(risposta)
    convenzione.refresh_from_db()
    assert (convenzione.stato, convenzione.titolo) == ("conclusa", "Altro")
