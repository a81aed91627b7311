"""A manager reads: the prospetto of the Region and of Milan, of the official convention, in every format."""

import re
from decimal import Decimal

from tests.e2e.documenti import cifre, euro, leggi_pdf, righe_csv, scritto, valori_xlsx

CODICE = "CPI-2024-2026"
NUMERO = re.compile(r"-?[\d.]+,\d{2}")
QUOTE = """
    SELECT l.codice, d.anno, sum(q.importo) FROM riparto_quota q
        JOIN enti_ente e ON e.id = q.ente_id
        JOIN riparto_riparto r ON r.id = q.riparto_id
        JOIN convenzioni_dotazione d ON d.id = r.dotazione_id
        JOIN convenzioni_lineafinanziamento l ON l.id = d.linea_id
        JOIN convenzioni_convenzione c ON c.id = d.convenzione_id
    WHERE c.codice = %s AND r.stato = 'approvato' AND e.sigla = %s
    GROUP BY l.codice, d.anno HAVING bool_and(q.importo IS NOT NULL)
"""
DOTAZIONI = """
    SELECT DISTINCT d.importo FROM convenzioni_dotazione d
        JOIN convenzioni_convenzione c ON c.id = d.convenzione_id
    WHERE c.codice = %s AND d.in_vigore AND d.importo IS NOT NULL
"""


def test_prospetti_della_convenzione_vera(persona, sito, tmp_path):
    lettrice = persona("lettore")
    lettrice.controlla("home")
    lettrice.segui(f"{CODICE}: quadro finanziario")
    lettrice.titolo("Quadro finanziario 2024-2026")
    lettrice.controlla("quadro")
    dotazioni = {importo for (importo,) in sito.righe(DOTAZIONI, CODICE)}
    milano = {importo for *_, importo in sito.righe(QUOTE, CODICE, "MI")}
    assert Decimal("8972346.42") in milano
    mostrati = lettrice.pagina.locator("main").inner_text()
    assert all(scritto(importo) in mostrati for importo in dotazioni)

    lettrice.pagina.get_by_label("Ente").select_option(label="Città metropolitana di Milano")
    lettrice.premi("Mostra")
    lettrice.vede("8.972.346,42")
    lettrice.controlla("quadro di Milano")
    mostrati = lettrice.pagina.locator("main").inner_text()
    assert all(scritto(importo) in mostrati for importo in milano)

    lettrice.segui("Prospetti")
    lettrice.controlla("prospetti")
    regione = lettrice.apri_pdf("Prospetto di oggi (PDF)", tmp_path / "regione.pdf")
    # Of the Region the printed figures are the dotazioni, and the shares of Milan, the only ones known.
    trovate = cifre(leggi_pdf(regione))
    assert dotazioni | milano <= trovate

    lettrice.pagina.get_by_label("Ente").select_option(label="Città metropolitana di Milano")
    lettrice.premi("Mostra")
    lettrice.controlla("prospetti di Milano")
    testo = leggi_pdf(lettrice.apri_pdf("Prospetto di oggi (PDF)", tmp_path / "milano.pdf"))
    assert milano <= cifre(testo)
    assert "dati dimostrativi" not in testo.lower()

    oggi = lettrice.pagina.get_by_role("region", name="Situazione di oggi")
    celle = [cella for riga in righe_csv(lettrice.scarica("csv", tmp_path, in_=oggi)) for cella in riga]
    assert milano <= {euro(cella) for cella in celle if NUMERO.fullmatch(cella)}
    numeri = [
        v for v in valori_xlsx(lettrice.scarica("xlsx", tmp_path, in_=oggi)) if isinstance(v, int | float)
    ]
    assert milano <= {Decimal(str(numero)).quantize(Decimal("0.01")) for numero in numeri}
    assert lettrice.scarica("ods", tmp_path, in_=oggi).read_bytes().startswith(b"PK")


def test_il_prospetto_emesso_e_sempre_lo_stesso(persona, sito, tmp_path):
    lettrice = persona("lettore")
    nome = re.compile(r"^Prospetto emesso \(PDF\)|^Scarica il prospetto emesso")
    lettrice.segui("DEMO-2024-2026: quadro finanziario")
    lettrice.segui("Prospetti")
    lettrice.pagina.get_by_label("Anno").select_option(label="2024")
    lettrice.premi("Mostra")
    emesso = lettrice.pagina.get_by_role("link", name=nome)
    for _ in range(120):
        if emesso.count():
            break
        lettrice.pagina.wait_for_timeout(1000)
        lettrice.pagina.reload()
    lettrice.controlla("prospetto emesso")
    prima = lettrice.apri_pdf(nome, tmp_path / "prima.pdf")
    seconda = lettrice.apri_pdf(nome, tmp_path / "seconda.pdf")
    assert prima.read_bytes() == seconda.read_bytes()
    testo = leggi_pdf(prima)
    assert "dati dimostrativi" in testo.lower()
    quote = sito.righe(
        "SELECT DISTINCT q.importo FROM riparto_emissione_riparti er JOIN riparto_emissione m "
        "ON m.id = er.emissione_id JOIN riparto_quota q ON q.riparto_id = er.riparto_id "
        "JOIN riparto_riparto r ON r.id = q.riparto_id WHERE m.ente_id IS NULL AND m.anno = 2024 "
        "AND q.componente = 'unica' AND q.importo IS NOT NULL"
    )
    assert quote
    assert {importo for (importo,) in quote} <= cifre(testo)


def test_dove_non_arriva(persona, sito):
    lettrice = persona("lettore")
    voci = lettrice.pagina.get_by_role("navigation", name="Principale").inner_text()
    assert "Rendiconti" not in voci
    lettrice.vai("/rendiconti/")
    lettrice.controlla("rendiconti vietati", stato=403)
    lettrice.vai("/riparti/nuovo/")
    assert lettrice.stato == 403
    lettrice.vai("/admin/")
    assert "/admin/" in lettrice.pagina.url
    assert not lettrice.pagina.get_by_role("link", name="Convenzioni", exact=True).count()
    lettrice.vai("/riparti/999999/")
    lettrice.controlla("pagina che non c’è", stato=404)
