"""The pages of the reports, in the hands of each character."""

import threading

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.urls import reverse

from registro.models import Caricamento, Evento
from rendicontazione import actions, importazione
from rendicontazione.models import Adempimento, Rendiconto

from .conftest import csv, riga

pytestmark = pytest.mark.django_db


def url(nome, oggetto, **query):
    return reverse(f"rendicontazione:{nome}", args=[getattr(oggetto, "pk", oggetto)], query=query or None)


def entra(client, persona):
    client.force_login(persona)
    return client


def contenuto(risposta) -> str:
    return risposta.content.decode()


def invia(client, adempimento, dati, nome="rendiconto.csv"):
    return client.post(url("carica", adempimento), {"file": SimpleUploadedFile(nome, dati)})


def test_the_list_of_a_province_begins_with_what_is_to_do(client, adempimento, operatore):
    risposta = entra(client, operatore).get(reverse("rendicontazione:elenco"))
    pagina = contenuto(risposta)
    assert risposta.status_code == 200
    assert "Rendiconto 1° trimestre 2024" in pagina
    assert "In ritardo di" in pagina
    assert "giorno presunto" in pagina
    assert "Bergamo" not in pagina


def test_the_list_of_the_region_has_all_the_enti_and_filters(client, caricato, responsabile, funzionario):
    actions.trasmetti(caricato, da=responsabile)
    entra(client, funzionario)
    risposta = client.get(
        reverse("rendicontazione:elenco"), {"ente": "MI", "stato": "trasmesso", "anno": "2024"}
    )
    assert [riga.record.pk for riga in risposta.context["tabella"].rows] == [caricato.adempimento_id]
    risposta = client.get(reverse("rendicontazione:elenco"), {"trimestre": "annuale", "ente": "BG"})
    assert {riga.record.trimestre for riga in risposta.context["tabella"].rows} == {None}
    # What was sent waits for the Region: it comes first.
    risposta = client.get(reverse("rendicontazione:elenco"))
    assert risposta.context["tabella"].rows[0].record.pk == caricato.adempimento_id


@pytest.mark.parametrize("persona", ["lettore", "amministratore", "senza_incarichi"])
def test_without_the_role_the_list_is_forbidden(client, adempimento, persona, request):
    risposta = entra(client, request.getfixturevalue(persona)).get(reverse("rendicontazione:elenco"))
    assert risposta.status_code == 403


def test_the_queries_of_the_list_do_not_grow_with_the_rows(client, pronta, funzionario, conta_query):
    entra(client, funzionario)
    actions.genera_adempimenti(pronta, da=funzionario)

    def apri():
        return client.get(reverse("rendicontazione:elenco"))

    apri()
    molte = conta_query(apri)
    Adempimento.objects.exclude(anno=2024, ente__sigla="MI").delete()
    assert len(apri().context["tabella"].rows) == 5
    assert conta_query(apri) == molte


def test_the_page_states_the_limits_and_offers_the_template(client, adempimento, operatore, settings):
    settings.CARICAMENTO_MAX_MB = 7
    pagina = contenuto(entra(client, operatore).get(url("dettaglio", adempimento)))
    assert "al massimo 7 MB e 100.000 righe" in pagina
    assert url("modello", adempimento) in pagina
    assert "Scadenza martedì 30 aprile 2024" in pagina


def test_the_template_is_downloaded(client, adempimento, operatore):
    risposta = entra(client, operatore).get(url("modello", adempimento))
    assert risposta["Content-Disposition"] == 'attachment; filename="rendiconto_MI_2024_T1.xlsx"'
    assert risposta.content.startswith(b"PK")


def test_a_good_file_leads_to_the_preview(client, adempimento, con_quota, operatore, responsabile):
    entra(client, operatore)
    dati = csv(riga(1, importo="1.000,00"), riga(1, mese=2, importo="500,00", linea="POT_EX_PON"))
    risposta = invia(client, adempimento, dati)
    caricamento = Caricamento.objects.get()
    assert (risposta.status_code, risposta.url) == (302, url("esito", caricamento))
    pagina = contenuto(client.get(risposta.url))
    assert "File accettato: nessun errore" in pagina
    assert "1.500,00" in pagina  # with its «di cui»
    assert "di cui ex PON" in pagina
    assert "<strong>1.000,00</strong>" in pagina  # what is left of 2.500,00
    assert "60,0 %" in pagina
    assert "Lo trasmette il responsabile, <strong>Marco Greco</strong>" in pagina
    assert "Trasmetti alla Regione" not in pagina
    assert "Trasmetti alla Regione" in contenuto(entra(client, responsabile).get(risposta.url))


def test_a_bad_file_leads_to_all_its_errors(client, adempimento, operatore):
    entra(client, operatore)
    dati = csv(*(riga(n, importo="2.145.30") for n in range(1, 6)), riga(9, linea="POT_FUNZIONAMENTO"))
    risposta = client.get(invia(client, adempimento, dati).url)
    pagina = contenuto(risposta)
    assert "Il file non è stato accettato" in pagina
    assert "Costi!L2" in pagina
    assert "Importi che non si leggono" in pagina
    assert "Linee non ammesse" in pagina
    assert "Mostra le altre" in pagina
    gruppo = next(g for g in risposta.context["gruppi"] if g["ancora"] == "C19.lettura")
    elenco = client.get(gruppo["altre_url"])
    assert elenco.context["in_tutto"] == 10
    assert "Costi!L6" in contenuto(elenco)


def test_the_full_list_is_a_csv_that_runs_no_formula(client, adempimento, operatore):
    entra(client, operatore)
    invia(client, adempimento, csv(riga(1, importo="=1+1")))
    risposta = client.get(url("errori_csv", Caricamento.objects.get()))
    assert risposta["Content-Type"] == "text/csv; charset=utf-8"
    assert ";L2;" in contenuto(risposta)
    assert "'=1+1" in contenuto(risposta)


def test_many_equal_errors_do_not_break_the_page(client, adempimento, operatore, conta_query):
    entra(client, operatore)
    dati = csv(*(riga(n, importo="1.2") for n in range(1, 1_502)))
    indirizzo = invia(client, adempimento, dati).url
    assert client.get(indirizzo).status_code == 200
    assert conta_query(lambda: client.get(indirizzo)) < 20
    assert "qui i primi 1000" in contenuto(client.get(url("errori", Caricamento.objects.get())))


def test_a_file_over_the_size_is_refused_before_it_is_read(client, adempimento, operatore, settings):
    settings.CARICAMENTO_MAX_MB = 0
    risposta = invia(entra(client, operatore), adempimento, csv(riga(1)))
    assert risposta.status_code == 422
    assert "se ne accettano al massimo 0 MB" in contenuto(risposta)
    assert not Caricamento.objects.exists()


def test_the_files_of_a_body_over_the_limit_are_not_kept(client, adempimento, operatore, settings):
    settings.CARICAMENTO_MAX_MB, settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1, 1_000
    risposta = invia(entra(client, operatore), adempimento, b"x" * (2 * 2**20))
    assert risposta.status_code == 422
    assert "Il file è di 2,0 MB: se ne accettano al massimo 1 MB" in contenuto(risposta)
    # Neither in memory nor in a temporary file.
    assert type(risposta.wsgi_request.FILES["file"]) is UploadedFile


def test_a_file_waits_for_its_turn_and_then_says_so(client, adempimento, operatore, monkeypatch):
    entra(client, operatore)
    monkeypatch.setattr(importazione, "_posti", threading.BoundedSemaphore(1))
    monkeypatch.setattr(importazione, "ATTESA_SECONDI", 0.01)
    with importazione._posti:
        risposta = invia(client, adempimento, csv(riga(1)))
    assert risposta.status_code == 422
    assert "Stiamo controllando altri file" in contenuto(risposta)
    assert not Caricamento.objects.exists()
    assert invia(client, adempimento, csv(riga(1))).status_code == 302
    assert invia(client, adempimento, csv(riga(2))).status_code == 302


def test_no_file_and_an_empty_file(client, adempimento, operatore):
    entra(client, operatore)
    risposta = client.post(url("carica", adempimento), {})
    assert "Scegli il file da caricare" in contenuto(risposta)
    assert "<title>Errore:" in contenuto(risposta)
    assert client.get(invia(client, adempimento, b"").url).status_code == 200
    assert Caricamento.objects.get().esito == "rifiutato"


def test_an_upload_to_a_sent_report_says_to_withdraw_it(client, caricato, operatore, responsabile):
    actions.trasmetti(caricato, da=responsabile)
    risposta = invia(entra(client, operatore), caricato.adempimento, csv(riga(5)))
    assert risposta.status_code == 422
    assert "ritiralo prima" in contenuto(risposta)


def test_the_original_comes_back_byte_for_byte_and_the_reading_is_written(client, caricato, operatore):
    risposta = entra(client, operatore).get(url("originale", caricato.caricamento_id))
    assert risposta.content == bytes(caricato.caricamento.allegato.contenuto.dati)
    assert risposta["Content-Disposition"].startswith("attachment")
    assert risposta["X-Content-Type-Options"] == "nosniff"
    assert Evento.objects.get(azione="lettura: file originale").chi == operatore


def test_the_rows_are_paged_and_the_reading_is_written(client, adempimento, operatore, conta_query):
    entra(client, operatore)
    invia(client, adempimento, csv(*(riga(n) for n in range(1, 61))))
    rendiconto = Rendiconto.objects.get()
    pagina = contenuto(client.get(url("righe", rendiconto)))
    assert pagina.count("Rossi Maria") == 50
    assert Evento.objects.get(azione="lettura: righe").dettagli == {"versione": 1, "pagina": 1}
    prima = conta_query(lambda: client.get(url("righe", rendiconto)))
    assert prima == conta_query(lambda: client.get(url("righe", rendiconto, page=2)))


def test_the_whole_way_from_the_file_to_the_approval(client, caricato, operatore, responsabile, funzionario):
    adempimento = caricato.adempimento
    risposta = entra(client, responsabile).post(url("trasmetti", caricato), follow=True)
    assert "il ritardo resta annotato" in contenuto(risposta)
    entra(client, funzionario)
    assert "Prendi in carico" in contenuto(client.get(url("dettaglio", adempimento)))
    assert "l’ente non può più ritirarlo" in contenuto(
        client.post(url("prendi_in_carico", caricato), follow=True)
    )
    vuoto = client.post(url("restituisci", caricato), {"motivo": ""})
    assert vuoto.status_code == 422
    assert "Scrivi perché" in contenuto(vuoto)
    client.post(url("restituisci", caricato), {"motivo": "Manca un mese."})
    pagina = contenuto(entra(client, operatore).get(url("dettaglio", adempimento)))
    assert "Manca un mese." in pagina
    assert "Manca un mese." in contenuto(client.get(reverse("rendicontazione:elenco")))
    invia(client, adempimento, csv(riga(4)))
    nuovo = Rendiconto.objects.in_vigore().get()
    entra(client, responsabile).post(url("trasmetti", nuovo))
    client.post(url("ritira", nuovo))
    client.post(url("trasmetti", nuovo))
    entra(client, funzionario).post(url("prendi_in_carico", nuovo))
    assert "Rendiconto validato" in contenuto(client.post(url("valida", nuovo), follow=True))
    nuovo.refresh_from_db()
    assert (nuovo.versione, nuovo.stato) == (2, "validato")


@pytest.mark.parametrize(
    "nome", ["dettaglio", "modello", "esito", "errori", "errori_csv", "originale", "righe"]
)
def test_a_stranger_finds_nothing(client, caricato, estraneo, funzionario, nome):
    oggetto = {"dettaglio": caricato.adempimento, "modello": caricato.adempimento, "righe": caricato}.get(
        nome, caricato.caricamento
    )
    assert entra(client, estraneo).get(url(nome, oggetto)).status_code == 404
    # The Region meets the files and the rows only once they are sent.
    if nome not in ("dettaglio", "modello"):
        assert entra(client, funzionario).get(url(nome, oggetto)).status_code == 404


def test_in_scope_without_the_role_is_403(client, caricato, operatore, revisore, responsabile):
    assert entra(client, operatore).post(url("trasmetti", caricato)).status_code == 403
    assert invia(entra(client, revisore), caricato.adempimento, csv(riga(1))).status_code == 403
    actions.trasmetti(caricato, da=responsabile)
    assert entra(client, responsabile).post(url("valida", caricato)).status_code == 403


@pytest.mark.parametrize(
    "nome", ["trasmetti", "ritira", "scarta", "prendi_in_carico", "valida", "restituisci"]
)
def test_steps_are_made_only_by_post(client, caricato, responsabile, nome):
    assert entra(client, responsabile).get(url(nome, caricato)).status_code == 405


def test_the_official_makes_the_duties_with_a_button(client, pronta, funzionario, operatore):
    entra(client, funzionario)
    assert "0 scadenze su 30" in contenuto(client.get(reverse("rendicontazione:elenco")))
    risposta = client.post(url("genera", pronta), follow=True)
    assert "30 scadenze generate per CPI-2024-2026" in contenuto(risposta)
    assert "Scadenze da generare" not in contenuto(risposta)
    assert entra(client, operatore).post(url("genera", pronta)).status_code == 403
    assert Adempimento.objects.count() == 30


def test_the_yearly_report_shows_the_sum_and_takes_no_file(client, caricato, con_quota, operatore):
    annuale = Adempimento.objects.get(ente__sigla="MI", anno=2024, trimestre=None)
    pagina = contenuto(entra(client, operatore).get(url("dettaglio", annuale)))
    assert "1.500,00" in pagina
    assert "Da inizio anno senza: 2° trimestre, 3° trimestre, 4° trimestre" in pagina
    assert 'type="file"' not in pagina
    assert client.get(url("modello", annuale)).status_code == 302
    assert invia(client, annuale, csv(riga(1))).status_code == 422


def test_a_page_of_the_ente_writes_nothing(client, caricato, operatore):
    entra(client, operatore)
    prima = Evento.objects.count()
    for indirizzo in (
        reverse("rendicontazione:elenco"),
        url("dettaglio", caricato.adempimento),
        url("esito", caricato.caricamento),
        url("errori", caricato.caricamento),
        url("modello", caricato.adempimento),
    ):
        assert client.get(indirizzo).status_code == 200
    assert Evento.objects.count() == prima
