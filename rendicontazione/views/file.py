"""The files of a report: template, upload, outcome, findings, original, rows."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import F, Window
from django.db.models.functions import RowNumber
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_POST, require_safe

from core import exports, money
from core.tables import impagina
from enti.permessi import Permesso
from registro.models import EsitoCaricamento

from .. import actions, archivio, importazione
from ..effetto import effetto, totali_per_linea
from ..forms import CaricaForm
from ..models import CaricamentoRendiconto, Rendiconto, StatoRendiconto
from ..passi import responsabili, ritardo_in_parole
from ..tables import EsitoTable, RigaCostoTable, dove
from .rendiconti import pagina_dettaglio, trova_adempimento

PRIME_CELLE = 3
SINGOLARI = {
    "celle": "cella",
    "righe": "riga",
    "persone": "persona",
    "colonne": "colonna",
    "linee": "linea",
    "trimestri": "trimestre",
}


@require_safe
def modello(request, pk):
    adempimento = trova_adempimento(request, pk)
    try:
        if not adempimento.trimestre:
            raise ValidationError(
                "Il report annuale non ha un modello: nasce dai quattro rendiconti trimestrali."
            )
        dati = importazione.modello(adempimento)
    except ValidationError as errore:
        messages.error(request, " ".join(errore.messages))
        return redirect(adempimento)
    return _scarica(dati, importazione.nome_del_modello(adempimento), exports.TIPI["xlsx"])


@require_POST
def carica(request, pk):
    adempimento = trova_adempimento(request, pk)
    request.user.deve_potere(Permesso.CARICARE_RENDICONTO, adempimento.ente)
    form = CaricaForm(request.POST, request.FILES)
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            caricamento = actions.carica(adempimento, file.read(), file.name, da=request.user)
        except ValidationError as errore:
            form.add_error(None, errore)
        else:
            return redirect("rendicontazione:esito", caricamento.pk)
    return pagina_dettaglio(request, adempimento, form=form, status=422)


@require_safe
def esito(request, pk):
    destinazione = _trova(request, pk)
    caricamento, adempimento = destinazione.caricamento, destinazione.adempimento
    contesto = {
        "caricamento": caricamento,
        "adempimento": adempimento,
        "gruppi": _gruppi(caricamento),
        "bloccanti": _quanti(caricamento, "bloccante"),
        "avvisi": _quanti(caricamento, "avviso"),
        "controlli_bloccanti": sum(c["livello"] == "bloccante" for c in caricamento.riepilogo),
        "ritardo": ritardo_in_parole(giorni) if (giorni := _ritardo(caricamento, adempimento)) else "",
        "dell_ente": request.user.puo(Permesso.CARICARE_RENDICONTO, adempimento.ente),
    }
    if caricamento.esito != EsitoCaricamento.ACCETTATO:
        return render(request, "rendicontazione/rifiutato.html", contesto)
    rendiconto = caricamento.rendiconto
    da_trasmettere = rendiconto.in_vigore and rendiconto.stato == StatoRendiconto.IN_COMPILAZIONE
    precedente = (
        Rendiconto.objects.visibili_a(request.user)
        .filter(adempimento=adempimento, versione__lt=rendiconto.versione)
        .select_related("caricamento")
        .order_by("-versione")
        .first()
    )
    contesto |= {
        "rendiconto": rendiconto,
        "effetto": effetto(adempimento, totali_per_linea(rendiconto.pk), utente=request.user),
        "da_trasmettere": da_trasmettere,
        "puo_trasmettere": da_trasmettere
        and request.user.puo(Permesso.TRASMETTERE_RENDICONTO, adempimento.ente),
        "responsabili": responsabili(adempimento.ente) if da_trasmettere else [],
        "precedente": precedente,
        "differenza": _differenza(caricamento, precedente),
    }
    return render(request, "rendicontazione/accettato.html", contesto)


@require_safe
def errori(request, pk):
    destinazione = _trova(request, pk)
    caricamento = destinazione.caricamento
    controlli = {controllo["id"]: controllo for controllo in caricamento.riepilogo}
    scelto = controlli.get(request.GET.get("controllo", ""))
    esiti = caricamento.esiti.order_by("pk")
    if scelto:
        esiti = esiti.filter(controllo=scelto["id"])
    tabella = impagina(request, EsitoTable(esiti), per_pagina=50)
    contesto = {
        "caricamento": caricamento,
        "adempimento": destinazione.adempimento,
        "tabella": tabella,
        "controllo": scelto,
        "in_tutto": scelto["quanti"] if scelto else caricamento.errori_totali,
        "elencati": tabella.paginator.count,
    }
    return render(request, "rendicontazione/errori.html", contesto)


@require_safe
def errori_csv(request, pk):
    caricamento = _trova(request, pk).caricamento
    tabella = exports.Tabella(
        titolo="Errori",
        intestazioni=["Livello", "Controllo", "Foglio", "Cella", "Riga", "Trovato", "Atteso", "Messaggio"],
        righe=list(
            caricamento.esiti.order_by("pk").values_list(
                "livello", "codice", "foglio", "cella", "etichetta", "trovato", "atteso", "messaggio"
            )
        ),
    )
    return _scarica(exports.csv([tabella]), f"errori_{caricamento.pk}.csv", exports.TIPI["csv"])


@require_safe
def originale(request, pk):
    destinazione = _trova(request, pk)
    allegato = destinazione.caricamento.allegato
    actions.registra_lettura(
        destinazione.adempimento, "file originale", da=request.user, caricamento=pk, sha256=allegato.sha256
    )
    return _scarica(bytes(allegato.contenuto.dati), allegato.nome, allegato.tipo)


@require_safe
def righe(request, pk):
    request.user.deve_potere(Permesso.VEDERE_RENDICONTI)
    visibili = Rendiconto.objects.visibili_a(request.user)
    rendiconto = get_object_or_404(
        visibili.select_related("adempimento__ente", "adempimento__convenzione"), pk=pk
    )
    tutte = rendiconto.righe.select_related("datore", "cpi", "linea").order_by("riga")
    tabella = impagina(request, RigaCostoTable(tutte, ente=rendiconto.adempimento.ente), per_pagina=50)
    pagina = tabella.page.number
    actions.registra_lettura(
        rendiconto.adempimento, "righe", da=request.user, versione=rendiconto.versione, pagina=pagina
    )
    contesto = {"rendiconto": rendiconto, "adempimento": rendiconto.adempimento, "tabella": tabella}
    return render(request, "rendicontazione/righe.html", contesto)


def _trova(request, pk) -> CaricamentoRendiconto:
    request.user.deve_potere(Permesso.VEDERE_RENDICONTI)
    visibili = CaricamentoRendiconto.objects.visibili_a(request.user).select_related(
        "caricamento__allegato",
        "caricamento__caricato_da",
        "caricamento__rendiconto",
        "adempimento__ente",
        "adempimento__convenzione",
    )
    return get_object_or_404(visibili, pk=pk)


def _ritardo(caricamento, adempimento) -> int:
    rendiconto = getattr(caricamento, "rendiconto", None)
    if rendiconto is not None:
        rendiconto.adempimento = adempimento
        return rendiconto.giorni_di_ritardo
    return adempimento.giorni_di_ritardo()


def _differenza(caricamento, precedente):
    totali = caricamento.totale, precedente.caricamento.totale if precedente else None
    return None if None in totali else totali[0] - totali[1]


def _quanti(caricamento, livello: str) -> int:
    return sum(controllo["quanti"] for controllo in caricamento.riepilogo if controllo["livello"] == livello)


def _gruppi(caricamento) -> list[dict]:
    """The findings by control, each with its first cells, for `{% gruppo_errori %}`."""
    prime = caricamento.esiti.annotate(
        posto=Window(RowNumber(), partition_by=F("controllo"), order_by=F("pk").asc())
    ).filter(posto__lte=PRIME_CELLE)
    celle: dict[str, list] = {}
    for trovato in prime.order_by("pk"):
        celle.setdefault(trovato.controllo, []).append(
            {
                "cella": dove(trovato),
                "riga": trovato.etichetta or trovato.messaggio,
                "trovato": trovato.trovato,
                "atteso": trovato.atteso,
            }
        )
    return [
        _gruppo(caricamento, controllo, celle.get(controllo["id"], [])) for controllo in caricamento.riepilogo
    ]


def _gruppo(caricamento, controllo: dict, celle: list[dict]) -> dict:
    quanti, unita = controllo["quanti"], controllo["unita"]
    conteggio = "" if unita == "file" else f"{quanti} {SINGOLARI.get(unita, unita) if quanti == 1 else unita}"
    effetto_euro = ""
    if controllo["centesimi"] and controllo["effetto"]:
        effetto_euro = f"{money.scrivi(archivio.euro(controllo['centesimi']))} € {controllo['effetto']}"
    return {
        # One code may hold several controls: the anchor of the group is the id.
        "ancora": controllo["id"],
        "codice": controllo["codice"],
        "livello": controllo["livello"],
        "titolo": controllo["titolo"],
        "conteggio": conteggio,
        "effetto": effetto_euro,
        "perche": controllo["perche"],
        "rimedio": controllo["rimedio"],
        "celle": celle,
        "altre": quanti - len(celle),
        "altre_url": f"{_indirizzo_errori(caricamento)}?controllo={controllo['id']}",
    }


def _indirizzo_errori(caricamento) -> str:
    return reverse("rendicontazione:errori", args=[caricamento.pk])


def _scarica(dati: bytes, nome: str, tipo: str) -> HttpResponse:
    """Stored bytes as a download: never shown by the browser, whatever they are."""
    risposta = HttpResponse(dati, content_type=tipo)
    risposta["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=nome)
    risposta["X-Content-Type-Options"] = "nosniff"
    return risposta
