"""What each prospetto contains, in order: words and numbers, ready for the template and for the exports."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from core.exports import Tabella
from core.pdf import qr

from . import sezioni, sezioni_enti
from .cifre import Annualita, Ente, Linea, Ripartizione, Situazione, somma_intera, somma_nota
from .sezioni import a_blocchi, elenco, periodo
from .tavole import NIENTE, Cella, Colonna, Note, Tavola

TITOLO = "Prospetto di riparto"


@dataclass(frozen=True)
class Emesso:
    """State in words and moment of a document; if it is issued, its short code and where it is verified."""

    stato: str
    dettaglio: str
    generato: datetime
    codice: str = ""
    indirizzo: str = ""


@dataclass(frozen=True)
class Sezione:
    """A line: its heading, its facts (label, value) and its tables."""

    segno: str
    nome: str
    breve: str
    fatti: Sequence[tuple[str, str]]
    tavole: Sequence[Tavola]


@dataclass
class Prospetto:
    template: str
    ambito: str  # «Intera regione», the name of an ente or of a line
    oggetto: str  # the same, as the line below the title says it
    situazione: Situazione
    emesso: Emesso
    nome: str  # of the file, without extension
    bozza: bool
    dimostrativo: bool
    nota_dimostrativa: str = ""
    ufficio: str = ""
    orizzontale: bool = False
    superato: bool = False
    parti: dict = field(default_factory=dict)  # what the template lays out
    tavole: list[Tavola] = field(default_factory=list)  # in order of reading

    @property
    def titolo(self) -> str:
        return f"{TITOLO} – {self.ambito}"

    @property
    def nome_file(self) -> str:
        return f"{self.nome}.pdf"

    def contesto(self) -> dict:
        """The context of `template` for core.pdf.componi."""
        e, s = self.emesso, self.situazione
        classi = ["orizzontale" * self.orizzontale, "bozza" * self.bozza, "superato" * self.superato]
        anni = elenco(s.anni)
        return {
            "doc": {
                "tipo": TITOLO,
                "titolo": self.titolo,
                "oggetto": self.oggetto,
                "annualita": f"annualità {anni}",
                "convenzione": s.titolo,
                "codice_convenzione": s.codice,
                "organo": s.organo,
                "ufficio": self.ufficio,
                "classi": " ".join(filter(None, classi)),
                "stato": e.stato,
                "dettaglio": e.dettaglio,
                "generato": e.generato,
                "codice": e.codice,
                "indirizzo": e.indirizzo.partition("://")[2] or e.indirizzo,
                "qr": qr(e.indirizzo) if e.codice and e.indirizzo else "",
                "bozza": self.bozza,
                "superato": self.superato,
                "dimostrativo": self.dimostrativo,
                "nota_dimostrativa": self.nota_dimostrativa,
            },
            **self.parti,
        }

    def tabelle(self) -> list[Tabella]:
        """The same tables for xlsx, ods and csv; each says its state below."""
        avvisi = [f"{self.titolo}, annualità {elenco(self.situazione.anni)}. {self.situazione.titolo}."]
        avvisi.append(f"Stato: {self.emesso.stato.lower()}, {self.emesso.dettaglio}.")
        if self.dimostrativo:
            avvisi.append(f"Dati dimostrativi. {self.nota_dimostrativa}".strip())
        return [replace(t, note=[*t.note, *avvisi]) for t in (tavola.esporta() for tavola in self.tavole)]


def in_bozza(riparti: Sequence[Ripartizione]) -> bool:
    return any(not r.approvata for r in riparti)


def e_dimostrativo(s: Situazione, enti: Sequence[Ente]) -> bool:
    """True if a figure, an act or a version that these enti see is invented."""
    chiavi = {e.chiave for e in enti}
    for _, _, voce in s.voci():
        quote = voce.riparto.quote if voce.riparto else {}
        cifre = [voce.dotazione, *(c for e, q in quote.items() if e in chiavi for c in q.values())]
        if (voce.riparto and voce.riparto.dimostrativo) or any(c.dimostrativo for c in cifre):
            return True
    return s.dimostrativa


def regione(s: Situazione, emesso: Emesso, **altro) -> Prospetto:
    """Whole region: quadro, acts, enti, then a section per line."""
    note = Note()
    quadri = _per_blocchi(s, lambda anni, ultimo: sezioni.quadro(s, note, anni, con_totale=ultimo))
    atti = tavola_atti(s, note)
    riepiloghi = _per_blocchi(
        s, lambda anni, ultimo: sezioni_enti.riepilogo(s, note, anni, con_totale=ultimo)
    )
    linee = [sezione_linea(s, linea, note) for linea in s.linee]
    return Prospetto(
        template="pdf/prospetto_regione.html",
        ambito="Intera regione",
        oggetto="Intera regione",
        situazione=s,
        emesso=emesso,
        nome=f"prospetto-{s.codice}-{periodo(s.anni)}",
        orizzontale=True,
        parti={
            "quadri": quadri,
            "atti": atti,
            "riepiloghi": riepiloghi,
            "quadratura": quadratura(s),
            "linee": linee,
        },
        tavole=[*quadri, *riepiloghi, *(t for x in linee for t in x.tavole), atti],
        **altro,
    )


def ente(s: Situazione, di: Ente, emesso: Emesso, *, adesione: tuple[str, str] | None, **altro) -> Prospetto:
    """One ente: all lines and years, acts (its own first), what part of each dotazione it gets."""
    note = Note()
    assegnate = _per_blocchi(
        s, lambda anni, ultimo: sezioni.assegnazioni(s, di, note, anni, con_totale=ultimo)
    )
    atti = tavola_atti(s, note, prima=[adesione] if adesione else [])
    quote = [sezioni.quote_sulla_dotazione(s, di, note, anni) for anni in a_blocchi(s.anni)]
    return Prospetto(
        template="pdf/prospetto_ente.html",
        ambito=di.nome,
        oggetto=di.nome,
        situazione=s,
        emesso=emesso,
        nome=f"prospetto-{s.codice}-{di.sigla}-{periodo(s.anni)}",
        parti={"ente": di, "assegnate": assegnate, "atti": atti, "quote": quote},
        tavole=[*assegnate, *quote, atti],
        **altro,
    )


def linea(s: Situazione, di: Linea, emesso: Emesso, *, padre: str = "", **altro) -> Prospetto:
    """One line: all enti and years. `padre`: the name of the line of which this one is a «di cui»."""
    note = Note()
    sezione = sezione_linea(s, di, note)
    atti = tavola_atti(s, note)
    return Prospetto(
        template="pdf/prospetto_linea.html",
        ambito=di.nome,
        oggetto=f"Linea {di.segno} · {di.nome}",
        situazione=s,
        emesso=emesso,
        nome=f"prospetto-{s.codice}-{di.codice}-{periodo(s.anni)}",
        orizzontale=True,
        parti={"linea": sezione, "atti": atti, "padre": padre},
        tavole=[*sezione.tavole, atti],
        **altro,
    )


def riparto(s: Situazione, di: Linea, emesso: Emesso, *, padre: str = "", **altro) -> Prospetto:
    """One version of one riparto: a line in a year."""
    note = Note()
    sezione = sezione_linea(s, di, note)
    (anno,) = s.anni
    versione = di.anno(anno).riparto
    return Prospetto(
        template="pdf/riparto.html",
        ambito=di.nome,
        oggetto=f"Linea {di.segno} · {di.nome}",
        situazione=s,
        emesso=emesso,
        nome=f"riparto-{s.codice}-{di.codice}-{anno}-v{versione.versione}",
        parti={"linea": sezione, "atti": tavola_atti(s, note), "padre": padre},
        tavole=list(sezione.tavole),
        **altro,
    )


def _per_blocchi(s: Situazione, fai, quanti: int = sezioni.ANNI_PER_TAVOLA) -> list[Tavola]:
    """A table every three years; the sum of the whole period stands in the last one."""
    blocchi = a_blocchi(s.anni, quanti)
    return [fai(anni, anni is blocchi[-1]) for anni in blocchi]


def sezione_linea(s: Situazione, di: Linea, note: Note) -> Sezione:
    tavole = _per_blocchi(
        s,
        lambda anni, ultimo: sezioni_enti.riparto_linea(s, di, note, anni, con_totale=ultimo),
        sezioni_enti.anni_per_tavola(s, di),
    )
    voci = {a: di.anno(a) for a in s.anni}
    fatti = [
        ("Fonte delle risorse", di.fonte or "fonte non indicata"),
        (
            "Criterio di riparto",
            _per_anno({a: v.riparto.criterio or "non indicato" for a, v in _con_riparto(voci)}),
        ),
        ("Atto", _per_anno({a: _atto(v.riparto) for a, v in _con_riparto(voci)})),
        ("Versione e stato", _per_anno({a: _versione(v.riparto) for a, v in voci.items()})),
    ]
    return Sezione(di.segno, di.nome, di.breve, fatti, tavole)


def _con_riparto(voci: dict[int, Annualita]):
    return [(a, v) for a, v in voci.items() if v.riparto]


def _per_anno(valori: dict[int, str]) -> str:
    """One value if it is the same in all years, otherwise each with its years: «2024 e 2025: …; 2026: …»."""
    if not valori:
        return "—"
    diversi = dict.fromkeys(valori.values())
    if len(diversi) == 1:
        return next(iter(diversi))
    return "; ".join(f"{elenco(a for a, v in valori.items() if v == x)}: {x}" for x in diversi)


def _atto(r: Ripartizione) -> str:
    return r.atto or ("atto non indicato" if r.approvata else "nessun atto")


def _versione(r: Ripartizione | None) -> str:
    if r is None:
        return "nessun riparto"
    return f"versione {r.versione}, {r.stato}{', parziale' if r.parziale else ''}"


def tavola_atti(s: Situazione, note: Note, prima: Sequence[tuple[str, str]] = ()) -> Tavola:
    """The acts and the versions that the document rests on."""
    colonne = [
        Colonna("Annualità", tipo="testo", larghezza=28),
        Colonna("Versione e stato", tipo="testo", larghezza=44),
        Colonna("Atto", tipo="testo"),
    ]
    tavola = Tavola(
        "Atti e versioni", "Atti richiamati dal prospetto e versioni dei riparti.", "Oggetto", colonne, note
    )
    for oggetto, estremi in [*prima, *s.atti]:
        tavola.gruppi.append([tavola.riga(oggetto, [NIENTE, NIENTE, Cella(estremi)])])
    dotazioni: dict[str, list[int]] = {}
    uguali: dict[tuple, list[Linea]] = {}
    for voce in (v for di in s.linee for v in di.tutte):
        versioni: dict[tuple[str, str], list[int]] = {}
        for a in s.anni:
            annualita = voce.anno(a)
            if annualita.riparto:
                versioni.setdefault((_versione(annualita.riparto), _atto(annualita.riparto)), []).append(a)
            if annualita.atto and a not in dotazioni.setdefault(annualita.atto, []):
                dotazioni[annualita.atto].append(a)
        for (versione, atto), anni in versioni.items():
            uguali.setdefault((versione, atto, tuple(anni)), []).append(voce)
    for atto, anni in dotazioni.items():
        tavola.gruppi.append([tavola.riga("Dotazioni", [Cella(elenco(sorted(anni))), NIENTE, Cella(atto)])])
    for (versione, atto, anni), linee in uguali.items():
        quali = f"{'linea' if len(linee) == 1 else 'linee'} {elenco(x.segno for x in linee)}"
        celle = [Cella(elenco(anni)), Cella(versione), Cella(atto)]
        tavola.gruppi.append([tavola.riga(f"Riparto, {quali}", celle)])
    return tavola


@dataclass(frozen=True)
class Quadratura:
    """The same money added by line, by ente and by year; euro."""

    per_linea: Decimal | None
    per_ente: Decimal | None
    per_anno: Decimal | None
    scarto: Decimal | None  # dotazioni of the years fully shared out, less their shares
    non_ripartite: str
    parziali: str

    @property
    def coincide(self) -> bool:
        return self.per_linea == self.per_ente == self.per_anno


def quadratura(s: Situazione) -> Quadratura:
    per_linea = [somma_nota(x.anno(a).quota(e.chiave) for a in s.anni for e in s.enti) for x in s.linee]
    per_ente = [somma_nota(x.anno(a).quota(e.chiave) for a in s.anni for x in s.linee) for e in s.enti]
    per_anno = [somma_nota(x.anno(a).quota(e.chiave) for x in s.linee for e in s.enti) for a in s.anni]
    voci = [(x, a, x.anno(a)) for x in s.linee for a in s.anni]
    scarti = [
        v.dotazione.valore - somma_intera(v.quota(e.chiave) for e in s.enti)
        for _, _, v in voci
        if v.dotazione.valore is not None and sezioni.e_completo(v, s.enti)
    ]
    return Quadratura(
        somma_nota(per_linea),
        somma_nota(per_ente),
        somma_nota(per_anno),
        somma_nota(scarti),
        _linee_anni([(x, a) for x, a, v in voci if v.dotazione.valore is not None and not v.riparto]),
        _linee_anni([(x, a) for x, a, v in voci if v.riparto and not sezioni.e_completo(v, s.enti)]),
    )


def _linee_anni(coppie: Sequence[tuple[Linea, int]]) -> str:
    """«linea A 2026, linea B 2025 e 2026»."""
    anni: dict[str, list[int]] = {}
    for di, a in coppie:
        anni.setdefault(di.segno, []).append(a)
    return ", ".join(f"linea {segno} {elenco(quando)}" for segno, quando in anni.items())
