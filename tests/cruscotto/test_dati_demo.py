"""The demonstration data: refused where others are, exact to the cent, kept when loaded again."""

import re
import stat
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from stdnum.it import codicefiscale

from convenzioni.models import Atto, Convenzione, Dotazione
from cruscotto.dati.demo import dividi
from enti.models import Ente, Incarico, Utente
from enti.permessi import Ruolo
from registro.models import Caricamento
from rendicontazione.models import Adempimento, Rendiconto, RigaCosto
from riparto.models import Emissione, Quota, Riparto

DEMO = "DEMO-2024-2026"


def carica(file, **opzioni) -> None:
    call_command("carica_dati_demo", account=file, verbosity=0, **opzioni)


def conti(file) -> dict[str, tuple[str, str]]:
    righe = [riga.split("\t") for riga in file.read_text().splitlines()]
    return {ruolo: (email, password) for ruolo, email, password in righe}


@pytest.fixture(scope="module")
def dimostrazione(django_db_setup, django_db_blocker, tmp_path_factory):
    """The demo, loaded once for the tests that only look at it. Gives the file of the accounts."""
    file = tmp_path_factory.mktemp("demo") / "var" / "demo-accounts.txt"
    with django_db_blocker.unblock(), transaction.atomic():
        with pytest.MonkeyPatch.context() as ambiente:
            ambiente.delenv("DEMO_PASSWORD", raising=False)
            carica(file)
        yield file
        transaction.set_rollback(True)


class TestLoaded:
    """What the demo is made of."""

    pytestmark = pytest.mark.usefixtures("dimostrazione")

    def test_there_is_an_account_per_role_and_each_password_works(self, dimostrazione):
        assert stat.S_IMODE(dimostrazione.stat().st_mode) == 0o600
        elenco = conti(dimostrazione)
        assert len(dimostrazione.read_text().splitlines()) == len(elenco)
        assert set(elenco) == set(Ruolo.values)
        for ruolo, (email, password) in elenco.items():
            utente = Utente.objects.get(email=email)
            assert email.endswith(".example")
            assert utente.check_password(password)
            assert [i.ruolo for i in utente.incarichi_attivi()] == [ruolo]
        assert len({password for _, password in elenco.values()}) == len(elenco)
        assert not Utente.objects.filter(dimostrativo=False).exists()
        altri = Incarico.objects.filter(ente__sigla="BG", ruolo__in=["operatore_provinciale"])
        assert altri.get().utente.check_password(elenco["operatore_provinciale"][1])

    def test_riparti_add_up_to_their_dotazioni_to_the_cent(self):
        riparti = Riparto.objects.filter(dotazione__convenzione__codice=DEMO)
        for riparto in riparti.select_related("dotazione"):
            if riparto.quote.filter(importo=None).exists():
                continue
            assert riparto.quote.totale() == riparto.dotazione.importo, riparto
            assert riparto.quote.values("ente").distinct().count() == 12

    def test_every_state_of_a_riparto_is_there_and_one_draft_misses_the_amount_of_sondrio(self):
        riparti = Riparto.objects.filter(dotazione__convenzione__codice=DEMO)
        assert set(riparti.values_list("stato", flat=True)) == {
            "bozza",
            "in_verifica",
            "approvato",
            "superato",
        }
        vuota = Quota.objects.get(riparto__in=riparti, importo=None)
        assert (vuota.ente.sigla, vuota.componente, vuota.riparto.stato) == ("SO", "variabile", "bozza")
        assert vuota.riparto.dotazione.importo - vuota.riparto.quote.totale() == Decimal("50877.95")
        nuova = riparti.get(versione=2)
        assert (nuova.stato, nuova.sostituisce.stato) == ("approvato", "superato")
        assert nuova.motivo

    def test_what_is_invented_says_so_and_what_the_source_states_does_not(self):
        convenzione = Convenzione.objects.get(codice=DEMO)
        assert convenzione.dimostrativo
        assert "Sono inventati gli importi degli altri undici enti" in convenzione.nota_dimostrativa
        veri = Quota.objects.filter(riparto__dotazione__convenzione=convenzione, dimostrativo=False)
        assert set(veri.values_list("ente__sigla", flat=True)) == {"MI"}

        def per_posto(quote):
            campi = ("dotazione__linea__codice", "dotazione__anno")
            return {(*(getattr_lungo(q.riparto, c) for c in campi), q.componente): q.importo for q in quote}

        ufficiali = Quota.objects.filter(riparto__dotazione__convenzione__codice="CPI-2024-2026")
        assert per_posto(veri.exclude(riparto__stato="superato")) == per_posto(ufficiali)
        dubbie = veri.filter(da_verificare=True)
        assert set(dubbie.values_list("importo", flat=True)) == {Decimal("2161744.40")}
        for modello in (Dotazione, Adempimento):
            assert set(
                modello.objects.filter(convenzione=convenzione).values_list("dimostrativo", flat=True)
            ) == {True}
        for modello in (Rendiconto, Caricamento):
            assert set(modello.objects.values_list("dimostrativo", flat=True)) == {True}

    def test_dotazioni_are_those_of_the_real_convention(self):
        def importi(codice):
            righe = Dotazione.objects.filter(convenzione__codice=codice)
            return set(righe.values_list("linea__codice", "anno", "importo", "precisione"))

        assert importi(DEMO) == importi("CPI-2024-2026")

    def test_the_official_data_are_untouched(self):
        ufficiali = Quota.objects.filter(riparto__dotazione__convenzione__dimostrativo=False)
        assert not ufficiali.filter(dimostrativo=True).exists()
        assert set(ufficiali.values_list("ente__sigla", flat=True)) == {"MI"}
        assert Atto.objects.filter(dimostrativo=False).count() == 3
        assert not Adempimento.objects.filter(dimostrativo=False, rendiconti__isnull=False).exists()

    def test_reports_are_in_every_state_and_within_their_quota(self):
        in_vigore = Rendiconto.objects.in_vigore()
        assert set(in_vigore.values_list("stato", flat=True)) == {
            "in_compilazione",
            "trasmesso",
            "in_istruttoria",
            "restituito",
            "validato",
        }
        assert in_vigore.get(stato="restituito").motivo
        rifiutato = Caricamento.objects.get(esito="rifiutato")
        assert rifiutato.esiti.filter(livello="bloccante").count() >= 5
        assert rifiutato.esiti.filter(livello="avviso").exists()
        for rendiconto in in_vigore.select_related("adempimento__ente"):
            adempimento = rendiconto.adempimento
            for totale in rendiconto.totali.values("linea", "linea__padre", "importo"):
                quota = Quota.objects.filter(
                    ente=adempimento.ente,
                    riparto__stato="approvato",
                    riparto__dotazione__convenzione=adempimento.convenzione,
                    riparto__dotazione__anno=adempimento.anno,
                    riparto__dotazione__linea=totale["linea"],
                ).totale()
                assert totale["importo"] * 12 <= quota

    def test_no_date_is_in_the_future_and_four_eyes_hold(self):
        assert not Rendiconto.objects.filter(trasmesso_il__gt=timezone.now()).exists()
        approvati = Riparto.objects.filter(dotazione__convenzione__codice=DEMO, stato="approvato")
        assert {r.approvato_da.cognome for r in approvati} == {"Conti"}
        storia = Quota.pgh_event_model.objects.filter(riparto__in=approvati)
        autori = set(storia.values_list("pgh_context__metadata__user", flat=True))
        assert autori == {Utente.objects.get(cognome="Ferri").pk}

    def test_the_staff_are_nobody(self):
        codici = set(RigaCosto.objects.values_list("codice_fiscale", flat=True))
        assert all(codicefiscale.calc_check_digit(codice[:-1]) == codice[-1] for codice in codici)
        assert all(re.fullmatch(r"[A-Z]{6}\d\d[A-Z]\d\dZ999[A-Z]", codice) for codice in codici)

    def test_the_prospetti_of_2024_are_issued(self):
        emissioni = Emissione.objects.filter(convenzione__codice=DEMO, anno=2024)
        assert {e.ente and e.ente.sigla for e in emissioni} == {None, "MI"}
        assert all(e.documento.dimostrativo for e in emissioni)

    def test_loading_again_keeps_rows_and_passwords(self, dimostrazione, monkeypatch):
        prima = dimostrazione.read_text(), Quota.pgh_event_model.objects.count(), Rendiconto.objects.count()
        monkeypatch.setenv("DEMO_PASSWORD", "un-altra-password")
        impronte = set(Utente.objects.values_list("password", flat=True))
        carica(dimostrazione)
        assert set(Utente.objects.values_list("password", flat=True)) == impronte
        assert (
            dimostrazione.read_text(),
            Quota.pgh_event_model.objects.count(),
            Rendiconto.objects.count(),
        ) == prima

    def test_a_lost_file_gives_new_passwords_that_work(self, dimostrazione, tmp_path, monkeypatch):
        monkeypatch.setenv("DEMO_PASSWORD", "scelta-da-chi-prova")
        with transaction.atomic():
            carica(tmp_path / "nuovo.txt")
            email, password = conti(tmp_path / "nuovo.txt")["lettore"]
            assert password == "scelta-da-chi-prova"
            assert Utente.objects.get(email=email).check_password(password)
            transaction.set_rollback(True)


def getattr_lungo(oggetto, percorso: str):
    for nome in percorso.split("__"):
        oggetto = getattr(oggetto, nome)
    return oggetto


@pytest.mark.django_db
def test_the_demo_is_refused_where_a_real_person_is(tmp_path):
    call_command("carica_dati_ufficiali", verbosity=0)
    Utente.objects.create_user("vera@regione.example", nome="Vera", cognome="Persona")
    with pytest.raises(CommandError, match=r"non sono della dimostrazione \(1 persone\)"):
        carica(tmp_path / "conti.txt")
    assert not Utente.objects.filter(dimostrativo=True).exists()
    assert not Convenzione.objects.filter(codice=DEMO).exists()
    assert not (tmp_path / "conti.txt").exists()


@pytest.mark.django_db
def test_the_demo_is_refused_where_another_convention_is(tmp_path):
    call_command("carica_dati_ufficiali", verbosity=0)
    lombardia = Ente.objects.get(sigla="LOM")
    Convenzione.objects.create(
        codice="ALTRA", titolo="Altra", regione=lombardia, anno_inizio=2024, anno_fine=2024
    )
    with pytest.raises(CommandError, match="1 convenzioni"):
        carica(tmp_path / "conti.txt")


@given(st.integers(0, 10**12), st.lists(st.integers(1, 500), min_size=1, max_size=110))
def test_a_division_always_adds_up_and_no_part_is_a_cent_away(centesimi, pesi):
    importo = Decimal(centesimi).scaleb(-2)
    parti = dividi(importo, dict(enumerate(pesi)))
    assert sum(parti.values()) == importo
    for chi, peso in enumerate(pesi):
        assert abs(parti[chi] - importo * peso / sum(pesi)) < Decimal("0.01")


def test_equal_remainders_go_to_the_first():
    assert dividi(Decimal("1.00"), {"a": 1, "b": 1, "c": 1}) == {
        "a": Decimal("0.34"),
        "b": Decimal("0.33"),
        "c": Decimal("0.33"),
    }
