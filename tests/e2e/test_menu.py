"""Every entry of the menu, for every role, at both widths."""

import pytest

RUOLI = [
    "funzionario_regionale",
    "dirigente_regionale",
    "operatore_provinciale",
    "responsabile_provinciale",
    "lettore",
    "revisore",
    "amministratore",
]


@pytest.mark.parametrize("ruolo", RUOLI)
def test_menu(persona, ruolo):
    chi = persona(ruolo)
    menu = chi.pagina.get_by_role("navigation", name="Principale")
    voci = [voce.inner_text().strip() for voce in menu.get_by_role("link").all() if voce.is_visible()]
    assert voci[0] == "Home"
    for voce in voci:
        chi.segui(voce, in_=menu)
        chi.titolo_qualunque()
        chi.controlla(voce)
