"""The pages of the conventions as their users meet them."""

import re
from decimal import Decimal

import pytest
from django.urls import reverse

from convenzioni import actions
from registro.models import Evento
from tests import factories

ANNO_CON_IL_PUNTO = re.compile(r"\b2\.0\d\d\b(?!,\d)")


def html(risposta):
    return " ".join(risposta.content.decode().split())


@pytest.fixture
def atto(regione):
    return factories.atto(regione, numero="77")


@pytest.fixture
def come_funzionario(client, funzionario):
    client.force_login(funzionario)
    return client


def cambia(dotazione):
    return reverse("convenzioni:cambia_dotazione", args=[dotazione.pk])


def modulo(atto, **altro):
    return {
        "importo": "1.200,50",
        "precisione": "500",
        "atto": atto.pk,
        "motivo": "Nuove risorse",
    } | altro


class TestCambiaDotazione:
    def test_an_allocated_dotazione_is_changed_by_an_act(
        self, come_funzionario, dotazione, atto, funzionario, dirigente
    ):
        factories.approvato(dotazione, {"MI": "600.00", "BG": "400.00"}, da=funzionario, dirigente=dirigente)
        pagina = come_funzionario.get(dotazione.convenzione.get_absolute_url())
        assert cambia(dotazione) in html(pagina)
        assert 'value="1.000,00"' in html(come_funzionario.get(cambia(dotazione)))

        risposta = come_funzionario.post(cambia(dotazione), modulo(atto))

        assert risposta.status_code == 302
        assert risposta.url == dotazione.convenzione.get_absolute_url()
        dotazione.refresh_from_db()
        nuova = dotazione.sostituita_da
        assert (dotazione.in_vigore, nuova.in_vigore, nuova.versione) == (False, True, 2)
        assert (nuova.importo, nuova.precisione) == (Decimal("1200.50"), Decimal(500))
        assert (nuova.atto, nuova.motivo) == (atto, "Nuove risorse")
        assert Evento.objects.get(azione="dotazione: nuova versione").chi == funzionario
        # Both amounts, the act and the reason are on the page; the one in force is the one to change.
        pagina = html(come_funzionario.get(risposta.url))
        assert f"{dotazione}: da 1.000,00 a 1.200,50 (±500)" in pagina
        assert f"{atto}. Motivo: Nuove risorse." in pagina
        assert cambia(nuova) in pagina
        assert cambia(dotazione) not in pagina

    def test_an_empty_amount_is_not_stated(self, come_funzionario, dotazione, atto):
        come_funzionario.post(cambia(dotazione), modulo(atto, importo="", precisione=""))

        dotazione.refresh_from_db()
        assert dotazione.sostituita_da.importo is None
        pagina = html(come_funzionario.get(dotazione.convenzione.get_absolute_url()))
        assert "da 1.000,00 a importo non indicato" in pagina

    @pytest.mark.parametrize(
        ("sbagliato", "detto"),
        [
            (
                {"importo": "", "precisione": "500"},
                "La precisione è maggiore di zero e accompagna un importo.",
            ),
            ({"importo": "mille"}, "mille"),
            ({"importo": "-5"}, "L&#x27;importo non può essere negativo."),
            ({"motivo": " "}, "Motivo"),
            ({"atto": ""}, "Atto che la cambia"),
        ],
    )
    def test_what_is_refused_stays_as_typed(self, come_funzionario, dotazione, atto, sbagliato, detto):
        dati = modulo(atto, motivo="Un motivo riconoscibile") | sbagliato

        risposta = come_funzionario.post(cambia(dotazione), dati)

        assert risposta.status_code == 200
        pagina = html(risposta)
        assert detto in pagina
        assert "Errore: " in pagina
        for campo in ("importo", "precisione"):
            assert not dati[campo] or f'value="{dati[campo]}"' in pagina
        assert dati["motivo"] != "Un motivo riconoscibile" or "Un motivo riconoscibile" in pagina
        dotazione.refresh_from_db()
        assert dotazione.in_vigore

    def test_a_version_no_longer_in_force_is_not_changed(
        self, come_funzionario, dotazione, atto, funzionario
    ):
        actions.cambia_dotazione(dotazione, da=funzionario, importo=Decimal(1), atto=atto, motivo="prima")

        pagina = html(come_funzionario.post(cambia(dotazione), modulo(atto)))

        assert "Questa versione della dotazione non è più in vigore." in pagina
        assert 'value="1.200,50"' in pagina

    def test_only_acts_of_the_region_are_offered(self, come_funzionario, dotazione, milano):
        altrui = factories.atto(milano)

        risposta = come_funzionario.post(cambia(dotazione), modulo(altrui))

        assert risposta.context["form"].errors.keys() == {"atto"}

    def test_another_region_does_not_see_it(self, client, dotazione):
        altra = factories.ente("VEN", "Regione Veneto")
        client.force_login(factories.incaricato("funzionario_regionale", altra))

        assert client.get(cambia(dotazione)).status_code == 404

    def test_who_only_reads_is_not_offered_the_change(self, client, dotazione, operatore):
        client.force_login(operatore)

        pagina = html(client.get(dotazione.convenzione.get_absolute_url()))

        assert "1.000,00" in pagina
        assert "Cambia con un atto" not in pagina


def test_the_pages_make_the_same_queries_whatever_the_rows(
    come_funzionario, convenzione, dotazione, atto, funzionario, conta_query
):
    indirizzi = [convenzione.get_absolute_url(), cambia(dotazione)]
    seconda = factories.dotazione(convenzione, factories.linea(convenzione.regione))
    actions.cambia_dotazione(seconda, da=funzionario, importo=Decimal(1), atto=atto, motivo="prima")
    for url in indirizzi:
        come_funzionario.get(url)
    con_poche = [conta_query(lambda url=url: come_funzionario.get(url)) for url in indirizzi]
    for _ in range(5):
        altra = factories.dotazione(convenzione, factories.linea(convenzione.regione), anno=2025)
        altro_atto = factories.atto(convenzione.regione)
        actions.cambia_dotazione(altra, da=funzionario, importo=None, atto=altro_atto, motivo="dopo")

    assert [conta_query(lambda url=url: come_funzionario.get(url)) for url in indirizzi] == con_poche


@pytest.fixture
def pagine(convenzione, dotazione, atto, funzionario):
    """Every page that shows rows of a convention with a draft on a dotazione of it, admin included."""
    altra = factories.dotazione(
        convenzione, dotazione.linea, anno=2025, dimostrativo=convenzione.dimostrativo
    )
    bozza = factories.bozza(altra, funzionario, {"MI": "2024.00", "BG": "400.00"})
    oggetti = {"convenzione": convenzione, "riparto": bozza}
    admin = {}
    for nome, oggetto in oggetti.items():
        base = f"admin:{oggetto._meta.app_label}_{nome}"
        admin[f"admin {nome}"] = reverse(f"{base}_change", args=[oggetto.pk])
        admin[f"admin {nome} elenco"] = reverse(f"{base}_changelist")
    return admin | {
        "convenzioni": reverse("convenzioni:elenco"),
        "convenzione": convenzione.get_absolute_url(),
        "passaggio": reverse("convenzioni:passaggio", args=[convenzione.codice]),
        "dotazione": cambia(dotazione),
        "quadro": reverse("quadro:convenzione", args=[convenzione.codice]),
        "riparti": reverse("riparto:elenco"),
        "nuovo": reverse("riparto:nuovo"),
        "riparto": bozza.get_absolute_url(),
        "elimina": reverse("riparto:elimina", args=[bozza.pk]),
        "prospetti": reverse("riparto:prospetti", args=[convenzione.codice]),
    }


class TestDatiDimostrativi:
    @pytest.fixture
    def convenzione(self, regione, milano, bergamo):
        return factories.convenzione(regione, [milano, bergamo], codice="DEMO-1", dimostrativo=True)

    @pytest.fixture
    def dotazione(self, convenzione, linea):
        return factories.dotazione(convenzione, linea, dimostrativo=True)

    def test_every_page_that_shows_them_says_it(self, come_funzionario, pagine):
        senza = [
            nome for nome, url in pagine.items() if '<p class="demo">' not in html(come_funzionario.get(url))
        ]

        assert senza == []

    @pytest.mark.parametrize("nome", ["convenzioni", "riparti", "nuovo"])
    def test_in_a_list_each_row_says_it(self, come_funzionario, pagine, nome):
        assert "dati dimostrativi" in html(come_funzionario.get(pagine[nome]))


def test_true_data_are_not_called_invented(come_funzionario, pagine):
    for nome, url in pagine.items():
        assert "dimostrativi" not in html(come_funzionario.get(url)).lower(), nome


def test_a_year_is_never_written_with_a_thousands_separator(come_funzionario, pagine, convenzione):
    testi = {nome: come_funzionario.get(url) for nome, url in pagine.items()}
    testi["csv"] = come_funzionario.get(reverse("riparto:prospetto", args=[convenzione.codice, "csv"]))

    for nome, risposta in testi.items():
        assert risposta.status_code == 200, nome
        testo = risposta.content.decode("utf-8-sig")
        assert re.search(r"\b202[45]\b", testo), nome
        assert ANNO_CON_IL_PUNTO.findall(testo) == [], nome
    assert "2.024,00" in html(testi["riparto"])  # an amount is not a year
