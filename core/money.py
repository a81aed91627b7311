"""Amounts in euro: read, rounded and written here and nowhere else. Pure Python, no Django.

Amounts are `Decimal` with two decimals, or whole cents (`int`) where whole columns are worked on.
"""

import re
from decimal import ROUND_HALF_UP, Decimal

_SPAZI = "\u00a0\u2007\u2009\u202f "
_APOSTROFI = "'\u2019"
_SEGNI_MENO = "-\u2212"
# One kind of thousands separator per number: mixed ones are as unclear as wrong ones. A first group that
# starts with zero has no thousands: `0.500` is more likely half a euro.
_NUMERO = re.compile(
    rf"(?P<segno>[{_SEGNI_MENO}]?)"
    rf"(?P<intero>[1-9][0-9]{{0,2}}(?:(?P<sep>[.{_SPAZI}{_APOSTROFI}])[0-9]{{3}}(?:(?P=sep)[0-9]{{3}})*)|[0-9]+)"
    r"(?:,(?P<decimali>[0-9]{1,2}))?"
)


class ImportoNonLeggibile(ValueError):
    """The text is not an amount, or could be read in two ways. `str()` is the Italian message for the user."""


def arrotonda(importo: Decimal) -> Decimal:
    """Round to the cent, half away from zero (the rule of Italian accounts)."""
    return arrotonda_a(importo, 2)


def arrotonda_a(valore: Decimal, decimali: int) -> Decimal:
    """Round in the same way to that many decimals: percentages are written with one or two."""
    return valore.quantize(Decimal(1).scaleb(-decimali), ROUND_HALF_UP)


def leggi_centesimi(testo: str) -> int:
    """Read an amount typed the Italian way and return whole cents.

    `8.972.346,42`, `8972346,42`, `€ 1.234,5`; NBSP, thin space and apostrophe may stand for the point.
    Three digits after a single point are thousands: `1.234` is 1.234,00. Whatever else could be read in
    two ways is refused with `ImportoNonLeggibile`, whose message shows the possible readings.
    """
    pulito = testo.strip(_SPAZI + "\t\r\n")
    pulito = pulito.removeprefix("€").removesuffix("€").strip(_SPAZI)
    trovato = _NUMERO.fullmatch(pulito)
    if not trovato:
        raise ImportoNonLeggibile(_spiega(pulito, testo))
    intero = re.sub(r"[^0-9]", "", trovato["intero"])
    centesimi = int(intero) * 100 + int((trovato["decimali"] or "0").ljust(2, "0"))
    return -centesimi if trovato["segno"] else centesimi


def leggi(testo: str) -> Decimal:
    """Like `leggi_centesimi`, as a `Decimal` in euro with two decimals."""
    return Decimal(leggi_centesimi(testo)).scaleb(-2)


def scrivi(importo: Decimal | int | None) -> str:
    """`8972346.42` → «8.972.346,42»; `None` → «—», because missing is not zero. The minus is U+2212."""
    if importo is None:
        return "—"
    testo = f"{importo:,.2f}".replace(",", "\0").replace(".", ",").replace("\0", ".")
    return testo.replace("-", "−")


def _spiega(pulito: str, testo: str) -> str:
    """The message of a refused amount: what was found and, where they exist, the readings it could have."""
    mostrato = testo.strip()[:40]
    inizio = f"«{mostrato}» non si legge come importo"
    if not pulito:
        return "Scrivi un importo, per esempio 1.234,56."
    if re.search(r"[0-9][eE][+-]?[0-9]", pulito):
        return f"{inizio}: gli esponenti non sono ammessi. Scrivi tutte le cifre, per esempio 1.234,56."
    if any(c.isdigit() and c not in "0123456789" for c in pulito):
        return f"{inizio}: usa le cifre da 0 a 9, per esempio 1.234,56."
    cifre = re.sub(r"[^0-9]", "", pulito)
    if not re.fullmatch(rf"[{_SEGNI_MENO}]?[0-9][0-9.,{_SPAZI}{_APOSTROFI}]*", pulito) or len(cifre) > 14:
        return f"{inizio}. Scrivi solo cifre, con la virgola prima dei centesimi: 1.234,56."
    ultimo = max(pulito.rfind("."), pulito.rfind(","))
    prima, dopo = re.sub(r"[^0-9]", "", pulito[:ultimo]), re.sub(r"[^0-9]", "", pulito[ultimo + 1 :])
    if ultimo < 0 or not prima or not dopo:
        return (
            f"{inizio}. Il punto separa le migliaia a gruppi di tre cifre, la virgola i centesimi: 1.234,56."
        )
    letture = []
    if len(dopo) <= 2:
        letture.append(scrivi(Decimal(f"{prima}.{dopo}")))
    letture.append(scrivi(Decimal(prima + dopo)))
    if len(dopo) > 2 and (pulito[ultimo] == "," or prima.startswith("0")):
        letture.append(scrivi(arrotonda(Decimal(f"{prima}.{dopo}"))))
    return (
        f"{inizio} senza dubbi: se intendi " + ", se intendi ".join(f"{t} scrivi {t}" for t in letture) + "."
    )
