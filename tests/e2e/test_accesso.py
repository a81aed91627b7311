"""In and out: by keyboard only, and no page left behind."""

import re

from playwright.sync_api import expect


def test_da_tastiera(persona, sito):
    chi = persona()
    chi.vai("/")
    chi.titolo("Accedi")
    chi.controlla("accesso")
    tasti = chi.pagina.keyboard
    email, password = sito.conti["lettore"]
    tasti.press("Tab")
    expect(chi.pagina.get_by_role("link", name="Vai al contenuto")).to_be_focused()
    tasti.press("Enter")
    for _ in range(10):
        tasti.press("Tab")
        if chi.pagina.evaluate("document.activeElement.type") == "email":
            break
    tasti.type(email)
    tasti.press("Tab")
    tasti.type("sbagliata-apposta")
    tasti.press("Enter")
    chi.pagina.get_by_role("alert").wait_for()
    assert chi.pagina.title().startswith("Errore:")
    chi.controlla("accesso rifiutato")
    chi.pagina.get_by_label("Password").focus()
    tasti.type(password)
    tasti.press("Enter")
    esci = chi.pagina.get_by_role("button", name="Esci")
    esci.wait_for()
    for _ in range(10):
        tasti.press("Tab")
        if esci.evaluate("e => e === document.activeElement"):
            break
    expect(esci).to_be_focused()
    tasti.press("Enter")
    chi.titolo("Accedi")


def test_dopo_l_uscita_indietro_non_mostra_niente(persona):
    chi = persona("lettore")
    chi.segui("Convenzioni", in_=chi.pagina.get_by_role("navigation", name="Principale"))
    chi.titolo("Convenzioni")
    chi.esce()
    chi.pagina.go_back()
    chi.titolo("Accedi")
    expect(chi.pagina.get_by_text("CPI-2024-2026")).to_have_count(0)


def test_pagine_per_tutti(persona):
    chi = persona()
    for indirizzo in ("/aiuto/", "/assistenza/", "/privacy/", "/accessibilita/", "/accesso/password/reset/"):
        chi.vai(indirizzo)
        chi.controlla(re.sub(r"\W", " ", indirizzo).strip())
