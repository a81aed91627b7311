"""What every action of the domain has around it, so that no action can forget it."""

from functools import wraps

import pghistory
from django.db import IntegrityError, transaction

from .constraints import in_parole, verifica_subito


def azione(funzione):
    """Decorate a function that changes the database on behalf of a person (`da`, keyword; None = the system).

    One transaction; the row history knows who; the deferred constraints run before the end, so that a broken
    rule is a `ValidationError` in Italian here and never an error at COMMIT.
    """

    @wraps(funzione)
    def eseguita(*args, da, **kwargs):
        chi = {"user": da.pk} if da is not None else {}
        try:
            with pghistory.context(**chi), transaction.atomic():
                risultato = funzione(*args, da=da, **kwargs)
                verifica_subito()
                return risultato
        except IntegrityError as errore:
            raise in_parole(errore) from errore

    return eseguita
