"""The real thing for a browser: a database of its own, the demo data, gunicorn and the worker, until closed."""

import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

PROJECT = Path(__file__).resolve().parents[2]
CHROMIUM = "/usr/bin/chromium"
# The browser speaks with the site only.
OPZIONI_CHROMIUM = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run",
]  # fmt: skip
SECONDI_PAGINA = 60
SECONDI_ARRESTO = 15


@dataclass(frozen=True)
class Sito:
    """`conti`: e-mail and password by role code. `registro`: what server and worker wrote."""

    url: str
    database: str
    conti: dict[str, tuple[str, str]]
    registro: Path

    def righe(self, query: str, *parametri) -> list[tuple]:
        """The database as it is now, not through the application."""
        with psycopg.connect(self.database) as connessione:
            return connessione.execute(query, parametri).fetchall()

    def valore(self, query: str, *parametri):
        [(valore,)] = self.righe(query, *parametri)
        return valore


@contextmanager
def avvia(cartella: Path) -> Iterator[Sito]:
    """Bring the site up in `cartella` (files, accounts, logs); at the end nothing of it is left running."""
    with _database(os.environ["DATABASE_URL"]) as database, socket.socket() as porta:
        porta.bind(("127.0.0.1", 0))
        porta.listen()
        url = f"http://127.0.0.1:{porta.getsockname()[1]}"
        ambiente = os.environ | {
            "DATABASE_URL": database,
            "SECRET_KEY": secrets.token_urlsafe(50),
            "DEBUG": "0",
            "HTTPS": "0",
            "ALLOWED_HOSTS": "127.0.0.1",
            "STATIC_ROOT": str(cartella / "static"),
            "INDIRIZZO_PUBBLICO": url,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DEMO_PASSWORD": secrets.token_urlsafe(15),
        }
        conti, registro = cartella / "conti.txt", cartella / "registro.txt"
        for comando in (["prepara"], ["carica_dati_demo", "--account", str(conti)]):
            subprocess.run([sys.executable, "manage.py", *comando], cwd=PROJECT, env=ambiente, check=True,
                           stdout=subprocess.DEVNULL)  # fmt: skip
        server = [
            "-m", "gunicorn", "config.wsgi", "--bind", f"fd://{porta.fileno()}", "--workers", "1",
            "--worker-class", "gthread", "--threads", "4", "--log-level", "warning", "--no-control-socket",
        ]  # fmt: skip
        lavori = ["manage.py", "procrastinate", "worker"]
        with (
            registro.open("wb") as log,
            _processo(server, ambiente, log, pass_fds=[porta.fileno()]),
            _processo(lavori, ambiente, log),
        ):
            _aspetta(url, registro)
            righe = [riga.split("\t") for riga in conti.read_text(encoding="utf-8").splitlines()]
            yield Sito(
                url, database, {ruolo: (email, password) for ruolo, email, password in righe}, registro
            )


@contextmanager
def _database(url: str) -> Iterator[str]:
    """A new empty database in the cluster of `url`, dropped at the end."""
    nome = f"convenzioni_e2e_{os.getpid()}"
    with psycopg.connect(url, autocommit=True) as padrone:
        padrone.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(nome)))
    try:
        yield urlunsplit(urlsplit(url)._replace(path=f"/{nome}"))
    finally:
        with psycopg.connect(url, autocommit=True) as padrone:
            padrone.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(nome)))


@contextmanager
def _processo(argomenti: list[str], ambiente: dict, log, **opzioni) -> Iterator[None]:
    figlio = subprocess.Popen(
        [sys.executable, *argomenti], cwd=PROJECT, env=ambiente, stdin=subprocess.DEVNULL, stdout=log,
        stderr=log, **opzioni,
    )  # fmt: skip
    try:
        yield
    finally:
        figlio.terminate()
        try:
            figlio.wait(SECONDI_ARRESTO)
        except subprocess.TimeoutExpired:
            figlio.kill()
            figlio.wait()


def _aspetta(url: str, registro: Path) -> None:
    senza_proxy = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    fine = time.monotonic() + SECONDI_PAGINA
    while time.monotonic() < fine:
        try:
            with senza_proxy.open(f"{url}/salute/", timeout=SECONDI_PAGINA):
                return
        except urllib.error.URLError:
            time.sleep(0.1)
    raise RuntimeError(f"the site does not answer:\n{registro.read_text(errors='replace')[-3000:]}")
