"""Work done outside the request."""

from datetime import timedelta

from django.utils import timezone
from procrastinate.contrib.django import app

from .actions import chiudi_interrotti

# The examination of a file is bounded in seconds: after ten minutes its process is surely gone.
ATTESA = timedelta(minutes=10)


@app.periodic(cron="*/5 * * * *")
@app.task(name="rendicontazione.chiudi_caricamenti_interrotti", queueing_lock="chiudi_caricamenti_interrotti")
def chiudi_caricamenti_interrotti(timestamp: int) -> None:
    """Say of an upload whose process was killed that it was interrupted: it would stay «in corso» for ever."""
    chiudi_interrotti(timezone.now() - ATTESA)
