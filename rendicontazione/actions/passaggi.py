"""The steps of a report between the ente and the Region."""

from django.core.exceptions import ValidationError
from django.utils import timezone

from core.actions import azione
from enti.models import Utente
from enti.permessi import Permesso
from registro.actions import annota

from ..models import Rendiconto, StatoRendiconto
from .comuni import blocca

S = StatoRendiconto

# Why a step is not possible, in the words of who tries it.
_RIFIUTI = {
    (S.TRASMESSO, S.TRASMESSO): "Il rendiconto è già stato trasmesso.",
    (S.IN_ISTRUTTORIA, S.TRASMESSO): "Il rendiconto è già stato trasmesso: è in istruttoria.",
    (
        S.IN_ISTRUTTORIA,
        S.IN_COMPILAZIONE,
    ): "La Regione ha già preso in carico il rendiconto: non si può più ritirare.",
    (S.IN_ISTRUTTORIA, S.IN_ISTRUTTORIA): "Il rendiconto è già stato preso in carico.",
}


@azione
def trasmetti(rendiconto: Rendiconto, *, da: Utente) -> Rendiconto:
    """Send the report to the Region. After the due date it is accepted and the delay stays written."""
    rendiconto = _apri(rendiconto, Permesso.TRASMETTERE_RENDICONTO, S.TRASMESSO, da)
    restituito_per = rendiconto.motivo
    rendiconto.trasmesso_il, rendiconto.trasmesso_da = timezone.now(), da
    # Sent again after a return: the earlier decision stays in the register and in the row history.
    rendiconto.preso_in_carico_il = rendiconto.preso_in_carico_da = None
    rendiconto.deciso_il = rendiconto.deciso_da = None
    rendiconto.motivo = ""
    dettagli = {"giorni_di_ritardo": rendiconto.giorni_di_ritardo}
    if restituito_per:
        dettagli["era_restituito_per"] = restituito_per
    return _chiudi(rendiconto, S.TRASMESSO, "trasmesso", da, **dettagli)


@azione
def ritira(rendiconto: Rendiconto, *, da: Utente) -> Rendiconto:
    """Take back a report that the Region has not taken in charge: it goes back to be filled in."""
    rendiconto = _apri(rendiconto, Permesso.TRASMETTERE_RENDICONTO, S.IN_COMPILAZIONE, da)
    era = rendiconto.trasmesso_il
    rendiconto.trasmesso_il = rendiconto.trasmesso_da = None
    return _chiudi(
        rendiconto, S.IN_COMPILAZIONE, "ritirato", da, era_trasmesso_il=era.isoformat(timespec="seconds")
    )


@azione
def scarta(rendiconto: Rendiconto, *, da: Utente) -> Rendiconto:
    """Set aside a version that was not sent. One that had come back from the Region is in force again.

    File, rows and findings stay readable in the history.
    """
    adempimento = blocca(rendiconto.adempimento)
    rendiconto = _rileggi(rendiconto, adempimento)
    da.deve_potere(Permesso.CARICARE_RENDICONTO, adempimento.ente)
    if rendiconto.stato != S.IN_COMPILAZIONE:
        raise ValidationError(f"Il rendiconto è {rendiconto.get_stato_display()}: non si può scartare.")
    rendiconto.in_vigore = False
    rendiconto.save()
    if restituito := adempimento.rendiconti.filter(stato=S.RESTITUITO).order_by("-versione").first():
        restituito.in_vigore = True
        restituito.save()
    annota("rendiconto: scartato", adempimento, da=da, ente=adempimento.ente, versione=rendiconto.versione)
    return rendiconto


@azione
def prendi_in_carico(rendiconto: Rendiconto, *, da: Utente) -> Rendiconto:
    """The Region begins the review: from now on the ente cannot take the report back."""
    rendiconto = _apri(rendiconto, Permesso.ISTRUIRE_RENDICONTO, S.IN_ISTRUTTORIA, da)
    rendiconto.preso_in_carico_il, rendiconto.preso_in_carico_da = timezone.now(), da
    return _chiudi(rendiconto, S.IN_ISTRUTTORIA, "preso in carico", da)


@azione
def valida(rendiconto: Rendiconto, *, da: Utente) -> Rendiconto:
    """Approve the report as it is."""
    rendiconto = _apri(rendiconto, Permesso.ISTRUIRE_RENDICONTO, S.VALIDATO, da)
    rendiconto.deciso_il, rendiconto.deciso_da = timezone.now(), da
    return _chiudi(rendiconto, S.VALIDATO, "validato", da)


@azione
def restituisci(rendiconto: Rendiconto, *, motivo: str, da: Utente) -> Rendiconto:
    """Give the report back to the ente with a reason, which the ente reads first."""
    rendiconto = _apri(rendiconto, Permesso.ISTRUIRE_RENDICONTO, S.RESTITUITO, da)
    rendiconto.motivo = motivo.strip()
    if not rendiconto.motivo:
        raise ValidationError(
            {"motivo": "Scrivi perché restituisci il rendiconto: l’ente legge queste parole."}
        )
    rendiconto.deciso_il, rendiconto.deciso_da = timezone.now(), da
    return _chiudi(rendiconto, S.RESTITUITO, "restituito", da, motivo=rendiconto.motivo)


def _rileggi(rendiconto: Rendiconto, adempimento) -> Rendiconto:
    rendiconto = Rendiconto.objects.get(pk=rendiconto.pk)
    rendiconto.adempimento = adempimento
    if not rendiconto.in_vigore:
        raise ValidationError("Questa versione non è più in vigore: apri la più recente.")
    return rendiconto


def _apri(rendiconto: Rendiconto, permesso: Permesso, nuovo: str, da: Utente) -> Rendiconto:
    """Lock the parent, read again, then role and state, in this order."""
    adempimento = blocca(rendiconto.adempimento)
    da.deve_potere(permesso, adempimento.ente)
    rendiconto = _rileggi(rendiconto, adempimento)
    if not rendiconto.puo_diventare(nuovo):
        raise ValidationError(
            _RIFIUTI.get(
                (rendiconto.stato, nuovo),
                f"Il rendiconto è {rendiconto.get_stato_display()}: questo passo non si può fare ora.",
            )
        )
    return rendiconto


def _chiudi(rendiconto: Rendiconto, stato: str, parola: str, da: Utente, **dettagli) -> Rendiconto:
    rendiconto.stato = stato
    rendiconto.full_clean()
    rendiconto.save()
    annota(
        f"rendiconto: {parola}",
        rendiconto.adempimento,
        da=da,
        ente=rendiconto.adempimento.ente,
        versione=rendiconto.versione,
        **dettagli,
    )
    return rendiconto
