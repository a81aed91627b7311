"""The pages of the amministratore: people, invitations, roles."""

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Prefetch
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.tables import impagina

from . import actions
from .filters import UtenteFilter
from .forms import ChiusuraForm, IncaricoForm, InvitoForm
from .models import Incarico, Utente
from .permessi import Permesso
from .tables import PersonaTable, stato_accesso


@require_safe
def persone(request):
    request.user.deve_potere(Permesso.GESTIRE_PERSONE)
    attivi = Incarico.objects.visibili_a(request.user).attivi().select_related("ente").order_by("dal")
    visibili = (
        Utente.objects.visibili_a(request.user)
        .order_by("cognome", "nome", "pk")
        .prefetch_related(Prefetch("incarichi", attivi, to_attr="incarichi_mostrati"))
    )
    filtro = UtenteFilter(request.GET, queryset=visibili, request=request)
    tabella = impagina(request, PersonaTable(filtro.qs))
    dimostrativo = any(riga.record.dimostrativo for riga in tabella.page)
    contesto = {"filtro": filtro, "tabella": tabella, "dimostrativo": dimostrativo}
    return render(request, "enti/persone.html", contesto)


@require_http_methods(["GET", "POST"])
def invita(request):
    request.user.deve_potere(Permesso.GESTIRE_PERSONE)
    form = InvitoForm(request.POST if request.method == "POST" else None, utente=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            utente = actions.invita(**form.cleaned_data, da=request.user)
        except ValidationError as errore:
            form.add_error(None, errore)
        else:
            giorni = settings.PASSWORD_RESET_TIMEOUT // 86_400
            messages.success(request, f"Invito in partenza per {utente.email}: vale {giorni} giorni.")
            return redirect("enti:persona", utente.pk)
    return render(request, "enti/invita.html", {"form": form})


@require_safe
def persona(request, pk):
    utente = _trova(request, pk)
    oggi = timezone.localdate()
    incarichi = Incarico.objects.visibili_a(request.user).filter(utente=utente).select_related("ente")
    return render(
        request,
        "enti/persona.html",
        {
            "persona": utente,
            "accesso": stato_accesso(utente),
            "in_corso": [i for i in incarichi if i.al is None or i.al >= oggi],
            "finiti": [i for i in incarichi if i.al is not None and i.al < oggi],
            "oggi": oggi,
            "e_se_stesso": utente.pk == request.user.pk,
            "invitata": utente.is_active and not utente.has_usable_password(),
        },
    )


@require_POST
def rinvia(request, pk):
    return _esegui(request, _trova(request, pk), actions.rinvia_invito, "L’invito riparte ora per posta.")


@require_POST
def disattiva(request, pk):
    fatto = "La persona non entra più. Incarichi e storia restano."
    return _esegui(request, _trova(request, pk), actions.disattiva, fatto)


@require_POST
def riattiva(request, pk):
    return _esegui(request, _trova(request, pk), actions.riattiva, "La persona può entrare di nuovo.")


@require_http_methods(["GET", "POST"])
def incarico_aggiungi(request, pk):
    utente = _trova(request, pk)
    form = IncaricoForm(request.POST if request.method == "POST" else None, utente=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            incarico = actions.assegna(utente, **form.cleaned_data, da=request.user)
        except ValidationError as errore:
            form.add_error(None, errore)
        else:
            messages.success(request, f"Incarico dato: {incarico.get_ruolo_display()}, {incarico.ente}.")
            return redirect("enti:persona", utente.pk)
    return render(request, "enti/incarico_aggiungi.html", {"form": form, "persona": utente})


@require_http_methods(["GET", "POST"])
def incarico_chiudi(request, pk):
    incarico = _trova_incarico(request, pk)
    form = ChiusuraForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            incarico = actions.chiudi(incarico, **form.cleaned_data, da=request.user)
        except ValidationError as errore:
            form.add_error(None, errore)
        else:
            messages.success(request, f"L’incarico finisce il {incarico.al:%d/%m/%Y}, compreso.")
            return redirect("enti:persona", incarico.utente_id)
    return render(request, "enti/incarico_chiudi.html", {"form": form, "incarico": incarico})


@require_POST
def incarico_togli(request, pk):
    incarico = _trova_incarico(request, pk)
    fatto = "L’incarico è finito: da adesso non vale più."
    return _esegui(request, incarico, actions.togli, fatto, incarico.utente_id)


def _trova(request, pk) -> Utente:
    request.user.deve_potere(Permesso.GESTIRE_PERSONE)
    return get_object_or_404(Utente.objects.visibili_a(request.user), pk=pk)


def _trova_incarico(request, pk) -> Incarico:
    request.user.deve_potere(Permesso.GESTIRE_PERSONE)
    visibili = Incarico.objects.visibili_a(request.user).select_related("ente", "utente")
    return get_object_or_404(visibili, pk=pk)


def _esegui(request, oggetto, azione, fatto, pk=None):
    """Run an action on one object and go back to the page of the person with its result."""
    try:
        azione(oggetto, da=request.user)
    except ValidationError as errore:
        messages.error(request, " ".join(errore.messages))
    else:
        messages.success(request, fatto)
    if not Utente.objects.get(pk=request.user.pk).puo(Permesso.GESTIRE_PERSONE):
        # Who has just taken the role from themselves.
        return redirect("home")
    return redirect("enti:persona", pk or oggetto.pk)
