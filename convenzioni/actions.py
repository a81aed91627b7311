"""What is done to a convention. Whoever changes its state or its dotazioni passes through here."""

from dataclasses import dataclass
from decimal import Decimal

from django.core.exceptions import ValidationError

from core.actions import azione
from enti.models import Utente
from enti.permessi import Permesso
from registro.actions import annota

from .models import Atto, Convenzione, Dotazione, Passaggio, StatoConvenzione

S = StatoConvenzione


@dataclass(frozen=True)
class RegolaPassaggio:
    permesso: Permesso
    atto_richiesto: bool


# What each state asks of who leads there. An act decides; the application records it.
PASSAGGI: dict[str, RegolaPassaggio] = {
    S.BOZZA: RegolaPassaggio(Permesso.GESTIRE_CONVENZIONI, atto_richiesto=False),
    S.SCHEMA_APPROVATO: RegolaPassaggio(Permesso.GESTIRE_CONVENZIONI, atto_richiesto=True),
    S.VIGENTE: RegolaPassaggio(Permesso.GESTIRE_CONVENZIONI, atto_richiesto=True),
    S.CONCLUSA: RegolaPassaggio(Permesso.GESTIRE_CONVENZIONI, atto_richiesto=False),
    S.PROROGATA: RegolaPassaggio(Permesso.CHIUDERE_CONVENZIONE, atto_richiesto=True),
    S.RISOLTA: RegolaPassaggio(Permesso.CHIUDERE_CONVENZIONE, atto_richiesto=True),
}


@azione
def cambia_stato(
    convenzione: Convenzione, stato: str, *, da: Utente | None, atto: Atto | None = None, nota: str = ""
) -> Convenzione:
    """Lead the convention to `stato`, by its act where the step asks for one.

    Raises `PermissionDenied` to who may not, `ValidationError` where the step does not exist, the act is
    missing, or nobody has signed a convention that should come into force.
    """
    convenzione = Convenzione.objects.select_for_update(no_key=True).get(pk=convenzione.pk)
    regola = PASSAGGI[stato]
    if da is not None:
        da.deve_potere(regola.permesso, convenzione.regione)
    if not convenzione.puo_diventare(stato):
        raise ValidationError(
            f"La convenzione è in stato «{convenzione.get_stato_display()}»: "
            f"da qui non può diventare «{S(stato).label}»."
        )
    if regola.atto_richiesto and atto is None:
        raise ValidationError("Scegli l'atto che decide il passaggio.")
    if stato == S.VIGENTE and not convenzione.sottoscrizioni.exists():
        raise ValidationError("Nessun ente ha sottoscritto: aggiungi prima le sottoscrizioni.")

    passaggio = Passaggio(
        convenzione=convenzione, da_stato=convenzione.stato, a_stato=stato, atto=atto, nota=nota, fatto_da=da
    )
    passaggio.full_clean(exclude=["fatto_da"] if da is None else None)  # the official data have no author
    passaggio.save()
    convenzione.stato = stato
    convenzione.full_clean()
    convenzione.save()
    annota(
        f"convenzione: {S(stato).label}",
        convenzione,
        da=da,
        ente=convenzione.regione,
        da_stato=passaggio.da_stato,
        atto=str(atto) if atto else None,
    )
    return convenzione


@azione
def cambia_dotazione(
    dotazione: Dotazione,
    *,
    da: Utente,
    importo: Decimal | None,
    precisione: Decimal | None = None,
    atto: Atto,
    motivo: str,
) -> Dotazione:
    """A dotazione changed by an act is a new version (euro); the old one stays readable with its riparti."""
    convenzione = Convenzione.objects.select_for_update(no_key=True).get(pk=dotazione.convenzione_id)
    dotazione = Dotazione.objects.select_for_update(no_key=True).get(pk=dotazione.pk)
    da.deve_potere(Permesso.GESTIRE_CONVENZIONI, convenzione.regione)
    if not dotazione.in_vigore:
        raise ValidationError("Questa versione della dotazione non è più in vigore.")
    if not motivo.strip():
        raise ValidationError("Scrivi il motivo della nuova versione.")

    dotazione.in_vigore = False
    dotazione.save(update_fields=["in_vigore"])
    nuova = Dotazione(
        convenzione=convenzione,
        linea=dotazione.linea,
        anno=dotazione.anno,
        versione=dotazione.versione + 1,
        importo=importo,
        precisione=precisione,
        atto=atto,
        motivo=motivo.strip(),
        sostituisce=dotazione,
        dimostrativo=dotazione.dimostrativo,
    )
    nuova.full_clean()
    nuova.save()
    annota(
        "dotazione: nuova versione",
        nuova,
        da=da,
        ente=convenzione.regione,
        prima=str(dotazione.importo),
        dopo=str(nuova.importo),
        motivo=nuova.motivo,
    )
    return nuova
