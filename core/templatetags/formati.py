"""How figures and dates are written for the user. Years and keys are never passed through these."""

from datetime import date, datetime
from decimal import Decimal

from django import template
from django.utils import timezone

from core import money
from core.calendario import GIORNI, MESI

register = template.Library()


@register.filter
def euro(valore):
    """`Decimal` in euro → «8.972.346,42»; None → «—»."""
    return money.scrivi(valore)


@register.filter
def euro_tondo(valore):
    """A half-width of rounding, without cents when it has none: 500 → «500», 50000 → «50.000»."""
    testo = money.scrivi(valore)
    return testo.removesuffix(",00")


@register.filter
def differenza(valore):
    """A difference in euro, always with its sign: «+197.765,78», «−49.810,00»; zero is «0,00»."""
    if valore is None:
        return "—"
    return f"+{money.scrivi(valore)}" if valore > 0 else money.scrivi(valore)


@register.filter
def percento(valore, decimali=2):
    """A percentage 0–100 → «24,82»; None → «—»."""
    if valore is None:
        return "—"
    arrotondato = money.arrotonda_a(Decimal(valore), decimali)
    return f"{arrotondato:.{decimali}f}".replace(".", ",").replace("-", "−")


@register.filter
def data_breve(valore: date | datetime | None):
    """«31/10/2025»; None → «—»."""
    if valore is None:
        return "—"
    return _locale(valore).strftime("%d/%m/%Y")


@register.filter
def data_ora(valore: datetime | None):
    """«10/11/2025 alle 9:14» in Rome; None → «—»."""
    if valore is None:
        return "—"
    quando = _locale(valore)
    return f"{quando:%d/%m/%Y} alle {quando.hour}:{quando:%M}"


@register.filter
def data_estesa(valore: date | datetime | None):
    """«10 novembre 2025», «1º gennaio 2026»; None → «—»."""
    if valore is None:
        return "—"
    giorno = _locale(valore)
    return f"{giorno.day if giorno.day > 1 else '1º'} {MESI[giorno.month]} {giorno.year}"


@register.filter
def data_con_giorno(valore: date | datetime | None):
    """«lunedì 10 novembre 2025»; None → «—»."""
    if valore is None:
        return "—"
    giorno = _locale(valore)
    return f"{GIORNI[giorno.weekday()]} {data_estesa(giorno)}"


@register.filter
def mese(numero: int):
    """1 → «gennaio»."""
    return MESI[numero]


def _locale(valore):
    return (
        timezone.localtime(valore) if isinstance(valore, datetime) and timezone.is_aware(valore) else valore
    )


@register.filter
def minuscola(testo: str) -> str:
    """Only the first letter: «Oneri ex Madia» → «oneri ex Madia»; names and acronyms keep their capitals."""
    return testo[:1].lower() + testo[1:]
