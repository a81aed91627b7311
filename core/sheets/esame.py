"""The parent's side: start the child on a file, read its verdict, stream its rows. No Django.

See the package docstring for the way of a file; `esamina` is the only thing callers need.
"""

import contextlib
import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path

from .esiti import FileRifiutato, Raccolta
from .guardia import guarda_fuori

_RADICE = str(Path(__file__).resolve().parent.parent.parent)
_AVVIO = "import sys; sys.path.insert(0, {radice!r}); from core.sheets.figlio import main; main()"
_BLOCCO = 128 * 1024
# Of a program error only the end of the traceback is worth a line in the log.
_CODA_ERRORE = 4_000


class ErroreDelProgramma(RuntimeError):
    """The child stopped on a bug of ours: the file is not at fault. Carries the child's traceback."""


class LetturaInterrotta(RuntimeError):
    """The child died after its verdict, among the rows: whatever was written must be rolled back."""


@dataclass(frozen=True)
class Limiti:
    """What a file may cost. All values come from the settings of the installation."""

    byte: int
    righe: int
    decompressi: int
    memoria: int
    secondi: int
    errori: int = 1_000


class Esame:
    """The verdict on a file and, when accepted, its rows. Use it in a `with`: leaving it ends the child.

    The verdict is awaited when it is first asked for: what the caller does before costs no time of its own.
    """

    def __init__(self, esito: dict | Callable[[], tuple[dict, subprocess.Popen | None]]):
        self._attendi = esito if callable(esito) else lambda: (esito, None)
        self._lette = False

    @cached_property
    def _esito(self) -> tuple[dict, subprocess.Popen | None]:
        return self._attendi()

    @property
    def verdetto(self) -> dict:
        return self._esito[0]

    @property
    def _processo(self) -> subprocess.Popen | None:
        return self._esito[1]

    @property
    def accettato(self) -> bool:
        return self.verdetto["esito"] == "accettato"

    @property
    def pid(self) -> int | None:
        """The child, to measure it: `VmHWM` in /proc (its `ru_maxrss` would start from the parent’s)."""
        return self._processo.pid if self._processo else None

    def righe(self) -> Iterator[bytes]:
        """COPY text, in blocks of bytes; once only. Raises `LetturaInterrotta` if it is not complete."""
        if not self.accettato or self._processo is None:
            return
        if self._lette:
            raise RuntimeError("the rows of a file can be read once")
        self._lette = True
        while blocco := self._processo.stdout.read(_BLOCCO):
            yield blocco
        if self._processo.wait() != 0:
            raise LetturaInterrotta(f"the reader stopped with exit status {self._processo.returncode}")


@contextlib.contextmanager
def esamina(dati: bytes, nome: str, modulo: str, contesto: dict, limiti: Limiti) -> Iterator[Esame]:
    """Examine an uploaded file with the controls of `modulo` («app.controlli:NOME»).

    `contesto` is plain JSON data, handed to the module as it is. Always yields an `Esame`, with the child at
    work: what is wrong with the file is in its verdict. Raises OSError where no child can be started.
    """
    try:
        formato = guarda_fuori(dati, nome, limiti.byte)
    except FileRifiutato as e:
        yield Esame(_rifiuto(e, limiti))
        return

    def attendi() -> tuple[dict, subprocess.Popen | None]:
        if (verdetto := lettore.verdetto()) is not None:
            return verdetto, lettore.processo
        with _Figlio(dati, formato, modulo, contesto, limiti, "spiega") as spiegazione:
            verdetto = spiegazione.verdetto()
        return verdetto or _rifiuto(_illeggibile(), limiti), None

    with _Figlio(dati, formato, modulo, contesto, limiti, "leggi") as lettore:
        yield Esame(attendi)


def _illeggibile() -> FileRifiutato:
    from . import rifiuti

    return FileRifiutato(
        rifiuti.ILLEGGIBILE, "File illeggibile.", trovato="contenuto che non si riesce a leggere"
    )


def _rifiuto(rifiuto: FileRifiutato, limiti: Limiti) -> dict:
    raccolta = Raccolta(limiti.errori)
    raccolta.rifiuta(rifiuto)
    return {"righe": 0, "totale": None, "lettura": {}, "riepilogo": {}} | raccolta.verdetto()


class _Figlio:
    """One child process, to which a thread hands its input over."""

    def __init__(self, dati: bytes, formato: str, modulo: str, contesto: dict, limiti: Limiti, azione: str):
        richiesta = {
            "azione": azione,
            "formato": formato,
            "modulo": modulo,
            "contesto": contesto,
            "limiti": asdict(limiti),
        }
        self._dati, self._testa = dati, json.dumps(richiesta).encode() + b"\n"
        self._secondi = limiti.secondi

    def __enter__(self) -> "_Figlio":
        self._errori = tempfile.TemporaryFile()  # a pipe nobody reads could block the child
        try:
            self.processo = subprocess.Popen(
                [sys.executable, "-I", "-X", "utf8", "-c", _AVVIO.format(radice=_RADICE)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errori,
                cwd="/",
                env={"LANG": "C.UTF-8"},
            )
        except OSError:
            self._errori.close()
            raise
        # RLIMIT_CPU does not count waiting: the wall clock has its own limit.
        self._sveglia = threading.Timer(self._secondi * 3, self.processo.kill)
        self._sveglia.daemon = True
        self._sveglia.start()
        # The pipe takes 64 KB, then waits for the child, which takes a while to start.
        self._consegna = threading.Thread(target=self._consegna_dati, daemon=True)
        self._consegna.start()
        return self

    def _consegna_dati(self) -> None:
        with contextlib.suppress(BrokenPipeError):
            self.processo.stdin.write(self._testa)
            self.processo.stdin.write(self._dati)
        with contextlib.suppress(BrokenPipeError):
            self.processo.stdin.close()

    def verdetto(self) -> dict | None:
        """The verdict, or None when the file killed the child."""
        riga = self.processo.stdout.readline()
        if riga.endswith(b"\n"):
            return json.loads(riga)
        # 1 is an exception of ours that nobody expected; signals and the memory status are the file's doing.
        if self.processo.wait() == 1:
            self._errori.seek(0)
            raise ErroreDelProgramma(self._errori.read()[-_CODA_ERRORE:].decode(errors="replace"))
        return None

    def __exit__(self, *_) -> None:
        self._sveglia.cancel()
        self.processo.kill()
        self._consegna.join()
        self.processo.stdout.close()
        self.processo.wait()
        self._errori.close()
