"""The demonstration set: a convention of its own beside the official one, with people, riparti and reports.

True are the regional dotazioni and, where the source states them, the amounts of Milan; the rest is invented
and says so row by row. Everything passes through the same actions that people use.
"""

from decimal import Decimal
from pathlib import Path

import pghistory
from django.db import transaction
from django.db.models import Count

from convenzioni.actions import cambia_stato
from convenzioni.models import Atto, Convenzione, Dotazione, Sottoscrizione, TipoAtto
from enti.models import Ente, TipoEnte, Utente
from enti.permessi import Ruolo
from registro.models import Caricamento, Fonte
from rendicontazione.actions import genera_adempimenti
from rendicontazione.models import RegolaAdempimento, VoceAmmessa
from riparto import actions
from riparto.models import Componente, Quota, Riparto, StatoRiparto

from . import persone, rendiconti
from .file import DEMO, UFFICIALI, importo, oggetti, righe
from .ufficiali import REGIONE, linee_per_codice

MILANO = "MI"
CAMPI_QUOTA = ["importo", "dimostrativo", "origine", "formula", "da_verificare", "motivo_verifica"]


class DatabaseOccupato(Exception):
    """The database holds data that are neither official nor demonstrative. `str()` says which, in Italian."""


@transaction.atomic
def carica(file_conti: Path) -> bool:
    """Load the demonstration, once, and write the accounts in `file_conti`. True if it was not there.

    Raises `DatabaseOccupato` rather than mix invented data with those of somebody.
    """
    dati = oggetti(DEMO / "convenzione.json")
    gia_presente = Convenzione.objects.filter(codice=dati["codice"], dimostrativo=True).exists()
    if not gia_presente:
        _deve_essere_libero()
    chi = persone.carica(file_conti)
    if gia_presente:
        return False

    funzionario = chi[Ruolo.FUNZIONARIO_REGIONALE, REGIONE]
    dirigente = chi[Ruolo.DIRIGENTE_REGIONALE, REGIONE]
    come = next(c for c in oggetti(UFFICIALI / "convenzioni.json") if c["codice"] == dati["come"])
    with pghistory.context(user=funzionario.pk):
        convenzione, atti, dotazioni = _convenzione(dati, come)
    for passaggio in dati["passaggi"]:
        cambia_stato(convenzione, passaggio["stato"], da=funzionario, atto=atti[passaggio["atto"]])
    _riparti(dati, come, dotazioni, atti, funzionario, dirigente)
    for emissione in dati["emissioni"]:
        ente = Ente.objects.get(sigla=emissione["ente"]) if "ente" in emissione else None
        actions.emetti(convenzione, da=funzionario, ente=ente, anno=emissione["anno"])
    genera_adempimenti(convenzione, da=funzionario)
    rendiconti.carica(convenzione, chi)
    return True


def _deve_essere_libero() -> None:
    ufficiali = [c["codice"] for c in oggetti(UFFICIALI / "convenzioni.json")]
    altro = {
        "persone": Utente.objects.filter(dimostrativo=False),
        "convenzioni": Convenzione.objects.exclude(codice__in=ufficiali),
        "file caricati": Caricamento.objects.filter(dimostrativo=False),
    }
    trovati = [f"{quanti} {nome}" for nome, righe_ in altro.items() if (quanti := righe_.count())]
    if trovati:
        raise DatabaseOccupato(
            f"Nel database ci sono già dati che non sono della dimostrazione ({', '.join(trovati)}): "
            "quelli dimostrativi si caricano solo in un database nuovo."
        )


# ---- the convention


def _salva(riga):
    riga.full_clean()
    riga.save()
    return riga


def _convenzione(dati: dict, come: dict) -> tuple[Convenzione, dict[str, Atto], dict]:
    regione = Ente.objects.get(sigla=REGIONE)
    convenzione = _salva(
        Convenzione(
            regione=regione,
            anno_inizio=come["anno_inizio"],
            anno_fine=come["anno_fine"],
            dimostrativo=True,
            **{campo: dati[campo] for campo in ("codice", "titolo", "nota", "nota_dimostrativa")},
        )
    )
    atti = {
        chiave: _salva(Atto(ente=regione, dimostrativo=True, **campi))
        for chiave, campi in dati["atti"].items()
    }
    firma = dati["firma"]
    for numero, ente in enumerate(Ente.objects.delegati().filter(regione=regione), 1):
        di_milano = ente.tipo == TipoEnte.CITTA_METROPOLITANA
        atto = _salva(
            Atto(
                ente=ente,
                tipo=TipoAtto.DECRETO_SINDACALE if di_milano else TipoAtto.DECRETO_PRESIDENTE,
                numero=f"DEMO/{numero}",
                data=firma["atto_del"],
                oggetto=firma["oggetto"],
                dimostrativo=True,
            )
        )
        _salva(
            Sottoscrizione(
                convenzione=convenzione, ente=ente, atto=atto, firmata_il=firma["data"], dimostrativo=True
            )
        )
    return convenzione, atti, _dati_di_base(convenzione, come)


def _dati_di_base(convenzione: Convenzione, come: dict) -> dict[tuple[str, int], Dotazione]:
    """Dotazioni, due dates and admitted items: those of the real convention. Returns the dotazioni."""
    fonti, linee = Fonte.objects.in_bulk(field_name="codice"), linee_per_codice()
    dotazioni = {
        (d["linea"], anno): _salva(
            Dotazione(
                convenzione=convenzione,
                linea=linee[d["linea"]],
                anno=anno,
                importo=importo(d["importo"]),
                precisione=importo(d.get("precisione")),
                origine="stampato" if d["importo"] else "inserito",
                nota=d.get("nota", ""),
                fonte=fonti[d["fonte"]],
                dimostrativo=True,
            )
        )
        for d in come["dotazioni"]
        for anno in d["anni"]
    }
    for regola in come["regole"]:
        _salva(RegolaAdempimento(convenzione=convenzione, dimostrativo=True, **regola))
    ammesse = come["voci_ammesse"]
    VoceAmmessa.objects.bulk_create(
        VoceAmmessa(convenzione=convenzione, linea=linee[codice], anno=anno, voce=voce, dimostrativo=True)
        for codice in ammesse["linee"]
        for anno in ammesse["anni"]
        for voce in ammesse["voci"]
    )
    return dotazioni


# ---- the riparti


def _riparti(
    dati: dict, come: dict, dotazioni: dict, atti: dict[str, Atto], funzionario: Utente, dirigente: Utente
) -> None:
    vere = {
        (r["linea"], anno, q.get("componente", Componente.UNICA)): q
        for r in come["riparti"]
        for anno in r["anni"]
        for q in r["quote"]
    }
    pesi = _pesi()
    for piano in dati["riparti"]:
        componenti = (
            (Componente.FISSA, Componente.VARIABILE) if piano.get("componenti") else (Componente.UNICA,)
        )
        riparto = actions.crea_bozza(
            dotazioni[piano["linea"], piano["anno"]],
            da=funzionario,
            componenti=componenti,
            criterio=dati["criterio_componenti" if piano.get("componenti") else "criterio"],
            motivo=piano.get("motivo", ""),
        )
        with pghistory.context(user=funzionario.pk):
            if "sposta" in piano:
                _sposta(riparto, **piano["sposta"])
            else:
                _scrivi_quote(riparto, piano, vere, pesi, Decimal(dati["quota_fissa"]))
        if piano["stato"] != StatoRiparto.BOZZA:
            actions.manda_in_verifica(riparto, da=funzionario)
        if piano["stato"] == StatoRiparto.APPROVATO:
            actions.approva(riparto, da=dirigente, atto=atti[piano["atto"]])


def _pesi() -> dict[str, dict[str, int]]:
    """What the invented amounts are proportional to, by component and sigla."""
    posti = {riga["ente"]: int(riga["posti"]) for riga in righe(DEMO / "posti.csv")}
    cpi = dict(
        Ente.objects.delegati()
        .filter(regione__sigla=REGIONE, centri__tipo_sede="principale")
        .annotate(quanti=Count("centri"))
        .values_list("sigla", "quanti")
    )
    return {Componente.UNICA: posti, Componente.FISSA: cpi, Componente.VARIABILE: posti}


def _scrivi_quote(riparto: Riparto, piano: dict, vere: dict, pesi: dict, fissa: Decimal) -> None:
    """Milan as the source states it, or as invented in `piano`; the others divide the rest, to the cent."""
    totale = riparto.dotazione.importo
    in_tutto = {
        Componente.UNICA: totale,
        Componente.FISSA: fissa,
        Componente.VARIABILE: totale - fissa,
    }
    quote = list(riparto.quote.select_related("ente").order_by("ente__codice_istat_sovracomunale"))
    for componente in {quota.componente for quota in quote}:
        della = [q for q in quote if q.componente == componente]
        vera = vere.get((piano["linea"], piano["anno"], componente))
        milano = Decimal(vera["importo"] if vera else piano["milano"])
        altre = [q.ente.sigla for q in della if q.ente.sigla != MILANO]
        divisi = dividi(in_tutto[componente] - milano, {s: pesi[componente][s] for s in altre})
        for quota in della:
            di_milano = quota.ente.sigla == MILANO
            quota.importo = milano if di_milano else divisi[quota.ente.sigla]
            quota.dimostrativo = not (di_milano and vera)
            if di_milano and vera:
                quota.origine = vera.get("origine", "stampato")
                quota.formula = vera.get("formula", "")
                quota.da_verificare = vera.get("da_verificare", False)
                quota.motivo_verifica = vera.get("motivo_verifica", "")
            if [quota.ente.sigla, componente] == piano.get("manca"):
                quota.importo = None
            quota.clean_fields()
    Quota.objects.bulk_update(quote, CAMPI_QUOTA)


def _sposta(riparto: Riparto, *, da: str, a: str, importo: str) -> None:
    """Correct a new version: `importo` euro from an ente to another."""
    for sigla, segno in ((da, -1), (a, 1)):
        quota = riparto.quote.get(ente__sigla=sigla)
        quota.importo += segno * Decimal(importo)
        _salva(quota)
    # The amount of Milan, copied from the version before, stays true.
    riparto.quote.filter(ente__sigla=MILANO).update(dimostrativo=False)


def dividi(importo: Decimal, pesi: dict[str, int]) -> dict[str, Decimal]:
    """`importo` (euro) in proportion to `pesi`, exactly: the cents left over go to the largest remainders.

    Ties follow the order of `pesi`. Integer arithmetic, so the parts always sum to the whole.
    """
    centesimi, totale = int(importo * 100), sum(pesi.values())
    parti = {chi: divmod(centesimi * peso, totale) for chi, peso in pesi.items()}
    avanzano = centesimi - sum(intero for intero, _ in parti.values())
    # sorted() is stable: equal remainders keep the order of `pesi`.
    primi = set(sorted(parti, key=lambda chi: -parti[chi][1])[:avanzano])
    return {chi: Decimal(intero + (chi in primi)).scaleb(-2) for chi, (intero, _) in parti.items()}
