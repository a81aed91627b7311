"""Database constraints that come back in every app, with a name that can be read."""

import re

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection
from django.db.models import CheckConstraint, Q


def tutti_o_nessuno(*campi: str, name: str, messaggio: str) -> CheckConstraint:
    """The nullable fields are set all together, or none is."""
    return CheckConstraint(
        name=name,
        condition=Q(**{f"{campo}__isnull": True for campo in campi})
        | Q(**{f"{campo}__isnull": False for campo in campi}),
        violation_error_message=messaggio,
    )


def se_e_solo_se(condizione: Q, altra: Q, *, name: str, messaggio: str) -> CheckConstraint:
    """Both conditions hold, or neither does."""
    return CheckConstraint(
        name=name,
        condition=(condizione & altra) | (~condizione & ~altra),
        violation_error_message=messaggio,
    )


def verifica_subito() -> None:
    """Run the deferred constraint triggers now, so that a broken rule is met here and not at COMMIT."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def in_parole(errore: IntegrityError) -> ValidationError:
    """The Italian message of a broken database rule, found by the name of its constraint.

    Triggers raise their own Italian sentence as the primary message; declared constraints carry it as
    `violation_error_message`. An unknown constraint is a programming error and is raised again.
    """
    diagnosi = getattr(errore.__cause__, "diag", None)
    nome = getattr(diagnosi, "constraint_name", None)
    if diagnosi is not None and nome and diagnosi.context and "PL/pgSQL" in diagnosi.context:
        return ValidationError(diagnosi.message_primary, code=nome)
    for modello in apps.get_models():
        for vincolo in modello._meta.constraints:
            if vincolo.name == nome:
                return ValidationError(vincolo.get_violation_error_message(), code=nome)
    if nome and re.search(r"_fk_|_fkey$", nome):
        return ValidationError("Un altro dato dipende da questo: non si può eliminare.", code=nome)
    raise errore
