"""The figures of the source on the page: Milan 2024-2026, as in the press note (amounts in euro)."""

from decimal import Decimal as D

import pytest

from cruscotto.quadro import Casella, quadro, variazione
from riparto.documents.cifre import Annualita, Cifra, Ente, Linea, Ripartizione, Situazione

MI = Ente(1, "MI", "Città metropolitana di Milano")
BG = Ente(2, "BG", "Provincia di Bergamo")
ANNI = (2024, 2025, 2026)
DUBBIO = "È la cifra stampata, ma vale il 3,91 % della linea regionale."
FORMULA = "3.083.649,89 meno 1.539.494,04"
ANNUO = "La fonte dice «annuo» e non nomina il 2026."


def riparto(**quote):
    return Ripartizione(1, "approvato", approvata=True, quote={MI.chiave: quote})


def linea(chiave, breve, dotazioni, quote, fonte=None, dicui=()):
    """`quote`: per year, None or a dict of components."""
    anni = {
        a: Annualita(d, riparto=riparto(**q) if q else None)
        for a, d, q in zip(ANNI, dotazioni, quote, strict=True)
    }
    return Linea(chiave, "A", breve.upper(), breve, breve, fonte, anni, dicui)


def c(valore, precisione=None, **altro):
    return Cifra(D(valore) if valore else None, D(precisione) if precisione else None, **altro)


@pytest.fixture
def situazione():
    pot = {"unica": c("2161744.40", motivo_verifica=DUBBIO)}
    annuo = c("4100000", "50000", nota=ANNUO)
    variabili = ("1046568.04", "1244333.82", "1244333.82")
    linee = (
        linea(1, "Personale pre-potenziamento", [c("26342000", "500")] * 3,
              [{"unica": c("8972346.42")}, {"unica": c("8972346.42")}, None], "Ministero del Lavoro"),
        linea(2, "Oneri ex Madia", [c("4100000", "50000"), c("4100000", "50000"), annuo],
              [{"unica": c("1544155.85", formula=FORMULA)}, None, None], "Regione"),
        linea(3, "Personale potenziamento", [c("55282000", "500")] * 3, [pot] * 3,
              dicui=(linea(4, "ex PON Inclusione / POC SPAO", [c("8200000", "50000")] * 3,
                           [{"unica": c("1769301.26")}] * 3),)),
        linea(5, "Oneri potenziamento", [c("7000000", "500000")] * 3,
              [{"fissa": c("492926.00"), "variabile": c(v)} for v in variabili]),
        linea(6, "Obiettivi strategici", [c("1500000", "50000"), c("1000000", "500000"), c(None)],
              [{"unica": c("333333.33")}, None, None]),
    )  # fmt: skip
    return Situazione("CPI-2024-2026", "Convenzione", "Regione Lombardia", ANNI, linee, (MI, BG))


def riga(tabella, nome):
    return next(r for r in tabella.righe if r.nome == nome)


def parole(casella: Casella):
    return [a.testo for a in casella.annotazioni]


def test_regional_totals_leave_out_the_di_cui_and_stop_at_a_missing_line(situazione):
    t = quadro(situazione, None).regione
    assert [x.importo for x in t.totale] == [D("94224000"), D("93724000"), None]
    assert parole(t.totale[2]) == ["manca una linea"]
    assert t.somma == [D("94224000"), D("93724000"), D("92724000")]
    assert t.arrotondata


def test_the_total_of_the_ente_is_a_dash_where_lines_are_missing(situazione):
    t = quadro(situazione, MI).ente
    assert [x.importo for x in t.totale] == [D("14551074.04"), None, None]
    assert parole(t.totale[0]) == ["contiene una cifra da verificare"]
    assert [parole(x) for x in t.totale[1:]] == [["mancano 2 linee"], ["mancano 3 linee"]]
    assert t.somma == [D("14551074.04"), D("12871350.64"), D("3899004.22")]


def test_components_are_rows_that_are_not_summed_and_the_line_is_their_sum(situazione):
    t = quadro(situazione, MI).ente
    nomi = [(r.nome, r.di_cui) for r in t.righe]
    posto = nomi.index(("Oneri potenziamento", False))
    assert nomi[posto + 1 : posto + 3] == [("quota fissa", True), ("quota variabile", True)]
    assert [x.importo for x in t.righe[posto].caselle] == [D("1539494.04"), D("1737259.82"), D("1737259.82")]


def test_a_difference_stands_where_both_years_are_known_and_differ(situazione):
    t = quadro(situazione, MI).ente
    assert parole(riga(t, "Oneri potenziamento").caselle[1]) == ["+12,85\u00a0% sul 2024"]
    assert parole(riga(t, "quota variabile").caselle[1]) == ["+18,90\u00a0% sul 2024"]
    assert parole(riga(t, "Oneri potenziamento").caselle[2]) == []
    assert parole(riga(t, "Personale pre-potenziamento").caselle[1]) == []
    assert parole(riga(t, "Obiettivi strategici").caselle[1]) == ["non indicato"]


@pytest.mark.parametrize(
    ("prima", "dopo", "atteso"),
    [
        ("100", "50", "−50,00\u00a0% sul 2024"),
        ("0", "50", ""),
        ("100", "100", ""),
        (None, "1", ""),
        ("1", None, ""),
    ],
)
def test_variazione(prima, dopo, atteso):
    assert variazione(prima and D(prima), dopo and D(dopo), 2024) == atteso


def test_margins_and_notes_stand_under_the_figure(situazione):
    t = quadro(situazione, None).regione
    assert parole(riga(t, "Oneri ex Madia").caselle[0]) == ["±50.000"]
    casella = riga(t, "Oneri ex Madia").caselle[2]
    assert parole(casella) == ["±50.000", "nota 1"]
    assert casella.annotazioni[1].ancora == "nota-1"
    assert parole(riga(t, "Obiettivi strategici").caselle[2]) == ["non indicato"]


def test_the_notes_are_numbered_once_and_name_their_figures(situazione):
    q = quadro(situazione, MI)
    assert [(n.numero, n.titolo, n.verificare) for n in q.note] == [
        (1, "Oneri ex Madia 2026", False),
        (2, "1.544.155,85", False),
        (3, "2.161.744,40", True),
    ]
    assert q.note[1].testo == "Non è nella fonte. Si calcola così: 3.083.649,89 meno 1.539.494,04."
    assert q.da_verificare == 1
    assert parole(riga(q.ente, "Personale potenziamento").caselle[2]) == ["da verificare"]


def test_who_pays_is_said_or_said_to_be_unknown(situazione):
    t = quadro(situazione, None).regione
    assert riga(t, "Personale pre-potenziamento").fonte == "Ministero del Lavoro"
    assert riga(t, "Obiettivi strategici").fonte == "fonte delle risorse non indicata"
    assert riga(t, "di cui ex PON Inclusione / POC SPAO").fonte == ""


def test_an_ente_without_quote_has_dashes_and_no_sum(situazione):
    t = quadro(situazione, BG).ente
    assert t.somma == [None, None, None]
    assert parole(t.totale[0]) == ["mancano 5 linee"]


def test_a_line_with_one_component_not_stated_is_not_stated():
    voce = linea(1, "Oneri", [c("10")] * 3, [{"fissa": c("5"), "variabile": c(None)}] * 3)
    t = quadro(Situazione("C", "T", "R", ANNI, (voce,), (MI,)), MI).ente
    assert parole(t.righe[0].caselle[0]) == ["manca una parte"]
    assert t.righe[1].caselle[0].importo == D("5")
    assert t.somma[0] is None


def test_a_doubt_on_a_component_is_repeated_on_its_line_and_in_the_total():
    voce = linea(
        1, "Oneri", [c("10")] * 3, [{"fissa": c("5", motivo_verifica="Perché no"), "variabile": c("2")}] * 3
    )
    q = quadro(Situazione("C", "T", "R", ANNI, (voce,), (MI,)), MI)
    assert parole(q.ente.righe[0].caselle[0]) == ["da verificare"]
    assert parole(q.ente.totale[0]) == ["contiene una cifra da verificare"]
    assert q.da_verificare == 1
