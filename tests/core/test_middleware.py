"""What is refused before any page sees it."""

import pytest

AUTOCOMPLETE = "/admin/autocomplete/?app_label=convenzioni&model_name=convenzione&field_name=regione"


@pytest.mark.parametrize(
    "indirizzo",
    [
        "/d/%00/",
        "/convenzioni/%00/",
        f"{AUTOCOMPLETE}&term=%00",
        "/admin/convenzioni/convenzione/add/?regione=%00",
        "/convenzioni/?q=a%00b",
    ],
)
def test_a_nul_in_the_address_is_a_bad_request(client, funzionario, indirizzo):
    client.force_login(funzionario)

    risposta = client.get(indirizzo)

    assert risposta.status_code == 400
    assert 'lang="it"' in risposta.content.decode()


@pytest.mark.parametrize("valore", ["abc", "9" * 30, "1'--", "%F0%9F%98%80"])
def test_what_fills_the_form_of_a_new_row_from_the_address_never_breaks_it(client, funzionario, valore):
    client.force_login(funzionario)

    for indirizzo in (
        f"/admin/convenzioni/convenzione/add/?regione={valore}",
        f"/admin/convenzioni/convenzione/add/?anno_inizio={valore}",
        f"{AUTOCOMPLETE}&term={valore}",
    ):
        assert client.get(indirizzo).status_code == 200
