"""A convention that is ready for reports: rules, admitted items, quote, CPI and a report of Milan to fill."""

from decimal import Decimal

import pytest
from stdnum.it import codicefiscale

from rendicontazione import actions
from rendicontazione.models import RegolaAdempimento, VoceAmmessa, VoceCosto
from tests import factories

TESTATA = (
    "Matricola;Codice fiscale;Cognome;Nome;Datore di lavoro;CPI;Inquadramento;Profilo;Linea;Mese;"
    "Percentuale di tempo;Trattamento fondamentale;Trattamento accessorio;Oneri riflessi;IRAP;Buoni pasto;"
    "Altro;Totale"
)


def riga(matricola=1, *, mese=1, importo="1.000,00", linea="POT_PERSONALE", cpi="Milano", datore="MI") -> str:
    persona = f"{matricola};{codice_fiscale(matricola)};Rossi;Maria;{datore};{cpi};Istruttori;Operatrice"
    return f"{persona};{linea};{mese};100;{importo};;;;;;{importo}"


def codice_fiscale(matricola: int) -> str:
    """A valid one for each person."""
    inizio = f"RSSMRA80A01F{matricola % 1000:03}"
    return inizio + codicefiscale.calc_check_digit(inizio)


def csv(*righe: str) -> bytes:
    return "\r\n".join((TESTATA, *righe)).encode("utf-8-sig")


@pytest.fixture
def pronta(convenzione, regione, milano, linea):
    """The convention with what a report needs: rules, admitted items of a line and of its «di cui», a CPI."""
    RegolaAdempimento.objects.create(
        convenzione=convenzione, tipo="costi_personale_trimestrale", mesi_dopo=1, presunta=True
    )
    RegolaAdempimento.objects.create(
        convenzione=convenzione, tipo="costi_personale_annuale", mesi_dopo=2, giorno=28, fonte="Comunicato"
    )
    figlia = factories.linea(regione, "POT_EX_PON", nome_breve="ex PON", padre=linea)
    for ammessa in (linea, figlia):
        for voce in VoceCosto.values:
            VoceAmmessa.objects.create(convenzione=convenzione, linea=ammessa, anno=2024, voce=voce)
    factories.linea(regione, "POT_FUNZIONAMENTO", natura="funzionamento")
    factories.cpi(milano, "Milano")
    return convenzione


@pytest.fixture
def adempimento(pronta, milano):
    """The report of Milan for the first quarter of 2024."""
    return actions.adempimento_di(pronta, milano, 2024, 1)


@pytest.fixture
def con_quota(pronta, dotazione, funzionario, dirigente):
    """Milan has 2.500,00 on the line in 2024."""
    dotazione.importo = Decimal("4000.00")
    dotazione.save()
    importi = {"MI": "2500.00", "BG": "1500.00"}
    return factories.approvato(dotazione, importi, da=funzionario, dirigente=dirigente)


@pytest.fixture
def caricato(adempimento, operatore):
    """An accepted report of two rows: 1.000,00 and, on the «di cui», 500,00."""
    dati = csv(riga(1), riga(1, mese=2, importo="500,00", linea="POT_EX_PON"))
    caricamento = actions.carica(adempimento, dati, "primo.csv", da=operatore)
    assert caricamento.esito == "accettato", list(caricamento.esiti.values("messaggio", "trovato", "cella"))
    return caricamento.rendiconto
