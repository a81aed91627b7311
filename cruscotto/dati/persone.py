"""The demonstration accounts: one per role, with passwords that only this machine knows."""

import os
import secrets
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

from django.contrib.auth.hashers import make_password

from enti.models import Ente, Incarico, Utente
from registro.models import ALFABETO_CODICE

from .file import DEMO, righe

DAL = date(2024, 1, 1)


def carica(file: Path) -> dict[tuple[str, str], Utente]:
    """Create the accounts that are missing and write `file`; returns them by (role, sigla of the ente).

    `file` has a line per role (code, tab, e-mail, tab, password) and is readable by its owner only. The
    passwords it holds are kept; otherwise they come from DEMO_PASSWORD or are generated. The second person of
    a role, in another province, has the password of the first.
    """
    persone = righe(DEMO / "persone.csv")
    presenti = Utente.objects.in_bulk([p["email"] for p in persone], field_name="email")
    scelta = os.environ.get("DEMO_PASSWORD")
    scritte = _leggi(file)
    # An account that is there keeps its password, as long as somebody can still read it.
    password = {
        p["ruolo"]: (scritte.get(p["email"]) if p["email"] in presenti else None)
        or scelta
        or scritte.get(p["email"])
        or _nuova_password()
        for p in persone
        if p["in_elenco"]
    }
    da_impostare = [
        p for p in persone if p["email"] not in presenti or password[p["ruolo"]] not in scritte.values()
    ]
    # A hash takes half a second on purpose; two cores make two at a time.
    ruoli = sorted({p["ruolo"] for p in da_impostare})
    with ThreadPoolExecutor() as insieme:
        impronte = dict(zip(ruoli, insieme.map(lambda r: make_password(password[r]), ruoli), strict=True))

    enti = Ente.objects.in_bulk([p["ente"] for p in persone], field_name="sigla")
    for persona in da_impostare:
        utente = presenti.get(persona["email"]) or Utente(
            email=persona["email"], nome=persona["nome"], cognome=persona["cognome"], dimostrativo=True
        )
        nuovo = utente.pk is None
        utente.password = impronte[persona["ruolo"]]
        utente.full_clean()
        utente.save()
        presenti[utente.email] = utente
        if nuovo:
            incarico = Incarico(utente=utente, ente=enti[persona["ente"]], ruolo=persona["ruolo"], dal=DAL)
            incarico.full_clean()
            incarico.save()
    _scrivi(file, [(p["ruolo"], p["email"], password[p["ruolo"]]) for p in persone if p["in_elenco"]])
    return {(p["ruolo"], p["ente"]): presenti[p["email"]] for p in persone}


def _nuova_password() -> str:
    """`K7QF-2M9X-T4HB`: easy to copy by hand, 59 bits."""
    return "-".join("".join(secrets.choice(ALFABETO_CODICE) for _ in range(4)) for _ in range(3))


def _leggi(file: Path) -> dict[str, str]:
    """The passwords of the file by e-mail; none if there is no file."""
    if not file.exists():
        return {}
    campi = (riga.split("\t") for riga in file.read_text(encoding="utf-8").splitlines())
    return {riga[1]: riga[2] for riga in campi if len(riga) == 3}


def _scrivi(file: Path, conti: list[tuple[str, str, str]]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    provvisorio = file.with_name(file.name + ".nuovo")
    provvisorio.unlink(missing_ok=True)
    # Born with these rights: there is no moment in which others can read it.
    with open(
        os.open(provvisorio, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
    ) as aperto:
        aperto.writelines("\t".join(conto) + "\n" for conto in conti)
    provvisorio.replace(file)
