"""The words of each control: what it is, why, how to mend. Codes C are those of the domain notes.

None comes from the text of the convention, which is not public: each says so in `fonte`.
"""

from core.sheets.esiti import AVVISO, BLOCCANTE, Controllo

_PRASSI = "Prassi dei controlli sui rendiconti: il testo della convenzione non la riporta"
_MODELLO = "Modello di rendiconto dei costi del personale"

MESE_FUORI = Controllo(
    "C02",
    BLOCCANTE,
    "Mesi fuori dal trimestre",
    "Il rendiconto accetta solo i costi dei tre mesi del trimestre.",
    "Correggi il mese, o sposta la riga nel rendiconto del suo trimestre.",
    _PRASSI,
    "righe",
    "di costo",
)
DOPPIO_COSTO = Controllo(
    "C07.oltre",
    BLOCCANTE,
    "Persone su due linee o due datori",
    "Nello stesso mese la persona è su più linee o più datori di lavoro e il tempo supera il 100 %.",
    "Lascia una sola riga, o dividi la percentuale di tempo tra le righe senza superare 100.",
    _PRASSI,
    "righe",
    "di costo",
)
DIVISO = Controllo(
    "C07.diviso",
    AVVISO,
    "Persone divise tra linee o datori",
    "Nello stesso mese la persona è su più linee o più datori; il tempo in tutto non supera il 100 %.",
    "Se la divisione è giusta lasciala così.",
    _PRASSI,
    "righe",
    "di costo",
)
RIGA_DOPPIA = Controllo(
    "C08",
    BLOCCANTE,
    "Righe doppie",
    "La stessa persona ha due righe per lo stesso mese, la stessa linea e lo stesso datore di lavoro.",
    "Togli una delle due righe, o somma gli importi in una sola.",
    _PRASSI,
    "righe",
    "contati due volte",
)
TEMPO_OLTRE = Controllo(
    "C09",
    AVVISO,
    "Tempo oltre il 100 %",
    "La somma delle percentuali di tempo di una persona nel mese supera 100.",
    "Controlla le percentuali delle righe indicate.",
    _PRASSI,
    "righe",
    "di costo",
)
LINEA = Controllo(
    "C15.linea",
    BLOCCANTE,
    "Linee non ammesse in questo rendiconto",
    "Il codice non è tra le linee del personale di questa convenzione.",
    "Scegli la linea dall’elenco a discesa della cella.",
    _PRASSI,
    "celle",
    "di costo",
)
VOCE = Controllo(
    "C15.voce",
    BLOCCANTE,
    "Voci di costo non ammesse per la linea",
    "Per questa linea e quest’anno la voce non è tra quelle ammesse.",
    "Togli l’importo, o spostalo nella voce giusta. Il totale va corretto di conseguenza.",
    _PRASSI,
    "celle",
    "di costo",
)
LETTURA = Controllo(
    "C19.lettura",
    BLOCCANTE,
    "Importi che non si leggono",
    "Il punto separa le migliaia, la virgola i centesimi. Qui non è un numero, o si legge in più modi.",
    "Riscrivi l’importo con la virgola: 1.234,56.",
    _MODELLO,
    "celle",
    "nelle righe segnate",
)
NEGATIVO = Controllo(
    "C19.negativo",
    BLOCCANTE,
    "Importi negativi",
    "Un costo non può essere minore di zero.",
    "Scrivi il costo del mese al netto del recupero, o togli la riga.",
    _PRASSI,
)
SOMMA = Controllo(
    "C19.somma",
    BLOCCANTE,
    "Totali che non tornano",
    "Il totale della riga deve essere la somma delle sue voci.",
    "Correggi il totale o la voce sbagliata.",
    _MODELLO,
    "righe",
    "di costo",
)
SOMMA_ARROTONDATA = Controllo(
    "C19.centesimi",
    AVVISO,
    "Totali diversi per gli arrotondamenti",
    "Le voci hanno frazioni di centesimo: arrotondate, danno una somma diversa di pochi centesimi.",
    "Vale la somma delle voci arrotondate: se va bene non serve altro.",
    _MODELLO,
    "righe",
)
ARROTONDATO = Controllo(
    "C19.arrotondato",
    AVVISO,
    "Importi con più di due decimali",
    "L’importo ha frazioni di centesimo: è arrotondato al centesimo più vicino.",
    "Se l’arrotondamento va bene non serve altro.",
    _MODELLO,
)
CODICE_FISCALE = Controllo(
    "S20",
    BLOCCANTE,
    "Codici fiscali non validi",
    "Il codice fiscale di una persona ha 16 caratteri (o 11 cifre, se provvisorio).",
    "Riscrivi il codice fiscale come sulla tessera sanitaria.",
    _MODELLO,
)
CODICE_FISCALE_DUBBIO = Controllo(
    "S21",
    AVVISO,
    "Codici fiscali da controllare",
    "L’ultima lettera, che controlla le altre, non torna: di solito è un errore di battitura.",
    "Confronta il codice con la tessera sanitaria.",
    _MODELLO,
)
SENZA_RIGHE = Controllo(
    "S22",
    BLOCCANTE,
    "Nessuna riga",
    "Il foglio ha le intestazioni ma nessuna riga di costo.",
    "Compila almeno una riga.",
    _MODELLO,
    "file",
)

TUTTE = tuple(c for c in list(globals().values()) if isinstance(c, Controllo))
