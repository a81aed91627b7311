"""The way of an uploaded file: kept as it is, examined, then a new version of the report or a refusal."""

import contextlib
import hashlib
import logging
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction
from django.db.models import Max

from core.actions import azione
from core.sheets.esiti import BLOCCANTE, Controllo
from enti.models import Utente
from enti.permessi import Permesso
from registro.actions import annota, conserva
from registro.models import Caricamento, EsitoCaricamento, EsitoControllo

from .. import archivio
from ..controlli import COLONNE_COPY
from ..importazione import TIPO, contesto, esamina_file, limiti
from ..models import Adempimento, CaricamentoRendiconto, Rendiconto, TotaleRendiconto
from .comuni import blocca, deve_accettare_file, in_vigore

logger = logging.getLogger(__name__)

INTERROTTO = Controllo(
    "S99",
    BLOCCANTE,
    "Controllo interrotto",
    "Il controllo si è fermato prima della fine. Il file è conservato e il rendiconto non è cambiato.",
    "Carica di nuovo il file. Se succede ancora scrivi all’assistenza.",
    "Funzionamento dell’applicazione",
    "file",
)


def carica(adempimento: Adempimento, dati: bytes, nome: str, *, da: Utente | None) -> Caricamento:
    """Keep the file, examine it and, if no control blocks, make it the version in force of the report.

    Always returns the `Caricamento`, accepted or refused, with its findings; a refusal changes nothing else.
    `da` None is the command line. Raises `PermissionDenied`; `ValidationError` when the report is not in the
    hands of the ente or the convention is not ready: then nothing at all is written.
    """
    if da is not None:
        da.deve_potere(Permesso.CARICARE_RENDICONTO, adempimento.ente)
    chiave = _prossima_chiave()
    # The reader works while the file is put away; the verdict is awaited outside the transactions, so that
    # the locks on the adempimento are short.
    with contextlib.ExitStack() as aperti:
        try:
            lettura = esamina_file(dati, nome, contesto(adempimento, rendiconto_id=chiave))
            esame = aperti.enter_context(lettura)
        except OSError as errore:
            # The machine has no room for one more process: the file is kept, and the upload says so.
            caricamento = _ricevi(adempimento, dati, nome, da=da)
            _interrompi(caricamento, errore, da=da)
            return caricamento
        caricamento = _ricevi(adempimento, dati, nome, da=da)
        try:
            return _concludi(caricamento, esame.verdetto, esame.righe(), chiave, da=da)
        except Exception as errore:
            # Whatever happens, the upload does not stay «in corso».
            with contextlib.suppress(DatabaseError):
                _interrompi(caricamento, errore, da=da)
            raise


def verifica(adempimento: Adempimento, dati: bytes, nome: str, *, da: Utente | None = None) -> dict:
    """The same answer as `carica`, as the verdict of `core.sheets`; nothing is written."""
    if da is not None:
        da.deve_potere(Permesso.CARICARE_RENDICONTO, adempimento.ente)
    with esamina_file(dati, nome, contesto(adempimento)) as esame:
        return archivio.completa(esame.verdetto, adempimento, _impronta(dati), massimo=limiti().errori)


@azione
def _ricevi(adempimento: Adempimento, dati: bytes, nome: str, *, da: Utente | None) -> Caricamento:
    """Keep the file, whatever comes next."""
    adempimento = blocca(adempimento)
    if da is not None:
        da.deve_potere(Permesso.CARICARE_RENDICONTO, adempimento.ente)
    deve_accettare_file(adempimento, in_vigore(adempimento))
    caricamento = Caricamento(
        tipo=TIPO,
        ente=adempimento.ente,
        allegato=conserva(dati, nome=nome, tipo=_tipo(nome), da=da),
        caricato_da=da,
        dimostrativo=adempimento.dimostrativo,
    )
    caricamento.save()
    CaricamentoRendiconto.objects.create(caricamento=caricamento, adempimento=adempimento)
    return caricamento


def _prossima_chiave() -> int:
    """A key for the report, taken now because the rows that the reader prints carry it."""
    campo = Rendiconto._meta.pk.column
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, %s))", [Rendiconto._meta.db_table, campo])
        return cursor.fetchone()[0]


@azione
def _concludi(
    caricamento: Caricamento, verdetto: dict, righe: Iterator[bytes], chiave: int, *, da: Utente | None
) -> Caricamento:
    """Write the outcome: findings and, if accepted, the new version with its rows and totals."""
    adempimento = blocca(caricamento.destinazione.adempimento)
    attuale = in_vigore(adempimento)
    # It was checked at the arrival of the file; somebody may have sent the report in the meantime.
    deve_accettare_file(adempimento, attuale)
    verdetto = archivio.completa(
        verdetto,
        adempimento,
        caricamento.allegato.sha256,
        massimo=limiti().errori,
        escluso=caricamento.pk,
    )
    accettato = verdetto["esito"] == "accettato"
    _scrivi_esito(caricamento, verdetto)
    if accettato:
        rendiconto = _nuova_versione(adempimento, attuale, caricamento, chiave)
        _copia_righe(righe)
        _scrivi_totali(rendiconto, verdetto)
    annota(
        f"rendiconto: file {caricamento.get_esito_display()}",
        adempimento,
        da=da,
        ente=adempimento.ente,
        caricamento=caricamento.pk,
        file=caricamento.allegato.nome,
        sha256=caricamento.allegato.sha256,
        righe=caricamento.righe,
        totale=str(caricamento.totale) if caricamento.totale is not None else None,
        errori=caricamento.errori_totali,
    )
    return caricamento


def chiudi_interrotti(prima_di: datetime) -> int:
    """Close the uploads received before that moment whose process died while examining them; how many."""
    fermi = Caricamento.objects.filter(
        tipo=TIPO, esito=EsitoCaricamento.IN_CORSO, caricato_il__lt=prima_di
    ).values_list("pk", flat=True)
    chiusi = 0
    for pk in fermi:
        with transaction.atomic():
            # Another worker, or the request itself, may be closing it right now.
            righe = Caricamento.objects.select_for_update(skip_locked=True, of=["self"])
            caricamento = righe.filter(pk=pk, esito=EsitoCaricamento.IN_CORSO).first()
            if caricamento:
                _interrompi(caricamento, RuntimeError("the examination did not end"), da=None)
                chiusi += 1
    return chiusi


@azione
def _interrompi(caricamento: Caricamento, errore: Exception, *, da: Utente | None) -> None:
    """Close as refused an upload whose examination did not end: the fault is not of the file."""
    in_parole = isinstance(errore, ValidationError)
    if not in_parole:
        logger.error("upload %s was not concluded", caricamento.pk, exc_info=errore)
    messaggio = " ".join(errore.messages) if in_parole else INTERROTTO.perche
    caricamento.refresh_from_db()
    verdetto = {
        "esito": "rifiutato",
        "righe": 0,
        "totale": None,
        "errori_totali": 0,
        "errori": [],
        "controlli": [],
    }
    verdetto["per_livello"] = {"bloccante": 0, "avviso": 0, "nota": 0}
    verdetto = archivio.unisci(
        verdetto, [(INTERROTTO, archivio.voce(INTERROTTO, messaggio=messaggio), None)], 1
    )
    _scrivi_esito(caricamento, verdetto)
    annota(
        "rendiconto: controllo interrotto",
        caricamento.destinazione.adempimento,
        da=da,
        ente=caricamento.ente,
        caricamento=caricamento.pk,
    )


def _scrivi_esito(caricamento: Caricamento, verdetto: dict) -> None:
    caricamento.esito = (
        EsitoCaricamento.ACCETTATO if verdetto["esito"] == "accettato" else EsitoCaricamento.RIFIUTATO
    )
    caricamento.righe = verdetto["righe"]
    caricamento.totale = None if verdetto["totale"] is None else _in_misura(archivio.euro(verdetto["totale"]))
    caricamento.errori_totali = verdetto["errori_totali"]
    caricamento.riepilogo = verdetto["controlli"]
    caricamento.save()
    EsitoControllo.objects.bulk_create(
        EsitoControllo(
            caricamento=caricamento,
            livello=errore["livello"],
            codice=errore["codice"],
            controllo=errore["controllo"],
            foglio=errore["foglio"][:40],
            cella=errore["cella"][:12],
            riga=errore["riga"],
            etichetta=errore["etichetta"][:120],
            trovato=errore["trovato"],
            atteso=errore["atteso"],
            messaggio=errore["messaggio"],
        )
        for errore in verdetto["errori"]
    )


def _nuova_versione(
    adempimento: Adempimento, attuale: Rendiconto | None, caricamento: Caricamento, chiave: int
) -> Rendiconto:
    if attuale is not None:
        attuale.in_vigore = False
        attuale.save()
    ultima = adempimento.rendiconti.aggregate(ultima=Max("versione"))["ultima"] or 0
    rendiconto = Rendiconto(
        pk=chiave,
        adempimento=adempimento,
        versione=ultima + 1,
        caricamento=caricamento,
        dimostrativo=adempimento.dimostrativo,
    )
    rendiconto.full_clean()
    rendiconto.save(force_insert=True)
    return rendiconto


def _copia_righe(blocchi: Iterator[bytes]) -> None:
    colonne = ", ".join(COLONNE_COPY)
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY rendicontazione_rigacosto ({colonne}) FROM STDIN") as copia,
    ):
        for blocco in blocchi:
            copia.write(blocco)


def _scrivi_totali(rendiconto: Rendiconto, verdetto: dict) -> None:
    TotaleRendiconto.objects.bulk_create(
        TotaleRendiconto(
            rendiconto=rendiconto,
            linea_id=voce["linea_id"],
            mese=voce["mese"],
            importo=archivio.euro(voce["centesimi"]),
            righe=voce["righe"],
            persone=voce["persone"],
        )
        for voce in verdetto["riepilogo"]["linee"]
    )


def _in_misura(importo: Decimal) -> Decimal | None:
    """None where a refused file adds up to more than the column holds: its cells say it."""
    return importo if abs(importo) < Decimal(10) ** 12 else None


def _tipo(nome: str) -> str:
    """The type by the ending of the name: the bytes are only ever offered as a download."""
    estensione = nome.rpartition(".")[2].lower()
    return {
        "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "csv": "text/csv",
    }.get(estensione, "application/octet-stream")


def _impronta(dati: bytes) -> str:
    return hashlib.sha256(dati).hexdigest()
