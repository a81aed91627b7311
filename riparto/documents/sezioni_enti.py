"""Tables with the enti as rows: the summary of the region and the riparto of one line."""

from collections.abc import Sequence
from decimal import Decimal

from .cifre import Cifra, Ente, Linea, Situazione, somma_intera, somma_nota
from .sezioni import (
    ANNI_PER_TAVOLA,
    COMPONENTI,
    base_percentuale,
    cella,
    cella_quota,
    chi_e_quando,
    con_dubbio,
    e_completo,
    elenco,
    note_dei_riparti,
    periodo,
    quota_percentuale,
)
from .tavole import DUBBIO, NIENTE, Cella, Colonna, Note, Riga, Tavola


def riepilogo(situazione: Situazione, note: Note, anni: Sequence[int], *, con_totale: bool) -> Tavola:
    """Sum of the lines per ente and year, with the percent of the total where every share is stated."""
    s = situazione
    con_somma = con_totale and len(s.anni) > 1
    colonne = []
    for a in anni:
        colonne += [Colonna(str(a), "euro", gruppo=True), Colonna("%", f"su {a}", "pct", larghezza=17)]
    if con_somma:
        colonne += [
            Colonna("Somma", f"{periodo(s.anni)}, euro", gruppo=True),
            Colonna("%", "sulla somma", "pct", larghezza=17),
        ]
    tavola = Tavola(
        f"Enti {periodo(anni)}",
        "Somma delle linee indicate per ente e annualità, in euro, e percentuale sul totale. Le righe "
        "«di cui» non sono sommate.",
        "Ente",
        colonne,
        note,
        larghezza_etichetta=66,
    )
    valori = {
        (e.chiave, a): somma_nota(x.anno(a).quota(e.chiave) for x in s.linee) for e in s.enti for a in s.anni
    }
    dubbi = {
        (e.chiave, a): any(r.dubbio(e.chiave) for x in s.linee if (r := x.anno(a).riparto))
        for e in s.enti
        for a in s.anni
    }
    completi = {a: all(e_completo(v, s.enti) for x in s.linee if (v := x.anno(a)).riparto) for a in s.anni}
    totali = {a: somma_nota(valori[e.chiave, a] for e in s.enti) for a in s.anni}
    generale = somma_nota(totali.values())
    for e in s.enti:
        celle = []
        for a in anni:
            v = valori[e.chiave, a]
            celle += [
                con_dubbio(v, dubbi[e.chiave, a]),
                Cella(quota_percentuale(v, totali[a]) if completi[a] else None),
            ]
        if con_somma:
            v = somma_nota(valori[e.chiave, a] for a in s.anni)
            pct = quota_percentuale(v, generale) if all(completi.values()) else None
            celle += [con_dubbio(v, any(dubbi[e.chiave, a] for a in s.anni)), Cella(pct)]
        tavola.gruppi.append([tavola.riga(e.nome, celle, sigla=e.sigla)])
    celle = []
    for a in anni:
        dubbio = any(dubbi[e.chiave, a] for e in s.enti)
        celle += [con_dubbio(totali[a], dubbio), Cella(_cento(totali[a]) if completi[a] else None)]
    if con_somma:
        pct = _cento(generale) if all(completi.values()) else None
        celle += [con_dubbio(generale, any(dubbi.values())), Cella(pct)]
    tavola.totali.append(tavola.riga(f"Somma, {len(s.enti)} enti", celle, genere="totale"))
    if any(dubbi.values()):
        tavola.note.append(
            (DUBBIO, "La somma comprende un importo da verificare: il motivo è alla sezione della linea.")
        )
    fuori = {a: [x for x in s.linee if not e_completo(x.anno(a), s.enti)] for a in anni}
    pezzi = [
        f"{a}: {'linea' if len(x) == 1 else 'linee'} {elenco(v.segno for v in x)}"
        for a, x in fuori.items()
        if x
    ]
    if pezzi:
        testo = f"Fuori dalle somme, perché di tutti o di alcuni enti manca l’importo: {'; '.join(pezzi)}."
        if not all(completi[a] for a in anni):
            testo += " Dove il riparto è parziale la percentuale sul totale non si calcola."
        tavola.vuoto(testo)
    return tavola


def _cento(valore: Decimal | None) -> Decimal | None:
    return Decimal(100) if valore else None


def anni_per_tavola(s: Situazione, linea: Linea) -> int:
    """Where numbers of eight digits would overlap in three columns a year: two years to a table."""
    voci = [linea.anno(a) for a in s.anni]
    componenti = any(v.riparto and v.riparto.per_componenti for v in voci)
    massimi = [v.dotazione.valore or somma_nota(v.quota(e.chiave) for e in s.enti) or 0 for v in voci]
    largo = max(massimi) >= 10_000_000
    return 2 if componenti and largo else ANNI_PER_TAVOLA


def riparto_linea(
    situazione: Situazione,
    linea: Linea,
    note: Note,
    anni: Sequence[int],
    *,
    con_totale: bool,
) -> Tavola:
    """One line: enti as rows, years as columns, with its components or its «di cui» where it has them."""
    s = situazione
    riparti = [r for a in s.anni if (r := linea.anno(a).riparto)]
    componenti = any(r.per_componenti for r in riparti)
    con_somma = con_totale and len(s.anni) > 1
    stretta = componenti and len(anni) > 1
    sola = not con_somma and len(anni) == 1  # few columns: they keep their width, the names take the rest
    importo = 34 if sola else None
    pct = 10.5 if stretta else 17
    colonne: list[Colonna] = []
    for a in anni:
        if componenti:
            colonne += [
                Colonna("Fissa", str(a), gruppo=True, larghezza=importo),
                Colonna("Variabile", str(a), larghezza=importo),
                Colonna("Totale", str(a), larghezza=importo),
            ]
        else:
            colonne.append(Colonna(str(a), "euro", gruppo=True, larghezza=importo))
        colonne.append(Colonna("%", f"su {a}" if not stretta else str(a), "pct", larghezza=pct))
    if con_somma:
        colonne.append(Colonna("Somma", periodo(s.anni), gruppo=True, larghezza=21 if stretta else None))
        if not stretta:
            colonne.append(Colonna("%", "sulla somma", "pct", larghezza=pct))
    che = "quota fissa, quota variabile e totale" if componenti else "importo"
    titolo = (
        f"Linea {linea.segno}: {che} per ente e annualità, in euro, e percentuale sul totale della linea."
    )
    if linea.dicui:
        titolo += " Le righe «di cui» sono già comprese nella riga che precede e non si sommano."
    tavola = Tavola(
        f"Linea {linea.segno} {periodo(anni)}", titolo, "Ente", colonne, note,
        larghezza_etichetta=48 if stretta else None if sola else 66,
        classi="fitta" if stretta else "coppie" if linea.dicui else "",
    )  # fmt: skip
    bilancio = _Bilancio(s, linea, tavola, anni, componenti, con_somma, stretta)
    for e in s.enti:
        # under an ente of which nothing is known a «di cui» would be one more row of dashes
        noto = any(x.anno(a).quota(e.chiave) is not None for x in linea.tutte for a in s.anni)
        sotto = [bilancio.dicui(f, e) for f in linea.dicui if noto]
        tavola.gruppi.append([bilancio.ente(e, "con" if sotto else ""), *sotto])
    tavola.totali = bilancio.totali()
    bilancio.parole()
    return tavola


class _Bilancio:
    """Rows of the table of one line: the enti, their sum, the dotazione and what is left."""

    def __init__(self, s: Situazione, linea: Linea, tavola: Tavola, anni, componenti, con_somma, stretta):
        self.s, self.linea, self.tavola, self.anni = s, linea, tavola, anni
        self.componenti, self.con_somma, self.pct_somma = componenti, con_somma, con_somma and not stretta
        self.completi = {a: e_completo(linea.anno(a), s.enti) for a in s.anni}

    def _anno(
        self, a: int, totale: Cella, pct: Cella, fissa: Cella = NIENTE, variabile: Cella = NIENTE
    ) -> list[Cella]:
        return [fissa, variabile, totale, pct] if self.componenti else [totale, pct]

    def _riga(self, etichetta, celle, somma: Cella, pct: Cella = NIENTE, **altro) -> Riga:
        if self.con_somma:
            celle = [*celle, somma, *([pct] if self.pct_somma else [])]
        return self.tavola.riga(etichetta, celle, **altro)

    def ente(self, e: Ente, genere: str) -> Riga:
        celle = []
        for a in self.anni:
            voce = self.linea.anno(a)
            chi = f"{e.nome}, {chi_e_quando(self.linea.breve, self.linea, e, self.s)}"
            totale = cella_quota(self.tavola, voce.riparto, e, chi)
            pct = Cella(quota_percentuale(totale.valore, base_percentuale(voce, self.s.enti)))
            if self.componenti:
                cifre = [
                    voce.riparto.componente(e.chiave, n) if voce.riparto else Cifra(None) for n in COMPONENTI
                ]
                fissa, variabile = (cella(self.tavola, c, chi=chi, dubbio_breve=True) for c in cifre)
                celle += self._anno(
                    a, Cella(totale.valore, dubbio=totale.dubbio, forte=True), pct, fissa, variabile
                )
            else:
                celle += self._anno(a, totale, pct)
        valori = {a: self.linea.anno(a).quota(e.chiave) for a in self.s.anni}
        dubbio = any(r.dubbio(e.chiave) for a in self.s.anni if (r := self.linea.anno(a).riparto))
        somma = somma_nota(valori.values())
        interi = [
            somma_intera(self.linea.anno(a).quota(x.chiave) for x in self.s.enti)
            for a in self.s.anni
            if valori[a] is not None
        ]
        pct = quota_percentuale(somma, somma_intera(interi))
        return self._riga(e.nome, celle, con_dubbio(somma, dubbio), Cella(pct), sigla=e.sigla, genere=genere)

    def dicui(self, figlia: Linea, e: Ente) -> Riga:
        chi = f"{e.nome}, {chi_e_quando(figlia.breve, figlia, e, self.s)}"
        celle = []
        for a in self.anni:
            celle += self._anno(a, cella_quota(self.tavola, figlia.anno(a).riparto, e, chi), NIENTE)
        somma = somma_nota(figlia.anno(a).quota(e.chiave) for a in self.s.anni)
        return self._riga(f"di cui {figlia.breve}", celle, Cella(somma), genere="dicui")

    def totali(self) -> list[Riga]:
        s, linea = self.s, self.linea
        quote = {a: [linea.anno(a).quota(e.chiave) for e in s.enti] for a in s.anni}
        note = {a: somma_nota(v) for a, v in quote.items()}
        intere = {a: v if self.completi[a] else None for a, v in note.items()}
        parziali = [a for a in s.anni if note[a] is not None and intere[a] is None]
        righe = []
        for etichetta, valori, genere in (
            ("Totale ripartito", intere, "totale"),
            ("Somma degli importi indicati", note, ""),
        ):
            if genere or parziali:
                celle = []
                for a in self.anni:
                    parti = (
                        [self._componente(a, n, intera=bool(genere)) for n in COMPONENTI]
                        if self.componenti
                        else []
                    )
                    base = base_percentuale(linea.anno(a), s.enti)
                    celle += self._anno(
                        a, Cella(valori[a]), Cella(quota_percentuale(valori[a], base)), *parti
                    )
                # the total of the period exists only where no listed year is partial
                somma = somma_nota(valori.values()) if not (genere and parziali) else None
                pct = _cento(somma) if genere else Cella().valore
                righe.append(self._riga(etichetta, celle, Cella(somma), Cella(pct), genere=genere))
        for figlia in linea.dicui:
            celle = []
            for a in self.anni:
                celle += self._anno(a, Cella(self._somma_figlia(figlia, a)), NIENTE)
            somma = somma_nota(self._somma_figlia(figlia, a) for a in s.anni)
            righe.append(self._riga(f"di cui {figlia.nome}", celle, Cella(somma), genere="dicui"))
        dotazioni = {a: linea.anno(a).dotazione for a in s.anni}
        celle, scarti = [], []
        for a in self.anni:
            celle += self._anno(
                a, cella(self.tavola, dotazioni[a], chi=f"Dotazione {a}", dubbio_breve=True), Cella()
            )
            scarti += self._anno(a, Cella(_meno(dotazioni[a].valore, note[a])), NIENTE)
        righe.append(
            self._riga("Dotazione regionale", celle, Cella(somma_nota(c.valore for c in dotazioni.values())))
        )
        righe.append(self._riga("Dotazione meno importi indicati", scarti, NIENTE))
        return righe

    def _componente(self, a: int, nome: str, *, intera: bool) -> Cella:
        riparto = self.linea.anno(a).riparto
        valori = [riparto.componente(e.chiave, nome).valore if riparto else None for e in self.s.enti]
        return Cella((somma_intera if intera else somma_nota)(valori))

    def _somma_figlia(self, figlia: Linea, a: int) -> Decimal | None:
        return somma_nota(figlia.anno(a).quota(e.chiave) for e in self.s.enti)

    def parole(self) -> None:
        """Gaps and partial years, in words."""
        voci = {a: self.linea.anno(a) for a in self.anni}
        note_dei_riparti(self.tavola, [self.linea, *self.linea.dicui], self.anni)
        senza = [a for a, v in voci.items() if v.riparto is None]
        senza_dotazione = [a for a, v in voci.items() if v.dotazione.valore is None]
        parziali = [a for a, v in voci.items() if v.riparto and not self.completi[a]]
        if senza:
            self.tavola.vuoto(f"{elenco(senza)}: nessun riparto. Le somme non ne tengono conto.")
        if senza_dotazione:
            quali = elenco(senza_dotazione)
            self.tavola.vuoto(f"{quali}: dotazione regionale non indicata, che non equivale a zero.")
        if parziali:
            testo = f"{elenco(parziali)}: riparto parziale, l’importo di alcuni enti non è indicato."
            if not set(parziali) <= set(senza_dotazione):
                testo += " La percentuale è sulla dotazione regionale."
            self.tavola.vuoto(testo)


def _meno(a: Decimal | None, b: Decimal | None) -> Decimal | None:
    return None if a is None or b is None else a - b
