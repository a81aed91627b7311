"""The lists: reports, cost rows, findings of the controls."""

import django_tables2 as tables
from django.utils.html import format_html

from core.tables import CifraColumn
from core.templatetags.componenti import stato
from core.templatetags.formati import data_breve, mese, percento

from .models import DA_PRESENTARE, Adempimento, RigaCosto
from .passi import attesa_in_parole, giorni_di_ritardo, prossimo_passo, ritardo_in_parole

CIFRA = {"td": {"class": "cifra"}}


class AdempimentoTable(tables.Table):
    titolo = tables.Column(
        verbose_name="Rendiconto",
        linkify=lambda record: record.get_absolute_url(),
        order_by=("anno", "trimestre"),
    )
    ente = tables.Column(accessor="ente__nome_breve", verbose_name="Ente")
    convenzione = tables.Column(
        accessor="convenzione__codice", verbose_name="Convenzione", attrs={"td": {"class": "text-nowrap"}}
    )
    scadenza = tables.Column(verbose_name="Scadenza")
    stato = tables.Column(accessor="stato", verbose_name="Stato")
    passo = tables.Column(verbose_name="Prossimo passo", empty_values=(), orderable=False)
    apri = tables.Column(
        verbose_name="azioni", empty_values=(), orderable=False, attrs={"td": {"class": "azione"}}
    )

    didascalia = "Rendiconti e scadenze"
    nota_didascalia = "prima quello che aspetta te, poi per scadenza"
    testo_vuoto = "Togli un filtro. Le scadenze nascono quando la convenzione è vigente."

    class Meta:
        model = Adempimento
        fields = ["titolo", "ente", "convenzione", "scadenza", "stato", "passo", "apri"]
        order_by_field = "ordina"
        empty_text = "Nessun rendiconto con questi filtri"

    def __init__(self, *args, utente, **kwargs):
        super().__init__(*args, **kwargs)
        self.utente = utente

    def render_scadenza(self, record):
        nota = "giorno presunto" if record.presunta else ""
        sotto = format_html('<span class="nota-cifra">{}</span>', nota) if nota else ""
        return format_html("{}{}", data_breve(record.scadenza), sotto)

    def render_stato(self, record):
        parola = ""
        if record.stato == DA_PRESENTARE and (attesa := attesa_in_parole(record)):
            parola = f"Da presentare · {attesa}"
        ritardo = giorni_di_ritardo(record)
        tardi = stato("in_ritardo", ritardo_in_parole(ritardo)) if ritardo else ""
        return format_html("{} {}", stato(record.stato, parola), tardi)

    def render_passo(self, record):
        return prossimo_passo(record, self.utente).testo

    def render_apri(self, record):
        passo = prossimo_passo(record, self.utente)
        return format_html(
            '<a class="btn btn-{} btn-sm text-nowrap" href="{}">{}<span class="solo-lettore">: {}</span></a>',
            "primary" if passo.mio else "outline-primary",
            record.get_absolute_url(),
            passo.etichetta,
            record,
        )


class RigaCostoTable(tables.Table):
    riga = tables.Column(verbose_name="Riga")
    matricola = tables.Column()
    persona = tables.Column(empty_values=(), verbose_name="Persona")
    codice_fiscale = tables.Column()
    datore = tables.Column(empty_values=(), verbose_name="Datore di lavoro")
    cpi = tables.Column(accessor="cpi__denominazione", verbose_name="CPI")
    linea = tables.Column(accessor="linea__codice", verbose_name="Linea")
    mese = tables.Column()
    percentuale = tables.Column(verbose_name="% di tempo", attrs=CIFRA)
    totale = CifraColumn()

    didascalia = "Righe del rendiconto"
    nota_didascalia = "importi in euro, nell’ordine del foglio"

    class Meta:
        model = RigaCosto
        fields = [
            "riga",
            "matricola",
            "persona",
            "codice_fiscale",
            "datore",
            "cpi",
            "linea",
            "mese",
            "percentuale",
            "totale",
        ]
        orderable = False
        empty_text = "Nessuna riga"

    def __init__(self, *args, ente, **kwargs):
        super().__init__(*args, **kwargs)
        self.ente = ente

    def render_persona(self, record):
        return f"{record.cognome} {record.nome}"

    def render_datore(self, record):
        return record.datore or self.ente.nome_breve

    def render_mese(self, value):
        return mese(value)

    def render_percentuale(self, value):
        return percento(value)


class EsitoTable(tables.Table):
    dove = tables.Column(verbose_name="Cella", empty_values=(), orderable=False)
    etichetta = tables.Column(verbose_name="Riga", empty_values=(), orderable=False)
    livello = tables.Column(orderable=False)
    trovato = tables.Column(orderable=False)
    atteso = tables.Column(orderable=False)
    messaggio = tables.Column(orderable=False)

    didascalia = "Che cosa correggere"
    nota_didascalia = "prima quello che blocca"

    class Meta:
        empty_text = "Nessun errore"

    def render_dove(self, record):
        return dove(record)

    def render_livello(self, record):
        return stato(record.livello)

    def render_trovato(self, value):
        return format_html('<span class="trovato">{}</span>', value)


def dove(esito) -> str:
    """«Costi!L12», or what the finding is about when it has no cell."""
    if esito.cella:
        return f"{esito.foglio}!{esito.cella}" if esito.foglio else esito.cella
    return esito.foglio or "file"
