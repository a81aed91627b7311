"""What is done to a riparto. Whoever writes passes through here (the grid of the admin edits open drafts only)."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import pghistory
from django.core.exceptions import ValidationError
from django.db.models import Max
from django.utils import timezone

from convenzioni.models import Atto, Convenzione, Dotazione, LineaFinanziamento
from core import money, pdf
from core.actions import azione
from enti.models import Ente, Utente
from enti.permessi import Permesso
from registro.actions import annota, fissa
from registro.models import Documento

from . import documents
from .calcolo import Situazione, situazione
from .models import Componente, Emissione, Quota, Riparto, RipartoQuerySet, StatoRiparto

S = StatoRiparto


def situazione_di(riparto: Riparto) -> Situazione:
    """How the riparto stands now, read from the database in two queries."""
    enti = riparto.convenzione.sottoscrizioni.order_by("ente__nome_breve").values_list(
        "ente__nome_breve", flat=True
    )
    quote = riparto.quote.values_list("ente__nome_breve", "importo")
    return situazione(riparto.dotazione.importo, riparto.dotazione.precisione, enti, quote)


def autori_degli_importi(riparto: Riparto) -> set[int]:
    """Keys of the people in the row history of this version: who made it or touched its amounts.

    The steps of the procedure (sent to review, back to draft) change no amount and do not count.
    """
    quote = Quota.pgh_event_model.objects.filter(riparto_id=riparto.pk)
    testata = Riparto.pgh_event_model.objects.filter(pgh_obj_id=riparto.pk).exclude(
        pgh_context__metadata__has_key="passaggio"
    )
    chiavi = [
        *quote.values_list("pgh_context__metadata__user", flat=True),
        *testata.values_list("pgh_context__metadata__user", flat=True),
    ]
    return {int(chiave) for chiave in chiavi if chiave is not None}


@azione
def crea_bozza(
    dotazione: Dotazione,
    *,
    da: Utente,
    componenti: Sequence[str] = (Componente.UNICA,),
    criterio: str = "",
    motivo: str = "",
) -> Riparto:
    """Open a draft with an empty share for each signatory and component.

    Where a riparto of the same line and year is approved, the draft is its new version: it starts from those
    amounts and wants a reason.
    """
    _blocca_linea_e_anno(dotazione)
    dotazione = Dotazione.objects.select_related("convenzione__regione").get(pk=dotazione.pk)
    convenzione = dotazione.convenzione
    da.deve_potere(Permesso.PREPARARE_RIPARTO, convenzione.regione)
    if not dotazione.in_vigore:
        raise ValidationError("Questa versione della dotazione non è più in vigore: apri la più recente.")
    if _stessa_linea_e_anno(dotazione).aperti().exists():
        raise ValidationError("C'è già una bozza per questa linea e questo anno: lavora su quella.")
    enti = Ente.objects.filter(sottoscrizioni__convenzione=convenzione).order_by("nome_breve")
    if not enti:
        raise ValidationError("Nessun ente ha sottoscritto la convenzione: aggiungi prima le sottoscrizioni.")
    if set(componenti) not in ({Componente.UNICA}, {Componente.FISSA, Componente.VARIABILE}):
        raise ValidationError("La quota è unica, oppure è fatta di quota fissa e quota variabile.")

    precedente = _approvato(dotazione)
    riparto = Riparto(
        dotazione=dotazione,
        versione=(dotazione.riparti.aggregate(ultima=Max("versione"))["ultima"] or 0) + 1,
        criterio=criterio,
        motivo=motivo.strip(),
        sostituisce=precedente,
        dimostrativo=dotazione.dimostrativo,
    )
    if precedente and not riparto.motivo:
        raise ValidationError("C'è già un riparto approvato: scrivi il motivo della nuova versione.")
    if riparto.versione > 1 and not riparto.motivo:
        riparto.motivo = "nuova bozza"
    riparto.full_clean()
    riparto.save()

    prima = {(q.ente_id, q.componente): q for q in precedente.quote.all()} if precedente else {}
    for ente in enti:
        for componente in componenti:
            vecchia = prima.get((ente.pk, componente))
            Quota.objects.create(
                riparto=riparto,
                ente=ente,
                componente=componente,
                importo=vecchia.importo if vecchia else None,
                origine=vecchia.origine if vecchia else "inserito",
                formula=vecchia.formula if vecchia else "",
                da_verificare=vecchia.da_verificare if vecchia else False,
                motivo_verifica=vecchia.motivo_verifica if vecchia else "",
                dimostrativo=dotazione.dimostrativo,
            )
    annota("riparto: bozza", riparto, da=da, ente=convenzione.regione)
    return riparto


@azione
def elimina_bozza(riparto: Riparto, *, da: Utente) -> None:
    """Delete a draft; its row history and the register keep what it was."""
    riparto = _blocca(riparto)
    da.deve_potere(Permesso.PREPARARE_RIPARTO, riparto.convenzione.regione)
    if riparto.stato != S.BOZZA:
        raise ValidationError(f"Il riparto è {riparto.get_stato_display()}: si elimina solo una bozza.")
    annota("riparto: bozza eliminata", riparto, da=da, ente=riparto.convenzione.regione)
    riparto.delete()


@azione
def manda_in_verifica(riparto: Riparto, *, da: Utente) -> Riparto:
    """Close the draft and hand it to the director."""
    riparto = _blocca(riparto)
    da.deve_potere(Permesso.PREPARARE_RIPARTO, riparto.convenzione.regione)
    _controlla_passaggio(riparto, S.IN_VERIFICA)
    stato = situazione_di(riparto)
    if stato.assegnato is None:
        raise ValidationError(
            "Non c'è ancora nessun importo: inserisci le quote prima di mandarle in verifica."
        )
    if not stato.approvabile:
        raise ValidationError(_perche_non_quadra(stato))
    return _passa(riparto, S.IN_VERIFICA, da=da)


@azione
def riporta_in_bozza(riparto: Riparto, *, da: Utente) -> Riparto:
    """Reopen the draft: who prepares it may change it again."""
    riparto = _blocca(riparto)
    da.deve_potere(Permesso.PREPARARE_RIPARTO, riparto.convenzione.regione)
    _controlla_passaggio(riparto, S.BOZZA)
    return _passa(riparto, S.BOZZA, da=da)


@azione
def approva(riparto: Riparto, *, da: Utente, atto: Atto, parziale: bool = False) -> Riparto:
    """Approve the riparto by its act; its document is rendered once by a job.

    Four eyes: the director is not among those who entered the amounts of this version. The sum equals the
    dotazione to the cent, or within the precision of a rounded one; an unknown dotazione or a missing amount
    allows only `parziale`. A previous approved version becomes «superato» in the same transaction.
    """
    riparto = _blocca(riparto)
    regione = riparto.convenzione.regione
    da.deve_potere(Permesso.APPROVARE_RIPARTO, regione)
    _controlla_passaggio(riparto, S.APPROVATO)
    if not riparto.dotazione.in_vigore:
        raise ValidationError(
            "La dotazione è stata sostituita da una nuova versione: elimina questa bozza e preparane una su quella."
        )
    if da.pk in autori_degli_importi(riparto):
        raise ValidationError("Hai inserito tu importi di questa versione: la approva un altro dirigente.")
    if atto.ente_id != regione.pk:
        raise ValidationError("Il riparto si approva con un atto della Regione.")
    stato = situazione_di(riparto)
    if parziale and not stato.solo_parziale:
        raise ValidationError(
            "Tutti gli enti hanno l'importo e la dotazione è nota: non è un riparto parziale."
        )
    if stato.solo_parziale and not parziale:
        raise ValidationError(_perche_parziale(stato))
    if not stato.approvabile:
        raise ValidationError(_perche_non_quadra(stato))
    _controlla_di_cui(riparto)
    return _approva(riparto, atto=atto, parziale=parziale, da=da)


@azione
def approva_dato_ufficiale(riparto: Riparto, *, atto: Atto, da: None = None) -> Riparto:
    """Approve, as «parziale» where it is, a riparto taken from the sources: the act decided, nobody here did."""
    riparto = _blocca(riparto)
    return _approva(riparto, atto=atto, parziale=situazione_di(riparto).solo_parziale, da=None)


@azione
def emetti(
    convenzione: Convenzione,
    *,
    da: Utente,
    ente: Ente | None = None,
    linea: LineaFinanziamento | None = None,
    anno: int | None = None,
    data: date | None = None,
) -> Emissione:
    """Issue the prospetto with number and date: it freezes the riparti that it lists, and a job renders it.

    A prospetto that would show a draft is a BOZZA and is refused.
    """
    convenzione = Convenzione.objects.select_for_update(no_key=True).get(pk=convenzione.pk)
    da.deve_potere(Permesso.EMETTERE_PROSPETTO, convenzione.regione)
    dotazioni = convenzione.dotazioni.in_vigore()
    if anno:
        dotazioni = dotazioni.filter(anno=anno)
    if linea:
        dotazioni = dotazioni.filter(linea__in=[linea, *linea.di_cui.all()])
    # By line and year: an approved riparto stands until its successor, also on a dotazione changed since.
    riparti = Riparto.objects.filter(
        dotazione__convenzione=convenzione,
        dotazione__linea__in=dotazioni.values("linea"),
        dotazione__anno__in=dotazioni.values("anno"),
    )
    if not riparti.approvati().exists():
        raise ValidationError("Non c'è ancora nessun riparto approvato da emettere.")
    aperti = riparti.aperti().select_related("dotazione__linea")
    if aperti:
        nomi = ", ".join(str(riparto.dotazione) for riparto in aperti)
        raise ValidationError(f"Ci sono riparti non approvati ({nomi}): il prospetto sarebbe una bozza.")

    numero = (convenzione.emissioni.aggregate(ultimo=Max("numero"))["ultimo"] or 0) + 1
    data = data or timezone.localdate()
    chi = ente.denominazione if ente else linea.denominazione if linea else convenzione.regione.denominazione
    documento = Documento.objects.create(
        tipo="prospetto",
        titolo=f"Prospetto di riparto n. {numero} del {data:%d/%m/%Y}: {chi}, {anno or convenzione.periodo}",
        nome_file=_nome_file(
            convenzione, "prospetto", ente and ente.sigla, linea and linea.codice, anno, f"n{numero}"
        ),
        dimostrativo=convenzione.dimostrativo,
    )
    emissione = Emissione(
        convenzione=convenzione,
        ente=ente,
        linea=linea,
        anno=anno,
        numero=numero,
        data=data,
        documento=documento,
        emesso_da=da,
    )
    emissione.full_clean()
    emissione.save()
    emissione.riparti.set(riparti.approvati())
    emissione.dotazioni.set(dotazioni)
    annota("prospetto emesso", emissione, da=da, ente=convenzione.regione, codice=documento.codice)
    prospetto = documents.prospetto(convenzione, ente=ente, linea=linea, anno=anno, emissione=emissione)
    fissa(documento, pdf.html(prospetto.template, prospetto.contesto()))
    return emissione


# ---- pieces


def _blocca(riparto: Riparto) -> Riparto:
    """Lock the dotazioni first, then the riparto: the same order as the trigger, so no deadlock."""
    _blocca_linea_e_anno(riparto.dotazione)
    return (
        Riparto.objects.select_for_update(of=["self"])
        .select_related("dotazione__convenzione__regione", "dotazione__linea")
        .get(pk=riparto.pk)
    )


def _blocca_linea_e_anno(dotazione: Dotazione) -> None:
    """Lock every version of the dotazione: of one line and year only one riparto is open, one approved."""
    versioni = Dotazione.objects.filter(
        convenzione=dotazione.convenzione_id, linea=dotazione.linea_id, anno=dotazione.anno
    )
    list(versioni.order_by("pk").select_for_update(no_key=True).values_list("pk"))


def _stessa_linea_e_anno(dotazione: Dotazione) -> RipartoQuerySet:
    """The riparti of the same convention, line and year, on whatever version of the dotazione."""
    return Riparto.objects.filter(
        dotazione__convenzione=dotazione.convenzione_id,
        dotazione__linea=dotazione.linea_id,
        dotazione__anno=dotazione.anno,
    )


def _approvato(dotazione: Dotazione) -> Riparto | None:
    return _stessa_linea_e_anno(dotazione).approvati().first()


def _nome_file(convenzione: Convenzione, genere: str, *parti) -> str:
    """«prospetto-CPI-2024-2026-MI-2024-n3.pdf»: only what is safe in a file name."""
    return "-".join([genere, convenzione.codice, *(str(parte) for parte in parti if parte)]) + ".pdf"


def _controlla_passaggio(riparto: Riparto, stato: str) -> None:
    if not riparto.puo_diventare(stato):
        raise ValidationError(
            f"Il riparto è in stato «{riparto.get_stato_display()}»: "
            f"da qui non può diventare «{S(stato).label}»."
        )


def _passa(riparto: Riparto, stato: str, *, da: Utente) -> Riparto:
    riparto.stato = stato
    riparto.full_clean()
    with pghistory.context(passaggio=stato):
        riparto.save()
    annota(f"riparto: {S(stato).label}", riparto, da=da, ente=riparto.convenzione.regione)
    return riparto


def _approva(riparto: Riparto, *, atto: Atto, parziale: bool, da: Utente | None) -> Riparto:
    with pghistory.context(passaggio=S.APPROVATO):
        precedente = _approvato(riparto.dotazione)
        if precedente:
            if not riparto.motivo:
                raise ValidationError(
                    "Sostituisce un riparto approvato: scrivi il motivo della nuova versione."
                )
            riparto.sostituisce = precedente
            precedente.stato = S.SUPERATO
            precedente.save(update_fields=["stato"])
        riparto.documento = Documento.objects.create(
            tipo="riparto",
            titolo=f"Riparto {riparto.dotazione}, versione {riparto.versione}",
            nome_file=_nome_file(
                riparto.convenzione,
                "riparto",
                riparto.dotazione.linea.codice,
                riparto.dotazione.anno,
                f"v{riparto.versione}",
            ),
            dimostrativo=riparto.dimostrativo,
        )
        riparto.stato = S.APPROVATO
        riparto.atto = atto
        riparto.parziale = parziale
        riparto.approvato_il = timezone.now()
        riparto.approvato_da = da
        riparto.full_clean()
        riparto.save()
    annota(
        "riparto: approvato",
        riparto,
        da=da,
        ente=riparto.convenzione.regione,
        atto=str(atto),
        parziale=parziale,
        totale=str(riparto.quote.totale()),
        sostituisce=precedente.pk if precedente else None,
    )
    prospetto = documents.documento_riparto(riparto)
    fissa(riparto.documento, pdf.html(prospetto.template, prospetto.contesto()))
    return riparto


def _controlla_di_cui(riparto: Riparto) -> None:
    """A «di cui» is part of its line: no ente may have more in the part than in the whole, same year."""
    dotazione = riparto.dotazione
    altre = Quota.objects.filter(
        riparto__stato=S.APPROVATO,
        riparto__dotazione__convenzione=dotazione.convenzione_id,
        riparto__dotazione__anno=dotazione.anno,
    )
    proprie = _per_ente(riparto.quote.all())
    if dotazione.linea.padre_id:
        coppie = [(proprie, _per_ente(altre.filter(riparto__dotazione__linea=dotazione.linea.padre_id)))]
    else:
        coppie = [
            (_per_ente(altre.filter(riparto__dotazione__linea=figlia)), proprie)
            for figlia in dotazione.linea.di_cui.all()
        ]
    for parte, intero in coppie:
        for ente, importo in parte.items():
            if ente in intero and importo > intero[ente]:
                raise ValidationError(
                    f"{ente}: il «di cui» è {money.scrivi(importo)} e supera la quota della linea, "
                    f"{money.scrivi(intero[ente])}."
                )


def _per_ente(quote) -> dict[str, Decimal]:
    """Total of each ente (euro), only where every component is known."""
    totali: dict[str, Decimal | None] = {}
    for ente, importo in quote.values_list("ente__nome_breve", "importo"):
        prima = totali.get(ente, Decimal(0))
        totali[ente] = None if prima is None or importo is None else prima + importo
    return {ente: totale for ente, totale in totali.items() if totale is not None}


def _perche_parziale(stato: Situazione) -> str:
    if stato.dotazione is None:
        return "La dotazione non è indicata: il riparto si può approvare solo come parziale."
    return (
        f"Mancano gli importi di {', '.join(stato.enti_mancanti)}: "
        "il riparto si può approvare solo come parziale."
    )


def _perche_non_quadra(stato: Situazione) -> str:
    """«Mancano 50.877,95 per arrivare alla dotazione di 7.000.000,00.»"""
    if stato.assegnato is None:
        return "Non c'è ancora nessun importo."
    if stato.differenza < 0:
        return (
            f"Mancano {money.scrivi(-stato.differenza)} per arrivare alla dotazione "
            f"di {money.scrivi(stato.dotazione)}."
        )
    return f"Le quote superano di {money.scrivi(stato.differenza)} la dotazione di {money.scrivi(stato.dotazione)}."
