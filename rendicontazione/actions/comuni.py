"""What the actions on a report share."""

from django.core.exceptions import ValidationError

from core.templatetags.formati import data_breve

from ..models import MODIFICABILI, Adempimento, Rendiconto, StatoRendiconto


def blocca(adempimento: Adempimento) -> Adempimento:
    """Lock the adempimento, which stands for all the versions of its report, and read it again."""
    bloccato = Adempimento.objects.select_for_update(no_key=True, of=("self",))
    return bloccato.select_related("ente", "convenzione").get(pk=adempimento.pk)


def in_vigore(adempimento: Adempimento) -> Rendiconto | None:
    return adempimento.rendiconti.in_vigore().select_related("caricamento").first()


def deve_accettare_file(adempimento: Adempimento, attuale: Rendiconto | None) -> None:
    """Raise `ValidationError` when the report is not in the hands of the ente."""
    if not adempimento.trimestre:
        raise ValidationError("Il report annuale non si carica: nasce dai quattro rendiconti trimestrali.")
    if attuale is None or attuale.stato in MODIFICABILI:
        return
    quando = data_breve(attuale.trasmesso_il)
    if attuale.stato == StatoRendiconto.TRASMESSO:
        raise ValidationError(
            f"Il rendiconto è stato trasmesso il {quando}: per caricare un altro file ritiralo prima."
        )
    if attuale.stato == StatoRendiconto.IN_ISTRUTTORIA:
        raise ValidationError(
            f"Il rendiconto trasmesso il {quando} è in istruttoria: si carica un altro file se la Regione lo "
            "restituisce."
        )
    raise ValidationError("Il rendiconto è validato: non si carica un altro file.")
