"""Pages that span the apps: home, quadro finanziario, issued documents, register, information pages."""

from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.db.models import Q
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header, quote_etag
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from convenzioni.models import Convenzione, StatoConvenzione
from core.tables import impagina
from enti.models import Ente
from enti.permessi import Permesso
from registro.models import Documento
from riparto.documents import lettura, prospetti
from riparto.models import Emissione, Riparto

from . import casa
from .filters import DocumentoFilter
from .forms import EnteForm
from .quadro import quadro
from .registro import EventoFilter, eventi_visibili_a
from .tables import DocumentoTable, EventoTable

P = Permesso


@require_safe
def home(request):
    """The sections that the person's roles call for; who has none is told what to do."""
    utente = request.user
    contesto = {"oggi": timezone.localdate(), "ente": casa.ente_proprio(utente)}
    if not utente.incarichi_attivi():
        contesto["amministratori"] = casa.amministratori(utente)
        return render(request, "cruscotto/home_vuota.html", contesto)
    if utente.puo(P.CARICARE_RENDICONTO):
        contesto["da_presentare"] = casa.da_presentare(utente)
        contesto["prossima"] = casa.prossima_scadenza(utente)
    if utente.puo(P.ISTRUIRE_RENDICONTO):
        contesto["lavoro"] = casa.lavoro(utente)
        contesto["coda"] = casa.coda(utente)
    if utente.puo(P.APPROVARE_RIPARTO):
        contesto["da_approvare"] = casa.da_approvare(utente)
    if utente.puo(P.VEDERE_RISORSE):
        contesto["convenzioni"] = casa.convenzioni(utente)
    if utente.puo(P.GESTIRE_PERSONE):
        contesto["persone"] = casa.persone(utente)
    if lavoro := contesto.get("lavoro"):
        contesto["nota_attesa"] = f"il più vecchio da {_giorni(lavoro.attesa)}"
        enti = "un ente" if lavoro.enti_in_ritardo == 1 else f"{lavoro.enti_in_ritardo} enti"
        contesto["nota_ritardo"] = f"rendiconti scaduti di {enti}"
    contesto["dimostrativo"] = casa.mostra_dati_dimostrativi(contesto)
    contesto["puo_leggere_registro"] = utente.puo(P.VEDERE_REGISTRO)
    contesto["puo_vedere_rendiconti"] = utente.puo(P.VEDERE_RENDICONTI)
    return render(request, "cruscotto/home.html", contesto)


@require_safe
def quadro_convenzione(request, codice):
    request.user.deve_potere(P.VEDERE_RISORSE)
    visibili = Convenzione.objects.visibili_a(request.user).select_related("regione", "fonte")
    convenzione = get_object_or_404(visibili, codice=codice)
    situazione = lettura.situazione(convenzione, bozze=False)
    enti = Ente.objects.filter(pk__in=[e.chiave for e in situazione.enti])
    scelta = request.GET if "ente" in request.GET else {"ente": _ente_iniziale(request.user, situazione)}
    form = EnteForm(scelta, enti=enti)
    if not form.is_valid():
        raise Http404
    ente = form.cleaned_data["ente"]
    voce = next((e for e in situazione.enti if ente and e.chiave == ente.pk), None)
    prospetto = quadro(situazione, voce)
    arrotondate = prospetto.regione.arrotondata
    return render(
        request,
        "cruscotto/quadro.html",
        {
            "convenzione": convenzione,
            "quadro": prospetto,
            "form": form,
            "dimostrativo": prospetti.e_dimostrativo(situazione, [voce] if voce else []),
            "da_verificare": f"{prospetto.da_verificare} cifre da verificare",
            "parametri": f"?ente={ente.sigla}" if ente else "",
            "formati": ("xlsx", "ods", "csv"),
            "titolo_regione": f"{convenzione.regione}: dotazioni per linea e anno",
            "titolo_ente": f"{ente}: quote per linea e anno",
            "didascalia_regione": "Importi in euro, arrotondati dalla fonte: sotto la cifra il margine."
            if arrotondate
            else "Importi in euro.",
            "bozze": _bozze(request.user, convenzione),
        },
    )


@require_safe
def documenti(request):
    request.user.deve_potere(P.VEDERE_RISORSE)
    filtro = DocumentoFilter(request.GET, queryset=_documenti(request.user), request=request)
    tabella = impagina(request, DocumentoTable(filtro.qs))
    dimostrativo = any(riga.record.dimostrativo for riga in tabella.page)
    contesto = {"filtro": filtro, "tabella": tabella, "dimostrativo": dimostrativo}
    return render(request, "cruscotto/documenti.html", contesto)


@require_safe
@never_cache
def documento(request, codice):
    """The stored bytes of an issued document. The code is typed from paper: case and dash do not matter."""
    codice = codice.upper().replace("-", "")
    tutti = Documento.objects.select_related(
        "contenuto", "riparto__dotazione__convenzione__regione", "emissione__convenzione__regione"
    )
    trovato = get_object_or_404(tutti, codice=f"{codice[:4]}-{codice[4:]}")
    if not _visibile(request.user, trovato):
        raise Http404
    if not trovato.pronto:
        return render(request, "cruscotto/in_preparazione.html", {"documento": trovato})
    risposta = HttpResponse(
        bytes(trovato.contenuto.dati),
        content_type="application/pdf",
        headers={
            "Content-Disposition": content_disposition_header(False, trovato.nome_file),
            "ETag": quote_etag(trovato.sha256),
            "X-Content-Type-Options": "nosniff",
        },
    )
    return get_conditional_response(request, etag=risposta["ETag"], response=risposta)


@require_safe
def registro(request):
    request.user.deve_potere(P.VEDERE_REGISTRO)
    filtro = EventoFilter(request.GET, queryset=eventi_visibili_a(request.user), request=request)
    tabella = impagina(request, EventoTable(filtro.qs), per_pagina=50)
    dimostrativo = any(riga.record.chi and riga.record.chi.dimostrativo for riga in tabella.page)
    contesto = {"filtro": filtro, "tabella": tabella, "dimostrativo": dimostrativo}
    return render(request, "cruscotto/registro.html", contesto)


@login_not_required
@require_safe
def aiuto(request):
    return render(request, "pagine/aiuto.html")


@login_not_required
@require_safe
def assistenza(request):
    return render(request, "pagine/assistenza.html")


@login_not_required
@require_safe
def privacy(request):
    return render(request, "pagine/privacy.html")


@login_not_required
@require_safe
def accessibilita(request):
    return render(request, "pagine/accessibilita.html")


@login_not_required
@never_cache
@require_safe
def salute(request):
    """For whoever watches the service: the database answers. A lost database is the 503 of the middleware."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"stato": "ok"})


# ---- pieces


def _giorni(quanti: int | None) -> str:
    return {None: "—", 0: "oggi", 1: "un giorno"}.get(quanti, f"{quanti} giorni")


def _documenti(utente):
    """The documents of the riparti and of the emissioni that the person may see."""
    riparti, emissioni = Riparto.objects.visibili_a(utente), Emissione.objects.visibili_a(utente)
    return Documento.objects.filter(Q(riparto__in=riparti) | Q(emissione__in=emissioni))


def _visibile(utente, documento: Documento) -> bool:
    """Whether `_documenti` holds this one, from rows at hand: building that query alone takes 30 ms."""
    riga = getattr(documento, "emissione", None) or getattr(documento, "riparto", None)
    if riga is None:
        return False
    convenzione = riga.convenzione
    regione = convenzione.regione_id
    vede = any(
        regione in (incarico.ente_id, incarico.ente.regione_id)
        and utente.puo(P.VEDERE_RISORSE, incarico.ente)
        for incarico in utente.incarichi_attivi()
    )
    bozza = convenzione.stato == StatoConvenzione.BOZZA
    return vede and (not bozza or utente.puo(P.VEDERE_BOZZE, convenzione.regione))


def _ente_iniziale(utente, situazione) -> str:
    """The person's own ente, where the convention has it."""
    proprio = casa.ente_proprio(utente)
    return proprio.sigla if proprio and any(e.chiave == proprio.pk for e in situazione.enti) else ""


def _bozze(utente, convenzione) -> list[Riparto]:
    """The riparti not yet approved, for who may see them: the page says that they are not in the figures."""
    riparti = Riparto.objects.visibili_a(utente).aperti().filter(dotazione__convenzione=convenzione)
    riparti = riparti.select_related("dotazione__linea")
    return list(riparti.order_by("dotazione__linea__ordine", "dotazione__anno"))
