"""The list of the reports and the page of each of them."""

from django.db.models import Case, Count, F, Q, Value, When
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from convenzioni.models import Convenzione
from core.tables import impagina
from enti.models import Ente
from enti.permessi import Permesso
from registro.models import Evento

from ..effetto import effetto, totali_per_linea
from ..filters import AdempimentoFilter, enti_dei_rendiconti
from ..forms import CaricaForm, RestituzioneForm, limiti_in_parole
from ..models import (
    DA_PRESENTARE,
    MODIFICABILI,
    Adempimento,
    CaricamentoRendiconto,
    Rendiconto,
    StatoRendiconto,
)
from ..passi import (
    FASI,
    attesa_in_parole,
    fasi_fatte,
    giorni_di_ritardo,
    prossimo_passo,
    responsabili,
    ritardo_in_parole,
)
from ..tables import AdempimentoTable

S = StatoRendiconto

# What everybody who sees the report reads of its history; uploads belong to the ente.
EVENTI_DI_TUTTI = [
    f"rendiconto: {parola}"
    for parola in ("trasmesso", "ritirato", "preso in carico", "validato", "restituito")
]
EVENTI_DELL_ENTE = [
    *EVENTI_DI_TUTTI,
    "rendiconto: file accettato",
    "rendiconto: file rifiutato",
    "rendiconto: controllo interrotto",
    "rendiconto: scartato",
]


@require_safe
def elenco(request):
    request.user.deve_potere(Permesso.VEDERE_RENDICONTI)
    enti = list(enti_dei_rendiconti(request))
    visibili = (
        Adempimento.objects.visibili_a(request.user)
        .con_rendiconto(request.user)
        .select_related("ente", "convenzione")
        .annotate(urgenza=_urgenza(request.user))
        .order_by("urgenza", "scadenza", "ente__nome_breve", "pk")
    )
    filtro = AdempimentoFilter(request.GET, queryset=visibili, request=request, solo_un_ente=len(enti) < 2)
    tabella = AdempimentoTable(filtro.qs, utente=request.user, exclude=("ente",) if len(enti) < 2 else ())
    impagina(request, tabella)
    da_fare = visibili.da_fare() if request.user.puo(Permesso.CARICARE_RENDICONTO) else visibili.none()
    contesto = {
        "filtro": filtro,
        "tabella": tabella,
        "enti": enti,
        "prossimo": _prossimo(da_fare.first(), request.user),
        "da_generare": _da_generare(request.user),
        "convenzioni_dimostrative": {
            riga.record.convenzione for riga in tabella.paginated_rows if riga.record.dimostrativo
        },
    }
    return render(request, "rendicontazione/elenco.html", contesto)


@require_safe
def dettaglio(request, pk):
    return pagina_dettaglio(request, trova_adempimento(request, pk))


def trova_adempimento(request, pk) -> Adempimento:
    request.user.deve_potere(Permesso.VEDERE_RENDICONTI)
    visibili = Adempimento.objects.visibili_a(request.user).con_rendiconto(request.user)
    return get_object_or_404(visibili.select_related("ente", "convenzione"), pk=pk)


def pagina_dettaglio(request, adempimento: Adempimento, *, form=None, restituzione=None, status=200):
    """The page of an adempimento, also with a form that came back."""
    utente, ente = request.user, adempimento.ente
    rendiconto = (
        Rendiconto.objects.select_related("caricamento", "trasmesso_da", "preso_in_carico_da", "deciso_da")
        .filter(pk=adempimento.rendiconto_id)
        .first()
    )
    dell_ente = utente.puo(Permesso.CARICARE_RENDICONTO, ente)
    puo_caricare = dell_ente and adempimento.trimestre and adempimento.stato in (DA_PRESENTARE, *MODIFICABILI)
    istruisce = utente.puo(Permesso.ISTRUIRE_RENDICONTO, ente)
    ritardo = giorni_di_ritardo(adempimento)
    contesto = {
        "adempimento": adempimento,
        "rendiconto": rendiconto,
        "passo": prossimo_passo(adempimento, utente),
        "fasi": FASI,
        "fasi_fatte": fasi_fatte(adempimento.stato),
        "ritardo": ritardo_in_parole(ritardo) if ritardo else "",
        "attesa": attesa_in_parole(adempimento) if adempimento.stato == DA_PRESENTARE else "",
        "form": form or (CaricaForm() if puo_caricare else None),
        "puo_caricare": puo_caricare,
        "limiti": limiti_in_parole(),
        "dell_ente": dell_ente,
        "responsabili": responsabili(ente) if dell_ente else [],
        "puo_trasmettere": utente.puo(Permesso.TRASMETTERE_RENDICONTO, ente)
        and adempimento.stato in (S.IN_COMPILAZIONE, S.RESTITUITO),
        "puo_scartare": dell_ente and adempimento.stato == S.IN_COMPILAZIONE,
        "restituito": adempimento.stato == S.RESTITUITO,
        "puo_ritirare": utente.puo(Permesso.TRASMETTERE_RENDICONTO, ente)
        and adempimento.stato == S.TRASMESSO,
        "puo_prendere": istruisce and adempimento.stato == S.TRASMESSO,
        "puo_decidere": istruisce and adempimento.stato == S.IN_ISTRUTTORIA,
        "restituzione": restituzione or RestituzioneForm(),
        "effetto": _effetto(adempimento, utente),
        "versioni": Rendiconto.objects.visibili_a(utente)
        .filter(adempimento=adempimento)
        .select_related("caricamento__allegato", "caricamento__caricato_da"),
        "caricamenti": CaricamentoRendiconto.objects.visibili_a(utente)
        .filter(adempimento=adempimento)
        .select_related("caricamento__allegato", "caricamento__caricato_da")[:20],
        "eventi": Evento.objects.filter(
            oggetto_tipo=Adempimento._meta.label,
            oggetto_id=adempimento.pk,
            azione__in=EVENTI_DELL_ENTE if dell_ente else EVENTI_DI_TUTTI,
        ).select_related("chi")[:30],
    }
    return render(request, "rendicontazione/dettaglio.html", contesto, status=status)


def _effetto(adempimento, utente):
    """The table of the totals: of the report, or of the four quarters for the yearly one."""
    if adempimento.rendiconto_id is None and adempimento.trimestre:
        return None
    return effetto(adempimento, totali_per_linea(adempimento.rendiconto_id), utente=utente)


def _prossimo(adempimento, utente):
    if adempimento is None:
        return None
    ritardo = giorni_di_ritardo(adempimento)
    return {
        "adempimento": adempimento,
        "passo": prossimo_passo(adempimento, utente),
        "ritardo": ritardo_in_parole(ritardo) if ritardo else "",
        "attesa": attesa_in_parole(adempimento),
        "motivo": Rendiconto.objects.values_list("motivo", flat=True)
        .filter(pk=adempimento.rendiconto_id)
        .first(),
    }


def _urgenza(utente):
    """What waits for this person comes first: for the Region what was sent, for an ente what came back."""
    if utente.puo(Permesso.CARICARE_RENDICONTO):
        ordine = {S.RESTITUITO: 0, S.IN_COMPILAZIONE: 1, DA_PRESENTARE: 2}
    else:
        ordine = {S.TRASMESSO: 0, S.IN_ISTRUTTORIA: 1, S.RESTITUITO: 2}
    # The yearly report is not sent from here: it waits for nobody.
    return Case(
        When(trimestre=None, then=Value(8)),
        *(When(stato=stato, then=Value(posto)) for stato, posto in ordine.items()),
        default=Value(4),
    )


def _da_generare(utente) -> list[Convenzione]:
    """The conventions in force, of the official's Region, that lack some of their duties."""
    regioni = Ente.objects.con_permesso(utente, Permesso.GESTIRE_CONVENZIONI).values("pk")
    convenzioni = Convenzione.objects.in_forza().filter(regione__in=regioni)
    fatti = convenzioni.annotate(
        firme=Count("sottoscrizioni", distinct=True),
        trimestrali=Count("regole", filter=Q(regole__tipo="costi_personale_trimestrale"), distinct=True),
        annuali=Count("regole", filter=Q(regole__tipo="costi_personale_annuale"), distinct=True),
        presenti=Count("adempimenti", distinct=True),
    )
    attesi = F("firme") * (F("anno_fine") - F("anno_inizio") + 1) * (F("trimestrali") * 4 + F("annuali"))
    return list(fatti.annotate(attesi=attesi).filter(presenti__lt=F("attesi")).order_by("codice"))
