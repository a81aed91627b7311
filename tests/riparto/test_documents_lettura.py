"""From the rows to the prospetti: which version is shown, what is frozen, how many queries it takes."""

from datetime import date
from decimal import Decimal as D

import pytest
from django.utils import timezone

from convenzioni.models import Atto, Convenzione, Dotazione, LineaFinanziamento, Sottoscrizione
from core.pdf import componi, html
from enti.models import Ente, Utente
from registro.models import Documento
from riparto.documents import documento_riparto, prospetto_ente, prospetto_linea, prospetto_regione
from riparto.models import Emissione, Quota, Riparto, StatoRiparto

pytestmark = pytest.mark.django_db


@pytest.fixture
def regione():
    return Ente.objects.create(sigla="XR", denominazione="Regione Prova", nome_breve="Prova", tipo="regione")


@pytest.fixture
def enti(regione):
    def ente(sigla, nome):
        return Ente.objects.create(
            sigla=sigla,
            denominazione=f"Provincia di {nome}",
            nome_breve=nome,
            tipo="provincia",
            regione=regione,
        )

    return [ente("XA", "Alfa"), ente("XB", "Beta")]


@pytest.fixture
def convenzione(regione, enti):
    nuova = Convenzione.objects.create(
        codice="XX-2024-2026", titolo="Convenzione XX", regione=regione, anno_inizio=2024, anno_fine=2026
    )
    for ente in enti:
        Sottoscrizione.objects.create(convenzione=nuova, ente=ente)
    return nuova


@pytest.fixture
def linee(regione):
    def linea(codice, ordine, **altro):
        return LineaFinanziamento.objects.create(
            regione=regione,
            codice=codice,
            denominazione=f"Linea {codice}",
            nome_breve=codice.lower(),
            natura="personale",
            ordine=ordine,
            **altro,
        )

    prima = linea("PRIMA", 1, lettera="A", fonte_risorse="Ministero")
    seconda = linea("SECONDA", 2)
    return {"prima": prima, "figlia": linea("FIGLIA", 3, padre=prima), "seconda": seconda}


def dotazione(convenzione, linea, anno=2024, importo="100.00", **altro):
    return Dotazione.objects.create(
        convenzione=convenzione, linea=linea, anno=anno, importo=importo and D(importo), **altro
    )


def riparto(dotazione, quote, **altro):
    """`quote`: ente → amount, or a dict of fields of the Quota."""
    nuovo = Riparto.objects.create(dotazione=dotazione, **altro)
    for ente, quota in quote.items():
        campi = quota if isinstance(quota, dict) else {"importo": quota}
        Quota.objects.create(riparto=nuovo, ente=ente, **campi)
    return nuovo


def approva(bozza, **altro):
    """As the row stands after the approval, whose rules are tested with the action."""
    persona, _ = Utente.objects.get_or_create(email="d@example.org", nome="D", cognome="D")
    campi = {
        "stato": StatoRiparto.APPROVATO,
        "approvato_il": timezone.now(),
        "approvato_da": persona,
        "atto": Atto.objects.create(
            ente=bozza.dotazione.convenzione.regione,
            tipo="decreto_dirigenziale",
            numero=str(Atto.objects.count() + 1),
            data=date(2024, 4, 12),
            oggetto="Riparto",
        ),
        "documento": Documento.objects.create(tipo="riparto", titolo="Riparto", nome_file="r.pdf"),
    }
    Riparto.objects.filter(pk=bozza.pk).update(**(campi | altro))
    bozza.refresh_from_db()
    return bozza


def componi_html(p):
    return html(p.template, p.contesto())


def celle(p, etichetta, tavola=0):
    return next(r for r in p.tabelle()[tavola].righe if etichetta in r)


def test_the_enti_are_the_signatories_or_all_those_of_the_region(convenzione, enti, regione):
    terzo = Ente.objects.create(
        sigla="XC", denominazione="Terzo", nome_breve="Terzo", tipo="provincia", regione=regione
    )
    assert [e.sigla for e in prospetto_regione(convenzione).situazione.enti] == ["XA", "XB"]
    convenzione.sottoscrizioni.all().delete()
    assert [e.chiave for e in prospetto_regione(convenzione).situazione.enti] == [
        *[e.pk for e in enti],
        terzo.pk,
    ]


def test_a_line_without_dotazioni_and_an_empty_convention_are_printable(convenzione, enti):
    p = prospetto_regione(convenzione)
    assert not p.bozza
    assert p.emesso.stato == "NESSUN RIPARTO"
    assert componi(p.template, p.contesto())
    assert componi("pdf/prospetto_ente.html", prospetto_ente(convenzione, enti[0]).contesto())


def test_the_approved_version_is_shown_before_the_draft(convenzione, enti, linee):
    a = dotazione(convenzione, linee["prima"])
    prima = approva(riparto(a, dict.fromkeys(enti, D(50))))
    riparto(a, {enti[0]: D(99)}, versione=2, motivo="Nuova", sostituisce=prima)
    p = prospetto_linea(convenzione, linee["prima"])
    assert not p.bozza
    assert D(99) not in [v for r in p.tabelle()[0].righe for v in r]


def test_without_an_approved_version_the_draft_is_shown_as_such(convenzione, enti, linee):
    riparto(dotazione(convenzione, linee["prima"]), {enti[0]: D(60), enti[1]: D(40)})
    p = prospetto_linea(convenzione, linee["prima"])
    assert p.bozza
    assert p.emesso.stato == "BOZZA"
    assert D(60) in celle(p, "Provincia di Alfa")
    senza = prospetto_linea(convenzione, linee["prima"], bozze=False)
    assert not senza.bozza
    assert D(60) not in celle(senza, "Provincia di Alfa")


def test_a_draft_of_a_di_cui_makes_a_draft_of_the_whole(convenzione, enti, linee):
    approva(riparto(dotazione(convenzione, linee["prima"]), dict.fromkeys(enti, D(50))))
    assert not prospetto_regione(convenzione).bozza
    riparto(dotazione(convenzione, linee["figlia"], importo="10.00"), dict.fromkeys(enti, D(5)))
    assert prospetto_regione(convenzione).bozza
    assert prospetto_ente(convenzione, enti[0]).bozza


def test_a_di_cui_is_under_its_line_and_out_of_the_totals(convenzione, enti, linee):
    riparto(dotazione(convenzione, linee["prima"]), dict.fromkeys(enti, D(50)))
    riparto(dotazione(convenzione, linee["figlia"], importo="10.00"), dict.fromkeys(enti, D(5)))
    p = prospetto_ente(convenzione, enti[0], anno=2024)
    assert celle(p, "Totale assegnato")[2] == D(50)
    assert celle(p, "di cui figlia (non si somma)")[2] == D(5)
    solo = prospetto_linea(convenzione, linee["figlia"])
    assert "già compresi in quella" in componi_html(solo)


def test_an_emissione_shows_what_it_froze(convenzione, enti, linee):
    a = dotazione(convenzione, linee["prima"])
    prima = approva(riparto(a, dict.fromkeys(enti, D(50))))
    documento = Documento.objects.create(tipo="prospetto", titolo="Prospetto", nome_file="p.pdf")
    emissione = Emissione.objects.create(
        convenzione=convenzione, numero=3, data=date(2024, 5, 2), documento=documento
    )
    emissione.riparti.add(prima)
    emissione.dotazioni.add(a)
    seconda = riparto(a, {enti[0]: D(70), enti[1]: D(30)}, versione=2, motivo="Nuova", sostituisce=prima)
    Riparto.objects.filter(pk=prima.pk).update(stato=StatoRiparto.SUPERATO)
    approva(seconda)
    dotazione(convenzione, linee["seconda"])

    ferma = prospetto_regione(convenzione, emissione=emissione)
    assert ferma.emesso.stato == "EMISSIONE N. 3"
    assert ferma.emesso.codice == documento.codice
    assert not ferma.bozza
    assert "Linea SECONDA" not in [r[1] for r in ferma.tabelle()[0].righe]
    assert celle(prospetto_linea(convenzione, linee["prima"], emissione=emissione), "Provincia di Alfa")[
        2
    ] == D(50)
    assert celle(prospetto_linea(convenzione, linee["prima"]), "Provincia di Alfa")[2] == D(70)
    assert componi(ferma.template, ferma.contesto()) == componi(
        ferma.template, prospetto_regione(convenzione, emissione=emissione).contesto()
    )


def test_the_document_of_a_riparto_is_dated_and_coded_by_its_approval(convenzione, enti, linee):
    approvato = approva(riparto(dotazione(convenzione, linee["prima"]), dict.fromkeys(enti, D(50))))
    p = documento_riparto(approvato)
    assert (p.emesso.stato, p.emesso.codice) == ("APPROVATO", approvato.documento.codice)
    assert p.emesso.generato == approvato.approvato_il
    assert p.nome_file == "riparto-XX-2024-2026-PRIMA-2024-v1.pdf"
    testo = componi_html(p)
    assert "n. 1 del 12/04/2024" in testo
    assert f"/d/{approvato.documento.codice}/" in testo
    Riparto.objects.filter(pk=approvato.pk).update(stato=StatoRiparto.SUPERATO)
    approvato.refresh_from_db()
    superato = documento_riparto(approvato)
    assert superato.superato
    assert not superato.bozza


def test_a_partial_riparto_says_so_and_its_dotazione_may_be_unknown(convenzione, enti, linee):
    ignota = dotazione(convenzione, linee["seconda"], importo=None)
    p = documento_riparto(approva(riparto(ignota, {enti[0]: D("8305352.69")}), parziale=True))
    assert "versione 1, approvato, parziale" in componi_html(p).replace("Versione", "versione")
    riga = celle(p, "Provincia di Alfa")
    assert riga[2:4] == [D("8305352.69"), None]
    assert celle(p, "Totale ripartito")[2] is None
    assert celle(p, "Somma degli importi indicati")[2] == D("8305352.69")
    assert celle(p, "Dotazione regionale")[2] is None


def test_doubt_formula_and_components_come_from_the_rows(convenzione, enti, linee):
    a = dotazione(convenzione, linee["prima"], precisione=D(500))
    bozza = riparto(
        a,
        {
            enti[0]: {"importo": D(10), "da_verificare": True, "motivo_verifica": "Non torna."},
            enti[1]: {"importo": D(20), "origine": "calcolato", "formula": "30 meno 10"},
        },
    )
    testo = componi_html(documento_riparto(bozza))
    for atteso in ("Non torna.", "da verificare", "30 meno 10", "± 500,00 €", "Non indicato"):
        assert atteso in testo
    b = dotazione(convenzione, linee["seconda"])
    composta = riparto(b, {enti[0]: {"importo": D(1), "componente": "fissa"}})
    Quota.objects.create(riparto=composta, ente=enti[0], importo=D(2), componente="variabile")
    assert celle(documento_riparto(composta), "Provincia di Alfa")[2:5] == [D(1), D(2), D(3)]


def test_demonstrative_rows_mark_the_document(convenzione, enti, linee):
    bozza = riparto(
        dotazione(convenzione, linee["prima"]), {enti[0]: {"importo": D(10), "dimostrativo": True}}
    )
    assert documento_riparto(bozza).dimostrativo
    assert prospetto_ente(convenzione, enti[0]).dimostrativo
    assert not prospetto_ente(convenzione, enti[1]).dimostrativo


def test_the_signature_of_the_ente_is_among_the_acts(convenzione, enti, linee):
    atto = Atto.objects.create(ente=enti[0], tipo="decreto_presidente", oggetto="Schema")
    convenzione.sottoscrizioni.filter(ente=enti[0]).update(atto=atto)
    assert "Decreto del presidente, estremi non indicati" in componi_html(
        prospetto_ente(convenzione, enti[0])
    )


def test_a_year_a_line_or_an_ente_from_elsewhere_is_refused(convenzione, enti, linee, regione):
    with pytest.raises(ValueError, match="2030"):
        prospetto_regione(convenzione, anno=2030)
    with pytest.raises(ValueError, match="dotazioni"):
        prospetto_linea(convenzione, linee["prima"])
    with pytest.raises(ValueError, match="non è un ente"):
        prospetto_ente(convenzione, regione)


def test_the_number_of_queries_does_not_depend_on_the_rows(
    convenzione, regione, enti, linee, django_assert_max_num_queries
):
    riparto(dotazione(convenzione, linee["prima"]), dict.fromkeys(enti, D(50)))
    with django_assert_max_num_queries(5) as poche:
        prospetto_regione(convenzione)
    altri = [
        Ente.objects.create(
            sigla=f"Y{i}", denominazione=f"Ente {i}", nome_breve=f"E{i}", tipo="provincia", regione=regione
        )
        for i in range(10)
    ]
    Sottoscrizione.objects.bulk_create(Sottoscrizione(convenzione=convenzione, ente=e) for e in altri)
    for linea in linee.values():
        for anno in (2025, 2026):
            approva(
                riparto(
                    dotazione(convenzione, linea, anno, "99.00"), dict.fromkeys([*enti, *altri], D("8.25"))
                )
            )
    with django_assert_max_num_queries(len(poche.captured_queries)):
        prospetto_regione(convenzione)
