"""The child process: reads one hostile file, checks it, writes the verdict and the rows. No Django here.

Standard input: one line of JSON (module, context, limits, what to do), then the bytes of the file.
Standard output: one line of JSON (the verdict), then COPY text rows when the file is accepted.
"""

import gc
import importlib
import itertools
import json
import os
import resource
import sys
from collections.abc import Iterator

from . import rifiuti
from .celle import SENZA_VALORE, VALORI_IN_PIU, leggi_colonna, mostra
from .esiti import FileRifiutato, Raccolta, Trovato
from .lettura import Griglia, leggi_csv, leggi_xlsx
from .perche import nomi_dei_fogli, parte_del_foglio, spiega
from .schema import IGNOTA, Modulo, Tabella, chiave, indirizzo, lettera_colonna, riconosci_intestazioni

USCITA_MEMORIA = 75
_BLOCCO_RIGHE = 2_000
# The only file it may write is the traceback of a bug, for the parent's log.
_MASSIMO_SCRITTO = 256 * 1024
# Never filled down from a merged cell: the same amount would be counted once per row.
_NON_RIPETERE = {"importo"}


def main() -> None:
    richiesta = json.loads(sys.stdin.buffer.readline())
    limiti = richiesta["limiti"]
    gc.disable()  # a short life and no cycles: the collector would walk the cells again and again
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_MASSIMO_SCRITTO, _MASSIMO_SCRITTO))
    resource.setrlimit(resource.RLIMIT_CPU, (limiti["secondi"], limiti["secondi"] + 1))
    resource.setrlimit(resource.RLIMIT_AS, (limiti["memoria"], limiti["memoria"]))
    try:
        dati = sys.stdin.buffer.read()
        modulo = carica_modulo(richiesta["modulo"])
        if richiesta["azione"] == "spiega":
            _scrivi_verdetto(_verdetto_rifiuto(_spiega(dati, modulo.foglio, limiti), limiti))
            os._exit(0)
        verdetto, righe = esamina_dati(dati, richiesta["formato"], modulo, richiesta["contesto"], limiti)
        del dati
        _scrivi_verdetto(verdetto)
        for blocco in righe:
            sys.stdout.buffer.write(blocco)
        sys.stdout.buffer.flush()
        os._exit(0)  # nothing to close, and the reader of a refused file may still be at work
    except MemoryError:
        os._exit(USCITA_MEMORIA)
    except BaseException as e:
        # A panic of the Rust reader is a BaseException of a private class: the file is at fault.
        if type(e).__name__ == "PanicException":
            os._exit(USCITA_MEMORIA)
        raise


def carica_modulo(nome: str) -> Modulo:
    """«app.controlli:COSTI» → the object of that name."""
    percorso, _, attributo = nome.partition(":")
    return getattr(importlib.import_module(percorso), attributo)


def _scrivi_verdetto(verdetto: dict) -> None:
    sys.stdout.buffer.write(json.dumps(verdetto, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
    sys.stdout.buffer.flush()


def _verdetto_rifiuto(rifiuto: FileRifiutato, limiti: dict) -> dict:
    raccolta = Raccolta(limiti["errori"])
    raccolta.rifiuta(rifiuto)
    return {"righe": 0, "totale": None, "lettura": {}, "riepilogo": {}} | raccolta.verdetto()


def _spiega(dati: bytes, foglio: str, limiti: dict) -> FileRifiutato:
    from .guardia import guarda_zip

    try:
        archivio = guarda_zip(dati, limiti["decompressi"], limiti["righe"])
        # calamine is not asked for the names: it is what died
        nome = next(n for n in nomi_dei_fogli(archivio) if chiave(n) == chiave(foglio))
        return spiega(archivio, parte_del_foglio(archivio, nome), limiti["righe"])
    except FileRifiutato as e:
        return e
    except Exception:  # whatever it is, the file has already killed one reader
        return FileRifiutato(
            rifiuti.ILLEGGIBILE, "File illeggibile.", trovato="contenuto che non si riesce a leggere"
        )


def esamina_dati(
    dati: bytes, formato: str, modulo: Modulo, contesto: dict, limiti: dict
) -> tuple[dict, Iterator[bytes]]:
    """The verdict and, when accepted, the COPY rows."""
    colonne = modulo.colonne(contesto)
    try:
        if formato == "csv":
            griglia = leggi_csv(dati, modulo.foglio, {chiave(c.titolo) for c in colonne}, limiti)
        else:
            griglia = leggi_xlsx(dati, modulo.foglio, limiti)
    except FileRifiutato as e:
        return _verdetto_rifiuto(e, limiti), iter(())
    raccolta = Raccolta(limiti["errori"], foglio=griglia.foglio)
    if griglia.formato == "xlsx":
        confronta_metadati(griglia.metadati, modulo.metadati(contesto), raccolta)
    lettura = {
        "formato": griglia.formato,
        "foglio": griglia.foglio,
        "codifica": griglia.codifica,
        "separatore": griglia.separatore,
    }
    esito = {"righe": 0, "totale": None, "lettura": lettura, "riepilogo": {}}
    altrui = not raccolta.accettato
    if not altrui:
        posizioni = riconosci_intestazioni(griglia.righe, colonne, raccolta)
    if altrui or len(posizioni) < len(colonne):
        # Controls on half the columns would only add noise to what is already said.
        return esito | raccolta.verdetto(), iter(())
    tabella = _tabella(griglia, colonne, posizioni)
    if len(tabella) > limiti["righe"]:
        return _verdetto_rifiuto(rifiuti.troppe_righe(limiti["righe"]), limiti), iter(())
    raccolta.usa_indirizzi(tabella.cella, lambda i: modulo.etichetta(tabella, i))
    _celle_in_piu(griglia, raccolta)
    _segnala_senza_valore(griglia, tabella, posizioni, raccolta)
    griglia.righe, griglia.senza_valore = [], []
    # The columns that name a row come first, so that every finding can say whose it is.
    for colonna in sorted(colonne, key=lambda c: c.nome not in modulo.colonne_etichetta):
        leggi_colonna(tabella, colonna, raccolta)
        tabella.grezzi[colonna.nome] = []
    esito["righe"] = len(tabella)
    esito["totale"], esito["riepilogo"] = modulo.controlla(tabella, contesto, raccolta)
    verdetto = esito | raccolta.verdetto()
    return verdetto, _in_blocchi(modulo.righe(tabella, contesto)) if raccolta.accettato else iter(())


def confronta_metadati(trovati: dict | None, attesi: dict[str, tuple[str, str]], raccolta: Raccolta) -> None:
    """Compare the hidden sheet with the destination; `attesi` maps name → (value, the words around it)."""
    if trovati is None:
        raccolta.segnala_cella(
            rifiuti.SENZA_MODELLO,
            "",
            None,
            Trovato(
                None,
                None,
                "nessun foglio nascosto",
                "il modello di questa pagina",
                rifiuti.SENZA_MODELLO.perche,
            ),
        )
        return
    for nome, (atteso, parole) in attesi.items():
        trovato = trovati.get(nome, "")
        if chiave(trovato) == chiave(atteso):
            continue
        controllo = rifiuti.VERSIONE if nome == "versione" else rifiuti.ALTRO_MODELLO
        messaggio = f"Il file è per {parole} «{trovato or 'non indicato'}», qui serve «{atteso}»."
        raccolta.segnala_cella(controllo, "", None, Trovato(None, None, trovato, atteso, messaggio))


def _tabella(griglia: Griglia, colonne, posizioni: dict[str, int]) -> Tabella:
    """Turn rows into columns; rows without any value are left out, the numbers of the others are kept."""
    dati = griglia.righe[1:]
    larghezza = len(griglia.righe[0])
    if griglia.formato == "csv":
        dati = [r if len(r) >= larghezza else r + [""] * (larghezza - len(r)) for r in dati]
    piene = [i for i, r in enumerate(dati) if _piena(r)]
    if len(piene) != len(dati):
        dati = [dati[i] for i in piene]
    numeri = [i + 2 for i in piene]
    per_colonna = list(zip(*dati)) if dati else [()] * larghezza  # noqa: B905 - a csv row may be longer
    grezzi = {c.nome: list(per_colonna[posizioni[c.nome]]) for c in colonne}
    if griglia.unioni:
        _riempi_unioni(griglia.unioni, numeri, grezzi, {posizioni[c.nome]: c for c in colonne})
    return Tabella(griglia.foglio, numeri, posizioni, grezzi)


def _piena(riga: list) -> bool:
    for cella in riga:  # noqa: SIM110 - any(...) builds a generator per row, three times slower
        if cella != "" and not (isinstance(cella, str) and cella.isspace()):
            return True
    return False


def _riempi_unioni(unioni, numeri: list[int], grezzi: dict[str, list], per_posizione: dict) -> None:
    """A cell merged down several rows counts for each of them (not for amounts, not across columns)."""
    indice = {numero: i for i, numero in enumerate(numeri)}
    fine: dict[int, int] = {}
    for (riga, posizione), (ultima, _) in sorted(unioni):
        colonna = per_posizione.get(posizione)
        # Overlapping merges are not a thing a sheet can do: looking at each row once keeps bad files cheap.
        if colonna is None or colonna.genere in _NON_RIPETERE or riga < 1 or riga <= fine.get(posizione, 0):
            continue
        fine[posizione] = ultima = min(ultima, numeri[-1] if numeri else 0)
        celle = grezzi[colonna.nome]
        valore = celle[indice[riga + 1]] if riga + 1 in indice else ""
        if valore == "":
            continue
        for numero in range(riga + 2, ultima + 2):
            if (i := indice.get(numero)) is not None and celle[i] == "":
                celle[i] = valore


def _segnala_senza_valore(
    griglia: Griglia, tabella: Tabella, posizioni: dict[str, int], raccolta: Raccolta
) -> None:
    """Cells calamine reads as empty: a formula never calculated, an error value."""
    indice = {numero: i for i, numero in enumerate(tabella.numeri)}
    nomi = {posizione: nome for nome, posizione in posizioni.items()}
    for riga, posizione, cosa in griglia.senza_valore:
        if riga < 1 or posizione not in nomi:
            continue
        nome, i = nomi[posizione], indice.get(riga + 1)
        messaggio = (
            "La formula non ha un risultato salvato: non si conosce il valore."
            if cosa == "formula senza valore"
            else f"La cella contiene l’errore {cosa}."
        )
        trovato = Trovato(None, None, cosa, "un valore", messaggio)
        if i is None:
            raccolta.segnala_cella(SENZA_VALORE, indirizzo(riga, posizione), riga + 1, trovato)
        else:
            tabella.illeggibili.setdefault(nome, set()).add(i)
            raccolta.segnala(SENZA_VALORE, [trovato._replace(indice=i, colonna=nome)])


def _celle_in_piu(griglia: Griglia, raccolta: Raccolta) -> None:
    """Values under no heading: said, because they are not read. In a csv a row with more values than headings
    blocks: it is nearly always a decimal comma without quotes, and all its values are shifted."""
    larghezza = len(griglia.righe[0])
    for posizione in (p for p, testo in enumerate(griglia.righe[0]) if testo == ""):
        numero = next(
            (n for n, r in enumerate(griglia.righe, 1) if posizione < len(r) and r[posizione] != ""), None
        )
        if numero is not None:
            messaggio = (
                f"La colonna {lettera_colonna(posizione)} ha valori ma non ha intestazione: non viene letta."
            )
            trovato = Trovato(
                None, None, mostra(griglia.righe[numero - 1][posizione]), "una intestazione", messaggio
            )
            raccolta.segnala_cella(IGNOTA, indirizzo(numero - 1, posizione), numero, trovato)
    if griglia.formato != "csv":
        return
    for numero, riga in enumerate(griglia.righe[1:], start=2):
        if len(riga) > larghezza and any(riga[larghezza:]):
            messaggio = f"La riga ha {len(riga)} valori e le intestazioni sono {larghezza}."
            if griglia.separatore == ",":
                messaggio += ' Un importo con la virgola va tra virgolette: "1.234,56".'
            cella = f"{lettera_colonna(larghezza)}{numero}"
            trovato = Trovato(None, None, f"{len(riga)} valori", f"{larghezza} valori", messaggio)
            raccolta.segnala_cella(VALORI_IN_PIU, cella, numero, trovato)


def _in_blocchi(righe: Iterator[str]) -> Iterator[bytes]:
    while blocco := "".join(itertools.islice(righe, _BLOCCO_RIGHE)):
        yield blocco.encode()
