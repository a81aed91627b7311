"""The official data: what the source documents state, and nothing else.

Loading again changes nothing: a row that is there stays as the officials left it. What belongs to an ente
(CPI), to a body (contracts) or to a convention (acts, lines of money, riparti) is loaded only together with
its owner, so that what officials renamed or removed does not come back.
"""

from collections import Counter

from django.db import transaction

from convenzioni.actions import cambia_stato
from convenzioni.models import Atto, Convenzione, Dotazione, LineaFinanziamento, Sottoscrizione
from enti.models import CentroImpiego, ContrattoServizio, Ente, EnteStrumentale
from registro.models import CifraFonte, Fonte
from rendicontazione.actions import genera_adempimenti
from rendicontazione.models import RegolaAdempimento, VoceAmmessa
from riparto.actions import approva_dato_ufficiale
from riparto.models import Quota, Riparto

from .file import UFFICIALI, importo, oggetti, righe

REGIONE = "LOM"


@transaction.atomic
def carica() -> Counter:
    """Load what is missing. Returns how many rows of each kind were created."""
    creati: Counter = Counter()
    _fonti(creati)
    _enti(creati)
    _enti_strumentali(creati)
    _linee(creati)
    for dati in oggetti(UFFICIALI / "convenzioni.json"):
        if not Convenzione.objects.filter(codice=dati["codice"]).exists():
            _convenzione(dati, creati)
    return creati


def _crea(creati: Counter, modello, **campi):
    """A checked new row: the rules of the model hold for official data too."""
    riga = modello(**campi)
    riga.full_clean()
    riga.save()
    creati[str(modello._meta.verbose_name_plural)] += 1
    return riga


def _fonti(creati: Counter) -> None:
    fonti = Fonte.objects.in_bulk(field_name="codice")
    for dati in righe(UFFICIALI / "fonti.csv"):
        if dati["codice"] not in fonti:
            dati["data"] = dati["data"] or None
            fonti[dati["codice"]] = _crea(creati, Fonte, **dati)
    presenti = set(CifraFonte.objects.values_list("fonte__codice", "ordine"))
    for dati in righe(UFFICIALI / "cifre.csv"):
        if (dati["fonte"], int(dati["ordine"])) not in presenti:
            dati |= {
                "fonte": fonti[dati["fonte"]],
                "valore": importo(dati["valore"]),
                "anno": int(dati["anno"]) if dati["anno"] else None,
                "da_verificare": bool(dati["da_verificare"]),
            }
            _crea(creati, CifraFonte, **dati)


def _enti(creati: Counter) -> None:
    enti = Ente.objects.in_bulk(field_name="sigla")
    nuovi = set()
    for dati in righe(UFFICIALI / "enti.csv"):
        if dati["sigla"] not in enti:
            dati["regione"] = enti[dati["regione"]] if dati["regione"] else None
            enti[dati["sigla"]] = _crea(creati, Ente, **dati)
            nuovi.add(dati["sigla"])
    sedi: dict[tuple[str, str], CentroImpiego] = {}
    for dati in righe(UFFICIALI / "cpi.csv"):
        sigla = dati["ente"]
        if sigla in nuovi:
            dati |= {
                "ente": enti[sigla],
                "riferimento": sedi[sigla, dati["riferimento"]] if dati["riferimento"] else None,
                "da_verificare": bool(dati["da_verificare"]),
            }
            sedi[sigla, dati["denominazione"]] = _crea(creati, CentroImpiego, **dati)


def _enti_strumentali(creati: Counter) -> None:
    for dati in oggetti(UFFICIALI / "enti_strumentali.json"):
        contratti = dati.pop("contratti")
        if EnteStrumentale.objects.filter(denominazione=dati["denominazione"]).exists():
            continue
        if "confluito_in" in dati:
            dati["confluito_in"] = EnteStrumentale.objects.get(denominazione=dati["confluito_in"])
        nuovo = _crea(creati, EnteStrumentale, **dati)
        for contratto in contratti:
            contratto["ente"] = Ente.objects.get(sigla=contratto["ente"])
            _crea(creati, ContrattoServizio, ente_strumentale=nuovo, **contratto)


def _linee(creati: Counter) -> None:
    regione = Ente.objects.get(sigla=REGIONE)
    linee = linee_per_codice()
    for dati in righe(UFFICIALI / "linee.csv"):
        if dati["codice"] not in linee:
            dati |= {
                "padre": linee[dati["padre"]] if dati["padre"] else None,
                "fonte_risorse": dati["fonte_risorse"] or None,
            }
            linee[dati["codice"]] = _crea(creati, LineaFinanziamento, regione=regione, **dati)


def linee_per_codice() -> dict[str, LineaFinanziamento]:
    return {linea.codice: linea for linea in LineaFinanziamento.objects.filter(regione__sigla=REGIONE)}


def _convenzione(dati: dict, creati: Counter) -> None:
    fonti = Fonte.objects.in_bulk(field_name="codice")
    enti = Ente.objects.in_bulk(field_name="sigla")
    precedente = dati.get("precedente")
    convenzione = _crea(
        creati,
        Convenzione,
        regione=enti[REGIONE],
        precedente=Convenzione.objects.get(codice=precedente) if precedente else None,
        fonte=fonti[dati["fonte"]],
        **{campo: dati[campo] for campo in ("codice", "titolo", "anno_inizio", "anno_fine", "nota")},
    )
    atti = {
        chiave: _crea(creati, Atto, **atto | {"ente": enti[atto["ente"]], "fonte": fonti[atto["fonte"]]})
        for chiave, atto in dati["atti"].items()
    }
    firme = dati["sottoscrizioni"]
    for ente in Ente.objects.delegati().filter(regione=convenzione.regione):
        _crea(
            creati,
            Sottoscrizione,
            convenzione=convenzione,
            ente=ente,
            atto=atti[firme["atti"][ente.sigla]] if ente.sigla in firme["atti"] else None,
            nota=firme.get("note", {}).get(ente.sigla, firme["nota"]),
        )
    dotazioni = _dotazioni(convenzione, dati["dotazioni"], fonti, creati)
    _riparti(dati["riparti"], dotazioni, atti, enti, creati)
    _regole(convenzione, dati, creati)
    for passaggio in dati["passaggi"]:
        cambia_stato(
            convenzione,
            passaggio["stato"],
            da=None,
            atto=atti.get(passaggio.get("atto")),
            nota=passaggio.get("nota", ""),
        )
    convenzione.refresh_from_db()
    if convenzione.in_forza:
        creati["adempimenti"] += len(genera_adempimenti(convenzione, da=None))


def _dotazioni(convenzione: Convenzione, elenco: list[dict], fonti: dict, creati: Counter) -> dict:
    """The dotazioni by (line, year); an amount that the source does not state is NULL."""
    linee = linee_per_codice()
    fatte = {}
    for dati in elenco:
        for anno in dati["anni"]:
            fatte[dati["linea"], anno] = _crea(
                creati,
                Dotazione,
                convenzione=convenzione,
                linea=linee[dati["linea"]],
                anno=anno,
                importo=importo(dati["importo"]),
                precisione=importo(dati.get("precisione")),
                origine="stampato" if dati["importo"] else "inserito",
                nota=dati.get("nota", ""),
                fonte=fonti[dati["fonte"]],
            )
    return fatte


def _riparti(elenco: list[dict], dotazioni: dict, atti: dict, enti: dict, creati: Counter) -> None:
    """The riparti of the sources, approved by the act of the convention: no person of the application did."""
    for dati in elenco:
        for anno in dati["anni"]:
            riparto = _crea(creati, Riparto, dotazione=dotazioni[dati["linea"], anno], nota=dati["nota"])
            for quota in dati["quote"]:
                campi = {"origine": "stampato"} | quota
                campi |= {"ente": enti[quota["ente"]], "importo": importo(quota["importo"])}
                _crea(creati, Quota, riparto=riparto, **campi)
            approva_dato_ufficiale(riparto, atto=atti[dati["atto"]], da=None)


def _regole(convenzione: Convenzione, dati: dict, creati: Counter) -> None:
    for regola in dati["regole"]:
        _crea(creati, RegolaAdempimento, convenzione=convenzione, **regola)
    ammesse = dati["voci_ammesse"]
    if ammesse:
        linee = linee_per_codice()
        nuove = VoceAmmessa.objects.bulk_create(
            VoceAmmessa(convenzione=convenzione, linea=linee[codice], anno=anno, voce=voce)
            for codice in ammesse["linee"]
            for anno in ammesse["anni"]
            for voce in ammesse["voci"]
        )
        creati["voci di costo ammesse"] += len(nuove)
