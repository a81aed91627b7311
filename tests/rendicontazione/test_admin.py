"""The base data of the reports in the admin: entered by officials, mended one by one, never a 500."""

import datetime as dt

from django.urls import reverse

from registro.models import Evento
from rendicontazione.models import Adempimento, RegolaAdempimento, VoceAmmessa


def pagina(modello, azione, *args):
    return reverse(f"admin:rendicontazione_{modello._meta.model_name}_{azione}", args=args)


def test_an_official_enters_an_admitted_item_once(client, pronta, linea, funzionario):
    client.force_login(funzionario)
    campi = {"convenzione": pronta.pk, "linea": linea.pk, "anno": "2025", "voce": "irap"}
    assert client.post(pagina(VoceAmmessa, "add"), campi).status_code == 302
    assert VoceAmmessa.objects.get(anno=2025).voce == "irap"
    di_nuovo = client.post(pagina(VoceAmmessa, "add"), campi)
    assert di_nuovo.status_code == 200
    assert "Questa voce è già ammessa" in di_nuovo.content.decode()


def test_a_due_date_is_mended_and_the_register_says_it(client, adempimento, funzionario):
    client.force_login(funzionario)
    risposta = client.post(pagina(Adempimento, "change", adempimento.pk), {"scadenza": "15/05/2024"})
    assert risposta.status_code == 302
    adempimento.refresh_from_db()
    assert (adempimento.scadenza, adempimento.presunta) == (dt.date(2024, 5, 15), False)
    assert Evento.objects.filter(azione="dati di base: modificato", oggetto_id=adempimento.pk).exists()


def test_duties_are_neither_added_nor_deleted_by_hand(client, adempimento, funzionario):
    client.force_login(funzionario)
    assert client.get(pagina(Adempimento, "add")).status_code == 403
    assert client.post(pagina(Adempimento, "delete", adempimento.pk), {"post": "yes"}).status_code == 403


def test_a_day_that_does_not_exist_is_refused_in_words(client, pronta, funzionario):
    client.force_login(funzionario)
    regola = RegolaAdempimento.objects.first()
    campi = {"convenzione": pronta.pk, "tipo": regola.tipo, "mesi_dopo": "1", "giorno": "40"}
    risposta = client.post(pagina(RegolaAdempimento, "change", regola.pk), campi)
    assert risposta.status_code == 200
    assert "Il giorno va da 1 a 31" in risposta.content.decode()


def test_a_province_does_not_reach_them(client, adempimento, responsabile):
    client.force_login(responsabile)
    assert client.get(pagina(Adempimento, "changelist")).status_code == 302
