"""The prospetti on plain figures: those of the sources, where one ente only is known, and full ones."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal as D
from io import BytesIO

import pytest
from pypdf import PdfReader

from core import exports, money
from core.pdf import componi, html
from riparto.documents import prospetti
from riparto.documents.cifre import Annualita, Cifra, Ente, Linea, Ripartizione, Situazione
from riparto.documents.prospetti import Emesso
from riparto.documents.tavole import VUOTA

ANNI = (2024, 2025, 2026)
PESI = {
    "BG": 100,
    "BS": 143,
    "CO": 57,
    "CR": 35,
    "LC": 45,
    "LO": 43,
    "MN": 48,
    "MB": 57,
    "PV": 82,
    "SO": 10,
    "VA": 71,
}
NOMI = {"MI": "Città metropolitana di Milano", "MB": "Provincia di Monza e della Brianza"}
ENTI = tuple(Ente(i, s, NOMI.get(s, f"Provincia {s}")) for i, s in enumerate([*PESI, "MI"]))
MILANO = ENTI[-1]
MOTIVO = "vale il 3,91 % della linea, le altre stanno tra il 21,99 % e il 37,66 %."
FORMULA = "3.083.649,89 meno 1.539.494,04"
QUANDO = datetime(2024, 4, 18, 8, 42, tzinfo=UTC)
OGGI = Emesso("APPROVATO", "situazione al 18/04/2024, non emessa", QUANDO)
EMESSO = Emesso(
    "EMISSIONE N. 3", "del 18/04/2024", QUANDO, "7KQ4-M2XD", "https://cpi.example.it/d/7KQ4-M2XD/"
)


def quote(dotazione: str, milano: str, tutti: bool) -> dict[int, D]:
    """Milan as stated; the others by weight, to the cent, if they are known."""
    note = {MILANO.chiave: D(milano)}
    if tutti:
        cent = int((D(dotazione) - D(milano)) * 100)
        for e in ENTI[:-1]:
            note[e.chiave] = D(cent * PESI[e.sigla] // sum(PESI.values())) / 100
        note[0] += D(dotazione) - sum(note.values())
    return note


def voce(dotazione, precisione=None, milano=None, *, tutti=False, stato="approvato", fissa=None, **di_milano):
    riparto = None
    if milano:
        if fissa:
            f, v = quote(fissa[0], fissa[1], tutti), quote(str(D(dotazione) - D(fissa[0])), milano, tutti)
            righe = {e: {"fissa": Cifra(f[e]), "variabile": Cifra(v[e])} for e in f}
        else:
            righe = {e: {"unica": Cifra(q)} for e, q in quote(dotazione or "0", milano, tutti).items()}
            righe[MILANO.chiave]["unica"] = Cifra(D(milano), **di_milano)
        riparto = Ripartizione(
            1, stato, stato == "approvato", parziale=not tutti, atto="Decreto dirigenziale, n. 7", quote=righe
        )
    return Annualita(
        Cifra(D(dotazione) if dotazione else None, D(precisione) if precisione else None), "", riparto
    )


def situazione(*, tutti=False, stato="approvato", anni=ANNI) -> Situazione:
    def linea(chiave, segno, fonte, voci, dicui=()):
        return Linea(
            chiave, segno, f"COD_{segno}", f"Linea lunga {segno}", f"Breve {segno}", fonte, voci, dicui
        )

    k = {"tutti": tutti, "stato": stato}
    pre = {a: voce("26342000", "500", "8972346.42" if a < 2026 or tutti else None, **k) for a in ANNI}
    oneri = {
        a: voce("4100000", "50000", "1544155.85" if a == 2024 or tutti else None, formula=FORMULA, **k)
        for a in ANNI
    }
    pot = {a: voce("55282000", "500", "2161744.40", motivo_verifica=MOTIVO, **k) for a in ANNI}
    pon = {a: voce("8200000", "50000", "1769301.26", **k) for a in ANNI}
    rete = {
        a: voce(
            "7000000",
            "500000",
            "1046568.04" if a == 2024 else "1244333.82",
            fissa=("2800000", "492926.00"),
            **k,
        )
        for a in ANNI
    }
    obiettivi = {
        2024: voce("1500000", "50000", "333333.33", **k),
        2025: voce("1000000", "500000", "222222.22" if tutti else None, **k),
        2026: voce(None),
    }
    linee = (
        linea(1, "A", "Ministero del Lavoro", pre),
        linea(2, "B", "Regione", oneri),
        linea(3, "C", None, pot, (linea(4, "C (di cui PON)", None, pon),)),
        linea(5, "D", None, rete),
        linea(6, "E", None, obiettivi),
    )
    atti = (("Convenzione: schema approvato", "Deliberazione della Giunta regionale, estremi non indicati"),)
    return Situazione(
        "CPI-2024-2026", "Convenzione di prova", "Regione Lombardia", tuple(anni), linee, ENTI, atti
    )


def regione(s=None, emesso=OGGI, **altro):
    return prospetti.regione(s or situazione(), emesso, **{"bozza": False, "dimostrativo": False, **altro})


def ente(s=None, di=MILANO, emesso=OGGI, **altro):
    return prospetti.ente(
        s or situazione(), di, emesso, adesione=None, **{"bozza": False, "dimostrativo": False, **altro}
    )


def linea(segno, s=None, emesso=OGGI, **altro):
    s = s or situazione()
    di = next(x for x in s.linee if x.segno == segno)
    return prospetti.linea(
        replace(s, linee=(di,)), di, emesso, **{"bozza": False, "dimostrativo": False, **altro}
    )


def riga(tavola, etichetta, sigla=""):
    tutte = [r for g in tavola.gruppi for r in g] + tavola.totali
    return next(r for r in tutte if r.etichetta == etichetta and (not sigla or r.sigla == sigla))


def scritti(tavola, etichetta):
    return [c.testo for c in riga(tavola, etichetta).celle]


def stampa(p) -> PdfReader:
    return PdfReader(BytesIO(componi(p.template, p.contesto())))


def parole(lettore: PdfReader) -> str:
    return " ".join(" ".join(p.extract_text() for p in lettore.pages).split())


# ---- figures ----


def test_totals_of_the_region_are_those_of_the_sources_and_the_di_cui_is_not_added():
    (quadro,) = regione().parti["quadri"]
    assert scritti(quadro, "Totale delle dotazioni") == ["", "94.224.000,00", "93.724.000,00", "—", "—"]
    assert scritti(quadro, "Somma delle linee indicate")[1:] == [
        "94.224.000,00",
        "93.724.000,00",
        "92.724.000,00",
        "280.672.000,00",
    ]
    assert scritti(quadro, "di cui Linea lunga C (di cui PON)")[1] == "8.200.000,00"


def test_a_payer_that_the_source_does_not_name_is_said_so():
    (quadro,) = regione().parti["quadri"]
    assert [riga(quadro, f"Linea lunga {x}").celle[0].testo for x in "ABCDE"] == [
        "Ministero del Lavoro",
        "Regione",
        *["fonte non indicata"] * 3,
    ]


def test_shares_of_milan_are_those_of_the_sources():
    (tavola,) = ente().parti["assegnate"]
    assert scritti(tavola, "Totale assegnato") == ["14.551.074,04", "—", "—", "—"]
    assert scritti(tavola, "Somma delle linee indicate") == [
        "14.551.074,04",
        "12.871.350,64",
        "3.899.004,22",
        "31.321.428,90",
    ]
    assert scritti(tavola, "Breve D")[:2] == ["1.539.494,04", "1.737.259,82"]
    assert scritti(tavola, "quota variabile")[:2] == ["1.046.568,04", "1.244.333,82"]
    assert scritti(tavola, "di cui Breve C (di cui PON)")[0] == "1.769.301,26"


def test_percent_of_the_dotazione_of_a_partial_riparto():
    (tavola,) = linea("A").parti["linea"].tavole
    assert scritti(tavola, MILANO.nome) == [
        "8.972.346,42", "34,06", "8.972.346,42", "34,06", "—", "—", "17.944.692,84", "—",
    ]  # fmt: skip
    assert scritti(tavola, "Totale ripartito")[0] == "—"
    assert scritti(tavola, "Somma degli importi indicati")[0] == "8.972.346,42"
    assert scritti(tavola, "Dotazione meno importi indicati")[0] == "17.369.653,58"


def test_a_complete_riparto_adds_up_to_its_dotazione():
    s = situazione(tutti=True)
    for segno in "ABCD":
        (tavola,) = linea(segno, s).parti["linea"].tavole
        differenze = [
            c.valore for c in riga(tavola, "Dotazione meno importi indicati").celle if isinstance(c.valore, D)
        ]
        assert differenze == [D(0)] * 3
        assert "Somma degli importi indicati" not in [r.etichetta for r in tavola.totali]
    assert scritti(tavola, "Totale ripartito")[3] == "100,00"


def test_sums_by_line_by_ente_and_by_year_agree():
    q = prospetti.quadratura(situazione(tutti=True))
    assert q.coincide
    assert q.per_linea == D("280672000.00")
    assert q.scarto == 0
    assert (q.non_ripartite, q.parziali) == ("", "")
    q = prospetti.quadratura(situazione())
    assert q.coincide
    assert q.scarto is None
    assert q.non_ripartite == "linea A 2026, linea B 2025 e 2026, linea E 2025"


def test_a_component_not_stated_leaves_the_share_not_stated():
    meta = Ripartizione(
        1,
        "bozza",
        False,
        quote={1: {"fissa": Cifra(D(5)), "variabile": Cifra(None)}, 2: {"fissa": Cifra(D(5))}},
    )
    assert meta.quota(1) is None
    assert meta.quota(2) == D(5)  # it has no variable share at all
    assert meta.quota(3) is None
    assert Ripartizione(1, "bozza", False, quote={1: {"unica": Cifra(D(0))}}).quota(1) == 0


def test_one_year_has_no_column_of_sums():
    s = situazione(anni=(2024,))
    assert [c.titolo for c in regione(s).parti["quadri"][0].colonne] == ["Fonte", "2024"]
    assert len(regione(s).parti["linee"][3].tavole[0].colonne) == 4


def test_many_years_go_on_in_a_second_table():
    s = situazione(anni=(2022, 2023, 2024, 2025, 2026))
    quadri = regione(s).parti["quadri"]
    assert [[c.titolo for c in t.colonne] for t in quadri] == [
        ["Fonte", "2022", "2023", "2024"],
        ["Fonte", "2025", "2026", "Somma"],
    ]
    assert stampa(regione(s))


def test_large_amounts_in_three_columns_a_year_get_two_years_to_a_table():
    s = situazione()
    assert len(linea("D", s).parti["linea"].tavole) == 1
    grande = {a: replace(v, dotazione=Cifra(D("70000000"))) for a, v in s.linee[3].anni.items()}
    s = replace(s, linee=(replace(s.linee[3], anni=grande),))
    tavole = linea("D", s).parti["linea"].tavole
    assert [len(t.colonne) for t in tavole] == [8, 6]


def test_the_note_of_a_riparto_is_printed():
    s = situazione()
    annotato = replace(s.linee[0].anni[2024].riparto, nota="Importi dell’allegato 2.")
    voci = {**s.linee[0].anni, 2024: replace(s.linee[0].anni[2024], riparto=annotato)}
    s = replace(s, linee=(replace(s.linee[0], anni=voci), *s.linee[1:]))
    for p in (ente(s), linea("A", s)):
        assert "Linea A, 2024: Importi dell’allegato 2." in html(p.template, p.contesto())


# ---- notes and states ----


def test_doubt_rounding_and_calculation_are_said():
    (tavola,) = ente().parti["assegnate"]
    dubbia = riga(tavola, "Breve C").celle[0]
    assert dubbia.dubbio
    assert dubbia.segno == "*"
    assert tavola.verifiche == [("Breve C, 2024, 2025 e 2026", MOTIVO)]
    calcolata = riga(tavola, "Breve B").celle[0]
    assert (calcolata.segno, f"Importo calcolato, non stampato nella fonte: {FORMULA}.") in tavola.note
    (quadro,) = regione().parti["quadri"]
    assert [t for _, t in quadro.note if "arrotondato" in t] == [
        f"Importo arrotondato nella fonte: ± {p} €." for p in ("500,00", "50.000,00", "500.000,00")
    ]


def test_what_a_dash_stands_for_is_said_in_words():
    (tavola,) = ente().parti["assegnate"]
    assert (
        "—",
        "Importo non indicato, che non equivale a zero. 2025: linee B e E; 2026: linee A, B e E.",
    ) in tavola.note
    (tavola,) = linea("A").parti["linea"].tavole
    assert ("—", "2026: nessun riparto. Le somme non ne tengono conto.") in tavola.note
    assert any("2024 e 2025: riparto parziale" in t for _, t in tavola.note)
    (tavola,) = linea("E").parti["linea"].tavole
    assert ("—", "2026: dotazione regionale non indicata, che non equivale a zero.") in tavola.note


def test_partial_is_a_word_of_the_document():
    assert "versione 1, approvato, parziale" in dict(linea("A").parti["linea"].fatti)["Versione e stato"]
    assert "parziale" in html("pdf/prospetto_linea.html", linea("C").contesto())


def test_a_mix_with_a_draft_is_a_draft():
    s = situazione(tutti=True)
    assert not prospetti.in_bozza(s.riparti)
    mista = replace(s, linee=(s.linee[0], *situazione(tutti=True, stato="bozza").linee[1:]))
    assert prospetti.in_bozza(mista.riparti)
    p = regione(mista, bozza=True)
    assert p.contesto()["doc"]["classi"] == "orizzontale bozza"
    assert "(bozza)" in stampa(p).metadata.title


def test_demonstrative_figures_are_named_and_only_those_that_are_shown():
    s = situazione(tutti=True)
    quote = s.linee[0].anni[2024].riparto.quote
    quote[0]["unica"] = replace(quote[0]["unica"], dimostrativo=True)
    assert prospetti.e_dimostrativo(s, ENTI)
    assert not prospetti.e_dimostrativo(s, [MILANO])
    testo = parole(
        stampa(regione(s, dimostrativo=True, nota_dimostrativa="Sono inventati gli importi di BG."))
    )
    assert testo.count("DATI DIMOSTRATIVI") == len(stampa(regione(s)).pages)
    assert "Sono inventati gli importi di BG." in testo
    assert "DIMOSTRATIVI" not in parole(stampa(regione(s)))


# ---- paper ----

DOCUMENTI = {
    "regione": lambda: regione(situazione(tutti=True), EMESSO),
    "regione con vuoti": regione,
    "ente": ente,
    "ente senza importi": lambda: ente(di=ENTI[0]),
    "linea": lambda: linea("C", situazione(tutti=True)),
    "linea a componenti": lambda: linea("D"),
    "riparto": lambda: _riparto(),
}


def _riparto():
    s = situazione(tutti=True, anni=(2024,))
    s = replace(s, linee=(s.linee[3],))
    return prospetti.riparto(s, s.linee[0], EMESSO, bozza=False, dimostrativo=False)


@pytest.mark.parametrize("nome", DOCUMENTI)
def test_every_figure_of_the_tables_is_printed_and_every_cell_has_its_heads(nome):
    p = DOCUMENTI[nome]()
    lettore = stampa(p)
    testo = re.sub(r"\s", "", parole(lettore))
    for tavola in p.tavole:
        for r in [x for g in tavola.gruppi for x in g] + tavola.totali:
            for c in r.celle:
                if isinstance(c.valore, D):
                    assert money.scrivi(c.valore) in testo
    tabelle = [e for e in _elementi(lettore) if e["/S"] == "/Table"]
    assert len(tabelle) >= len(p.tavole)  # one more for each page on which a table goes on
    for tabella in tabelle:
        celle = list(_sotto(tabella))
        assert [c for c in celle if c["/S"] == "/TH"]
        for c in celle:
            if c["/S"] == "/TD":
                assert len(c["/A"]["/Headers"]) == 2  # its row and its column
    caratteri = {
        f.get_object()["/BaseFont"] for x in lettore.pages for f in x["/Resources"]["/Font"].values()
    }
    assert all("Titillium" in c for c in caratteri)
    assert f"Pagina {len(lettore.pages)} di {len(lettore.pages)}" in lettore.pages[-1].extract_text()


def test_the_code_and_the_qr_are_only_on_issued_documents():
    assert "7KQ4-M2XD" in parole(stampa(regione(emesso=EMESSO)))
    assert 'class="qr"' in html("pdf/prospetto_regione.html", regione(emesso=EMESSO).contesto())
    assert 'class="qr"' not in html("pdf/prospetto_regione.html", regione().contesto())


def test_the_same_data_give_the_same_bytes():
    p = ente(emesso=EMESSO)
    assert componi(p.template, p.contesto()) == componi(p.template, ente(emesso=EMESSO).contesto())


def test_a_table_over_several_pages_repeats_its_head_and_keeps_its_rows_whole():
    molti = tuple(Ente(100 + i, f"{i:02d}", f"Ente numero {i:03d}") for i in range(110))
    s = replace(situazione(), enti=(*molti, MILANO))
    lettore = stampa(linea("C", s))
    pagine = [p.extract_text() for p in lettore.pages if "Ente numero" in p.extract_text()]
    assert len(pagine) > 3
    assert all("su 2024" in pagina for pagina in pagine)
    assert sum(pagina.count("Ente numero") for pagina in pagine) == 110


def test_text_of_the_users_is_escaped():
    s = situazione()
    s = replace(s, titolo="<script>alert(1)</script>")
    assert "<script>" not in html("pdf/prospetto_regione.html", regione(s).contesto())


# ---- exports ----


def test_exports_hold_the_same_numbers_and_say_what_they_are():
    p = ente()
    tabella = p.tabelle()[0]
    dati = {r[1]: r for r in tabella.righe}
    assert tabella.intestazioni == [
        "Sigla",
        "Linea di finanziamento",
        "2024",
        "2025",
        "2026",
        "Somma 2024-2026",
        "Annotazioni",
    ]
    assert dati["Breve A"][2:6] == [D("8972346.42"), D("8972346.42"), None, D("17944692.84")]
    assert dati["Breve C"][6].startswith("2024: da verificare; 2025: da verificare")
    assert "di cui Breve C (di cui PON) (non si somma)" in dati
    assert f"* Da verificare – Breve C, 2024, 2025 e 2026: {MOTIVO}" in tabella.note
    assert any("approvato, situazione al 18/04/2024" in n for n in tabella.note)


def test_every_document_can_be_exported():
    for fai in DOCUMENTI.values():
        tabelle = fai().tabelle()
        assert VUOTA not in [v for t in tabelle for r in t.righe for v in r]
        assert exports.xlsx(tabelle)
        assert exports.ods(tabelle)
        assert exports.csv(tabelle)


def _elementi(lettore: PdfReader):
    yield from _sotto(lettore.trailer["/Root"]["/StructTreeRoot"])


def _sotto(nodo):
    figli = nodo.get("/K", []) if hasattr(nodo, "get") else nodo
    figli = figli.get_object() if hasattr(figli, "get_object") else figli
    for figlio in figli if isinstance(figli, list) else [figli]:
        elemento = figlio.get_object() if hasattr(figlio, "get_object") else figlio
        if hasattr(elemento, "get") and elemento.get("/S"):
            yield elemento
            yield from _sotto(elemento)
