import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from enti.models import Incarico, Utente
from enti.permessi import Ruolo
from tests import factories


@pytest.fixture
def admin(client, amministratore):
    client.force_login(amministratore)
    return client


def test_the_list_shows_people_with_their_roles_in_a_constant_number_of_queries(
    admin, operatore, milano, conta_query
):
    url = reverse("enti:persone")
    admin.get(url)
    prima = conta_query(lambda: admin.get(url))
    for _ in range(5):
        factories.incaricato(Ruolo.LETTORE, milano)
    assert conta_query(lambda: admin.get(url)) == prima
    pagina = admin.get(url).content.decode()
    assert "Bianchi Chiara" in pagina
    assert "operatore provinciale, Milano" in pagina


def test_invented_people_are_named_as_such(admin, operatore):
    assert "Dati dimostrativi" not in admin.get(reverse("enti:persone")).content.decode()
    Utente.objects.filter(pk=operatore.pk).update(dimostrativo=True)
    pagina = admin.get(reverse("enti:persone")).content.decode()
    assert "Dati dimostrativi" in pagina
    assert "persona inventata" in pagina


def test_the_list_is_filtered(admin, operatore, responsabile, funzionario, senza_incarichi):
    def nomi(**filtri):
        tabella = admin.get(reverse("enti:persone"), filtri).context["tabella"]
        return {riga.record.cognome for riga in tabella.rows}

    assert nomi(testo="bianchi chia") == {"Bianchi"}
    assert nomi(ente="MI") == {"Bianchi", "Greco"}
    assert nomi(ente="MI", ruolo="responsabile_provinciale") == {"Greco"}
    assert nomi(ente="LOM", ruolo="responsabile_provinciale") == set()
    Utente.objects.filter(pk=operatore.pk).update(is_active=False)
    assert nomi(stato="disattivato") == {"Bianchi"}
    assert "Nessuno" in nomi()


@pytest.mark.parametrize(
    "chi", ["funzionario", "dirigente", "operatore", "responsabile", "lettore", "revisore"]
)
def test_only_the_amministratore_sees_people(client, request, operatore, chi):
    client.force_login(request.getfixturevalue(chi))
    incarico = operatore.incarichi.get()
    for nome, pk in (
        ("persone", None),
        ("invita", None),
        ("persona", operatore.pk),
        ("incarico_chiudi", incarico.pk),
    ):
        args = [pk] if pk else []
        assert client.get(reverse(f"enti:{nome}", args=args)).status_code == 403, nome
    for nome, pk in (("disattiva", operatore.pk), ("rinvia", operatore.pk), ("incarico_togli", incarico.pk)):
        assert client.post(reverse(f"enti:{nome}", args=[pk])).status_code == 403, nome
    assert Utente.objects.get(pk=operatore.pk).is_active


def test_people_of_another_region_are_not_found(admin):
    altra = factories.ente("PIE", "Regione Piemonte")
    forestiero = factories.incaricato(Ruolo.FUNZIONARIO_REGIONALE, altra)
    assert admin.get(reverse("enti:persona", args=[forestiero.pk])).status_code == 404
    assert admin.post(reverse("enti:disattiva", args=[forestiero.pk])).status_code == 404
    incarico = forestiero.incarichi.get()
    assert admin.post(reverse("enti:incarico_togli", args=[incarico.pk])).status_code == 404


def test_inviting_goes_to_the_page_of_the_person(admin, milano):
    dati = {
        "email": "nuova@prova.example",
        "nome": "Nora",
        "cognome": "Nuova",
        "ruolo": "operatore_provinciale",
        "ente": milano.pk,
        "dal": "01/02/2026",
        "al": "",
    }
    risposta = admin.post(reverse("enti:invita"), dati, follow=True)
    utente = Utente.objects.get(email="nuova@prova.example")
    assert risposta.redirect_chain == [(reverse("enti:persona", args=[utente.pk]), 302)]
    assert "Invito in partenza per nuova@prova.example" in risposta.content.decode()
    assert utente.incarichi.get().dal == dt.date(2026, 2, 1)
    assert "Rispedisci l’invito" in risposta.content.decode()


def test_a_refused_invitation_keeps_what_was_typed_and_says_where(admin, regione):
    dati = {
        "email": "nuova@prova.example",
        "nome": "Nora",
        "cognome": "Nuova",
        "ente": regione.pk,
        "dal": "30/02/2026",
    }
    risposta = admin.post(reverse("enti:invita"), dati | {"ruolo": "operatore_provinciale"})
    pagina = risposta.content.decode()
    assert risposta.status_code == 200
    assert 'value="30/02/2026"' in pagina
    assert "<title>Errore: Invita una persona" in pagina
    risposta = admin.post(
        reverse("enti:invita"), dati | {"ruolo": "operatore_provinciale", "dal": "28/02/2026"}
    )
    assert "Provincia o Città metropolitana" in risposta.context["form"].errors["ruolo"][0]
    assert not Utente.objects.filter(email="nuova@prova.example").exists()


def test_an_overlap_is_said_at_the_date(admin, operatore, milano):
    url = reverse("enti:incarico_aggiungi", args=[operatore.pk])
    dati = {"ruolo": "operatore_provinciale", "ente": milano.pk, "dal": "01/02/2026", "al": ""}
    risposta = admin.post(url, dati)
    assert risposta.context["form"].errors == {"dal": ["La persona ha già questo incarico in quel periodo."]}
    risposta = admin.post(url, dati | {"ruolo": "lettore"}, follow=True)
    assert "Incarico dato: lettore, Città metropolitana di Milano" in risposta.content.decode()


def test_a_role_is_closed_or_taken_away_from_its_page(admin, operatore):
    incarico = operatore.incarichi.get()
    url = reverse("enti:incarico_chiudi", args=[incarico.pk])
    assert "Togli subito" in admin.get(url).content.decode()
    admin.post(url, {"al": "31/12/2030"})
    assert Incarico.objects.get(pk=incarico.pk).al == dt.date(2030, 12, 31)
    admin.post(reverse("enti:incarico_togli", args=[incarico.pk]))
    assert Incarico.objects.get(pk=incarico.pk).al == timezone.localdate() - dt.timedelta(days=1)
    assert "Incarichi finiti" in admin.get(reverse("enti:persona", args=[operatore.pk])).content.decode()


def test_a_refused_action_says_why_on_the_page(admin, amministratore):
    url = reverse("enti:disattiva", args=[amministratore.pk])
    pagina = admin.post(url, follow=True).content.decode()
    assert "Non puoi disattivare te stesso" in pagina
    incarico = amministratore.incarichi.get()
    pagina = admin.post(reverse("enti:incarico_togli", args=[incarico.pk]), follow=True).content.decode()
    assert "resterebbe senza amministratori" in pagina


def test_a_get_does_nothing_where_a_post_is_needed(admin, operatore):
    for nome in ("disattiva", "riattiva", "rinvia"):
        assert admin.get(reverse(f"enti:{nome}", args=[operatore.pk])).status_code == 405


def test_a_role_that_ends_in_mid_session_opens_nothing_more(client, operatore, convenzione):
    client.force_login(operatore)
    url = reverse("quadro:convenzione", args=[convenzione.codice])
    assert client.get(url).status_code == 200
    ieri = timezone.localdate() - dt.timedelta(days=1)
    Incarico.objects.filter(utente=operatore).update(al=ieri)
    assert client.get(url).status_code == 403
    assert "Non hai ancora un incarico" in client.get("/").content.decode()
