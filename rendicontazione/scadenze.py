"""When a duty falls due: from the rule of its convention to a day. Pure functions on dates."""

from calendar import monthrange
from datetime import date


def periodo(anno: int, trimestre: int | None) -> tuple[date, date]:
    """First and last day of a quarter, or of the whole year (`trimestre` None)."""
    if trimestre is None:
        return date(anno, 1, 1), date(anno, 12, 31)
    ultimo_mese = trimestre * 3
    return date(anno, ultimo_mese - 2, 1), date(anno, ultimo_mese, monthrange(anno, ultimo_mese)[1])


def scadenza(anno: int, trimestre: int | None, *, mesi_dopo: int, giorno: int | None) -> date:
    """The due date: `mesi_dopo` months after the month in which the period ends, on `giorno`.

    `giorno` None is the last day of that month; a day that the month does not have is its last day. A due
    date that falls on a holiday stays there: the source gives no rule to move it.
    """
    _, fine = periodo(anno, trimestre)
    mesi = fine.year * 12 + fine.month - 1 + mesi_dopo
    anno_scadenza, mese = divmod(mesi, 12)
    ultimo = monthrange(anno_scadenza, mese + 1)[1]
    return date(anno_scadenza, mese + 1, min(giorno or ultimo, ultimo))
