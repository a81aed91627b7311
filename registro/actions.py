"""Writing in the register and keeping files. Called by the actions of the other apps, in their transaction."""

import hashlib

from django.db import models, transaction

from .models import Allegato, Contenuto, Documento, Evento, StatoDocumento


def annota(azione: str, oggetto: models.Model, *, da, ente=None, **dettagli) -> Evento:
    """Write the action in the register, in the same transaction as the action itself.

    `da` is the `Utente` who acts, or None for the system. Raises `RuntimeError` outside a transaction:
    a register line that survives a rolled-back action would lie.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("annota() must be called inside a transaction")
    return Evento.objects.create(
        chi=da,
        azione=azione,
        oggetto_tipo=oggetto._meta.label,
        oggetto_id=oggetto.pk,
        oggetto_nome=str(oggetto)[:300],
        ente=ente,
        dettagli=dettagli,
    )


@transaction.atomic
def conserva(dati: bytes, *, nome: str, tipo: str, da) -> Allegato:
    """Keep a file byte for byte. The name is only shown, never used as a path."""
    return Allegato.objects.create(
        nome=nome[-255:],
        tipo=tipo[:100],
        dimensione=len(dati),
        sha256=hashlib.sha256(dati).hexdigest(),
        contenuto=Contenuto.objects.create(dati=dati),
        caricato_da=da,
    )


def fissa(documento: Documento, pagina: str) -> None:
    """Fix the page of an issued document and ask for its rendering, in the transaction of the issue."""
    from .jobs import prepara_documento  # the jobs call these actions

    documento.sorgente = Contenuto.objects.create(dati=pagina.encode())
    documento.save(update_fields=["sorgente"])
    prepara_documento.defer(documento_id=documento.pk)


@transaction.atomic
def consegna(documento: Documento, dati: bytes) -> Documento:
    """Store the rendered bytes of a document, once. Called again for a ready document it changes nothing."""
    documento = Documento.objects.select_for_update().get(pk=documento.pk)
    if documento.stato == StatoDocumento.PRONTO:
        return documento
    documento.contenuto = Contenuto.objects.create(dati=dati)
    documento.sha256 = hashlib.sha256(dati).hexdigest()
    documento.dimensione = len(dati)
    documento.stato = StatoDocumento.PRONTO
    documento.save()
    return documento
