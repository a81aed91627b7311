import datetime as dt
import json
import time
from html.parser import HTMLParser

import pytest
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone

from convenzioni.models import Convenzione
from cruscotto import views
from enti.models import Incarico, Utente
from enti.permessi import Ruolo
from registro.actions import annota, consegna, conserva
from registro.models import Caricamento, Documento, EsitoCaricamento
from rendicontazione.models import Adempimento, Rendiconto, StatoRendiconto, TipoAdempimento
from riparto import actions as riparti
from tests import factories

OGGI = timezone.localdate


def parole(risposta):
    class Lettore(HTMLParser):
        parti: list

        def handle_data(self, data):
            self.parti.append(data)

    lettore = Lettore()
    lettore.parti = []
    lettore.feed(risposta.content.decode())
    return " ".join(" ".join(lettore.parti).split())


@pytest.fixture
def entra(client):
    def come(utente):
        client.force_login(utente)
        return client

    return come


@pytest.fixture
def approvato(dotazione, funzionario, dirigente):
    return factories.approvato(
        dotazione, {"MI": "600.00", "BG": "400.00"}, da=funzionario, dirigente=dirigente
    )


@pytest.fixture
def emissione(approvato, funzionario, convenzione):
    return riparti.emetti(convenzione, da=funzionario)


def adempimento(convenzione, ente, scadenza, anno=2024, trimestre=1, **campi):
    return Adempimento.objects.create(
        convenzione=convenzione,
        ente=ente,
        tipo=TipoAdempimento.COSTI_PERSONALE_TRIMESTRALE,
        anno=anno,
        trimestre=trimestre,
        scadenza=scadenza,
        **campi,
    )


def rendiconto(di, da, stato, **campi):
    allegato = conserva(b"prova", nome="costi.xlsx", tipo="prova", da=da)
    caricamento = Caricamento.objects.create(
        tipo="prova", ente=di.ente, allegato=allegato, esito=EsitoCaricamento.ACCETTATO, caricato_da=da
    )
    adesso = timezone.now()
    if stato != StatoRendiconto.IN_COMPILAZIONE:
        campi |= {"trasmesso_il": adesso - dt.timedelta(days=104), "trasmesso_da": da}
    return Rendiconto.objects.create(adempimento=di, stato=stato, caricamento=caricamento, **campi)


# ---- quadro finanziario


def url_quadro(convenzione, ente=None):
    return reverse("quadro:convenzione", args=[convenzione.codice]) + (
        f"?ente={ente}" if ente is not None else ""
    )


def test_the_quadro_shows_the_region_and_the_chosen_ente(entra, funzionario, approvato, convenzione):
    pagina = parole(entra(funzionario).get(url_quadro(convenzione, "MI")))
    assert "Regione Lombardia: dotazioni per linea e anno" in pagina
    assert "Città metropolitana di Milano: quote per linea e anno" in pagina
    assert "1.000,00" in pagina
    assert "600,00" in pagina
    html = entra(funzionario).get(url_quadro(convenzione, "MI")).content.decode()
    for formato in ("pdf", "xlsx", "ods", "csv"):
        assert reverse("riparto:prospetto", args=[convenzione.codice, formato]) + "?ente=MI" in html


def test_a_province_finds_its_own_ente_and_may_read_the_others(entra, operatore, approvato, convenzione):
    pagina = entra(operatore).get(url_quadro(convenzione))
    assert "Città metropolitana di Milano: quote" in parole(pagina)
    assert "400,00" in parole(entra(operatore).get(url_quadro(convenzione, "BG")))
    assert "quote per linea e anno" not in parole(entra(operatore).get(url_quadro(convenzione, "")))


def test_an_unknown_ente_or_convention_is_not_found(entra, funzionario, convenzione, regione):
    assert entra(funzionario).get(url_quadro(convenzione, "XX")).status_code == 404
    assert entra(funzionario).get(reverse("quadro:convenzione", args=["NIENTE"])).status_code == 404
    piemonte = factories.ente("PIE", "Regione Piemonte")
    altrui = factories.convenzione(piemonte)
    assert entra(funzionario).get(url_quadro(altrui)).status_code == 404


def test_who_has_no_role_on_resources_is_refused(entra, amministratore, senza_incarichi, convenzione):
    for chi in (amministratore, senza_incarichi):
        assert entra(chi).get(url_quadro(convenzione)).status_code == 403


def test_a_draft_is_named_only_to_who_may_see_it_and_its_amounts_to_nobody(
    entra, funzionario, revisore, operatore, lettore, dotazione, convenzione
):
    bozza = factories.bozza(dotazione, funzionario, {"MI": "123.45", "BG": "400.00"})
    for chi in (funzionario, revisore):
        pagina = entra(chi).get(url_quadro(convenzione, "MI"))
        assert "non è ancora approvato" in parole(pagina)
        assert bozza.get_absolute_url() in pagina.content.decode()
        assert "123,45" not in parole(pagina)
    for chi in (operatore, lettore):
        assert "ancora approvat" not in parole(entra(chi).get(url_quadro(convenzione, "MI")))


def test_notes_are_links_to_numbered_notes(entra, funzionario, convenzione, linea):
    factories.dotazione(
        convenzione,
        linea,
        importo="55282000",
        precisione="500",
        da_verificare=True,
        motivo_verifica="Non torna.",
    )
    html = entra(funzionario).get(url_quadro(convenzione)).content.decode()
    assert '<a href="#nota-1">da verificare</a>' in html
    assert '<li id="nota-1">' in html
    assert "Non torna." in html
    assert "1 cifra da verificare" in html
    assert "±500" in html


def test_the_queries_of_the_quadro_do_not_grow_with_the_lines(
    entra, funzionario, dirigente, approvato, convenzione, regione, conta_query
):
    client = entra(funzionario)
    url = url_quadro(convenzione, "MI")
    client.get(url)
    prima = conta_query(lambda: client.get(url))
    for anno in (2025, 2026):
        nuova = factories.dotazione(convenzione, factories.linea(regione), anno)
        factories.approvato(nuova, {"MI": "500.00", "BG": "500.00"}, da=funzionario, dirigente=dirigente)
    factories.bozza(factories.dotazione(convenzione, factories.linea(regione)), funzionario)
    assert conta_query(lambda: client.get(url)) == prima
    assert prima <= 16


def test_the_demo_strip_is_there_only_for_invented_figures(
    entra, funzionario, approvato, convenzione, regione, milano
):
    assert 'class="demo"' not in entra(funzionario).get(url_quadro(convenzione)).content.decode()
    finta = factories.convenzione(
        regione, [milano], dimostrativo=True, nota_dimostrativa="Sono vere le cifre di Milano."
    )
    assert "Dati dimostrativi. Sono vere le cifre di Milano." in parole(
        entra(funzionario).get(url_quadro(finta))
    )


def test_a_convention_without_lines_says_so(entra, funzionario, convenzione):
    assert "Nessuna dotazione" in parole(entra(funzionario).get(url_quadro(convenzione)))


# ---- home


def test_a_province_sees_the_next_step_and_its_due_dates_only(entra, operatore, convenzione, milano, bergamo):
    adempimento(convenzione, milano, OGGI() - dt.timedelta(days=10))
    adempimento(convenzione, milano, OGGI() + dt.timedelta(days=20), trimestre=2, presunta=True)
    adempimento(convenzione, bergamo, OGGI() - dt.timedelta(days=300), anno=2025)
    risposta = entra(operatore).get("/")
    pagina = parole(risposta)
    assert "Da fare per Città metropolitana di Milano" in pagina
    assert "In ritardo di 10 giorni" in pagina
    assert "Il giorno è presunto" in pagina
    assert "Bergamo" not in pagina
    assert len(risposta.context["da_presentare"]) == 2


def test_the_next_due_date_is_never_in_the_past(entra, operatore, convenzione, milano):
    adempimento(convenzione, milano, OGGI() - dt.timedelta(days=10))
    assert "Prossima scadenza" not in parole(entra(operatore).get("/"))
    adempimento(convenzione, milano, dt.date(2099, 1, 31), trimestre=2)
    assert "Prossima scadenza: 31 gennaio 2099" in parole(entra(operatore).get("/"))


def test_what_came_back_is_the_first_thing(entra, operatore, funzionario, convenzione, milano):
    adempimento(convenzione, milano, OGGI() - dt.timedelta(days=100))
    tornato = adempimento(convenzione, milano, OGGI() - dt.timedelta(days=10), trimestre=2)
    rendiconto(
        tornato, operatore, StatoRendiconto.RESTITUITO, motivo="Mancano tre persone.",
        preso_in_carico_il=timezone.now(), preso_in_carico_da=funzionario,
        deciso_il=timezone.now(), deciso_da=funzionario,
    )  # fmt: skip
    risposta = entra(operatore).get("/")
    assert risposta.context["da_presentare"][0] == tornato
    assert "prossimo-restituito" in risposta.content.decode()


def test_a_province_with_nothing_to_do_is_told_so(entra, operatore, convenzione):
    assert "Non hai nulla da presentare" in parole(entra(operatore).get("/"))


def test_the_region_sees_what_waits(
    entra, funzionario, dirigente, operatore, convenzione, milano, bergamo, dotazione
):
    rendiconto(adempimento(convenzione, milano, OGGI()), operatore, StatoRendiconto.TRASMESSO)
    adempimento(convenzione, bergamo, OGGI() - dt.timedelta(days=41))
    riparto = factories.bozza(dotazione, funzionario, {"MI": "600.00", "BG": "400.00"})
    risposta = entra(funzionario).get("/")
    lavoro = risposta.context["lavoro"]
    assert (lavoro.da_istruire, lavoro.attesa, lavoro.in_ritardo, lavoro.enti_in_ritardo) == (1, 104, 1, 1)
    assert (lavoro.in_bozza, lavoro.in_verifica) == (1, 0)
    pagina = parole(risposta)
    assert "il più vecchio da 104 giorni" in pagina
    assert "Milano: Rendiconto 1° trimestre 2024" in pagina
    assert "Riparti da approvare" not in pagina
    riparti.manda_in_verifica(riparto, da=funzionario)
    pagina = entra(dirigente).get("/")
    assert "Riparti da approvare" in parole(pagina)
    assert riparto.get_absolute_url() in pagina.content.decode()


def test_a_report_not_yet_sent_is_late_for_the_region_but_its_state_is_not_shown(
    entra, funzionario, operatore, convenzione, milano
):
    rendiconto(
        adempimento(convenzione, milano, OGGI() - dt.timedelta(days=1)),
        operatore,
        StatoRendiconto.IN_COMPILAZIONE,
    )
    assert entra(funzionario).get("/").context["lavoro"].in_ritardo == 1


def test_a_lettore_downloads_from_the_home(entra, lettore, emissione, convenzione):
    html = entra(lettore).get("/").content.decode()
    assert reverse("documento", args=[emissione.documento.codice]) in html
    assert reverse("riparto:prospetto", args=[convenzione.codice, "pdf"]) in html
    assert "Convenzioni e prospetti" in html


def test_revisore_amministratore_and_who_has_no_role_have_their_home(
    entra, revisore, amministratore, senza_incarichi, convenzione
):
    assert reverse("registro") in entra(revisore).get("/").content.decode()
    pagina = entra(amministratore).get("/").content.decode()
    assert reverse("enti:invita") in pagina
    assert convenzione.codice not in pagina
    pagina = parole(entra(senza_incarichi).get("/"))
    assert "Non hai ancora un incarico" in pagina
    assert amministratore.email in pagina


def test_the_queries_of_the_home_do_not_grow(
    entra, operatore, funzionario, convenzione, milano, bergamo, regione, conta_query
):
    adempimento(convenzione, milano, OGGI())
    rendiconto(adempimento(convenzione, milano, OGGI(), trimestre=2), operatore, StatoRendiconto.TRASMESSO)

    def misura():
        conti = []
        for chi in (operatore, funzionario):
            client = entra(chi)
            client.get("/")
            conti.append(conta_query(lambda client=client: client.get("/")))
        return conti

    prima = misura()
    for anno in (2025, 2026):
        adempimento(convenzione, milano, OGGI(), anno=anno)
        rendiconto(adempimento(convenzione, bergamo, OGGI(), anno=anno), operatore, StatoRendiconto.TRASMESSO)
        factories.convenzione(regione, [milano, bergamo])
    assert misura() == prima


def test_without_login_the_home_asks_for_it(client, db):
    assert client.get("/").url.startswith(reverse("account_login"))


# ---- documents


@pytest.fixture
def pronto(emissione):
    consegna(emissione.documento, b"%PDF-1.7 prova")
    return Documento.objects.get(pk=emissione.documento_id)


def test_a_document_is_served_as_it_was_stored(entra, lettore, pronto):
    client = entra(lettore)
    risposta = client.get(reverse("documento", args=[pronto.codice]))
    assert risposta.content == b"%PDF-1.7 prova"
    assert risposta["Content-Type"] == "application/pdf"
    assert risposta["X-Content-Type-Options"] == "nosniff"
    assert risposta["ETag"] == f'"{pronto.sha256}"'
    assert risposta["Content-Disposition"] == f'inline; filename="{pronto.nome_file}"'
    assert client.get(f"/d/{pronto.codice.lower()}/").content == risposta.content
    ancora = client.get(f"/d/{pronto.codice}/", headers={"if-none-match": risposta["ETag"]})
    assert (ancora.status_code, ancora.content) == (304, b"")


def test_a_document_not_ready_says_so_and_stores_nothing(entra, lettore, emissione):
    risposta = entra(lettore).get(reverse("documento", args=[emissione.documento.codice]))
    assert risposta.status_code == 200
    assert "Documento in preparazione" in parole(risposta)
    assert not Documento.objects.get(pk=emissione.documento_id).pronto


def test_documents_out_of_scope_are_not_found(entra, client, pronto, senza_incarichi, amministratore):
    url = reverse("documento", args=[pronto.codice])
    assert client.get(url).status_code == 302
    piemonte = factories.ente("PIE", "Regione Piemonte")
    for chi in (senza_incarichi, amministratore, factories.incaricato(Ruolo.FUNZIONARIO_REGIONALE, piemonte)):
        assert entra(chi).get(url).status_code == 404
    assert (
        entra(factories.incaricato(Ruolo.LETTORE, pronto.emissione.convenzione.regione)).get(url).status_code
        == 200
    )
    assert client.get("/d/AAAA-BBBB/").status_code == 404


@pytest.mark.parametrize("stato", ["bozza", "vigente", "conclusa"])
def test_the_scope_of_a_document_is_the_scope_of_the_list(request, pronto, approvato, stato, milano):
    Convenzione.objects.update(stato=stato)
    piemonte = factories.ente("PIE", "Regione Piemonte")
    torino = factories.ente("TO", regione=piemonte)
    persone = [factories.incaricato(Ruolo.LETTORE, dove) for dove in (milano, piemonte, torino)]
    nomi = "funzionario dirigente operatore estraneo lettore revisore amministratore senza_incarichi"
    persone += [request.getfixturevalue(nome) for nome in nomi.split()]
    for persona in persone:
        nell_elenco = set(views._documenti(persona))
        for documento in Documento.objects.all():
            assert views._visibile(persona, documento) == (documento in nell_elenco), (persona, documento)


def test_stored_bytes_come_in_three_queries_and_at_once(lettore, pronto, conta_query):
    def chiama():
        richiesta = RequestFactory().get("/d/x/")
        richiesta.user = Utente.objects.get(pk=lettore.pk)
        return views.documento(richiesta, codice=pronto.codice)

    chiama()
    assert conta_query(chiama) == 3  # the person, the document, the roles
    tempi = []
    for _ in range(20):
        inizio = time.perf_counter()
        chiama()
        tempi.append(time.perf_counter() - inizio)
    assert min(tempi) < 0.02


def test_the_list_of_documents_is_filtered_and_scoped(
    entra, lettore, estraneo, pronto, convenzione, funzionario, milano, amministratore
):
    di_milano = riparti.emetti(convenzione, da=funzionario, ente=milano)

    def codici(chi, **filtri):
        tabella = entra(chi).get(reverse("documenti"), filtri).context["tabella"]
        return {riga.record.codice for riga in tabella.rows}

    tutti = set(Documento.objects.values_list("codice", flat=True))
    assert len(tutti) == 3
    assert codici(lettore) == codici(estraneo) == tutti
    assert codici(lettore, ente="MI") == {di_milano.documento.codice}
    assert codici(lettore, convenzione=convenzione.codice) == tutti
    Convenzione.objects.update(stato="bozza")
    assert codici(lettore) == set()
    assert codici(funzionario) == tutti
    assert entra(amministratore).get(reverse("documenti")).status_code == 403


def test_the_queries_of_the_list_of_documents_do_not_grow(
    entra, lettore, pronto, convenzione, funzionario, conta_query
):
    client = entra(lettore)
    client.get(reverse("documenti"))
    prima = conta_query(lambda: client.get(reverse("documenti")))
    for _ in range(3):
        riparti.emetti(convenzione, da=funzionario)
    assert conta_query(lambda: client.get(reverse("documenti"))) == prima


# ---- register


@pytest.fixture
def eventi(db, operatore, funzionario, milano, regione, convenzione):
    annota("rendiconto trasmesso", convenzione, da=operatore, ente=milano, righe=12)
    annota("riparto: approvato", convenzione, da=funzionario, ente=regione)
    annota("adempimenti creati", milano, da=None, ente=milano)


def test_the_register_is_read_by_the_revisore_only(entra, request, revisore, eventi):
    pagina = parole(entra(revisore).get(reverse("registro")))
    assert "rendiconto trasmesso" in pagina
    assert "righe: 12" in pagina
    assert "il sistema" in pagina
    for chi in (
        "funzionario",
        "dirigente",
        "operatore",
        "responsabile",
        "lettore",
        "amministratore",
        "senza_incarichi",
    ):
        assert entra(request.getfixturevalue(chi)).get(reverse("registro")).status_code == 403


def test_the_register_is_filtered_and_scoped(entra, revisore, eventi, convenzione):
    def azioni(**filtri):
        tabella = entra(revisore).get(reverse("registro"), filtri).context["tabella"]
        return {riga.record.azione for riga in tabella.rows}

    oggi, domani = OGGI(), OGGI() + dt.timedelta(days=1)
    assert len(azioni()) == 3
    assert azioni(chi="bianchi chiara") == {"rendiconto trasmesso"}
    assert azioni(ente="LOM") == {"riparto: approvato"}
    assert azioni(oggetto="enti.Ente") == {"adempimenti creati"}
    assert len(azioni(oggetto="convenzioni.Convenzione", numero=convenzione.pk)) == 2
    assert len(azioni(dal=f"{oggi:%d/%m/%Y}", al=f"{oggi:%d/%m/%Y}")) == 3
    assert azioni(dal=f"{domani:%d/%m/%Y}") == set()
    piemonte = factories.ente("PIE", "Regione Piemonte")
    annota("altrove", piemonte, da=None, ente=piemonte)
    assert "altrove" not in azioni()


def test_a_wrong_date_is_said_at_its_field(entra, revisore, eventi):
    risposta = entra(revisore).get(reverse("registro"), {"dal": "30/02/2026"})
    assert risposta.status_code == 200
    assert 'value="30/02/2026"' in risposta.content.decode()
    assert "Errore: Registro" in parole(risposta)


def test_the_queries_of_the_register_do_not_grow_and_it_is_paginated(
    entra, revisore, eventi, funzionario, regione, conta_query
):
    client = entra(revisore)
    client.get(reverse("registro"))
    prima = conta_query(lambda: client.get(reverse("registro")))
    for numero in range(60):
        annota(f"prova {numero}", regione, da=funzionario, ente=regione)
    assert conta_query(lambda: client.get(reverse("registro"))) == prima
    assert len(client.get(reverse("registro"), {"page": 2}).context["tabella"].page) == 13


# ---- public pages


@pytest.mark.parametrize("nome", ["aiuto", "assistenza", "privacy", "accessibilita"])
def test_information_pages_are_public(client, db, operatore, nome):
    assert client.get(reverse(nome)).status_code == 200
    client.force_login(operatore)
    assert client.get(reverse(nome)).status_code == 200


def test_health_says_that_the_database_answers(client, db):
    risposta = client.get(reverse("salute"))
    assert json.loads(risposta.content) == {"stato": "ok"}
    assert "no-cache" in risposta["Cache-Control"]


def test_a_write_verb_is_refused(entra, lettore):
    for nome in ("home", "documenti", "aiuto", "salute"):
        assert entra(lettore).post(reverse(nome)).status_code == 405


def test_a_person_disabled_in_mid_session_is_out(entra, lettore):
    client = entra(lettore)
    assert client.get("/").status_code == 200
    Utente.objects.filter(pk=lettore.pk).update(is_active=False)
    assert client.get("/").status_code == 302


def test_a_person_with_two_roles_sees_both(entra, operatore, milano, regione, convenzione):
    Incarico.objects.create(
        utente=operatore, ente=regione, ruolo=Ruolo.AMMINISTRATORE, dal=dt.date(2024, 1, 1)
    )
    pagina = parole(entra(operatore).get("/"))
    assert "Non hai nulla da presentare" in pagina
    assert "Invita una persona" in pagina
