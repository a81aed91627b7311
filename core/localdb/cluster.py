"""A PostgreSQL cluster in a folder: created, started and stopped by whoever comes first and leaves last.

Who is alive is told by file locks, which the kernel drops when a process dies, however it dies. A process id
can be a zombie's or a stranger's: after ``kill -9`` in a container without init it stays «running» for ever.

- ``lock``: one process at a time creates, starts or stops the cluster.
- ``alive``: held by every server process, which inherits it at start. When it is free, no server process of
  this folder lives, here or in another container: a left-over ``postmaster.pid`` can go. A copied folder has
  its own.
- ``users``: held shared by each process that called ``ensure``. **The last one out stops the server**, not
  the one that started it: a second ``manage.py`` that came meanwhile keeps its database, and nothing stays
  behind.
- ``keep``: a file that says «leave it running» (``python -m core.localdb start``) until ``stop``.
"""

import atexit
import fcntl
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from psycopg import pq
from psycopg.conninfo import make_conninfo

from core.localdb import programs as postgres
from core.localdb.programs import LocalDatabaseError, Programs

DATABASE = "convenzioni"
ROLE = "app"
SOCKET_PREFIX = "localdb-"
PORT = 5432  # only the name of the socket file: the server listens on no network address
START_SECONDS = 60  # crash recovery after a kill takes a few seconds on a slow disk
STOP_SECONDS = 20


class Cluster:
    """The cluster of one folder, as seen by this process."""

    def __init__(self, base: Path) -> None:
        self.base = base.resolve()
        self.data = self.base / "data"
        self.keep = self.base / "keep"
        self._users: int | None = None

    # What callers use

    def ensure(self, *, keep: bool = False) -> str:
        """The URL of the running server, started when needed; ``keep`` leaves it running afterwards."""
        self._join()
        url = self.url()
        if url is None or keep:
            with self._locked():
                url = self.url() or self._start()
                if keep and not self.keep.exists():
                    self.keep.touch()
        return url

    def url(self) -> str | None:
        """The URL when the server accepts connections, else None. Starts nothing."""
        if not self.base.is_dir() or self._all_dead():
            return None
        socket_dir = self._pid_file(4)
        if not socket_dir or _ping(socket_dir) != pq.Ping.OK:
            return None
        if os.stat(socket_dir).st_uid != self.base.stat().st_uid:
            return None  # somebody took the place of a folder that was cleaned away
        # libpq and django-environ read the folder alike in the query, but not as a host («%2Ftmp…»).
        return f"postgresql://{ROLE}@:{PORT}/{DATABASE}?host={quote(socket_dir)}"

    def stop(self) -> bool:
        """Stop the server, whoever uses it; False when it was not running."""
        if not self.base.is_dir():
            return False
        with self._locked():
            return self._stop()

    def remove(self) -> None:
        """Stop the server and delete the data; the lock files stay, others may hold them."""
        if self.base.is_dir():
            with self._locked():
                self._stop()
                for path in (self.data, self.base / "new"):
                    shutil.rmtree(path, ignore_errors=True)

    def leave(self) -> None:
        """Give up this process's use of the cluster; the last one to leave stops it."""
        users, self._users = self._users, None
        if users is None:
            return
        try:
            with self._locked():
                if not self.keep.exists() and _try_lock(users, fcntl.LOCK_EX):
                    self._stop()
        finally:
            os.close(users)

    # Locks

    def _open(self, name: str) -> int:
        try:
            return os.open(self.base / name, os.O_RDONLY | os.O_CREAT, 0o644)
        except OSError as error:
            raise self._unusable(error.strerror) from error

    def _unusable(self, why: str) -> LocalDatabaseError:
        return LocalDatabaseError(
            f"La cartella {self.base} non si può usare ({why}): usa l'utente che ha creato il "
            "progetto, oppure imposta DATABASE_URL."
        )

    @contextmanager
    def _locked(self) -> Iterator[None]:
        lock = self._open("lock")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _join(self) -> None:
        """Become a user before looking whether the server runs: nobody stops it between look and use."""
        if self._users is not None:
            return
        try:
            self.base.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise self._unusable(error.strerror) from error
        if os.geteuid() not in (0, self.base.stat().st_uid):
            raise self._unusable("è di un altro utente")
        self._users = self._open("users")
        fcntl.flock(self._users, fcntl.LOCK_SH)
        me = os.getpid()
        # A forked child shares the lock but is not the one who leaves.
        atexit.register(lambda: self.leave() if os.getpid() == me else None)

    def _all_dead(self) -> bool:
        alive = self._open("alive")
        try:
            return _try_lock(alive, fcntl.LOCK_SH)
        finally:
            os.close(alive)

    # Start and stop, under the lock

    def _start(self) -> str:
        programs = postgres.find(self.base, self.data)
        if not self.data.exists():
            self._create(programs)
        # A server that was just started gets a moment, and so do the orphans of a killed one.
        reached = _wait(lambda: self.url() or self._all_dead(), seconds=3)
        if isinstance(reached, str):
            return reached
        if not reached:
            self._stop()  # it lives but cannot be reached: its socket was cleaned away
        alive = self._open("alive")
        try:
            if not _wait(lambda: _try_lock(alive, fcntl.LOCK_EX), seconds=5):
                raise LocalDatabaseError(
                    f"Un vecchio processo di PostgreSQL usa ancora {self.data}: chiudilo."
                )
            (self.data / "postmaster.pid").unlink(missing_ok=True)  # safe: nobody holds «alive»
            self.keep.unlink(missing_ok=True)
            self._launch(programs, alive)
        finally:
            os.close(alive)  # from here on only the server holds it
        started = _wait(lambda: self.url() or self._all_dead(), seconds=START_SECONDS)
        if isinstance(started, str):
            return started
        raise LocalDatabaseError(
            f"PostgreSQL non parte. Il motivo è in {self.base / 'log'}:\n{self._log_tail()}"
        )

    def _launch(self, programs: Programs, alive: int) -> None:
        socket_dir = self._left_socket_dir()
        for left in socket_dir.iterdir() if socket_dir else ():
            left.unlink()
        # A socket path holds 107 bytes at most: the project's own folder may be longer.
        socket_dir = socket_dir or Path(tempfile.mkdtemp(prefix=SOCKET_PREFIX, dir=_short_temp_dir()))
        (self.base / "socket").write_text(str(socket_dir))
        (self.base / "log").touch()
        if os.geteuid() == 0:  # the folder's owner, when not root, must be able to go on alone
            owner = self.base.stat()
            for path in (socket_dir, self.base / "socket", self.base / "log"):
                os.chown(path, owner.st_uid, owner.st_gid)
        options = {
            "listen_addresses": "",
            "port": PORT,
            "unix_socket_directories": socket_dir,
            "unix_socket_permissions": "0700",
        }
        # «setsid --fork» and not pg_ctl, which builds a shell command around the project's path. A session
        # of its own keeps the terminal's Ctrl-C away from the server.
        command = ["setsid", "--fork", programs.folder / "postgres", "-D", self.data]
        command += [f"--{name}={value}" for name, value in options.items()]
        with (self.base / "log").open("ab") as log:
            programs.run(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, pass_fds=[alive])

    def _create(self, programs: Programs) -> None:
        """initdb and the database, in a side folder: ``data`` is there only when it is whole."""
        side = self.base / "new"
        shutil.rmtree(side, ignore_errors=True)
        # Both sort by code point and know the accents; the builtin provider needs nothing of the system.
        locale = ["--locale=C.UTF-8"]
        if programs.major >= 18:
            locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=PG_UNICODE_FAST"]
        initdb = [programs.folder / "initdb", "-D", side, "-U", ROLE, "--auth=trust", "--encoding=UTF8"]
        single = [programs.folder / "postgres", "--single", "-D", side, "postgres"]
        create = (
            f'CREATE DATABASE "{DATABASE}" OID = 16384\n'  # else it gets one of the numbers kept for initdb
        )
        for command, given in (
            ([*initdb, *locale, "--data-checksums"], ""),
            (single, create),
        ):
            done = programs.run(
                command,
                input=given,
                text=True,
                errors="replace",
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
            )
            if done.returncode or "ERROR:" in done.stdout:  # single-user mode returns 0 after an error
                raise LocalDatabaseError(
                    f"PostgreSQL non si può preparare in {self.base}:\n{done.stdout[-2000:]}"
                )
        side.rename(self.data)

    def _stop(self) -> bool:
        self.keep.unlink(missing_ok=True)
        if self._all_dead():
            self._forget_socket()  # a killed one left it
            return False
        for how in (
            signal.SIGINT,
            signal.SIGQUIT,
        ):  # PostgreSQL's «fast», then «immediate», which loses nothing
            pid = self._pid_file(0)
            try:
                if pid:
                    os.kill(int(pid), how)
            except ProcessLookupError:
                pass  # it was killed: its children go by themselves
            except PermissionError as error:
                raise LocalDatabaseError("PostgreSQL è di un altro utente: può fermarlo solo lui.") from error
            if _wait(self._all_dead, seconds=STOP_SECONDS):
                self._forget_socket()
                return True
        raise LocalDatabaseError(f"PostgreSQL non si ferma (processo {self._pid_file(0)}).")

    # Small readings

    def _pid_file(self, line: int) -> str:
        """A line of postmaster.pid (0 process, 4 socket folder), or empty: it is written bit by bit."""
        try:
            lines = (self.data / "postmaster.pid").read_text(errors="surrogateescape").splitlines()
            return lines[line].strip()
        except (OSError, IndexError):
            return ""

    def _left_socket_dir(self) -> Path | None:
        """The socket folder of a server that was killed: its users find the next one in the same place."""
        try:
            folder = Path((self.base / "socket").read_text())
            owned = folder.is_dir() and folder.stat().st_uid == self.base.stat().st_uid
        except OSError:
            return None
        # What answers there belongs to the folder that this one was copied from.
        ours = owned and folder.name.startswith(SOCKET_PREFIX) and _ping(folder) == pq.Ping.NO_RESPONSE
        return folder if ours else None

    def _forget_socket(self) -> None:
        if folder := self._left_socket_dir():
            shutil.rmtree(folder, ignore_errors=True)
        (self.base / "socket").unlink(missing_ok=True)

    def _log_tail(self) -> str:
        return (self.base / "log").read_text(errors="replace")[-1500:]


def _try_lock(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _wait(check: Callable[[], str | bool | None], *, seconds: float) -> str | bool | None:
    """The first true value of ``check``, or its last false one when the time is over."""
    deadline = time.monotonic() + seconds
    while not (value := check()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return value


def _ping(socket_dir: str | Path) -> int:
    """Does the server accept connections? ``REJECT`` while it starts or stops."""
    conninfo = make_conninfo(host=str(socket_dir), port=PORT, user=ROLE, dbname=DATABASE, connect_timeout=5)
    return pq.PGconn.ping(conninfo.encode())


def _short_temp_dir() -> str:
    folder = tempfile.gettempdir()
    return folder if re.fullmatch(r"[\w/.-]{1,60}", folder, re.ASCII) else "/tmp"  # noqa: S108
