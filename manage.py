#!/usr/bin/env python
"""Django's command line. Without DATABASE_URL it brings up the embedded PostgreSQL, so it works alone."""

import os
import sys
from pathlib import Path
from typing import NoReturn


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        import environ
        from django.conf import settings
        from django.core.exceptions import ImproperlyConfigured
        from django.core.management import execute_from_command_line
    except ImportError as error:
        _stop(
            f"Mancano le dipendenze ({error.name}): esegui script/bootstrap e usa .venv/bin/python manage.py."
        )

    environ.Env.read_env(Path(__file__).resolve().parent / ".env")  # what is already set wins
    if not os.environ.get("DATABASE_URL"):
        from core import localdb

        try:
            os.environ["DATABASE_URL"] = localdb.ensure()
        except localdb.LocalDatabaseError as error:
            _stop(str(error))
        # The embedded cluster is for who develops; production sets DATABASE_URL and gets no such default.
        os.environ.setdefault("DEBUG", "1")
    try:
        _ = settings.DEBUG  # reads them all
    except (ImproperlyConfigured, ValueError) as error:
        _stop(f"La configurazione non è completa o non si legge (vedi .env.example): {error}")
    execute_from_command_line(sys.argv)


def _stop(message: str) -> NoReturn:
    """Status 2: 1 is the answer of some commands («the file is refused»)."""
    sys.stderr.write(f"{message}\n")
    sys.exit(2)


if __name__ == "__main__":
    main()
