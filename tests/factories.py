"""Small builders of real rows. Each gives a valid object; the test says only what matters to it."""

import datetime as dt
from decimal import Decimal
from itertools import count

from django.utils import timezone

from convenzioni.models import Atto, Convenzione, Dotazione, LineaFinanziamento, Sottoscrizione, TipoAtto
from enti.models import CentroImpiego, Ente, Incarico, Utente
from registro.actions import conserva
from registro.models import Caricamento
from rendicontazione.models import Adempimento, CaricamentoRendiconto, Rendiconto, TipoAdempimento
from riparto import actions
from riparto.models import Componente, Riparto

_numero = count(1)


def ente(sigla: str, nome: str | None = None, **campi) -> Ente:
    campi.setdefault("tipo", "provincia" if campi.get("regione") else "regione")
    nome = nome or f"Ente {sigla}"
    return Ente.objects.create(
        sigla=sigla, denominazione=nome, nome_breve=campi.pop("nome_breve", nome), **campi
    )


def utente(email: str | None = None, **campi) -> Utente:
    campi = {"nome": "Anna", "cognome": "Prova"} | campi
    return Utente.objects.create_user(
        email or f"persona{next(_numero)}@prova.example", "segreta-di-prova", **campi
    )


def incaricato(ruolo: str, dove: Ente, **campi) -> Utente:
    """A person with that role in that ente, since long ago."""
    persona = utente(**campi)
    Incarico.objects.create(utente=persona, ente=dove, ruolo=ruolo, dal=dt.date(2020, 1, 1))
    return persona


def atto(di: Ente, **campi) -> Atto:
    campi = {
        "tipo": TipoAtto.DECRETO_DIRIGENZIALE,
        "numero": str(next(_numero)),
        "data": dt.date(2024, 4, 12),
        "oggetto": "Riparto delle risorse",
    } | campi
    return Atto.objects.create(ente=di, **campi)


def convenzione(regione: Ente, enti=(), *, stato: str = "vigente", **campi) -> Convenzione:
    campi = {
        "codice": f"CONV-{next(_numero)}",
        "titolo": "Convenzione per la gestione dei servizi per il lavoro",
        "anno_inizio": 2024,
        "anno_fine": 2026,
    } | campi
    fatta = Convenzione.objects.create(regione=regione, stato=stato, **campi)
    for firmatario in enti:
        Sottoscrizione.objects.create(convenzione=fatta, ente=firmatario)
    return fatta


def linea(regione: Ente, codice: str | None = None, **campi) -> LineaFinanziamento:
    codice = codice or f"LINEA_{next(_numero)}"
    campi = {
        "denominazione": f"Linea {codice}",
        "nome_breve": f"Linea {codice}",
        "natura": "personale",
    } | campi
    return LineaFinanziamento.objects.create(regione=regione, codice=codice, **campi)


def dotazione(
    di: Convenzione, su: LineaFinanziamento, anno: int = 2024, importo="1000.00", **campi
) -> Dotazione:
    importo = Decimal(importo) if importo is not None else None
    return Dotazione.objects.create(convenzione=di, linea=su, anno=anno, importo=importo, **campi)


def bozza(di: Dotazione, da: Utente, importi: dict[str, object] | None = None, **campi) -> Riparto:
    """A draft with the amounts by sigla: `"600.00"`, or a pair (fissa, variabile), or None."""
    importi = importi or {}
    componenti = (Componente.UNICA,)
    if any(isinstance(valore, tuple) for valore in importi.values()):
        componenti = (Componente.FISSA, Componente.VARIABILE)
    riparto = actions.crea_bozza(di, da=da, componenti=componenti, **campi)
    for quota in riparto.quote.select_related("ente"):
        valore = importi.get(quota.ente.sigla)
        if isinstance(valore, tuple):
            valore = valore[componenti.index(quota.componente)]
        quota.importo = Decimal(valore) if valore is not None else None
        quota.save()
    return riparto


def approvato(
    di: Dotazione, importi: dict[str, object], *, da: Utente, dirigente: Utente, **campi
) -> Riparto:
    riparto = bozza(di, da, importi, **campi)
    actions.manda_in_verifica(riparto, da=da)
    parziale = actions.situazione_di(riparto).solo_parziale
    return actions.approva(riparto, da=dirigente, atto=atto(di.convenzione.regione), parziale=parziale)


def cpi(di: Ente, nome: str) -> CentroImpiego:
    return CentroImpiego.objects.create(ente=di, denominazione=nome)


def rendiconto(di: Convenzione, chi: Ente, *, trasmesso_da: Utente | None = None) -> Rendiconto:
    """An accepted report of the first quarter of 2024, sent if `trasmesso_da` says by whom."""
    adempimento = Adempimento.objects.create(
        convenzione=di,
        ente=chi,
        tipo=TipoAdempimento.COSTI_PERSONALE_TRIMESTRALE,
        anno=2024,
        trimestre=1,
        scadenza=dt.date(2024, 4, 30),
    )
    caricamento = Caricamento.objects.create(
        tipo="rendiconto_costi",
        ente=chi,
        allegato=conserva(b"un foglio", nome="costi.csv", tipo="text/csv", da=trasmesso_da),
        esito="accettato",
        caricato_da=trasmesso_da,
    )
    CaricamentoRendiconto.objects.create(caricamento=caricamento, adempimento=adempimento)
    inviato = {"stato": "trasmesso", "trasmesso_da": trasmesso_da, "trasmesso_il": timezone.now()}
    return Rendiconto.objects.create(
        adempimento=adempimento, caricamento=caricamento, **(inviato if trasmesso_da else {})
    )
