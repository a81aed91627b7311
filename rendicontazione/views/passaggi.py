"""The steps of a report: one address each, only by POST."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from convenzioni.models import Convenzione
from enti.permessi import Permesso

from .. import actions
from ..forms import RestituzioneForm
from ..models import Rendiconto
from ..passi import ritardo_in_parole
from .rendiconti import pagina_dettaglio, trova_adempimento


@require_POST
def trasmetti(request, pk):
    rendiconto = _trova(request, pk)
    if fatto := _prova(request, actions.trasmetti, rendiconto):
        if fatto.giorni_di_ritardo:
            ritardo = ritardo_in_parole(fatto.giorni_di_ritardo).lower()
            messages.warning(request, f"Trasmesso alla Regione {ritardo}: il ritardo resta annotato.")
        else:
            messages.success(
                request, "Trasmesso alla Regione. Puoi ritirarlo finché non lo prende in carico."
            )
    return redirect(rendiconto.adempimento)


@require_POST
def ritira(request, pk):
    rendiconto = _trova(request, pk)
    if _prova(request, actions.ritira, rendiconto):
        messages.success(request, "Ritirato: la Regione non lo vede più. Correggilo e trasmettilo di nuovo.")
    return redirect(rendiconto.adempimento)


@require_POST
def scarta(request, pk):
    rendiconto = _trova(request, pk)
    if _prova(request, actions.scarta, rendiconto):
        messages.success(
            request, f"La versione {rendiconto.versione} è scartata. Il suo file resta nella storia."
        )
    return redirect(rendiconto.adempimento)


@require_POST
def prendi_in_carico(request, pk):
    rendiconto = _trova(request, pk)
    if _prova(request, actions.prendi_in_carico, rendiconto):
        messages.success(
            request, "Preso in carico: l’ente non può più ritirarlo. Ora validalo o restituiscilo."
        )
    return redirect(rendiconto.adempimento)


@require_POST
def valida(request, pk):
    rendiconto = _trova(request, pk)
    if _prova(request, actions.valida, rendiconto):
        messages.success(request, "Rendiconto validato.")
    return redirect(rendiconto.adempimento)


@require_POST
def restituisci(request, pk):
    rendiconto = _trova(request, pk)
    request.user.deve_potere(Permesso.ISTRUIRE_RENDICONTO, rendiconto.adempimento.ente)
    form = RestituzioneForm(request.POST)
    if not form.is_valid():
        adempimento = trova_adempimento(request, rendiconto.adempimento_id)
        return pagina_dettaglio(request, adempimento, restituzione=form, status=422)
    if _prova(request, actions.restituisci, rendiconto, motivo=form.cleaned_data["motivo"]):
        messages.success(
            request, f"Restituito a {rendiconto.adempimento.ente} con il motivo che hai scritto."
        )
    return redirect(rendiconto.adempimento)


@require_POST
def genera(request, pk):
    request.user.deve_potere(Permesso.GESTIRE_CONVENZIONI)
    convenzione = get_object_or_404(Convenzione.objects.visibili_a(request.user), pk=pk)
    try:
        nuovi = actions.genera_adempimenti(convenzione, da=request.user)
    except ValidationError as errore:
        messages.error(request, " ".join(errore.messages))
    else:
        quanti = "Una scadenza generata" if len(nuovi) == 1 else f"{len(nuovi)} scadenze generate"
        messages.success(request, f"{quanti} per {convenzione.codice}.")
    return redirect("rendicontazione:elenco")


def _trova(request, pk) -> Rendiconto:
    request.user.deve_potere(Permesso.VEDERE_RENDICONTI)
    visibili = Rendiconto.objects.visibili_a(request.user).select_related("adempimento__ente")
    return get_object_or_404(visibili, pk=pk)


def _prova(request, azione, rendiconto, **campi):
    """The result of the action, or None with the reason as a message."""
    try:
        return azione(rendiconto, da=request.user, **campi)
    except ValidationError as errore:
        messages.error(request, " ".join(errore.messages))
        return None
