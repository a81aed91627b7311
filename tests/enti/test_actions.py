import datetime as dt
import re

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from enti import actions, jobs
from enti.models import Incarico, Utente
from enti.permessi import Permesso, Ruolo
from registro.models import Evento
from tests import factories

OGGI = timezone.localdate
GIORNO = dt.timedelta(days=1)


def invita(da, ente, **campi):
    dati = {
        "email": "nuova@prova.example",
        "nome": "Nora",
        "cognome": "Nuova",
        "ruolo": Ruolo.OPERATORE_PROVINCIALE,
        "dal": OGGI(),
    } | campi
    return actions.invita(**dati, ente=ente, da=da)


def fotografia():
    """What must not move when an action refuses: people, roles, register, jobs."""
    return (
        list(Utente.objects.order_by("pk").values()),
        list(Incarico.objects.order_by("pk").values()),
        Evento.objects.count(),
        ProcrastinateJob.objects.count(),
    )


@pytest.fixture
def rifiuta(db):
    def prova(errore, funzione, match=None):
        prima = fotografia()
        with pytest.raises(errore, match=match) as preso:
            funzione()
        assert fotografia() == prima
        return preso.value

    return prova


def test_an_invitation_makes_a_person_without_password_with_a_role_and_a_letter(amministratore, milano):
    utente = invita(amministratore, milano, email="Nuova@Prova.example")
    assert utente.email == "nuova@prova.example"
    assert not utente.has_usable_password()
    assert utente.puo(Permesso.CARICARE_RENDICONTO, milano)
    job = ProcrastinateJob.objects.get()
    assert (job.task_name, job.args) == ("enti.spedisci_invito", {"utente_id": utente.pk})
    azioni = Evento.objects.order_by("pk").values_list("azione", "chi", "ente")
    assert list(azioni) == [
        ("persona: invitata", amministratore.pk, milano.pk),
        ("incarico: assegnato", amministratore.pk, milano.pk),
    ]


def test_the_letter_holds_role_link_and_expiry_and_the_link_sets_a_password_once(
    amministratore, milano, client
):
    utente = invita(amministratore, milano)
    jobs.spedisci_invito(utente.pk)
    (lettera,) = mail.outbox
    assert lettera.to == ["nuova@prova.example"]
    assert lettera.subject == "Il tuo accesso a Convenzioni CPI"
    assert "operatore provinciale, Città metropolitana di Milano" in lettera.body
    assert "fino al" in lettera.body
    indirizzo = re.search(r"http\S+/key/\S+", lettera.body)[0]
    assert indirizzo.startswith("http://127.0.0.1:8000/accesso/")
    pagina = client.get(indirizzo.removeprefix("http://127.0.0.1:8000"), follow=True)
    vero = pagina.redirect_chain[-1][0]
    client.post(vero, {"password1": "una-password-lunga-1", "password2": "una-password-lunga-1"})
    utente.refresh_from_db()
    assert utente.check_password("una-password-lunga-1")
    client.logout()
    ancora = client.get(indirizzo.removeprefix("http://127.0.0.1:8000"), follow=True)
    assert "form" not in ancora.context or ancora.context.get("token_fail")


def test_no_letter_goes_to_who_has_a_password_or_is_disabled(operatore, amministratore, milano):
    jobs.spedisci_invito(operatore.pk)
    utente = invita(amministratore, milano)
    Utente.objects.filter(pk=utente.pk).update(is_active=False)
    jobs.spedisci_invito(utente.pk)
    assert mail.outbox == []


@pytest.mark.parametrize(
    ("campi", "campo", "parole"),
    [
        ({"email": "GIA@prova.example"}, "email", "c'è già"),
        ({"email": "non è una e-mail"}, "email", "valido"),
        ({"ruolo": Ruolo.DIRIGENTE_REGIONALE}, "ruolo", "nella Regione"),
        ({"al": dt.date(2020, 1, 1)}, "al", "prima di cominciare"),
    ],
)
def test_an_invitation_refused_says_at_which_field(amministratore, milano, rifiuta, campi, campo, parole):
    factories.utente("gia@prova.example")
    errore = rifiuta(ValidationError, lambda: invita(amministratore, milano, **campi))
    assert parole in " ".join(errore.message_dict[campo])


def test_a_provincial_role_is_refused_in_the_region(amministratore, regione, rifiuta):
    errore = rifiuta(ValidationError, lambda: invita(amministratore, regione))
    assert "Provincia o Città metropolitana" in errore.message_dict["ruolo"][0]


def test_only_the_amministratore_of_the_region_invites(dirigente, operatore, revisore, milano, rifiuta):
    altra = factories.ente("PIE", "Regione Piemonte")
    forestiero = factories.incaricato(Ruolo.AMMINISTRATORE, altra)
    for chi in (dirigente, operatore, revisore, forestiero):
        rifiuta(PermissionDenied, lambda chi=chi: invita(chi, milano))


def test_the_invitation_goes_again_until_there_is_a_password(amministratore, operatore, milano, rifiuta):
    utente = invita(amministratore, milano)
    actions.rinvia_invito(utente, da=amministratore)
    assert ProcrastinateJob.objects.count() == 2
    assert Evento.objects.filter(azione="persona: invito rispedito").count() == 1
    rifiuta(
        ValidationError, lambda: actions.rinvia_invito(operatore, da=amministratore), "ha già una password"
    )
    rifiuta(PermissionDenied, lambda: actions.rinvia_invito(utente, da=operatore))


def test_a_second_role_may_follow_but_not_overlap(amministratore, operatore, milano, rifiuta):
    incarico = operatore.incarichi.get()
    dati = {"ruolo": Ruolo.OPERATORE_PROVINCIALE, "ente": milano, "da": amministratore}
    actions.chiudi(incarico, al=OGGI(), da=amministratore)
    errore = rifiuta(ValidationError, lambda: actions.assegna(operatore, dal=OGGI(), **dati))
    assert errore.message_dict == {"dal": ["La persona ha già questo incarico in quel periodo."]}
    nuovo = actions.assegna(operatore, dal=OGGI() + GIORNO, **dati)
    assert nuovo.dal == OGGI() + GIORNO
    rifiuta(PermissionDenied, lambda: actions.assegna(operatore, dal=OGGI(), **(dati | {"da": operatore})))


def test_a_closed_role_lasts_to_the_end_of_its_last_day(amministratore, operatore, milano, rifiuta):
    incarico = operatore.incarichi.get()
    actions.chiudi(incarico, al=OGGI(), da=amministratore)
    assert Utente.objects.get(pk=operatore.pk).puo(Permesso.CARICARE_RENDICONTO, milano)
    actions.chiudi(incarico, al=OGGI() - GIORNO, da=amministratore)
    assert not Utente.objects.get(pk=operatore.pk).puo(Permesso.CARICARE_RENDICONTO, milano)
    rifiuta(ValidationError, lambda: actions.chiudi(incarico, al=OGGI(), da=amministratore), "già finito")
    rifiuta(ValidationError, lambda: actions.togli(incarico, da=amministratore), "già finito")


def test_a_role_does_not_end_before_it_begins(amministratore, operatore, rifiuta):
    incarico = operatore.incarichi.get()
    errore = rifiuta(
        ValidationError, lambda: actions.chiudi(incarico, al=dt.date(2019, 12, 31), da=amministratore)
    )
    assert "01/01/2020" in errore.message_dict["al"][0]
    rifiuta(PermissionDenied, lambda: actions.chiudi(incarico, al=OGGI(), da=operatore))


def test_a_role_taken_away_ends_at_once_and_one_of_today_disappears(amministratore, operatore, milano):
    incarico = operatore.incarichi.get()
    actions.togli(incarico, da=amministratore)
    incarico.refresh_from_db()
    assert incarico.al == OGGI() - GIORNO
    di_oggi = actions.assegna(operatore, ruolo=Ruolo.LETTORE, ente=milano, dal=OGGI(), da=amministratore)
    actions.togli(di_oggi, da=amministratore)
    assert not Incarico.objects.filter(pk=di_oggi.pk).exists()
    assert Evento.objects.filter(azione="incarico: tolto").count() == 2


def test_the_last_administrator_cannot_end_the_own_role(amministratore, regione, rifiuta):
    incarico = amministratore.incarichi.get()
    rifiuta(ValidationError, lambda: actions.togli(incarico, da=amministratore), "senza amministratori")
    domani = OGGI() + GIORNO
    rifiuta(
        ValidationError,
        lambda: actions.chiudi(incarico, al=domani, da=amministratore),
        "senza amministratori",
    )
    # who has been invited but has no password yet cannot take over
    invitata = invita(amministratore, regione, ruolo=Ruolo.AMMINISTRATORE)
    rifiuta(ValidationError, lambda: actions.togli(incarico, da=amministratore), "senza amministratori")
    invitata.set_password("una-password-lunga")
    invitata.save()
    actions.togli(incarico, da=amministratore)
    assert not Utente.objects.get(pk=amministratore.pk).puo(Permesso.GESTIRE_PERSONE)


def test_a_disabled_person_is_out_and_the_open_session_is_gone(amministratore, operatore, client, rifiuta):
    client.force_login(operatore)
    assert client.get("/").status_code == 200
    actions.disattiva(operatore, da=amministratore)
    assert client.get("/").status_code == 302
    rifiuta(ValidationError, lambda: actions.disattiva(operatore, da=amministratore), "già disattivata")
    actions.riattiva(operatore, da=amministratore)
    assert client.get("/").status_code == 302  # the old session does not come back
    rifiuta(ValidationError, lambda: actions.riattiva(operatore, da=amministratore), "già attiva")
    azioni = Evento.objects.filter(oggetto_id=operatore.pk).order_by("pk").values_list("azione", flat=True)
    assert list(azioni) == ["persona: disattivata", "persona: riattivata"]


def test_nobody_disables_the_own_self_or_a_person_of_another_region(amministratore, operatore, rifiuta):
    rifiuta(ValidationError, lambda: actions.disattiva(amministratore, da=amministratore), "te stesso")
    altra = factories.ente("PIE", "Regione Piemonte")
    forestiero = factories.incaricato(Ruolo.FUNZIONARIO_REGIONALE, altra)
    rifiuta(PermissionDenied, lambda: actions.disattiva(forestiero, da=amministratore))
    Incarico.objects.create(utente=operatore, ente=altra, ruolo=Ruolo.LETTORE, dal=dt.date(2020, 1, 1))
    rifiuta(ValidationError, lambda: actions.disattiva(operatore, da=amministratore), "altra Regione")
    rifiuta(PermissionDenied, lambda: actions.disattiva(operatore, da=forestiero))


def test_the_row_history_says_who(amministratore, operatore):
    actions.disattiva(operatore, da=amministratore)
    storia = Utente.pgh_event_model.objects.filter(pgh_obj_id=operatore.pk).order_by("-pgh_id").first()
    assert storia.pgh_context.metadata["user"] == amministratore.pk


def test_who_lost_the_role_while_the_page_was_open_does_nothing(amministratore, operatore, regione, rifiuta):
    altro = factories.incaricato(Ruolo.AMMINISTRATORE, regione)
    assert amministratore.puo(Permesso.GESTIRE_PERSONE)  # now kept in the object
    actions.togli(amministratore.incarichi.get(), da=altro)
    rifiuta(PermissionDenied, lambda: actions.disattiva(operatore, da=amministratore))
