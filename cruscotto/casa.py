"""What the home shows to a person: the sections that their roles call for, each with a few queries."""

from dataclasses import dataclass
from datetime import date, datetime

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import Count, F, Min, Q
from django.utils import timezone

from convenzioni.models import Convenzione, StatoConvenzione
from enti.models import Ente, Incarico, Utente
from enti.permessi import Permesso, Ruolo
from rendicontazione.models import DA_PRESENTARE, Adempimento, StatoRendiconto
from rendicontazione.passi import prossimo_passo
from riparto.models import Emissione, Riparto, StatoRiparto

QUANTI = 5
P = Permesso


@dataclass(frozen=True)
class Lavoro:
    """How much waits for the Region. `piu_vecchio` is when the oldest report to review was sent."""

    da_istruire: int
    piu_vecchio: datetime | None
    in_ritardo: int
    enti_in_ritardo: int
    in_bozza: int
    in_verifica: int

    @property
    def attesa(self) -> int | None:
        """Days since the oldest report was sent."""
        if self.piu_vecchio is None:
            return None
        return (timezone.localdate() - timezone.localdate(self.piu_vecchio)).days


def ente_proprio(utente: Utente) -> Ente | None:
    """The Provincia or Città metropolitana where the person has a role; the first, if more than one."""
    return next((i.ente for i in utente.incarichi_attivi() if not i.ente.e_regione), None)


def adempimenti(utente: Utente):
    """Duties of the conventions in force that the person may see, with the state of their reports."""
    return (
        Adempimento.objects.visibili_a(utente)
        .filter(convenzione__in=Convenzione.objects.in_forza())
        .con_rendiconto(utente)
        .select_related("ente", "convenzione")
    )


def da_presentare(utente: Utente) -> list[Adempimento]:
    """What the person's enti have still to send: what came back first, then the nearest due dates.

    The first one has its `.passo`: what to do, in words.
    """
    propri = Ente.objects.con_permesso(utente, P.CARICARE_RENDICONTO)
    trovati = list(adempimenti(utente).filter(ente__in=propri).da_fare()[:QUANTI])
    for primo in trovati[:1]:
        primo.passo = prossimo_passo(primo, utente)
    return trovati


def prossima_scadenza(utente: Utente) -> date | None:
    """The next due date, from today on, of what the person's enti have still to send."""
    propri = Ente.objects.con_permesso(utente, P.CARICARE_RENDICONTO)
    future = adempimenti(utente).filter(ente__in=propri, scadenza__gte=timezone.localdate()).da_fare()
    return future.order_by("scadenza").values_list("scadenza", flat=True).first()


def coda(utente: Utente) -> list[Adempimento]:
    """Reports that wait for the Region, the oldest first."""
    return list(adempimenti(utente).da_istruire()[:QUANTI])


def da_approvare(utente: Utente) -> list[Riparto]:
    riparti = Riparto.objects.visibili_a(utente).filter(stato=StatoRiparto.IN_VERIFICA)
    riparti = riparti.select_related("dotazione__linea", "dotazione__convenzione")
    return list(riparti.order_by("dotazione__convenzione", "dotazione__anno", "pk")[:QUANTI])


def lavoro(utente: Utente) -> Lavoro:
    in_attesa = Q(stato__in=[StatoRendiconto.TRASMESSO, StatoRendiconto.IN_ISTRUTTORIA])
    scaduti = Q(stato__in=[DA_PRESENTARE, StatoRendiconto.IN_COMPILAZIONE], scadenza__lt=timezone.localdate())
    rendiconti = (
        adempimenti(utente)
        .order_by()
        .aggregate(
            da_istruire=Count("pk", filter=in_attesa),
            piu_vecchio=Min("trasmesso_il", filter=in_attesa),
            in_ritardo=Count("pk", filter=scaduti),
            enti_in_ritardo=Count("ente", filter=scaduti, distinct=True),
        )
    )
    riparti = (
        Riparto.objects.visibili_a(utente)
        .order_by()
        .aggregate(
            in_bozza=Count("pk", filter=Q(stato=StatoRiparto.BOZZA)),
            in_verifica=Count("pk", filter=Q(stato=StatoRiparto.IN_VERIFICA)),
        )
    )
    return Lavoro(**rendiconti, **riparti)


def convenzioni(utente: Utente) -> list[Convenzione]:
    """The conventions to read; `.ultima` is the last prospetto issued for the own ente, or for the Region."""
    ente = ente_proprio(utente)
    trovate = list(Convenzione.objects.visibili_a(utente).exclude(stato=StatoConvenzione.BOZZA))
    ultime = (
        Emissione.objects.filter(Q(ente=ente) | Q(ente=None), convenzione__in=trovate, linea=None, anno=None)
        .select_related("documento", "ente")
        .order_by("convenzione_id", F("ente_id").asc(nulls_last=True), "-emesso_il", "-pk")
        .distinct("convenzione_id")
    )
    per_convenzione = {emissione.convenzione_id: emissione for emissione in ultime}
    for convenzione in trovate:
        convenzione.ultima = per_convenzione.get(convenzione.pk)
    return trovate


def persone(utente: Utente) -> dict[str, int]:
    """How many people of the person's scope may log in, and how many have not chosen a password yet."""
    visibili = Utente.objects.filter(pk__in=Utente.objects.visibili_a(utente).values("pk"), is_active=True)
    senza_password = Q(password__startswith=UNUSABLE_PASSWORD_PREFIX)
    return visibili.aggregate(
        attive=Count("pk", filter=~senza_password), invitate=Count("pk", filter=senza_password)
    )


def amministratori(utente: Utente) -> list[str]:
    """Whom a person without roles may ask: the e-mails of the administrators, if they are few."""
    attivi = Incarico.objects.attivi().filter(ruolo=Ruolo.AMMINISTRATORE).order_by("utente__email")
    return list(attivi.values_list("utente__email", flat=True).distinct()[:QUANTI])


def mostra_dati_dimostrativi(contesto: dict) -> bool:
    """Whether something on the page is invented: the page says so."""
    elenchi = ("da_presentare", "coda", "da_approvare", "convenzioni")
    return any(voce.dimostrativo for nome in elenchi for voce in contesto.get(nome, ()))
