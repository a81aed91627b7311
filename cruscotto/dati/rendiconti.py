"""The demonstration reports, in every state, through the real import and the real steps."""

from datetime import datetime, time, timedelta

import pghistory
from django.utils import timezone

from convenzioni.models import Convenzione
from enti.models import Ente, Utente
from enti.permessi import Ruolo
from registro.models import EsitoCaricamento
from rendicontazione import actions
from rendicontazione.importazione import contesto
from rendicontazione.models import Adempimento, Rendiconto, StatoRendiconto

from .file import DEMO, oggetti
from .personale import file_csv, file_sbagliato
from .ufficiali import REGIONE

S = StatoRendiconto
# Days before the due date on which a report on time was sent, and after it on which the Region acted.
ANTICIPO, ISTRUTTORIA, DECISIONE = 4, 10, 45


def carica(convenzione: Convenzione, chi: dict[tuple[str, str], Utente]) -> None:
    """Make each report of the plan and lead it to its state. `chi`: the accounts by (role, sigla)."""
    dati = oggetti(DEMO / "rendiconti.json")
    funzionario = chi[Ruolo.FUNZIONARIO_REGIONALE, REGIONE]
    enti = Ente.objects.in_bulk(dati["persone"], field_name="sigla")
    for piano in dati["rendiconti"]:
        sigla = piano["ente"]
        _rendiconto(
            actions.adempimento_di(convenzione, enti[sigla], piano["anno"], piano["trimestre"]),
            piano,
            dati["persone"][sigla],
            operatore=chi[Ruolo.OPERATORE_PROVINCIALE, sigla],
            responsabile=chi[Ruolo.RESPONSABILE_PROVINCIALE, sigla],
            funzionario=funzionario,
        )


def _rendiconto(
    adempimento: Adempimento,
    piano: dict,
    persone: dict[str, int],
    *,
    operatore: Utente,
    responsabile: Utente,
    funzionario: Utente,
) -> None:
    confronto = contesto(adempimento)
    nome = f"costi {piano['ente']} {piano['trimestre']} trimestre {piano['anno']}"
    if piano["stato"] == EsitoCaricamento.RIFIUTATO:
        dati = file_sbagliato(confronto, persone)
        caricamento = actions.carica(adempimento, dati, f"{nome}.csv", da=operatore)
        if caricamento.esito != EsitoCaricamento.RIFIUTATO:
            raise RuntimeError(f"{caricamento} should be refused")
        return

    motivo = piano.get("motivo") or piano.get("prima_restituito")
    rendiconto = _file(adempimento, file_csv(confronto, persone), f"{nome}.csv", operatore)
    strada = [] if piano["stato"] == S.IN_COMPILAZIONE else [S.TRASMESSO]
    if piano["stato"] in (S.IN_ISTRUTTORIA, S.RESTITUITO, S.VALIDATO):
        strada.append(S.IN_ISTRUTTORIA)
    if "prima_restituito" in piano:
        restituito = _percorri(rendiconto, [*strada, S.RESTITUITO], motivo, responsabile, funzionario)
        _retrodata(restituito, -ANTICIPO)
        dati = file_csv(confronto, persone, correzione=-700)
        rendiconto = _file(adempimento, dati, f"{nome} corretto.csv", operatore)
    if piano["stato"] in (S.RESTITUITO, S.VALIDATO):
        strada.append(S(piano["stato"]))
    rendiconto = _percorri(rendiconto, strada, motivo, responsabile, funzionario)
    _retrodata(rendiconto, piano.get("giorni_di_ritardo", -ANTICIPO))


def _file(adempimento: Adempimento, dati: bytes, nome: str, operatore: Utente) -> Rendiconto:
    caricamento = actions.carica(adempimento, dati, nome, da=operatore)
    if caricamento.esito != EsitoCaricamento.ACCETTATO:
        raise RuntimeError(
            f"{caricamento}: {list(caricamento.esiti.values_list('messaggio', flat=True)[:3])}"
        )
    return caricamento.rendiconto


def _percorri(
    rendiconto: Rendiconto, strada: list[str], motivo: str | None, responsabile: Utente, funzionario: Utente
) -> Rendiconto:
    for stato in strada:
        if stato == S.TRASMESSO:
            rendiconto = actions.trasmetti(rendiconto, da=responsabile)
        elif stato == S.IN_ISTRUTTORIA:
            rendiconto = actions.prendi_in_carico(rendiconto, da=funzionario)
        elif stato == S.RESTITUITO:
            rendiconto = actions.restituisci(rendiconto, motivo=motivo, da=funzionario)
        else:
            rendiconto = actions.valida(rendiconto, da=funzionario)
    return rendiconto


def _retrodata(rendiconto: Rendiconto, ritardo: int) -> None:
    """Dates near the due date: otherwise all would be sent today, years late. Never in the future."""
    scadenza = rendiconto.adempimento.scadenza
    adesso = timezone.now()
    for campo, giorni in (
        ("trasmesso_il", ritardo),
        ("preso_in_carico_il", ritardo + ISTRUTTORIA),
        ("deciso_il", ritardo + DECISIONE),
    ):
        if getattr(rendiconto, campo):
            quando = timezone.make_aware(datetime.combine(scadenza + timedelta(giorni), time(11, 20)))
            setattr(rendiconto, campo, min(quando, adesso))
    with pghistory.context(dimostrazione="date inventate"):
        rendiconto.save(update_fields=["trasmesso_il", "preso_in_carico_il", "deciso_il"])
