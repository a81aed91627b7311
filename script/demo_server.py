"""The demo: database, data, web server and worker of this folder, until Ctrl-C. Called by script/demo.

The page comes first: a second start skips the preparation (its stamp has not changed) and starts the worker
when the page answers, so Django starts once before it.
"""

import errno
import fcntl
import hashlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import environ
import psycopg

PROJECT = Path(__file__).resolve().parent.parent
VAR = PROJECT / "var"
ACCOUNTS = VAR / "demo-accounts.txt"
STAMP = VAR / "demo-stamp"
SECRET = VAR / "secret-key"
LOG = VAR / "demo.log"
STATIC = VAR / "static"
PAGE_SECONDS = 60
STOP_SECONDS = 15

sys.path.insert(0, str(PROJECT))
from core import localdb  # noqa: E402


class Stop(SystemExit):
    """A signal asked to stop: nothing went wrong."""


def main() -> None:
    begun = time.monotonic()
    os.chdir(PROJECT)
    VAR.mkdir(exist_ok=True)
    environ.Env.read_env(PROJECT / ".env")
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)

    running = (VAR / "demo.lock").open("w")
    if "--reset" in sys.argv:
        reset(running)
    fcntl.flock(running, fcntl.LOCK_SH)
    door, address = reserve_port()
    embedded = not os.environ.get("DATABASE_URL")
    url = localdb.ensure() if embedded else os.environ["DATABASE_URL"]
    env = environment(url)
    children: list[subprocess.Popen] = []
    try:
        prepare(url, env, children)
        server = [
            "gunicorn", "config.wsgi", "--bind", f"fd://{door.fileno()}", "--preload", "--workers", "2",
            "--worker-class", "gthread", "--threads", "4", "--log-level", "warning", "--no-control-socket",
        ]  # fmt: skip
        with LOG.open("wb") as log:
            start(children, ["-m", *server], env, log, pass_fds=[door.fileno()])
            wait_for_page(address, children)
            start(children, ["manage.py", "procrastinate", "worker"], env, log)
        say(f"\nConvenzioni CPI è pronta: {address} ({time.monotonic() - begun:.1f} secondi)\n")
        print_accounts()
        say("\nCtrl-C per fermare.")
        while True:
            time.sleep(0.5)
            check_children(children)
            if embedded and localdb.ensure() != url:  # after a kill it comes back in the same place
                fail("PostgreSQL è stato fermato.")
    finally:
        for child in reversed(children):
            finish(child)


# ---- preparation


def reset(running) -> None:
    if os.environ.get("DATABASE_URL"):
        sys.exit("--reset cancella solo il database locale: DATABASE_URL è impostata, quindi svuotalo tu.")
    try:
        fcntl.flock(running, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        sys.exit("Una demo è già attiva in questa cartella: fermala con Ctrl-C, poi riprova.")
    localdb.default.remove()
    shutil.rmtree(STATIC, ignore_errors=True)
    for path in (ACCOUNTS, STAMP, SECRET, LOG):
        path.unlink(missing_ok=True)
    say("Dati locali cancellati: si riparte da zero.")


def reserve_port() -> tuple[socket.socket, str]:
    """The listening address, taken at once: two starts cannot both believe that the port is theirs."""
    text = os.environ.get("PORT", "8000")
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        sys.exit(f"PORT deve essere un numero tra 1 e 65535, non «{text}».")
    door = socket.socket()
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        door.bind(("127.0.0.1", int(text)))
        door.listen()  # from here on another bind fails; browsers wait in the queue
    except OSError as error:
        other = int(text) % 65535 + 1
        why = "è occupata" if error.errno == errno.EADDRINUSE else f"non si può usare ({error.strerror})"
        sys.exit(f"La porta {text} {why}. Prova: PORT={other} script/demo")
    return door, f"http://127.0.0.1:{text}/"


def environment(url: str) -> dict[str, str]:
    with locked(VAR / "demo-prepare.lock"):
        if not SECRET.exists():
            with open(os.open(SECRET, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(50))
    return os.environ | {
        "DATABASE_URL": url,
        "SECRET_KEY": SECRET.read_text(),
        "DEBUG": "0",
        "HTTPS": "0",
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
        "STATIC_ROOT": str(STATIC),
        "INDIRIZZO_PUBBLICO": f"http://127.0.0.1:{os.environ.get('PORT', '8000')}",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PYTHONUNBUFFERED": "1",
    }


def prepare(url: str, env: dict[str, str], children: list) -> None:
    """Tables, static files and data, when something that they come from has changed."""
    with locked(VAR / "demo-prepare.lock"):
        wanted = stamp(url)
        done = STAMP.read_text() if STAMP.exists() else ""
        if done == wanted and ACCOUNTS.exists() and (STATIC / "staticfiles.json").exists():
            return
        say("Preparo il database e i dati (solo la prima volta e dopo un aggiornamento)")
        STAMP.unlink(missing_ok=True)
        child = start(children, ["manage.py", "prepara", "--demo"], env, None)
        if code := child.wait():
            sys.exit(code)  # it has said why
        children.remove(child)
        STAMP.write_text(wanted)


def stamp(url: str) -> str:
    """A hash of what the preparation comes from, and of which database it went to."""
    digest = hashlib.sha256()
    with psycopg.connect(url) as connection:
        which = (
            "SELECT system_identifier, (SELECT oid FROM pg_database WHERE datname = current_database()) "
            "FROM pg_control_system()"
        )
        digest.update(repr(connection.execute(which).fetchone()).encode())
    sources = [PROJECT / "requirements.txt", *PROJECT.glob("config/*.py"), *PROJECT.glob("core/finders.py")]
    for pattern in (
        "*/migrations/*.py",
        "*/management/**/*.py",
        "cruscotto/dati/*.py",
        "fixtures/**/*",
        "static/**/*",
    ):
        sources += PROJECT.glob(pattern)
    for path in sorted(sources):
        if path.is_file():
            digest.update(
                f"{path.relative_to(PROJECT)}\0".encode() + hashlib.sha256(path.read_bytes()).digest()
            )
    return digest.hexdigest()


@contextmanager
def locked(path: Path):
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


# ---- processes


def start(children: list, arguments: list[str], env: dict[str, str], log, **options) -> subprocess.Popen:
    """A Python child in a session of its own: Ctrl-C reaches only us, who stop things in order. Should we be
    killed, the kernel stops it (``setpriv``)."""
    command = ["setpriv", "--pdeathsig", "TERM", "--", sys.executable, *arguments]
    child = subprocess.Popen(
        command, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, **options
    )
    children.append(child)
    return child


def finish(child: subprocess.Popen) -> None:
    if child.poll() is None:
        child.terminate()
        try:
            child.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def check_children(children: list[subprocess.Popen]) -> None:
    if any(child.poll() is not None for child in children):
        fail("Un processo della demo si è fermato.")


def wait_for_page(address: str, children: list[subprocess.Popen]) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    answer = None
    deadline = time.monotonic() + PAGE_SECONDS
    while time.monotonic() < deadline:
        check_children(children)
        try:
            with opener.open(address, timeout=PAGE_SECONDS):
                return
        except urllib.error.HTTPError as error:
            answer = error.code
            if answer < 500:
                return
        except OSError:
            pass
        time.sleep(0.05)
    fail(f"La pagina {address} non risponde" + (f" bene (errore {answer})." if answer else "."))


def stop(number: int, frame) -> None:
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)  # once is enough: a second one would leave something behind
    say("\nFermo tutto…")
    raise Stop(0 if number == signal.SIGINT else 128 + number)


# ---- words


def print_accounts() -> None:
    say(f"Per entrare (l'elenco è anche in {ACCOUNTS.relative_to(PROJECT)}):")
    rows = [line.split("\t") for line in ACCOUNTS.read_text().splitlines() if line.count("\t") == 2]
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    for row in rows:
        say("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def fail(message: str) -> None:
    tail = "\n".join(LOG.read_text(errors="replace").splitlines()[-20:])
    sys.exit(f"{message} Il registro è in {LOG.relative_to(PROJECT)}:\n{tail}")


def say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    try:
        main()
    except localdb.LocalDatabaseError as error:
        sys.exit(str(error))
    except psycopg.Error as error:
        sys.exit(f"Il database di DATABASE_URL non si può usare: {error}")
