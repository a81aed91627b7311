"""A province's operator mends and uploads the report, the manager transmits it, the Region returns and validates."""

import re
from decimal import Decimal
from pathlib import Path

from openpyxl import load_workbook

from tests.e2e.documenti import scritto

ANNO, TRIMESTRE = 2026, 3
ADEMPIMENTO = """
    SELECT a.id FROM rendicontazione_adempimento a
        JOIN enti_ente e ON e.id = a.ente_id
        JOIN convenzioni_convenzione c ON c.id = a.convenzione_id
    WHERE c.codice = 'DEMO-2024-2026' AND e.sigla = 'MI' AND a.anno = %s AND a.trimestre = %s
"""
DI_BERGAMO = ADEMPIMENTO.replace("'MI'", "'BG'")
TOTALI = """
    SELECT l.codice, sum(t.importo) FROM rendicontazione_totalerendiconto t
        JOIN convenzioni_lineafinanziamento l ON l.id = t.linea_id
        JOIN rendicontazione_rendiconto r ON r.id = t.rendiconto_id
    WHERE r.adempimento_id = %s AND r.in_vigore GROUP BY l.codice
"""
STATI = "SELECT versione, stato FROM rendicontazione_rendiconto WHERE adempimento_id = %s ORDER BY versione"
EVENTI = "SELECT count(*) FROM registro_evento WHERE azione = %s AND oggetto_id = %s"
TITOLO = f"{TRIMESTRE}° trimestre {ANNO}"
# Line, month, five items; their sums to the cent are what the pages must show.
RIGHE = [
    ("PRE_POT_PERSONALE", 7, "2145.30", "193.10", "678.12", "198.76", "112.00"),
    ("PRE_POT_PERSONALE", 8, "2145.30", "193.10", "678.12", "198.76", "105.00"),
    ("POT_PERSONALE", 9, "1905.07", "171.46", "602.19", "176.50", "119.00"),
]
# The report that the Region wants mended: 14,00 more of meal vouchers in the last row.
RIGHE_NUOVE = [*RIGHE[:2], (*RIGHE[2][:-1], "133.00")]
VOCI = ("Trattamento fondamentale", "Trattamento accessorio", "Oneri riflessi", "IRAP", "Buoni pasto")


def compila(modello: Path, file: Path, righe: list[tuple], *, sbagliato: bool = False) -> Path:
    """The template filled as a person would, in the sheet; wrong on request in three ways."""
    cartella = load_workbook(modello)
    foglio = cartella["Costi"]
    colonna = {cella.value: cella.column for cella in foglio[1]}
    datore, cpi = (
        scelte(cartella, foglio, colonna["Datore di lavoro"]),
        scelte(cartella, foglio, colonna["CPI"]),
    )
    for numero, (linea, mese, *importi) in enumerate(righe, 2):
        valori = {
            "Matricola": f"P{linea[:3]}", "Codice fiscale": "RSSMRA80A01H501U", "Cognome": "Prova",
            "Nome": "Maria", "Datore di lavoro": datore[0], "CPI": cpi[0], "Inquadramento": "Istruttori",
            "Profilo": "Operatrice", "Linea": linea, "Mese": mese, "Percentuale di tempo": 100,
            **{voce: float(importo) for voce, importo in zip(VOCI, importi, strict=True)},
            "Totale": float(sum(map(Decimal, importi))),
        }  # fmt: skip
        for titolo, valore in valori.items():
            foglio.cell(numero, colonna[titolo], valore)
    if sbagliato:
        foglio.cell(2, colonna["IRAP"], "198.76")
        foglio.cell(3, colonna["Linea"], "POT_FUNZIONAMENTO")
        for cella in list(foglio[4]):
            foglio.cell(5, cella.column, cella.value)
    cartella.save(file)
    return file


def scelte(cartella, foglio, colonna: int) -> list[str]:
    """What the drop-down list of the column offers, which is in another sheet of the workbook."""
    lettera = foglio.cell(1, colonna).column_letter
    [regola] = [
        v for v in foglio.data_validations.dataValidation if v.type == "list" and f"{lettera}2" in v.sqref
    ]
    formula = regola.formula1.removeprefix("=")
    if formula in cartella.defined_names:
        formula = cartella.defined_names[formula].attr_text
    titolo, dove = formula.split("!")
    return [cella.value for (cella,) in cartella[titolo.strip("'")][dove.replace("$", "")]]


def carica(chi, file: Path) -> None:
    chi.pagina.get_by_label("File del rendiconto").set_input_files(file)
    chi.premi("Carica e controlla")


def apri(chi, adempimento: int) -> None:
    """From the menu to the report, as one looks for it."""
    chi.segui("Rendiconti", in_=chi.pagina.get_by_role("navigation", name="Principale"))
    chi.titolo("Rendiconti")
    chi.pagina.get_by_label("Anno").fill(str(ANNO))
    chi.premi("Mostra")
    chi.pagina.locator(f'main table a[href="/rendiconti/{adempimento}/"]').first.click()


def test_dal_modello_al_rendiconto_validato(persona, sito, tmp_path):
    adempimento = sito.valore(ADEMPIMENTO, ANNO, TRIMESTRE)
    attesi: dict[str, Decimal] = {}
    for linea, _, *importi in RIGHE:
        attesi[linea] = attesi.get(linea, Decimal(0)) + sum(map(Decimal, importi))

    operatore = persona("operatore_provinciale")
    operatore.controlla("home")
    apri(operatore, adempimento)
    operatore.controlla("rendiconto da presentare")
    modello = operatore.scarica("Scarica il modello", tmp_path)

    # Another quarter's workbook is told in words.
    carica(operatore, _altro_trimestre(sito, operatore, tmp_path))
    operatore.vede("Il file non è stato accettato")
    operatore.vede(f"2° trimestre {ANNO}", f"{TRIMESTRE}° trimestre {ANNO}")
    operatore.controlla("file di un altro trimestre")
    assert sito.righe(STATI, adempimento) == []

    operatore.segui("Carica il file corretto")
    carica(operatore, _altro_ente(sito, persona("funzionario_regionale"), tmp_path))
    operatore.vede("Il file non è stato accettato", "Provincia di Bergamo")
    operatore.controlla("file di un altro ente")
    assert sito.righe(STATI, adempimento) == []

    operatore.segui("Carica il file corretto")
    sbagliato = compila(modello, tmp_path / "costi.xlsx", RIGHE, sbagliato=True)
    carica(operatore, sbagliato)
    operatore.vede("Il file non è stato accettato", "198.76", "POT_FUNZIONAMENTO")
    operatore.controlla("file rifiutato")
    celle = operatore.pagina.locator("main").inner_text()
    for cella in ("O2", "I3", "A5"):
        assert re.search(rf"\b{cella}\b", celle), f"{cella} is not named"
    # Kept byte for byte; the list of the errors too can be taken away.
    originale = operatore.scarica("Scarica il file com’era", tmp_path)
    assert originale.read_bytes() == sbagliato.read_bytes()
    elenco = operatore.scarica("Elenco completo (csv)", tmp_path)
    assert "198.76" in elenco.read_text(encoding="utf-8-sig")
    operatore.segui("Elenco completo")
    operatore.controlla("elenco degli errori")
    operatore.pagina.go_back()
    assert sito.righe(STATI, adempimento) == []

    operatore.segui("Carica il file corretto")
    carica(operatore, compila(modello, tmp_path / "costi corretti.xlsx", RIGHE))
    operatore.vede("File accettato")
    operatore.controlla("file accettato")
    assert dict(sito.righe(TOTALI, adempimento)) == attesi
    mostrati = operatore.pagina.locator("main").inner_text()
    for importo in attesi.values():
        assert scritto(importo) in mostrati
    # It is the manager who transmits.
    assert not operatore.pagina.get_by_role("button", name="Trasmetti alla Regione").count()
    operatore.segui("Vedi le righe")
    operatore.controlla("righe")

    responsabile = persona("responsabile_provinciale")
    responsabile.controlla("home")
    apri(responsabile, adempimento)
    responsabile.controlla("da trasmettere")
    # Twice: the second click finds it done.
    responsabile.pagina.get_by_role("button", name="Trasmetti alla Regione").dblclick()
    responsabile.pagina.get_by_role("button", name="Ritira").wait_for()
    responsabile.controlla("trasmesso")
    assert sito.valore(EVENTI, "rendiconto: trasmesso", adempimento) == 1
    responsabile.premi("Ritira")
    responsabile.vede("Ritirato: la Regione non lo vede più.")
    responsabile.controlla("ritirato")
    responsabile.premi("Trasmetti alla Regione")
    responsabile.pagina.get_by_role("button", name="Ritira").wait_for()

    funzionario = persona("funzionario_regionale")
    apri(funzionario, adempimento)
    funzionario.controlla("rendiconto da prendere in carico")
    funzionario.premi("Prendi in carico")
    funzionario.vede("Preso in carico")
    funzionario.controlla("in istruttoria")
    motivo = "A settembre manca una persona: aggiungi la sua riga."
    funzionario.premi("Restituisci")
    funzionario.vede("Scrivi perché restituisci il rendiconto.")
    funzionario.controlla("restituzione senza motivo", stato=422)
    funzionario.pagina.get_by_label("Perché lo restituisci").fill(motivo)
    funzionario.premi("Restituisci")
    funzionario.vede("con il motivo che hai scritto")
    funzionario.controlla("restituito")

    apri(responsabile, adempimento)
    responsabile.vede(motivo)
    responsabile.controlla("restituito con il motivo")
    carica(responsabile, compila(modello, tmp_path / "costi nuovi.xlsx", RIGHE_NUOVE))
    responsabile.vede("File accettato", "Rispetto alla versione 1: +14,00")
    responsabile.controlla("seconda versione")
    responsabile.premi("Trasmetti alla Regione")
    responsabile.pagina.get_by_role("button", name="Ritira").wait_for()

    apri(funzionario, adempimento)
    funzionario.premi("Prendi in carico")
    funzionario.premi("Valida")
    funzionario.vede("Rendiconto validato.")
    funzionario.controlla("validato")
    assert sito.righe(STATI, adempimento)[-1] == (2, "validato")
    attesi["POT_PERSONALE"] += 14
    assert dict(sito.righe(TOTALI, adempimento)) == attesi


def _altro_trimestre(sito, chi, cartella: Path) -> Path:
    """The template of the quarter before, downloaded from its own page, in another tab."""
    altro = sito.valore(ADEMPIMENTO, ANNO, TRIMESTRE - 1)
    risposta = chi.contesto.request.get(f"{sito.url}/rendiconti/{altro}/modello/")
    file = cartella / "trimestre prima.xlsx"
    file.write_bytes(risposta.body())
    return file


def _altro_ente(sito, regione, cartella: Path) -> Path:
    """The template of Bergamo for the same quarter, which only Bergamo and the Region can download."""
    altro = sito.valore(DI_BERGAMO, ANNO, TRIMESTRE)
    risposta = regione.contesto.request.get(f"{sito.url}/rendiconti/{altro}/modello/")
    file = cartella / "di bergamo.xlsx"
    file.write_bytes(risposta.body())
    return file
