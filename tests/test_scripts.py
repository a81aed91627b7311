"""The scripts, run as a newcomer would, in a copy of the project with data of its own."""

import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

import psycopg
import pytest

PROJECT = Path(__file__).resolve().parents[1]
ALTROVE = shutil.ignore_patterns(".venv", ".git", "var", ".env", "__pycache__", ".*_cache", ".hypothesis")
START_SECONDS = 180  # the first start fills the database; the machine may be busy with other tests


@pytest.fixture
def copy(tmp_path):
    folder = tmp_path / "convenzioni è qui"
    shutil.copytree(PROJECT, folder, ignore=ALTROVE)
    (folder / ".venv").symlink_to(PROJECT / ".venv")
    yield folder
    run(folder, ".venv/bin/python", "-m", "core.localdb", "stop")


@pytest.fixture
def port():
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return door.getsockname()[1]


def environment(**extra: str) -> dict[str, str]:
    """As in a new terminal: nothing of the test's own settings."""
    return {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ} | extra


def run(folder: Path, *command: str, **extra: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        command, cwd=folder, env=environment(**extra), capture_output=True, text=True, check=False
    )


class Demo:
    """A running script/demo."""

    def __init__(self, folder: Path, port: int, *arguments: str, **extra: str) -> None:
        self.begun = time.monotonic()
        self.output = folder / "output"
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                ["script/demo", *arguments],
                cwd=folder,
                env=environment(PORT=str(port), **extra),
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        while "Ctrl-C" not in self.output.read_text():
            assert self.process.poll() is None, self.output.read_text()
            assert time.monotonic() - self.begun < START_SECONDS, self.output.read_text()
            time.sleep(0.05)
        self.seconds = time.monotonic() - self.begun

    def stop(self) -> None:
        """Ctrl-C, as the terminal sends it: to the whole group."""
        os.killpg(self.process.pid, signal.SIGINT)
        assert self.process.wait(60) == 0, self.output.read_text()


def page(port: int) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=30) as answer:
        return answer.read().decode()


def database(folder: Path) -> str:
    return run(folder, ".venv/bin/python", "-m", "core.localdb", "status").stdout.strip()


def left_behind(folder: Path) -> list[str]:
    """Processes that run in the folder or with its path."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            if str(folder) in command or Path(os.readlink(process / "cwd")).is_relative_to(folder):
                found.append(command)
        except OSError:
            continue
    return found


@pytest.mark.e2e
def test_the_demo_starts_keeps_its_data_recovers_and_stops_everything(copy, port):
    demo = Demo(copy, port, DEMO_PASSWORD="una-password-scelta")
    accounts = copy / "var/demo-accounts.txt"
    assert accounts.stat().st_mode & 0o777 == 0o600
    rows = [line.split("\t") for line in accounts.read_text().splitlines()]
    assert all(len(row) == 3 and row[2] == "una-password-scelta" for row in rows)
    for role, email, password in rows:
        assert all(cell in demo.output.read_text() for cell in (role, email, password))
    assert "<h1" in page(port)

    taken = run(copy, "script/demo", PORT=str(port))
    assert (taken.returncode, taken.stdout, taken.stderr.count("\n")) == (1, "", 1)
    assert f"La porta {port} è occupata" in taken.stderr
    busy = run(copy, "script/demo", "--reset", PORT=str(port))
    assert busy.returncode == 1
    assert "fermala con Ctrl-C" in busy.stderr

    # A killed database comes back under the running server.
    url = database(copy)
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE segno ()")
    os.kill(int((copy / "var/postgres/data/postmaster.pid").read_text().split()[0]), signal.SIGKILL)
    deadline = time.monotonic() + 30
    while database(copy) != url:
        assert time.monotonic() < deadline
    assert "<h1" in page(port)

    demo.stop()
    assert left_behind(copy) == []
    assert not Path(url.partition("host=")[2]).exists()

    # Some two seconds on an idle machine. Other tests run beside this one: what counts then is that at most two
    # starts of Django come before the page, with as much again for the rest.
    begun = time.monotonic()
    assert run(copy, ".venv/bin/python", "manage.py", "check").returncode == 0
    django_start = time.monotonic() - begun
    demo = Demo(copy, port)
    assert demo.seconds < max(5, 4 * django_start)
    assert "Preparo" not in demo.output.read_text()
    assert [line.split("\t") for line in accounts.read_text().splitlines()] == rows
    with psycopg.connect(database(copy)) as connection:
        assert connection.execute("SELECT to_regclass('segno')").fetchone()[0] == "segno"
    demo.stop()

    demo = Demo(copy, port, "--reset")
    with psycopg.connect(database(copy)) as connection:
        assert connection.execute("SELECT to_regclass('segno')").fetchone()[0] is None
    assert accounts.read_text().splitlines()[0].split("\t")[2] != "una-password-scelta"
    demo.stop()
    assert left_behind(copy) == []


@pytest.mark.parametrize(
    ("arguments", "extra", "message"),
    [
        (["--azzera"], {}, "uso: script/demo"),
        ([], {"PORT": "http"}, "PORT deve essere un numero"),
        ([], {"PORT": "70000"}, "PORT deve essere un numero"),
        (["--reset"], {"DATABASE_URL": "postgresql://altrove/x"}, "cancella solo il database locale"),
        ([], {"DATABASE_URL": "postgresql://127.0.0.1:1/x"}, "Il database di DATABASE_URL non si può usare"),
    ],
)
def test_a_demo_that_cannot_start_says_why(copy, port, arguments, extra, message):
    done = run(copy, "script/demo", *arguments, **({"PORT": str(port)} | extra))
    assert done.returncode in (1, 2)
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_manage_alone_works_in_a_fresh_tree_and_leaves_nothing_running(copy):
    done = run(copy, ".venv/bin/python", "manage.py", "check")
    assert done.returncode == 0, done.stderr
    assert left_behind(copy) == []


@pytest.fixture
def altro_database(copy):
    """The URL of a second database of the copy's cluster, that holds somebody else's table."""
    url = run(copy, ".venv/bin/python", "-m", "core.localdb", "url").stdout.strip()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE altro")
    url = url.replace("/convenzioni?", "/altro?")
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE di_altri ()")
    return url


def test_the_demo_does_not_touch_the_database_of_others(copy, port, altro_database):
    done = run(copy, "script/demo", PORT=str(port), DATABASE_URL=altro_database)
    assert done.returncode == 1
    assert "le tabelle di un'altra applicazione" in done.stderr
    with psycopg.connect(altro_database) as connection:
        assert connection.execute("SELECT relname FROM pg_stat_user_tables").fetchall() == [("di_altri",)]
