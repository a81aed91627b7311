"""The pages of the conventions: list, detail, change of state."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from core.tables import impagina
from enti.permessi import Permesso

from . import actions
from .filters import ConvenzioneFilter
from .forms import PassaggioForm
from .models import TRANSIZIONI, Convenzione
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
        {"filtro": filtro, "tabella": tabella, "puo_inserire": puo_inserire},
    )


@require_safe
def dettaglio(request, codice):
    convenzione = _trova(request, codice)
    sottoscrizioni = convenzione.sottoscrizioni.select_related("ente", "atto").order_by("ente__nome_breve")
    return render(
        request,
        "convenzioni/dettaglio.html",
        {
            "convenzione": convenzione,
            "sottoscrizioni": sottoscrizioni,
            "dotazioni_storiche": convenzione.dotazioni.filter(versione__gt=1).select_related(
                "linea", "atto"
            ),
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


def _trova(request, codice) -> Convenzione:
    request.user.deve_potere(Permesso.VEDERE_RISORSE)
    visibili = Convenzione.objects.visibili_a(request.user).select_related("regione", "precedente", "fonte")
    return get_object_or_404(visibili, codice=codice)
