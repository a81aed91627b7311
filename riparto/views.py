"""The pages of the riparti: list, detail with the steps of the procedure, prospetti in every format."""

from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Sum
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from convenzioni.models import Convenzione
from core import exports
from core.pdf import componi
from core.tables import impagina
from enti.permessi import Permesso
from registro.models import StatoDocumento

from . import actions, documents
from .confronto import griglia
from .filters import RipartoFilter
from .forms import ApprovazioneForm, BozzaForm, ProspettoForm
from .models import Riparto, StatoRiparto
from .tables import RipartoTable


@require_safe
def elenco(request):
    request.user.deve_potere(Permesso.VEDERE_RISORSE)
    visibili = (
        Riparto.objects.visibili_a(request.user)
        .select_related("dotazione__linea", "dotazione__convenzione")
        .annotate(assegnato=Sum("quote__importo"))
        .order_by("-dotazione__anno", "dotazione__convenzione", "dotazione__linea__ordine", "-versione")
    )
    filtro = RipartoFilter(request.GET, queryset=visibili, request=request)
    tabella = impagina(request, RipartoTable(filtro.qs))
    puo_preparare = request.user.puo(Permesso.PREPARARE_RIPARTO)
    return render(
        request,
        "riparto/elenco.html",
        {
            "filtro": filtro,
            "tabella": tabella,
            "puo_preparare": puo_preparare,
            "dimostrativo": any(riga.record.dimostrativo for riga in tabella.page),
        },
    )


@require_http_methods(["GET", "POST"])
def nuovo(request):
    request.user.deve_potere(Permesso.PREPARARE_RIPARTO)
    form = BozzaForm(
        request.POST if request.method == "POST" else None,
        utente=request.user,
        initial={"dotazione": request.GET.get("dotazione")},
    )
    if request.method == "POST" and form.is_valid():
        dati = dict(form.cleaned_data)
        try:
            riparto = actions.crea_bozza(dati.pop("dotazione"), da=request.user, **dati)
        except ValidationError as errore:
            form.add_error(None, errore)
        else:
            messages.success(request, "Bozza creata: scrivi gli importi degli enti e salva.")
            return redirect("admin:riparto_riparto_change", riparto.pk)
    dimostrativo = form.fields["dotazione"].queryset.filter(dimostrativo=True).exists()
    return render(request, "riparto/nuovo.html", {"form": form, "dimostrativo": dimostrativo})


@require_safe
def dettaglio(request, pk):
    riparto = _trova(request, pk)
    regione = riparto.convenzione.regione
    puo_approvare = request.user.puo(Permesso.APPROVARE_RIPARTO, regione)
    return render(
        request,
        "riparto/dettaglio.html",
        {
            "riparto": riparto,
            "situazione": actions.situazione_di(riparto),
            "griglia": griglia(riparto),
            "fase": {"bozza": 0, "in_verifica": 1}.get(riparto.stato, 2),
            "puo_preparare": request.user.puo(Permesso.PREPARARE_RIPARTO, regione),
            "puo_approvare": puo_approvare,
            # The page says beforehand what the action would refuse.
            "ha_inserito": puo_approvare
            and riparto.stato == StatoRiparto.IN_VERIFICA
            and request.user.pk in actions.autori_degli_importi(riparto),
            "versioni": Riparto.objects.visibili_a(request.user)
            .filter(
                dotazione__convenzione=riparto.dotazione.convenzione_id,
                dotazione__linea=riparto.dotazione.linea_id,
                dotazione__anno=riparto.dotazione.anno,
            )
            .exclude(pk=riparto.pk)
            .select_related("dotazione__linea"),
        },
    )


@require_POST
def manda_in_verifica(request, pk):
    riparto = _trova(request, pk)
    return _esegui(
        request, riparto, actions.manda_in_verifica, "Mandato in verifica: ora lo approva un dirigente."
    )


@require_POST
def riporta_in_bozza(request, pk):
    riparto = _trova(request, pk)
    return _esegui(
        request, riparto, actions.riporta_in_bozza, "Riportato in bozza: gli importi si possono cambiare."
    )


@require_http_methods(["GET", "POST"])
def approva(request, pk):
    riparto = _trova(request, pk)
    request.user.deve_potere(Permesso.APPROVARE_RIPARTO, riparto.convenzione.regione)
    situazione = actions.situazione_di(riparto)
    form = ApprovazioneForm(
        request.POST if request.method == "POST" else None,
        riparto=riparto,
        solo_parziale=situazione.solo_parziale,
    )
    if request.method == "POST" and form.is_valid():
        try:
            actions.approva(riparto, da=request.user, **form.cleaned_data)
        except ValidationError as errore:
            form.add_error(None, errore)
        else:
            messages.success(request, "Riparto approvato. Il documento è in preparazione.")
            return redirect(riparto)
    return render(
        request, "riparto/approva.html", {"riparto": riparto, "situazione": situazione, "form": form}
    )


@require_http_methods(["GET", "POST"])
def elimina(request, pk):
    riparto = _trova(request, pk)
    request.user.deve_potere(Permesso.PREPARARE_RIPARTO, riparto.convenzione.regione)
    if request.method == "POST":
        try:
            actions.elimina_bozza(riparto, da=request.user)
        except ValidationError as errore:
            messages.error(request, " ".join(errore.messages))
            return redirect("riparto:dettaglio", pk)
        messages.success(request, "Bozza eliminata.")
        return redirect("riparto:elenco")
    return render(request, "riparto/elimina.html", {"riparto": riparto})


@require_safe
def documento(request, pk, formato):
    """A draft is rendered on demand, as BOZZA; the PDF of an approved riparto is the stored one."""
    riparto = _trova(request, pk)
    if formato == "pdf" and riparto.documento:
        return redirect("documento", riparto.documento.codice)
    return _risposta(documents.documento_riparto(riparto), formato)


@require_safe
def prospetti(request, codice):
    """Of an ente, a line or the whole Region: the last emissione and, apart, the state of today."""
    convenzione = _convenzione(request, codice)
    form = ProspettoForm(request.GET or None, convenzione=convenzione)
    scelta = (
        form.cleaned_data
        if form.is_bound and form.is_valid()
        else {"ente": None, "linea": None, "anno": None}
    )
    emissioni = convenzione.emissioni.filter(**_uguale(scelta)).select_related("documento")
    aperti = Riparto.objects.visibili_a(request.user).aperti().filter(dotazione__convenzione=convenzione)
    return render(
        request,
        "riparto/prospetti.html",
        {
            "convenzione": convenzione,
            "form": form,
            "scelta": scelta,
            "parametri": _parametri(scelta),
            "ultima": emissioni.first(),
            "ha_bozze": aperti.filter(dotazione__anno=scelta["anno"]).exists()
            if scelta["anno"]
            else aperti.exists(),
            "puo_emettere": request.user.puo(Permesso.EMETTERE_PROSPETTO, convenzione.regione),
            "pronto": StatoDocumento.PRONTO,
        },
    )


@require_safe
def prospetto(request, codice, formato):
    """The prospetto as things stand today; who may not see drafts gets the approved riparti only."""
    convenzione = _convenzione(request, codice)
    form = ProspettoForm(request.GET, convenzione=convenzione)
    if not form.is_valid():
        raise Http404
    bozze = request.user.puo(Permesso.VEDERE_BOZZE, convenzione.regione)
    fatto = documents.prospetto(convenzione, **form.cleaned_data, bozze=bozze)
    return _risposta(fatto, formato)


@require_POST
def emetti(request, codice):
    convenzione = _convenzione(request, codice)
    request.user.deve_potere(Permesso.EMETTERE_PROSPETTO, convenzione.regione)
    form = ProspettoForm(request.POST, convenzione=convenzione)
    if not form.is_valid():
        raise Http404
    ritorno = f"{reverse('riparto:prospetti', args=[codice])}?{_parametri(form.cleaned_data)}"
    try:
        emissione = actions.emetti(convenzione, da=request.user, **form.cleaned_data)
    except ValidationError as errore:
        messages.error(request, " ".join(errore.messages))
    else:
        messages.success(request, f"{emissione} emesso: il documento è in preparazione.")
    return redirect(ritorno)


# ---- pieces


def _trova(request, pk) -> Riparto:
    request.user.deve_potere(Permesso.VEDERE_RISORSE)
    visibili = Riparto.objects.visibili_a(request.user).select_related(
        "dotazione__linea",
        "dotazione__convenzione__regione",
        "atto",
        "approvato_da",
        "documento",
        "sostituisce",
    )
    return get_object_or_404(visibili, pk=pk)


def _convenzione(request, codice) -> Convenzione:
    request.user.deve_potere(Permesso.VEDERE_RISORSE)
    return get_object_or_404(
        Convenzione.objects.visibili_a(request.user).select_related("regione"), codice=codice
    )


def _esegui(request, riparto, azione, riuscita):
    try:
        azione(riparto, da=request.user)
    except ValidationError as errore:
        messages.error(request, " ".join(errore.messages))
    else:
        messages.success(request, riuscita)
    return redirect(riparto)


def _uguale(scelta: dict) -> dict:
    """The filter of the emissioni of exactly that scope: None means the whole, not any."""
    return {
        campo if scelta[campo] else f"{campo}__isnull": scelta[campo] or True
        for campo in ("ente", "linea", "anno")
    }


def _parametri(scelta: dict) -> str:
    """The scope as a query string: `ente=MI&anno=2024`."""
    valori = {
        "ente": scelta["ente"] and scelta["ente"].sigla,
        "linea": scelta["linea"] and scelta["linea"].codice,
        "anno": scelta["anno"],
    }
    return urlencode({nome: valore for nome, valore in valori.items() if valore})


def _risposta(fatto: documents.Prospetto, formato: str) -> HttpResponse:
    if formato == "pdf":
        dati, tipo = componi(fatto.template, fatto.contesto()), "application/pdf"
    elif formato in exports.TIPI:
        dati, tipo = getattr(exports, formato)(fatto.tabelle()), exports.TIPI[formato]
    else:
        raise Http404
    risposta = HttpResponse(dati, content_type=tipo)
    risposta["Content-Disposition"] = content_disposition_header(formato != "pdf", f"{fatto.nome}.{formato}")
    return risposta
