"""The pages of the conventions: list, detail, change of state, change of a dotazione."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from core.tables import impagina
from enti.permessi import Permesso

from . import actions
from .filters import ConvenzioneFilter
from .forms import DotazioneForm, PassaggioForm
from .models import TRANSIZIONI, Convenzione, Dotazione
from .tables import ConvenzioneTable


@require_safe
def elenco(request):
    request.user.deve_potere(Permesso.VEDERE_RISORSE)
    visibili = Convenzione.objects.visibili_a(request.user).annotate(
        firmatari=Count("sottoscrizioni", distinct=True)
    )
    filtro = ConvenzioneFilter(request.GET, queryset=visibili, request=request)
    tabella = impagina(request, ConvenzioneTable(filtro.qs))
    puo_inserire = request.user.puo(Permesso.GESTIRE_CONVENZIONI)
    return render(
        request,
        "convenzioni/elenco.html",
        {
            "filtro": filtro,
            "tabella": tabella,
            "puo_inserire": puo_inserire,
            "dimostrativo": any(riga.record.dimostrativo for riga in tabella.page),
        },
    )


@require_safe
def dettaglio(request, codice):
    convenzione = _trova(request, codice)
    sottoscrizioni = convenzione.sottoscrizioni.select_related("ente", "atto").order_by("ente__nome_breve")
    dotazioni = convenzione.dotazioni.select_related("linea", "atto", "sostituisce").order_by(
        "linea__ordine", "linea__codice", "anno", "versione"
    )
    return render(
        request,
        "convenzioni/dettaglio.html",
        {
            "convenzione": convenzione,
            "sottoscrizioni": sottoscrizioni,
            "dotazioni": [d for d in dotazioni if d.in_vigore],
            "cambi": [d for d in dotazioni if d.sostituisce_id],
            "passaggi": convenzione.passaggi.select_related("atto", "fatto_da"),
            "puo_gestire": request.user.puo(Permesso.GESTIRE_CONVENZIONI, convenzione.regione),
            "puo_passare": bool(TRANSIZIONI[convenzione.stato]),
        },
    )


@require_http_methods(["GET", "POST"])
def passaggio(request, codice):
    convenzione = _trova(request, codice)
    request.user.deve_potere(Permesso.GESTIRE_CONVENZIONI, convenzione.regione)
    form = PassaggioForm(
        request.POST if request.method == "POST" else None, convenzione=convenzione, utente=request.user
    )
    if request.method == "POST" and form.is_valid():
        try:
            convenzione = actions.cambia_stato(convenzione, da=request.user, **form.cleaned_data)
        except ValidationError as errore:
            form.add_error(None, errore)
        else:
            messages.success(request, f"La convenzione ora è «{convenzione.get_stato_display()}».")
            return redirect(convenzione)
    return render(request, "convenzioni/passaggio.html", {"convenzione": convenzione, "form": form})


@require_http_methods(["GET", "POST"])
def cambia_dotazione(request, pk):
    request.user.deve_potere(Permesso.VEDERE_RISORSE)
    visibili = Dotazione.objects.visibili_a(request.user).select_related("linea", "convenzione__regione")
    dotazione = get_object_or_404(visibili, pk=pk)
    request.user.deve_potere(Permesso.GESTIRE_CONVENZIONI, dotazione.convenzione.regione)
    form = DotazioneForm(request.POST if request.method == "POST" else None, dotazione=dotazione)
    if request.method == "POST" and form.is_valid():
        try:
            actions.cambia_dotazione(dotazione, da=request.user, **form.cleaned_data)
        except ValidationError as errore:
            # The rules may name fields of the dotazione that are not on this page: all go on top.
            form.add_error(None, errore.messages)
        else:
            messages.success(
                request, f"Dotazione cambiata: {dotazione}. La versione precedente si legge qui sotto."
            )
            return redirect(dotazione.convenzione)
    return render(request, "convenzioni/cambia_dotazione.html", {"dotazione": dotazione, "form": form})


def _trova(request, codice) -> Convenzione:
    request.user.deve_potere(Permesso.VEDERE_RISORSE)
    visibili = Convenzione.objects.visibili_a(request.user).select_related("regione", "precedente", "fonte")
    return get_object_or_404(visibili, codice=codice)
