"""What is done to people and their roles. Rights come only from roles, so every change is in the register."""

import datetime as dt

from django.contrib.auth import SESSION_KEY
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.contrib.sessions.models import Session
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, ValidationError
from django.db.models import Q
from django.utils import timezone

from core.actions import azione
from registro.actions import annota

from . import jobs
from .models import Ente, Incarico, Utente
from .permessi import Permesso, Ruolo


@azione
def invita(
    *,
    email: str,
    nome: str,
    cognome: str,
    ruolo: str,
    ente: Ente,
    dal: dt.date,
    al: dt.date | None = None,
    da: Utente,
) -> Utente:
    """Create a person without a password, with a first role, and send the link to choose the password.

    Raises `ValidationError` by field: e-mail already there, role that the ente cannot have, dates reversed.
    """
    da = _deve_gestire(da, ente)
    if Utente.objects.filter(email__iexact=email).exists():
        raise ValidationError(
            {"email": "Una persona con questa e-mail c'è già: dalle l'incarico dalla sua pagina."}
        )
    utente = Utente.objects.create_user(email, nome=nome, cognome=cognome)
    annota("persona: invitata", utente, da=da, ente=ente, email=utente.email)
    _assegna(utente, ruolo=ruolo, ente=ente, dal=dal, al=al, da=da)
    jobs.spedisci_invito.defer(utente_id=utente.pk)
    return utente


@azione
def rinvia_invito(utente: Utente, *, da: Utente) -> None:
    """Send the link again, until the person has chosen a password."""
    utente = _blocca(utente)
    _deve_gestire_persona(da, utente)
    if not utente.is_active:
        raise ValidationError("La persona è disattivata: riattivala prima di rispedire l'invito.")
    if utente.has_usable_password():
        raise ValidationError(
            "La persona ha già una password: se l'ha dimenticata ne chiede una nuova dalla pagina di accesso."
        )
    annota("persona: invito rispedito", utente, da=da, ente=_ente_di(utente, da), email=utente.email)
    jobs.spedisci_invito.defer(utente_id=utente.pk)


@azione
def assegna(
    utente: Utente, *, ruolo: str, ente: Ente, dal: dt.date, al: dt.date | None = None, da: Utente
) -> Incarico:
    """Give a person one more role. Two equal roles of a person in an ente never overlap."""
    utente = _blocca(utente)
    da = _deve_gestire(da, ente)
    return _assegna(utente, ruolo=ruolo, ente=ente, dal=dal, al=al, da=da)


@azione
def chiudi(incarico: Incarico, *, al: dt.date, da: Utente) -> Incarico:
    """Set the last day of a role that has not ended yet; the person has it until the end of that day."""
    incarico = _blocca_incarico(incarico, da)
    if al < incarico.dal:
        raise ValidationError({"al": f"Comincia il {incarico.dal:%d/%m/%Y}: non può finire prima."})
    _resta_un_amministratore(incarico.ente, Q(pk=incarico.pk), dopo=al)
    incarico.al = al
    _controlla(incarico)
    incarico.save()
    annota("incarico: chiuso", incarico, da=da, ente=incarico.ente, al=al.isoformat())
    return incarico


@azione
def togli(incarico: Incarico, *, da: Utente) -> None:
    """End a role at once: yesterday was its last day. One that begins today or later is deleted."""
    incarico = _blocca_incarico(incarico, da)
    ieri = timezone.localdate() - dt.timedelta(days=1)
    _resta_un_amministratore(incarico.ente, Q(pk=incarico.pk), dopo=ieri)
    annota("incarico: tolto", incarico, da=da, ente=incarico.ente)
    if incarico.dal > ieri:
        incarico.delete()
        return
    incarico.al = ieri
    _controlla(incarico)
    incarico.save()


@azione
def disattiva(utente: Utente, *, da: Utente) -> Utente:
    """Shut a person out at once: no login, open sessions ended. Roles and history stay."""
    utente = _blocca(utente)
    _deve_gestire_persona(da, utente)
    if utente.pk == da.pk:
        raise ValidationError("Non puoi disattivare te stesso: chiedilo a un altro amministratore.")
    if not utente.is_active:
        raise ValidationError("La persona è già disattivata.")
    propri = Ente.objects.con_permesso(da, Permesso.GESTIRE_PERSONE)
    fuori = utente.incarichi.attivi().exclude(ente__in=propri)
    if fuori.exists():
        raise ValidationError("Ha un incarico anche in un'altra Regione: chiudi gli incarichi nella tua.")
    for incarico in utente.incarichi.attivi().filter(ruolo=Ruolo.AMMINISTRATORE).select_related("ente"):
        _resta_un_amministratore(incarico.ente, Q(utente=utente), dopo=timezone.localdate())
    utente.is_active = False
    utente.save()
    _chiudi_sessioni(utente)
    annota("persona: disattivata", utente, da=da, ente=_ente_di(utente, da))
    return utente


@azione
def riattiva(utente: Utente, *, da: Utente) -> Utente:
    """Let a person in again, with the password and the roles that are still valid."""
    utente = _blocca(utente)
    _deve_gestire_persona(da, utente)
    if utente.is_active:
        raise ValidationError("La persona è già attiva.")
    utente.is_active = True
    utente.save()
    annota("persona: riattivata", utente, da=da, ente=_ente_di(utente, da))
    return utente


@azione
def primo_amministratore(email: str, *, regione: Ente, nome: str, cognome: str, da: None = None) -> Utente:
    """Make the first administrator of a Region, from the command line of the server.

    Raises `ValidationError` if the Region has one. The same person asked again gets only a new link.
    """
    # All the changes to the administrators of a Region wait for each other here.
    regione = Ente.objects.select_for_update(no_key=True).get(pk=regione.pk)
    attuali = Utente.objects.filter(
        pk__in=Incarico.objects.attivi().filter(ente=regione, ruolo=Ruolo.AMMINISTRATORE).values("utente")
    )
    utente = Utente.objects.filter(email__iexact=email).first()
    if utente is not None and utente in attuali and not utente.has_usable_password():
        return utente
    if attuali:
        raise ValidationError(
            f"{regione} ha già un amministratore ({attuali[0].email}): le altre persone le invita lui."
        )
    if utente is None:
        utente = Utente.objects.create_user(email, nome=nome, cognome=cognome)
        annota("persona: invitata", utente, da=da, ente=regione, email=utente.email)
    elif not utente.is_active:
        raise ValidationError(f"{utente.email} è disattivato: scegli un'altra persona.")
    _assegna(utente, ruolo=Ruolo.AMMINISTRATORE, ente=regione, dal=timezone.localdate(), al=None, da=da)
    return utente


# ---- pieces


def _blocca(utente: Utente) -> Utente:
    return Utente.objects.select_for_update(no_key=True).get(pk=utente.pk)


def _blocca_incarico(incarico: Incarico, da: Utente) -> Incarico:
    """Lock the person of a role that has not ended and re-read the role, if `da` may manage its ente."""
    _blocca(incarico.utente)
    incarico = Incarico.objects.select_related("ente", "utente").get(pk=incarico.pk)
    _deve_gestire(da, incarico.ente)
    if incarico.al is not None and incarico.al < timezone.localdate():
        raise ValidationError(f"L'incarico è già finito il {incarico.al:%d/%m/%Y}.")
    return incarico


def _deve_gestire(da: Utente, ente: Ente) -> Utente:
    """The acting person, re-read: who lost the role while the page was open may not use it."""
    da = Utente.objects.get(pk=da.pk)
    da.deve_potere(Permesso.GESTIRE_PERSONE, ente)
    return da


def _deve_gestire_persona(da: Utente, utente: Utente) -> None:
    da = Utente.objects.get(pk=da.pk)
    da.deve_potere(Permesso.GESTIRE_PERSONE)
    if not Utente.objects.visibili_a(da).filter(pk=utente.pk).exists():
        raise PermissionDenied(Permesso.GESTIRE_PERSONE.label)


def _ente_di(utente: Utente, da: Utente) -> Ente | None:
    """The ente under which the register keeps what concerns a person: their latest, else the actor's."""
    propri = Ente.objects.con_permesso(da, Permesso.GESTIRE_PERSONE)
    incarico = utente.incarichi.filter(ente__in=propri).select_related("ente").order_by("-dal").first()
    return incarico.ente if incarico else propri.filter(regione=None).first()


def _assegna(utente, *, ruolo, ente, dal, al, da) -> Incarico:
    if al is not None and al < dal:
        raise ValidationError({"al": "L'incarico finisce prima di cominciare."})
    incarico = Incarico(utente=utente, ente=ente, ruolo=ruolo, dal=dal, al=al)
    _controlla(incarico)
    incarico.save()
    annota(
        "incarico: assegnato",
        incarico,
        da=da,
        ente=ente,
        ruolo=ruolo,
        dal=dal.isoformat(),
        al=al.isoformat() if al else None,
    )
    return incarico


def _controlla(incarico: Incarico) -> None:
    """`full_clean`, with the overlap said at the date where it is mended."""
    try:
        incarico.full_clean()
    except ValidationError as errore:
        campi = dict(errore.error_dict)
        if NON_FIELD_ERRORS in campi:
            campi["dal"] = [*campi.get("dal", []), *campi.pop(NON_FIELD_ERRORS)]
        raise ValidationError(campi) from errore


def _resta_un_amministratore(ente: Ente, senza: Q, *, dopo: dt.date) -> None:
    """Refuse to leave a Region without an administrator who can log in, today and after the day `dopo`."""
    if not ente.e_regione:
        return
    Ente.objects.select_for_update(no_key=True).get(pk=ente.pk)
    amministratori = Incarico.objects.attivi().filter(ente=ente, ruolo=Ruolo.AMMINISTRATORE)
    if not amministratori.filter(senza).exists():
        return
    altri = amministratori.exclude(senza).exclude(utente__password__startswith=UNUSABLE_PASSWORD_PREFIX)
    if not altri.filter(Q(al=None) | Q(al__gt=dopo)).exists():
        raise ValidationError(
            f"{ente} resterebbe senza amministratori: prima dai l'incarico a chi ha già una password."
        )


def _chiudi_sessioni(utente: Utente) -> None:
    """Otherwise the old session would work again after a reactivation. Sessions last hours: they are few."""
    for sessione in Session.objects.filter(expire_date__gte=timezone.now()).iterator():
        if sessione.get_decoded().get(SESSION_KEY) == str(utente.pk):
            sessione.delete()
