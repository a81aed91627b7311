"""A regional official enters a convention and its riparto; a director approves it; the worker prints it."""

import re
from decimal import Decimal
from hashlib import sha256

from playwright.sync_api import expect
from pypdf import PdfReader

from tests.e2e.documenti import cifre, leggi_pdf

CODICE = "PROVA-2027"
ATTO = "4321"
PERSONALE = Decimal("8972346.42")
ONERI = Decimal("1544155.85")
QUOTE = """
    SELECT e.sigla, q.importo
    FROM riparto_quota q
        JOIN enti_ente e ON e.id = q.ente_id
        JOIN riparto_riparto r ON r.id = q.riparto_id
        JOIN convenzioni_dotazione d ON d.id = r.dotazione_id
        JOIN convenzioni_convenzione c ON c.id = d.convenzione_id
    WHERE c.codice = %s ORDER BY e.sigla
"""
DOTAZIONI = """
    SELECT l.codice, d.anno, d.importo
    FROM convenzioni_dotazione d
        JOIN convenzioni_convenzione c ON c.id = d.convenzione_id
        JOIN convenzioni_lineafinanziamento l ON l.id = d.linea_id
    WHERE c.codice = %s ORDER BY l.codice
"""


def scegli(chi, campo: str, testo: str, voce: str) -> None:
    """An autocomplete by keyboard only: open, type, take the first. `campo`: the name of the select."""
    scelta = chi.pagina.locator(f'select[name="{campo}"] + .select2 [role=combobox]')
    scelta.focus()
    chi.pagina.keyboard.press("Enter")
    chi.pagina.get_by_role("searchbox", name="Cerca").wait_for()
    chi.pagina.keyboard.type(testo)
    # The answer to what was typed, not the list as it opened.
    scelte = chi.pagina.get_by_role("listbox", name="Scelte")
    expect(scelte.get_by_role("option").first).to_have_text(re.compile(voce))
    chi.pagina.keyboard.press("Enter")
    assert voce in scelta.inner_text()


def aggiungi(chi, gruppo: str, quante: int) -> None:
    for _ in range(quante):
        chi.pagina.locator(f"#{gruppo}-group").get_by_role("button", name=re.compile("^Aggiungi")).click()


def scrivi(chi, nome: str, valore: str) -> None:
    chi.pagina.locator(f'[name="{nome}"]').fill(valore)


def inserisci_convenzione(chi) -> None:
    chi.segui("Convenzioni")
    chi.segui("Inserisci una convenzione")
    chi.titolo("Aggiungi convenzione")
    chi.controlla("nuova convenzione")
    chi.pagina.get_by_label("Codice").fill(CODICE)
    chi.pagina.get_by_label("Titolo").fill("Convenzione scritta dalla prova")
    chi.pagina.get_by_label("Primo anno").fill("2027")
    chi.pagina.get_by_label("Ultimo anno").fill("2027")
    aggiungi(chi, "sottoscrizioni", 2)
    scegli(chi, "sottoscrizioni-0-ente", "Milano", "Città metropolitana di Milano")
    scegli(chi, "sottoscrizioni-1-ente", "Bergamo", "Provincia di Bergamo")
    aggiungi(chi, "dotazioni", 2)
    scegli(chi, "dotazioni-0-linea", "PRE_POT_PERSONALE", "Personale pre-potenziamento")
    scegli(chi, "dotazioni-1-linea", "PRE_POT_FUNZIONAMENTO", "Oneri di funzionamento ex Madia")
    for riga in (0, 1):
        scrivi(chi, f"dotazioni-{riga}-anno", "2027")
    scrivi(chi, "dotazioni-0-importo", "8.972.346,42")
    scrivi(chi, "dotazioni-1-importo", "1.23")
    chi.controlla("convenzione compilata")
    chi.pagina.get_by_role("button", name="Salva", exact=True).first.click()

    # The amount that can be read in two ways comes back as typed, and nothing else is lost.
    chi.vede("1,23", "123,00")
    chi.controlla("convenzione con un importo dubbio")
    assert chi.pagina.locator('[name="dotazioni-1-importo"]').input_value() == "1.23"
    assert chi.pagina.locator('[name="dotazioni-0-importo"]').input_value() == "8.972.346,42"
    for campo, voce in (("sottoscrizioni-1-ente", "Bergamo"), ("dotazioni-0-linea", "Personale")):
        assert voce in chi.pagina.locator(f'select[name="{campo}"] + .select2').inner_text()
    assert chi.sito.righe(DOTAZIONI, CODICE) == []
    scrivi(chi, "dotazioni-1-importo", "1544155,85")
    chi.pagina.get_by_role("button", name="Salva", exact=True).first.click()
    chi.vede(CODICE)
    chi.pagina.get_by_text("aggiunt").first.wait_for()
    assert chi.sito.righe(DOTAZIONI, CODICE) == [
        ("PRE_POT_FUNZIONAMENTO", 2027, ONERI),
        ("PRE_POT_PERSONALE", 2027, PERSONALE),
    ]


def inserisci_atto(chi) -> None:
    chi.segui("Pagina iniziale")
    chi.titolo("Che cosa vuoi inserire o correggere")
    chi.controlla("dati di base")
    chi.segui("Atti")
    chi.controlla("atti")
    chi.segui(re.compile("^Aggiungi atto"))
    scegli(chi, "ente", "Regione", "Regione Lombardia")
    chi.pagina.get_by_label("Tipo").select_option(label="decreto dirigenziale")
    chi.pagina.get_by_label("Numero").fill(ATTO)
    chi.pagina.get_by_label("Data").first.fill("12/01/2027")
    chi.pagina.get_by_label("Oggetto").fill("Riparto della prova")
    chi.controlla("nuovo atto")
    chi.pagina.get_by_role("button", name="Salva", exact=True).first.click()
    chi.pagina.get_by_text("aggiunt").first.wait_for()


def cambia_stato(chi, stato: str) -> None:
    chi.segui("Cambia lo stato")
    chi.pagina.get_by_label("Nuovo stato").select_option(label=stato)
    chi.pagina.get_by_label("Atto che lo decide").select_option(
        label=chi.pagina.get_by_role("option", name=re.compile(ATTO)).inner_text()
    )
    chi.controlla(f"passaggio a {stato}")
    chi.premi("Registra il passaggio")
    chi.vede(f"La convenzione ora è «{stato}».")


def importo(chi, ente: str, valore: str) -> None:
    chi.riga(ente).get_by_role("textbox", name=re.compile("^Importo")).fill(valore)


def prepara_riparto(chi) -> None:
    chi.segui("Riparti", in_=chi.pagina.get_by_role("navigation", name="Principale"))
    chi.segui("Prepara un riparto")
    scelta = chi.pagina.get_by_label("Linea e anno")
    scelta.select_option(label=f"{CODICE} · 2027 · Personale pre-potenziamento")
    chi.pagina.get_by_label("Criterio di riparto").fill("In proporzione al personale in servizio.")
    chi.controlla("nuovo riparto")
    chi.premi("Crea la bozza e scrivi gli importi")
    chi.titolo("Modifica riparto")
    importo(chi, "Milano", "6.000.000,42")
    importo(chi, "Bergamo", "2.900.000,00")
    chi.controlla("griglia delle quote")
    chi.pagina.get_by_role("button", name="Salva", exact=True).first.click()
    chi.titolo("Riparto 2027: personale pre-potenziamento")
    chi.vede("−72.346,00", "Mancano 72.346,00 per arrivare alla dotazione.")
    chi.controlla("riparto che non quadra")
    chi.segui("Scrivi gli importi")
    importo(chi, "Bergamo", "2.972.346,00")
    chi.pagina.get_by_role("button", name="Salva", exact=True).first.click()
    chi.vede("quadra al centesimo")
    assert chi.sito.righe(QUOTE, CODICE) == [("BG", Decimal("2972346.00")), ("MI", Decimal("6000000.42"))]
    chi.premi("Manda in verifica")
    chi.vede("lo approva un dirigente che non ha inserito gli importi")
    chi.controlla("riparto in verifica")
    assert not chi.pagina.get_by_role("link", name="Approva con un atto").count()
    indirizzo = chi.pagina.url.removeprefix(chi.sito.url)
    chi.vai(f"{indirizzo}approva/")
    chi.controlla("approvazione vietata al funzionario", stato=403)


def approva(chi) -> None:
    # The home shows what waits for the director.
    chi.segui(re.compile("^Apri il riparto Personale pre-potenziamento 2027"))
    chi.segui("Approva con un atto")
    chi.controlla("approvazione")
    atto = chi.pagina.get_by_role("option", name=re.compile(ATTO)).inner_text()
    chi.pagina.get_by_label("Atto di approvazione").select_option(label=atto)
    # Twice: the second click finds it done.
    chi.pagina.get_by_role("button", name="Approva il riparto").dblclick()
    chi.pagina.get_by_role("heading", level=1).wait_for()


def test_dalla_convenzione_al_riparto_approvato(persona, sito, tmp_path):
    funzionario = persona("funzionario_regionale")
    funzionario.controlla("home")
    inserisci_convenzione(funzionario)
    inserisci_atto(funzionario)
    funzionario.segui("Torna alle pagine")
    funzionario.segui("Convenzioni")
    funzionario.segui(CODICE)
    funzionario.segui("Sottoscrizioni e atti")
    funzionario.controlla("convenzione in bozza")
    cambia_stato(funzionario, "schema approvato")
    cambia_stato(funzionario, "vigente")
    funzionario.controlla("convenzione vigente")
    prepara_riparto(funzionario)

    dirigente = persona("dirigente_regionale")
    dirigente.controlla("home con un riparto da approvare")
    approva(dirigente)
    approvato = "SELECT count(*) FROM registro_evento WHERE azione = 'riparto: approvato' AND oggetto_id = %s"
    riparto = sito.valore(
        "SELECT r.id FROM riparto_riparto r JOIN convenzioni_dotazione d ON d.id = r.dotazione_id "
        "JOIN convenzioni_convenzione c ON c.id = d.convenzione_id WHERE c.codice = %s AND r.stato = 'approvato'",
        CODICE,
    )
    assert sito.valore(approvato, riparto) == 1

    # The PDF comes by itself: the worker makes it, the page says when.
    dirigente.vai(f"/riparti/{riparto}/")
    dirigente.controlla("riparto approvato")
    pronto = dirigente.pagina.get_by_role("link", name="Riparto (PDF)")
    for _ in range(60):
        if pronto.count():
            break
        dirigente.pagina.wait_for_timeout(1000)
        dirigente.pagina.reload()
    pdf = dirigente.apri_pdf("Riparto (PDF)", tmp_path / "riparto.pdf")
    testo = leggi_pdf(pdf)
    quote = dict(sito.righe(QUOTE, CODICE))
    percentuali = {(100 * quota / PERSONALE).quantize(Decimal("0.01")) for quota in quote.values()}
    assert cifre(testo) == {*quote.values(), *percentuali, PERSONALE, Decimal(100), Decimal(0)}
    assert PdfReader(pdf).metadata.title
    # The criterion stands in a column beside others, so the text of the page breaks it: pypdf reads it whole.
    intero = " ".join(" ".join(pagina.extract_text() for pagina in PdfReader(pdf).pages).split())
    for parola in (ATTO, "Milano", "Bergamo", "proporzione"):
        assert parola in intero or parola in " ".join(testo.split())
    [(impronta,)] = sito.righe(
        "SELECT d.sha256 FROM registro_documento d JOIN riparto_riparto r ON r.documento_id = d.id WHERE r.id = %s",
        riparto,
    )
    assert sha256(pdf.read_bytes()).hexdigest() == impronta
