"""The pages of the riparti as their users meet them."""

from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from registro.actions import consegna
from riparto import actions
from riparto.models import Emissione, Riparto
from tests import factories


@pytest.fixture
def pronto(dotazione, funzionario):
    riparto = factories.bozza(dotazione, funzionario, {"MI": "600.00", "BG": "400.00"})
    return actions.manda_in_verifica(riparto, da=funzionario)


@pytest.fixture
def approvato(dotazione, funzionario, dirigente):
    return factories.approvato(
        dotazione, {"MI": "600.00", "BG": "400.00"}, da=funzionario, dirigente=dirigente
    )


def html(risposta):
    return " ".join(risposta.content.decode().split())


def test_the_list_makes_the_same_queries_whatever_the_rows(
    client, approvato, convenzione, funzionario, conta_query
):
    client.force_login(funzionario)
    url = reverse("riparto:elenco")
    client.get(url)
    con_uno = conta_query(lambda: client.get(url))
    for anno in (2025, 2026):
        for _ in range(5):
            linea = factories.linea(convenzione.regione)
            factories.bozza(factories.dotazione(convenzione, linea, anno=anno), funzionario)

    assert conta_query(lambda: client.get(url)) == con_uno


def test_the_page_of_a_riparto_makes_the_same_queries_whatever_the_enti(
    client, regione, linea, funzionario, conta_query
):
    client.force_login(funzionario)

    def pagina(quanti):
        enti = [
            factories.ente(f"X{quanti}{n}", regione=regione, codice_istat_sovracomunale=f"{quanti}{n:02d}")
            for n in range(quanti)
        ]
        riparto = factories.bozza(
            factories.dotazione(factories.convenzione(regione, enti), linea),
            funzionario,
            {e.sigla: "1.00" for e in enti},
        )
        return conta_query(lambda: client.get(riparto.get_absolute_url()))

    assert pagina(2) == pagina(9)


def test_in_draft_the_page_shows_the_difference_and_who_is_missing(client, dotazione, funzionario):
    riparto = factories.bozza(dotazione, funzionario, {"MI": "600.00", "BG": None})
    client.force_login(funzionario)

    pagina = html(client.get(riparto.get_absolute_url()))

    assert "−400,00" in pagina
    assert "manca Bergamo" in pagina
    assert "1 importo mancante" in pagina


def test_a_new_draft_leads_to_the_grid(client, dotazione, funzionario):
    client.force_login(funzionario)

    risposta = client.post(reverse("riparto:nuovo"), {"dotazione": dotazione.pk, "componenti": "due"})

    riparto = Riparto.objects.get()
    assert risposta.url == reverse("admin:riparto_riparto_change", args=[riparto.pk])
    assert riparto.quote.count() == 4


def test_a_refused_draft_keeps_what_was_typed(client, approvato, dotazione, funzionario):
    client.force_login(funzionario)

    risposta = client.post(
        reverse("riparto:nuovo"), {"dotazione": dotazione.pk, "componenti": "unica", "criterio": "Storico"}
    )

    pagina = html(risposta)
    assert "scrivi il motivo della nuova versione" in pagina
    assert "Storico" in pagina
    assert Riparto.objects.count() == 1


def test_the_director_approves_with_an_act(client, pronto, dirigente, regione):
    client.force_login(dirigente)
    url = reverse("riparto:approva", args=[pronto.pk])

    senza = client.post(url, {})
    assert senza.status_code == 200
    assert "Errore: Approva" in html(senza)

    con = client.post(url, {"atto": factories.atto(regione).pk}, follow=True)
    assert "Riparto approvato. Il documento è in preparazione." in html(con)


def test_the_director_who_entered_amounts_is_told_so(client, dotazione, dirigente):
    riparto = factories.bozza(dotazione, dirigente, {"MI": "600.00", "BG": "400.00"})
    actions.manda_in_verifica(riparto, da=dirigente)
    client.force_login(dirigente)

    pagina = html(client.get(riparto.get_absolute_url()))

    assert "la approva un altro dirigente" in pagina
    assert reverse("riparto:approva", args=[riparto.pk]) not in pagina


def test_an_act_of_another_ente_is_not_a_choice(client, pronto, dirigente, milano):
    client.force_login(dirigente)

    risposta = client.post(reverse("riparto:approva", args=[pronto.pk]), {"atto": factories.atto(milano).pk})

    assert risposta.status_code == 200
    pronto.refresh_from_db()
    assert pronto.stato == "in_verifica"


def test_a_province_downloads_approved_riparti_and_no_drafts(
    client, approvato, convenzione, linea, funzionario, operatore
):
    altra = factories.dotazione(convenzione, linea, anno=2025)
    factories.bozza(altra, funzionario, {"MI": "777.77", "BG": "222.23"})
    client.force_login(operatore)

    csv = client.get(reverse("riparto:prospetto", args=[convenzione.codice, "csv"])).content.decode(
        "utf-8-sig"
    )

    assert "600,00" in csv
    assert "777,77" not in csv


@pytest.mark.parametrize("formato", ["pdf", "xlsx", "ods", "csv"])
def test_the_prospetto_in_every_format(client, approvato, convenzione, lettore, formato):
    client.force_login(lettore)

    for parametri in ({}, {"ente": "MI"}, {"linea": "POT_PERSONALE"}, {"anno": 2024}):
        risposta = client.get(reverse("riparto:prospetto", args=[convenzione.codice, formato]), parametri)
        assert risposta.status_code == 200
        assert risposta.content


@pytest.mark.parametrize(
    ("formato", "parametri"),
    [
        ("exe", {}),
        ("pdf", {"ente": "XX"}),
        ("pdf", {"anno": "1999"}),
        ("pdf", {"anno": "2.024"}),
        ("pdf", {"linea": "'; --"}),
        ("pdf", {"ente": "MI", "linea": "POT_PERSONALE"}),
    ],
)
def test_a_prospetto_that_is_not_there_is_404(client, approvato, convenzione, lettore, formato, parametri):
    client.force_login(lettore)

    risposta = client.get(reverse("riparto:prospetto", args=[convenzione.codice, formato]), parametri)

    assert risposta.status_code == 404


def test_issue_and_find_the_last_one(client, approvato, convenzione, funzionario, lettore, milano):
    client.force_login(funzionario)
    client.post(reverse("riparto:emetti", args=[convenzione.codice]), {"ente": "MI", "linea": "", "anno": ""})
    emissione = Emissione.objects.get()
    assert emissione.ente == milano
    consegna(emissione.documento, b"%PDF-1.7 emesso")

    client.force_login(lettore)
    pagina = html(client.get(reverse("riparto:prospetti", args=[convenzione.codice]), {"ente": "MI"}))
    assert emissione.documento.codice in pagina
    assert "Nessun prospetto emesso" in html(
        client.get(reverse("riparto:prospetti", args=[convenzione.codice]))
    )


def test_a_stored_document_never_changes(client, approvato, funzionario, dirigente, dotazione):
    """The PDF of a superseded riparto is still the bytes that were stored at its approval."""
    consegna(approvato.documento, b"%PDF-1.7 prima versione")
    seconda = actions.crea_bozza(dotazione, da=funzionario, motivo="Rimodulazione")
    actions.manda_in_verifica(seconda, da=funzionario)
    actions.approva(seconda, da=dirigente, atto=factories.atto(dotazione.convenzione.regione))
    client.force_login(funzionario)

    risposta = client.get(reverse("documento", args=[approvato.documento.codice]))

    assert risposta.content == b"%PDF-1.7 prima versione"


# ---- the command line


def test_the_command_writes_the_prospetto(approvato, convenzione, tmp_path):
    for nome in ("p.pdf", "p.xlsx", "p.ods", "p.csv"):
        call_command(
            "prospetto", convenzione.codice, "--ente", "MI", "--uscita", str(tmp_path / nome), verbosity=0
        )
        assert (tmp_path / nome).stat().st_size > 500
    assert (tmp_path / "p.pdf").read_bytes().startswith(b"%PDF")
    assert "600,00" in (tmp_path / "p.csv").read_text("utf-8-sig")


@pytest.mark.parametrize(
    ("argomenti", "dice"),
    [
        (["NESSUNA"], "Nessuna convenzione ha il codice NESSUNA"),
        (["CPI-2024-2026", "--ente", "XX"], "--ente"),
        (["CPI-2024-2026", "--anno", "1999"], "--anno"),
        (["CPI-2024-2026", "--ente", "MI", "--linea", "POT_PERSONALE"], "Scegli un ente oppure una linea"),
    ],
)
def test_the_command_says_what_is_wrong(approvato, tmp_path, argomenti, dice):
    with pytest.raises(CommandError, match=dice):
        call_command("prospetto", *argomenti, "--uscita", str(tmp_path / "p.pdf"))


def test_the_command_wants_a_known_format(approvato, convenzione, tmp_path):
    with pytest.raises(CommandError, match="finisce con"):
        call_command("prospetto", convenzione.codice, "--uscita", str(tmp_path / "p.doc"))


def test_the_difference_is_exact(dotazione, funzionario):
    riparto = factories.bozza(dotazione, funzionario, {"MI": "333.33", "BG": "666.66"})

    assert actions.situazione_di(riparto).differenza == Decimal("-0.01")
