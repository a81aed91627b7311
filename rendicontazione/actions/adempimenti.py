"""The duties of a convention, from its rules."""

from django.core.exceptions import ValidationError

from convenzioni.models import Convenzione
from core.actions import azione
from enti.models import Ente, Utente
from enti.permessi import Permesso
from registro.actions import annota

from ..models import Adempimento, RegolaAdempimento, TipoAdempimento
from ..scadenze import scadenza

TRIMESTRI = {
    TipoAdempimento.COSTI_PERSONALE_TRIMESTRALE: (1, 2, 3, 4),
    TipoAdempimento.COSTI_PERSONALE_ANNUALE: (None,),
}


@azione
def genera_adempimenti(convenzione: Convenzione, *, da: Utente | None) -> list[Adempimento]:
    """Make the duties that are missing: for each signatory, year and rule of a convention in force.

    Returns the new ones. Those that are there keep their due date, also when a rule has changed: a date is
    mended one by one. Raises `ValidationError` when the convention is not in force or has no rule.
    """
    convenzione = Convenzione.objects.select_for_update(no_key=True).get(pk=convenzione.pk)
    if da is not None:
        da.deve_potere(Permesso.GESTIRE_CONVENZIONI, convenzione.regione)
    if not convenzione.in_forza:
        raise ValidationError(
            f"La convenzione {convenzione.codice} non è vigente: le scadenze si generano quando lo è."
        )
    regole = list(convenzione.regole.all())
    if not regole:
        raise ValidationError(
            f"La convenzione {convenzione.codice} non ha regole di scadenza: inseriscile nei dati di base."
        )
    enti = Ente.objects.filter(sottoscrizioni__convenzione=convenzione).order_by("nome_breve")
    gia_presenti = set(convenzione.adempimenti.values_list("ente", "tipo", "anno", "trimestre"))
    nuovi = [
        _adempimento(convenzione, ente, regola, anno, trimestre)
        for ente in enti
        for anno in convenzione.anni
        for regola in regole
        for trimestre in TRIMESTRI[regola.tipo]
        if (ente.pk, regola.tipo, anno, trimestre) not in gia_presenti
    ]
    Adempimento.objects.bulk_create(nuovi)
    if nuovi:
        annota("scadenze generate", convenzione, da=da, ente=convenzione.regione, nuove=len(nuovi))
    return nuovi


def adempimento_di(convenzione: Convenzione, ente: Ente, anno: int, trimestre: int) -> Adempimento:
    """The duty of an ente for a quarter; made with all those of the convention if it is not there yet."""
    quale = {
        "ente": ente,
        "anno": anno,
        "trimestre": trimestre,
        "tipo": TipoAdempimento.COSTI_PERSONALE_TRIMESTRALE,
    }
    suoi = convenzione.adempimenti.select_related("ente", "convenzione")
    trovato = suoi.filter(**quale).first()
    if trovato is None:
        genera_adempimenti(convenzione, da=None)
        trovato = suoi.filter(**quale).first()
    if trovato is None:
        raise ValidationError(
            f"{ente.denominazione} non ha un rendiconto per il {trimestre}° trimestre {anno} "
            f"nella convenzione {convenzione.codice}."
        )
    return trovato


def _adempimento(
    convenzione: Convenzione, ente: Ente, regola: RegolaAdempimento, anno: int, trimestre: int | None
) -> Adempimento:
    return Adempimento(
        convenzione=convenzione,
        ente=ente,
        tipo=regola.tipo,
        anno=anno,
        trimestre=trimestre,
        scadenza=scadenza(anno, trimestre, mesi_dopo=regola.mesi_dopo, giorno=regola.giorno),
        presunta=regola.presunta,
        dimostrativo=convenzione.dimostrativo,
    )
