"""The controls that need the database: the same file twice, earlier quarters missing, costs beyond the quota.

They complete the verdict of `core.sheets` on the totals, without reading the rows again.
"""

from dataclasses import asdict
from decimal import Decimal

from django.db.models import F

from core import money
from core.sheets.esiti import AVVISO, BLOCCANTE, LIVELLI, NOTA, Controllo, Errore
from core.templatetags.formati import data_ora
from registro.models import Caricamento, EsitoCaricamento

from .effetto import effetto
from .models import Adempimento

_PRASSI = "Prassi dei controlli sui rendiconti: il testo della convenzione non la riporta"

GIA_IN_VIGORE = Controllo(
    "C08.file",
    BLOCCANTE,
    "File già caricato",
    "È lo stesso file, byte per byte, della versione in vigore di questo rendiconto.",
    "Non serve ricaricarlo. Se volevi correggerlo, salva prima le modifiche nel foglio.",
    "Impronta SHA-256 del file",
    "file",
)
GIA_VISTO = Controllo(
    "C08.visto",
    NOTA,
    "File già caricato in passato",
    "È lo stesso file, byte per byte, di un caricamento precedente per questo rendiconto.",
    "L’abbiamo controllato di nuovo. Se volevi correggerlo, salva prima le modifiche nel foglio.",
    "Impronta SHA-256 del file",
    "file",
)
OLTRE_QUOTA = Controllo(
    "C03",
    AVVISO,
    "Costi oltre la quota",
    "Dall’inizio dell’anno la linea supera la quota dell’ente: l’eccedenza può non essere riconosciuta.",
    "Controlla la linea delle righe. Se i costi sono giusti puoi trasmettere lo stesso.",
    _PRASSI,
    "linee",
    "oltre la quota",
)
TRIMESTRE_MANCANTE = Controllo(
    "C05",
    AVVISO,
    "Trimestri precedenti senza rendiconto",
    "I totali da inizio anno sono incompleti finché manca un trimestre.",
    "Carica anche i trimestri che mancano. Questo puoi trasmetterlo lo stesso.",
    _PRASSI,
    "trimestri",
)

TUTTI = (GIA_IN_VIGORE, GIA_VISTO, OLTRE_QUOTA, TRIMESTRE_MANCANTE)


def stesso_file(adempimento: Adempimento, sha256: str, *, escluso: int | None = None) -> Caricamento | None:
    """The last concluded upload of the same bytes for this adempimento, or the one in force if there is."""
    return (
        Caricamento.objects.filter(destinazione__adempimento=adempimento, allegato__sha256=sha256)
        .exclude(pk=escluso)
        .exclude(esito=EsitoCaricamento.IN_CORSO)
        .select_related("allegato", "caricato_da", "rendiconto")
        .order_by(F("rendiconto__in_vigore").desc(nulls_last=True), "-pk")
        .first()
    )


def completa(
    verdetto: dict, adempimento: Adempimento, sha256: str, *, massimo: int, escluso: int | None = None
) -> dict:
    """The verdict with the findings of the database controls. `massimo`: entries that the list may hold."""
    trovati: list[tuple[Controllo, Errore, int | None]] = []
    if precedente := stesso_file(adempimento, sha256, escluso=escluso):
        trovati.append(_gia_caricato(precedente))
    if verdetto["esito"] == "accettato":
        trovati += _oltre_quota(verdetto, adempimento)
    return unisci(verdetto, trovati, massimo)


def nel_periodo(verdetto: dict) -> dict[int, Decimal]:
    """The totals per line of the verdict, in euro."""
    totali: dict[int, Decimal] = {}
    for riga in verdetto["riepilogo"].get("linee", []):
        totali[riga["linea_id"]] = totali.get(riga["linea_id"], Decimal(0)) + euro(riga["centesimi"])
    return totali


def euro(centesimi: int) -> Decimal:
    return Decimal(centesimi).scaleb(-2)


def _gia_caricato(precedente: Caricamento) -> tuple[Controllo, Errore, None]:
    rendiconto = getattr(precedente, "rendiconto", None)
    in_vigore = rendiconto is not None and rendiconto.in_vigore
    controllo = GIA_IN_VIGORE if in_vigore else GIA_VISTO
    chi = f"da {precedente.caricato_da}" if precedente.caricato_da else "dalla riga di comando"
    che_cosa = f"{precedente.get_esito_display()}"
    if rendiconto is not None:
        che_cosa += f", versione {rendiconto.versione}" + (" in vigore" if in_vigore else "")
    messaggio = f"Lo stesso file è stato caricato {chi} il {data_ora(precedente.caricato_il)}: {che_cosa}."
    return (
        controllo,
        voce(controllo, "", precedente.allegato.nome[:80], "un file nuovo", messaggio=messaggio),
        None,
    )


def _oltre_quota(verdetto: dict, adempimento: Adempimento) -> list[tuple[Controllo, Errore, int | None]]:
    situazione = effetto(adempimento, nel_periodo(verdetto))
    trovati = []
    for riga in situazione.righe:
        if riga.residuo is None or riga.residuo >= 0:
            continue
        messaggio = (
            f"{riga.linea.nome_breve}: {money.scrivi(riga.da_inizio_anno)} da inizio anno, "
            f"{money.scrivi(-riga.residuo)} oltre la quota."
        )
        errore = voce(
            OLTRE_QUOTA,
            riga.linea.nome_breve,
            money.scrivi(riga.da_inizio_anno),
            f"fino a {money.scrivi(riga.quota)}",
            messaggio=messaggio,
        )
        # A «di cui» is already counted in its parent.
        trovati.append((OLTRE_QUOTA, errore, 0 if riga.e_di_cui else int(-riga.residuo.scaleb(2))))
    for trimestre in situazione.trimestri_mancanti:
        nome = f"{trimestre}° trimestre {adempimento.anno}"
        messaggio = f"Manca il rendiconto del {nome}."
        trovati.append(
            (
                TRIMESTRE_MANCANTE,
                voce(TRIMESTRE_MANCANTE, nome, "—", "un rendiconto", messaggio=messaggio),
                None,
            )
        )
    return trovati


def voce(controllo: Controllo, etichetta="", trovato="", atteso="", *, messaggio: str) -> Errore:
    """An entry that has no cell: it speaks of the file or of the whole report."""
    return Errore(
        livello=controllo.livello,
        codice=controllo.codice,
        controllo=controllo.id,
        foglio="",
        cella="",
        riga=None,
        etichetta=etichetta,
        trovato=trovato,
        atteso=atteso,
        messaggio=messaggio,
    )


def unisci(verdetto: dict, trovati: list[tuple[Controllo, Errore, int | None]], massimo: int) -> dict:
    """The verdict with these findings among its own (control, entry, cents that it concerns or None)."""
    if not trovati:
        return verdetto
    gruppi: dict[str, dict] = {}
    for controllo, _, centesimi in trovati:
        gruppo = gruppi.setdefault(
            controllo.id, asdict(controllo) | {"codice": controllo.codice, "quanti": 0, "centesimi": None}
        )
        gruppo["quanti"] += 1
        if centesimi is not None:
            gruppo["centesimi"] = (gruppo["centesimi"] or 0) + centesimi
    per_livello = dict(verdetto["per_livello"])
    for controllo, _, _ in trovati:
        per_livello[controllo.livello] += 1
    # The database has a handful of findings: they take their place before the list of the sheet is cut.
    errori = [*verdetto["errori"][: massimo - len(trovati)], *(asdict(errore) for _, errore, _ in trovati)]

    def ordine(trovato: dict) -> int:
        return LIVELLI.index(trovato["livello"])

    return verdetto | {
        "esito": "rifiutato" if per_livello[BLOCCANTE] else "accettato",
        "errori_totali": sum(per_livello.values()),
        "per_livello": per_livello,
        "controlli": sorted([*verdetto["controlli"], *gruppi.values()], key=ordine),
        "errori": sorted(errori, key=ordine),
    }
