"""The cluster from the command line; USAGE says how."""

import os
import signal
import subprocess
import sys

from core.localdb import LocalDatabaseError, default

USAGE = """\
uso: python -m core.localdb AZIONE
  url            avvia PostgreSQL se serve, lo lascia attivo e ne scrive l'indirizzo (DATABASE_URL)
  start          come url, senza scrivere niente
  stop           lo ferma
  status         dice se è attivo (esito 0) o no (esito 3)
  run COMANDO…   esegue il comando con DATABASE_URL, poi ferma PostgreSQL se nessun altro lo usa
"""


def main(arguments: list[str]) -> int:
    match arguments:
        case ["url"]:
            sys.stdout.write(default.ensure(keep=True) + "\n")
        case ["start"]:
            default.ensure(keep=True)
        case ["stop"]:
            sys.stdout.write("PostgreSQL fermato.\n" if default.stop() else "PostgreSQL non era attivo.\n")
        case ["status"]:
            url = default.url()
            sys.stdout.write(f"{url or 'PostgreSQL non è attivo.'}\n")
            return 0 if url else 3
        case ["run", *command] if command:
            return run(command)
        case _:
            sys.stderr.write(USAGE)
            return 2
    return 0


def run(command: list[str]) -> int:
    """Run a command with DATABASE_URL set: as it is, or to the cluster.

    The terminal's Ctrl-C reaches the command by itself, SIGTERM is passed on; in both cases this process
    waits, because the database must go last.
    """
    url = os.environ.get("DATABASE_URL") or default.ensure()
    with subprocess.Popen(command, env=os.environ | {"DATABASE_URL": url}) as child:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, lambda *_: child.terminate())
        code = child.wait()
    return code if code >= 0 else 128 - code  # as a shell tells of a signal


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except LocalDatabaseError as error:
        sys.exit(str(error))
