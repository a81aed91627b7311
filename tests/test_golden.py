"""Every relation between the official figures that the sources allow, computed from the loaded rows."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import transaction
from django.db.models import Sum

from convenzioni.models import Convenzione, Dotazione
from core.money import arrotonda
from cruscotto.dati import ufficiali
from enti.models import CentroImpiego, Ente
from registro.models import CifraFonte
from rendicontazione.models import Adempimento, RegolaAdempimento
from riparto.models import Quota

D = Decimal
CONVENZIONE = "CPI-2024-2026"


@pytest.fixture(scope="module", autouse=True)
def dati(django_db_setup, django_db_blocker):
    """The official data, loaded once for this module and rolled back at its end."""
    with django_db_blocker.unblock(), transaction.atomic():
        ufficiali.carica()
        yield
        transaction.set_rollback(True)


def dotazione(linea: str, anno: int) -> Decimal | None:
    return Dotazione.objects.get(convenzione__codice=CONVENZIONE, linea__codice=linea, anno=anno).importo


def milano(linea: str, anno: int, componente: str | None = None) -> Decimal | None:
    quote = Quota.objects.filter(
        ente__sigla="MI", riparto__dotazione__linea__codice=linea, riparto__dotazione__anno=anno
    )
    return (quote.filter(componente=componente) if componente else quote).totale()


def cifra(fonte: str, inizio: str, **altro) -> Decimal | None:
    return CifraFonte.objects.get(fonte__codice=fonte, testo__startswith=inizio, **altro).valore


def percento(parte: Decimal, intero: Decimal) -> Decimal:
    return arrotonda(100 * parte / intero)


def test_the_regional_lines_of_a_year_add_up_without_the_di_cui():
    def somma(anno: int):
        return Dotazione.objects.filter(
            convenzione__codice=CONVENZIONE, anno=anno, linea__padre=None
        ).aggregate(somma=Sum("importo"))["somma"]

    assert somma(2024) == D("94224000")
    assert somma(2025) == D("93724000")
    assert dotazione("OBIETTIVI_STRATEGICI", 2026) is None, "the total of 2026 is not defined"
    assert somma(2026) == D("92724000")


def test_the_regional_figures_carry_the_rounding_of_their_words():
    precisioni = Dotazione.objects.filter(convenzione__codice=CONVENZIONE, importo__isnull=False)
    assert set(precisioni.values_list("importo", "precisione")) == {
        (D("26342000"), D(500)),
        (D("55282000"), D(500)),
        (D("4100000"), D(50_000)),
        (D("8200000"), D(50_000)),
        (D("1500000"), D(50_000)),
        (D("7000000"), D(500_000)),
        (D("1000000"), D(500_000)),
    }
    assert Dotazione.objects.get(importo=None, anno=2026).nota.startswith("L'Allegato 1 definisce")
    for linea, parola in (("PRE_POT_PERSONALE", "«all'anno»"), ("PRE_POT_FUNZIONAMENTO", "«annuo»")):
        assert parola in Dotazione.objects.get(linea__codice=linea, anno=2026).nota


def test_the_fixed_and_variable_shares_of_milan_make_its_strengthening_costs():
    assert milano("POT_FUNZIONAMENTO", 2024, "fissa") == D("492926.00")
    assert milano("POT_FUNZIONAMENTO", 2024) == D("1539494.04")
    assert milano("POT_FUNZIONAMENTO", 2025) == milano("POT_FUNZIONAMENTO", 2026) == D("1737259.82")
    prima = milano("POT_FUNZIONAMENTO", 2024, "variabile")
    dopo = milano("POT_FUNZIONAMENTO", 2025, "variabile")
    assert dopo - prima == D("197765.78")
    assert percento(dopo - prima, prima) == D("18.90")


def test_the_ex_madia_share_of_milan_is_calculated_from_the_printed_total():
    quota = Quota.objects.get(riparto__dotazione__linea__codice="PRE_POT_FUNZIONAMENTO")
    totale = cifra("S0", "3.083.649,89")
    assert quota.importo == totale - milano("POT_FUNZIONAMENTO", 2024) == D("1544155.85")
    assert quota.origine == "calcolato"
    assert "3.083.649,89" in quota.formula
    assert not Quota.objects.filter(importo=totale).exists(), "a check figure is nobody's share"
    assert Quota.objects.filter(origine="calcolato").count() == 1


def test_half_of_the_running_costs_is_not_half():
    totale, parte = cifra("S0", "3.083.649,89"), milano("POT_FUNZIONAMENTO", 2024)
    assert percento(parte, totale) == D("49.92")
    assert totale - 2 * parte == D("4661.81")
    assert int(totale * 100) % 2 == 1, "half is not a whole number of cents"


def test_milan_2024_as_printed_without_the_di_cui():
    quote = Quota.objects.filter(
        riparto__dotazione__convenzione__codice=CONVENZIONE, riparto__dotazione__anno=2024
    )
    assert quote.filter(riparto__dotazione__linea__padre=None).totale() == D("14551074.04")
    parte, intero = milano("POT_PERSONALE_PON_SPAO", 2024), milano("POT_PERSONALE", 2024)
    assert intero - parte == D("392443.14")
    assert percento(parte, intero) == D("81.85")


def test_the_shares_of_milan_on_the_regional_lines():
    def percentuale(linea, anno):
        return percento(milano(linea, anno), dotazione(linea, anno))

    assert percentuale("PRE_POT_PERSONALE", 2024) == D("34.06")
    assert percentuale("PRE_POT_FUNZIONAMENTO", 2024) == D("37.66")
    assert percentuale("POT_FUNZIONAMENTO", 2024) == D("21.99")
    assert percentuale("POT_FUNZIONAMENTO", 2025) == D("24.82")
    assert percentuale("POT_PERSONALE_PON_SPAO", 2024) == D("21.58")
    assert percentuale("OBIETTIVI_STRATEGICI", 2024) == D("22.22")
    assert milano("PRE_POT_PERSONALE", 2026) is None
    assert milano("PRE_POT_FUNZIONAMENTO", 2025) is None
    assert milano("OBIETTIVI_STRATEGICI", 2025) is None


def test_the_objectives_share_is_two_ninths_to_the_cent():
    quota = milano("OBIETTIVI_STRATEGICI", 2024)
    pot_2024 = dotazione("OBIETTIVI_STRATEGICI", 2024)
    assert quota == arrotonda(pot_2024 * 2 / 9) == arrotonda(dotazione("OBIETTIVI_STRATEGICI", 2025) / 3)
    assert 9 * arrotonda(pot_2024 / 9) == D("1500000.03"), "rounding each share breaks the sum"


def test_the_implausible_figure_is_loaded_as_printed_and_flagged_with_its_reason():
    quote = Quota.objects.filter(da_verificare=True)
    assert set(quote.values_list("importo", flat=True)) == {D("2161744.40")}
    assert set(quote.values_list("riparto__dotazione__anno", flat=True)) == {2024, 2025, 2026}
    motivo = quote.first().motivo_verifica
    stampata, linea = milano("POT_PERSONALE", 2024), dotazione("POT_PERSONALE", 2024)
    previste, assunzioni = cifra("S1", "Personale CPI tot. 285"), cifra("S2", "1.300")
    assert percento(stampata, linea) == D("3.91")
    assert percento(stampata + 10_000_000, linea) == D("22.00")
    assert round(stampata / previste) == 7585
    assert round(linea / assunzioni) == 42525
    assert percento(previste, assunzioni) == D("21.92")
    for parola in ("3,91 %", "7.585", "42.525", "392.443,14", "6.095.209,64", "12.161.744,40", "22,00 %"):
        assert parola in motivo
    assert cifra("S0", "2.161.744,40", da_verificare=True) == stampata


def test_what_is_left_to_the_other_eleven_enti():
    resto = {
        ("PRE_POT_PERSONALE", 2024): "17369653.58",
        ("PRE_POT_FUNZIONAMENTO", 2024): "2555844.15",
        ("POT_PERSONALE", 2024): "53120255.60",
        ("POT_FUNZIONAMENTO", 2024): "5460505.96",
        ("POT_FUNZIONAMENTO", 2025): "5262740.18",
        ("OBIETTIVI_STRATEGICI", 2024): "1166666.67",
        ("POT_PERSONALE_PON_SPAO", 2024): "6430698.74",
    }
    assert {chiave: str(dotazione(*chiave) - milano(*chiave)) for chiave in resto} == resto


def test_the_convention_2022_2023_adds_up_and_its_dotazioni_are_not_stated():
    personale, oneri = milano("PERSONALE_CPI", 2022), milano("ONERI_FUNZIONAMENTO", 2022)
    assert personale + oneri == cifra("S1", "10.965.522,98") == D("10965522.98")
    vecchia = Convenzione.objects.get(codice="CPI-2022-2023")
    assert set(vecchia.dotazioni.values_list("importo", flat=True)) == {None}
    assert percento(milano("PRE_POT_PERSONALE", 2024) - personale, personale) == D("8.03")
    potenziamento = cifra("S1", "6.095.209,64")
    assert not Quota.objects.filter(importo=potenziamento).exists()


def test_infrastructure_is_eighty_and_twenty():
    totale = cifra("S1", "17.511.671,07")
    capitale, corrente = cifra("S1", "14.009.336,86"), cifra("S1", "3.502.334,21")
    assert capitale + corrente == totale
    assert (arrotonda(totale * 80 / 100), arrotonda(totale * 20 / 100)) == (capitale, corrente)


def test_the_staff_of_milan():
    linea_i = sum(cifra("S1", inizio) for inizio in ("CMM tot. 59", "AFOL tot. 149", "Euro lavoro tot. 23"))
    assert linea_i == 231
    assert round(milano("PERSONALE_CPI", 2022) / linea_i) == 35954
    in_servizio = cifra("S1", "tot. 176")
    assert in_servizio == sum(cifra("S1", i) for i in ("liv. D", "liv. C", "Informatici"))
    previste = cifra("S1", "Personale CPI tot. 285")
    assert previste - in_servizio == 109
    assert percento(in_servizio, previste) == D("61.75")


def test_the_gol_table_and_what_was_not_recorded():
    righe = {
        ("41.285", "14.320", "26.965"): "34.69",
        ("13.079", "2.201", "10.878"): "16.83",
        ("5.847", "313", "5.534"): "5.35",
    }
    for (obiettivo, fatto, da_fare), atteso in righe.items():
        valori = [cifra("S1", testo, testo=testo) for testo in (obiettivo, fatto, da_fare)]
        assert valori[0] - valori[1] == valori[2]
        assert str(percento(valori[1], valori[0])) == atteso
    non_rilevati = CifraFonte.objects.filter(testo="n.r")
    assert (non_rilevati.count(), set(non_rilevati.values_list("valore", flat=True))) == (4, {None})
    assert cifra("S1", "5.847") <= cifra("S1", "13.079")
    assert cifra("S1", "3.906") <= cifra("S1", "10.652")


def test_the_regional_results():
    assert percento(cifra("S2", "910"), cifra("S2", "1.300")) == D("70.00")
    assert cifra("S2", "735") - cifra("S2", "di cui 549") == 186
    assert percento(cifra("S3", "3.069"), cifra("S3", "5.643")) == D("54.39")
    assert cifra("S3", "54,3%") == D("54.30"), "printed truncated"
    assert cifra("S3", "39 relative") + cifra("S3", "46 a Lic") == cifra("S3", "85 procedure")
    assert percento(cifra("S3", "4.125"), cifra("S3", "10.376")) == D("39.76")


def test_the_objective_shares_are_bounds_and_feasible():
    minimo_1, massimo_2, minimo_3 = (cifra("S4", t) for t in ("minimo 40%", "massimo 20%", "minimo 20%"))
    assert minimo_1 + massimo_2 + minimo_3 == 80, "they are not weights"
    assert (minimo_1, 100 - minimo_3) == (40, 80)
    assert (minimo_3, 100 - minimo_1) == (20, 60)


def test_the_enti_and_their_centres():
    assert Ente.objects.delegati().count() == cifra("S2", "12 province") == 12
    principali = CentroImpiego.objects.filter(tipo_sede="principale")
    assert principali.count() == cifra("S2", "tutti i 64 CPI") == 64
    assert principali.filter(ente__sigla="MI").count() == cifra("S1", "9 Centri") == 9
    per_ente = {e.sigla: principali.filter(ente=e).count() for e in Ente.objects.delegati()}
    assert per_ente == {
        "BG": 10, "BS": 8, "CO": 5, "CR": 4, "LC": 2, "LO": 2, "MB": 4, "MI": 9, "MN": 5, "PV": 3, "SO": 5,
        "VA": 7,
    }  # fmt: skip
    dubbi = CentroImpiego.objects.filter(da_verificare=True).values_list("denominazione", flat=True)
    assert set(dubbi) == {"Bormio (Alta Valle)", "Busto Arsizio", "Luino", "Palazzolo sull'Oglio"}


def test_the_calendar_of_the_convention_and_none_for_the_one_before():
    adempimenti = Adempimento.objects.filter(convenzione__codice=CONVENZIONE)
    assert adempimenti.count() == 12 * 3 * 5
    ultima = adempimenti.get(ente__sigla="MI", anno=2026, trimestre=None)
    assert (ultima.scadenza, ultima.presunta) == (date(2027, 2, 28), False)
    primo = adempimenti.get(ente__sigla="MI", anno=2024, trimestre=1)
    assert (primo.scadenza, primo.presunta) == (date(2024, 4, 30), True)
    assert not RegolaAdempimento.objects.filter(convenzione__codice="CPI-2022-2023").exists()


def test_each_figure_is_where_it_says_it_lives():
    visti = 0
    for riga in CifraFonte.objects.exclude(vive_in=""):
        genere, *parti = riga.vive_in.split(" ")
        if genere == "dotazione":
            codice, linea, anni = parti
            valori = {dotazione(linea, int(anno)) for anno in anni.split(",")}
        elif genere == "quota":
            codice, linea, anni, sigla, componente = parti
            quote = Quota.objects.filter(
                riparto__dotazione__convenzione__codice=codice,
                riparto__dotazione__linea__codice=linea,
                riparto__dotazione__anno__in=anni.split(","),
                ente__sigla=sigla,
                componente=componente,
            )
            assert quote.count() == len(anni.split(","))
            valori = set(quote.values_list("importo", flat=True))
        elif genere == "regola":
            assert RegolaAdempimento.objects.filter(convenzione__codice=parti[0], tipo=parti[1]).exists()
            continue
        else:
            assert genere == "conteggio"
            continue
        assert valori == {riga.valore}, riga.vive_in
        visti += 1
    # Backwards: every amount of the official conventions is a figure of a source, or is calculated.
    stampati = set(CifraFonte.objects.values_list("valore", flat=True))
    assert set(Quota.objects.exclude(origine="calcolato").values_list("importo", flat=True)) <= stampati
    assert set(Dotazione.objects.values_list("importo", flat=True)) <= stampati
    assert visti >= 15
