"""The reasons for which a whole file is refused, in words. One `Controllo` each, code F."""

from .esiti import AVVISO, BLOCCANTE, NOTA, Controllo, FileRifiutato

_RISALVA = (
    "Apri il file con Excel o LibreOffice e salvalo di nuovo come «Cartella di lavoro di Excel (.xlsx)»."
)


def _file(codice: str, titolo: str, perche: str, rimedio: str, livello: str = BLOCCANTE) -> Controllo:
    return Controllo(codice, livello, titolo, perche, rimedio, fonte="Regole sui file caricati", unita="file")


VUOTO = _file("F01", "File vuoto", "Il file non contiene dati.", "Carica il foglio compilato.")
NON_FOGLIO = _file(
    "F02",
    "Non è un foglio di calcolo",
    "Il contenuto non è quello di un foglio .xlsx né di un .csv.",
    "Carica il modello compilato, in formato .xlsx o .csv.",
)
INCOMPLETO = _file(
    "F03",
    "File incompleto o danneggiato",
    "Il file finisce prima del dovuto o alcune sue parti non si aprono.",
    "Salva di nuovo il file e ricaricalo. Se lo hai scaricato o copiato, ripeti la copia.",
)
CIFRATO = _file(
    "F04",
    "File protetto da password",
    "Il file è cifrato e non si può leggere.",
    "Togli la password di apertura (File, Informazioni, Proteggi cartella di lavoro) e salva di nuovo.",
)
MACRO = _file(
    "F05",
    "File con macro",
    "Il file contiene o dichiara macro, che non sono ammesse.",
    "Salvalo come «Cartella di lavoro di Excel (.xlsx)», senza macro.",
)
COLLEGATO = _file(
    "F06",
    "File con collegamenti esterni",
    "Il foglio prende valori da altri file o da altre fonti di dati.",
    "Interrompi i collegamenti (Dati, Modifica collegamenti), tieni i valori e salva di nuovo.",
)
INCORPORATO = _file(
    "F07",
    "File con oggetti incorporati",
    "Il foglio contiene altri file o controlli attivi.",
    "Togli gli oggetti incorporati e salva di nuovo.",
)
XML_VIETATO = _file(
    "F08",
    "File con dichiarazioni non ammesse",
    "Una parte del file dichiara un DOCTYPE o entità esterne, o usa una codifica non ammessa.",
    _RISALVA,
)
GONFIO = _file(
    "F09",
    "File troppo grande una volta aperto",
    "Il contenuto compresso occupa molto più di quanto serva a un foglio di dati.",
    "Copia i soli dati in un modello nuovo e ricarica quello.",
)
PESANTE = _file(
    "F10",
    "File troppo grande",
    "Il file supera la misura ammessa.",
    "Dividi i dati o togli ciò che non serve.",
)
TROPPE_RIGHE = _file(
    "F11",
    "Troppe righe",
    "Il foglio supera le righe ammesse.",
    "Controlla che non ci siano righe copiate per errore.",
)
CELLA_LONTANA = _file(
    "F12",
    "Una cella fuori dalla tabella",
    "C’è un valore molto lontano dai dati, e il foglio diventa troppo grande da leggere.",
    "Vai alla cella indicata, elimina la riga e la colonna, salva di nuovo.",
)
VECCHIO = _file("F13", "Formato non ammesso", "Sono ammessi i file .xlsx e .csv.", _RISALVA)
BINARIO = _file(
    "F14",
    "Il csv contiene caratteri non di testo",
    "Nel file ci sono byte che non sono testo, o una codifica non ammessa.",
    "Salva di nuovo il foglio come «CSV UTF-8», oppure carica il file .xlsx.",
)
ILLEGGIBILE = _file("F15", "File illeggibile", "Il file non si riesce a leggere.", _RISALVA)
ALTRO_MODELLO = _file(
    "F16",
    "Il file è di un’altra destinazione",
    "Il modello compilato porta il nome dell’ente, del periodo e del tipo per cui è stato scaricato.",
    "Carica il file giusto, o scarica il modello di questa pagina e copia lì i dati.",
)
FOGLIO_ASSENTE = _file(
    "F17",
    "Manca il foglio dei dati",
    "I dati si leggono da un foglio con un nome preciso.",
    "Rinomina il foglio dei dati, o copia i dati nel modello.",
)
SENZA_MODELLO = _file(
    "F18",
    "File non preso dal modello",
    "Il file non porta il foglio nascosto del modello: ente e periodo non si possono confrontare.",
    "Controlla che ente e periodo siano quelli giusti. Se parti dal modello il confronto si fa da sé.",
    NOTA,
)
VERSIONE = _file(
    "F19",
    "Modello di un’altra versione",
    "Il file è compilato su una versione del modello diversa da quella di oggi.",
    "Se i controlli non segnalano altro puoi andare avanti. La prossima volta scarica il modello nuovo.",
    AVVISO,
)
TUTTI = tuple(c for c in list(globals().values()) if isinstance(c, Controllo))
PER_ID = {c.id: c for c in TUTTI}


def troppe_righe(massimo: int) -> FileRifiutato:
    migliaia = f"{massimo:,}".replace(",", ".")
    return FileRifiutato(
        TROPPE_RIGHE,
        f"Il foglio ha più di {migliaia} righe con dati, il massimo ammesso.",
        trovato=f"più di {migliaia} righe",
        atteso=f"al massimo {migliaia} righe",
    )
