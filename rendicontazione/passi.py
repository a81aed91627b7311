"""What comes next for a report and for the person who looks at it, in words."""

from dataclasses import dataclass

from django.utils import timezone

from enti.models import Ente, Utente
from enti.permessi import Permesso, ruoli_con

from .models import DA_PRESENTARE, Adempimento, StatoRendiconto

S = StatoRendiconto

FASI = ("Caricamento", "Controllo", "Trasmissione", "Istruttoria")
# How many of the steps above are behind; a report that came back begins again.
_FATTE = {
    DA_PRESENTARE: 0,
    S.RESTITUITO: 0,
    S.IN_COMPILAZIONE: 1,
    S.TRASMESSO: 3,
    S.IN_ISTRUTTORIA: 3,
    S.VALIDATO: 4,
}


@dataclass(frozen=True)
class Passo:
    """`mio`: it is up to this person. `etichetta` is the button, `testo` the sentence."""

    etichetta: str
    testo: str
    mio: bool = False


def prossimo_passo(adempimento: Adempimento, utente: Utente) -> Passo:
    """For an adempimento read with `con_rendiconto(utente)`."""
    ente, stato = adempimento.ente, adempimento.stato
    if not adempimento.trimestre:
        return Passo("Apri", "Somma i quattro trimestri: qui vedi la scadenza e i totali.")
    if utente.puo(Permesso.CARICARE_RENDICONTO, ente):
        trasmette = utente.puo(Permesso.TRASMETTERE_RENDICONTO, ente)
        return {
            DA_PRESENTARE: Passo("Carica il file", "Scarica il modello, compilalo e caricalo.", True),
            S.RESTITUITO: Passo(
                "Correggi", "La Regione l’ha restituito: leggi perché e carica il file corretto.", True
            ),
            S.IN_COMPILAZIONE: Passo(
                "Controlla e trasmetti", "Il file è accettato: controlla e trasmetti.", True
            )
            if trasmette
            else Passo("Controlla", "Il file è accettato: lo trasmette il responsabile."),
            S.TRASMESSO: Passo(
                "Apri", "Trasmesso: puoi ritirarlo finché la Regione non lo prende in carico."
            ),
            S.IN_ISTRUTTORIA: Passo("Apri", "La Regione lo sta esaminando. Non devi fare nulla."),
            S.VALIDATO: Passo("Apri", "Validato. Non devi fare nulla."),
        }[stato]
    istruisce = utente.puo(Permesso.ISTRUIRE_RENDICONTO, ente)
    return {
        S.TRASMESSO: Passo(
            "Prendi in carico" if istruisce else "Apri", "Attende di essere preso in carico.", istruisce
        ),
        S.IN_ISTRUTTORIA: Passo(
            "Esamina" if istruisce else "Apri", "Attende di essere validato o restituito.", istruisce
        ),
        S.RESTITUITO: Passo("Apri", "Restituito: lo corregge l’ente."),
        S.VALIDATO: Passo("Apri", "Validato."),
    }.get(stato, Passo("Apri", "L’ente non l’ha ancora trasmesso."))


def fasi_fatte(stato: str) -> int:
    return _FATTE[stato]


def giorni_di_ritardo(adempimento: Adempimento) -> int:
    """Days late: of the transmission, or of today while not sent. For an adempimento `con_rendiconto`.

    The yearly report is not sent from here: it is never called late.
    """
    if not adempimento.trimestre:
        return 0
    il = timezone.localdate(adempimento.trasmesso_il) if adempimento.trasmesso_il else None
    return adempimento.giorni_di_ritardo(il)


def ritardo_in_parole(giorni: int) -> str:
    return f"In ritardo di {giorni} {'giorno' if giorni == 1 else 'giorni'}"


def attesa_in_parole(adempimento: Adempimento) -> str:
    """«oggi», «tra 20 giorni»; empty when the due date is past."""
    giorni = (adempimento.scadenza - timezone.localdate()).days
    if giorni < 0:
        return ""
    return "oggi" if giorni == 0 else f"tra {giorni} {'giorno' if giorni == 1 else 'giorni'}"


def responsabili(ente: Ente) -> list[Utente]:
    """Who sends the reports of the ente."""
    incarichi = ente.incarichi.attivi().filter(ruolo__in=ruoli_con(Permesso.TRASMETTERE_RENDICONTO))
    return list(Utente.objects.filter(incarichi__in=incarichi).distinct())
