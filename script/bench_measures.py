"""The measures of script/bench, in a database made from the official and demonstration data.

Limits on time are ratios against the bare libraries on the same input, measured in turns in the same run: what
slows the machine for a while slows both sides.
"""

import csv
import io
import os
import secrets
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing, contextmanager
from multiprocessing import get_context
from pathlib import Path
from unittest import mock
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg.sql import SQL, Identifier

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

ROWS = 20_000
IMPORT_TURNS, PDF_TURNS = 11, 7
DOWNLOAD_TURNS, DOWNLOADS = 20, 10
MB = 1024  # /proc counts in KB

# name: (limit, format)
LIMITS = {
    "pdf_regione_su_weasyprint": (1.2, "{:.2f}"),
    "pdf_secondo_download_ms": (20, "{:.1f}"),
    "importazione_su_base": (2.5, "{:.2f}"),
    "importazione_memoria_figlio_mb": (320, "{:.0f}"),
    "importazione_crescita_padre_mb": (60, "{:.0f}"),
}


def main() -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the database is dropped
    within = []
    with own_database(), tempfile.TemporaryDirectory() as folder:
        prepare(Path(folder))
        for measure in (measure_import, measure_pdf, measure_download):
            for name, value in measure():
                limit, form = LIMITS[name]
                within.append(value <= limit)
                beyond = "" if within[-1] else " OLTRE IL LIMITE"
                print(f"{name}: {form.format(value)} (≤ {limit}){beyond}", flush=True)
        close_connections()
    return 0 if all(within) and len(within) == len(LIMITS) else 1


# ---- database


@contextmanager
def own_database() -> Iterator[None]:
    """A new database beside the one of DATABASE_URL, in its place in the environment; dropped at the end."""
    url, name = os.environ["DATABASE_URL"], f"convenzioni_bench_{os.getpid()}"
    with closing(psycopg.connect(url, autocommit=True)) as server:
        server.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
        try:
            os.environ["DATABASE_URL"] = urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
            yield
        finally:
            server.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))


def prepare(folder: Path) -> None:
    """Tables and data by the commands of the installation, and Django set up in this process."""
    tell("dati ufficiali e dimostrativi")
    (folder / "static").mkdir()
    os.environ |= {
        "SECRET_KEY": secrets.token_urlsafe(50),
        "DEBUG": "0",
        "HTTPS": "0",
        "ALLOWED_HOSTS": "127.0.0.1",
        "STATIC_ROOT": str(folder / "static"),
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    for command in (["migrate"], ["createcachetable"], ["carica_dati_demo", "--account", folder / "account"]):
        subprocess.run(
            [sys.executable, PROJECT / "manage.py", *command, "--verbosity=0"], check=True, cwd=PROJECT
        )
    set_up()
    with closing(psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)) as connection:
        connection.execute("VACUUM ANALYZE")  # or the server would do it among the measures


def set_up() -> None:
    import django

    django.setup()


def close_connections() -> None:
    from django.db import connection

    connection.close()
    connection.close_pool()


# ---- import


def measure_import() -> Iterator[tuple[str, float]]:
    """A report of 20,000 rows: file kept, all the controls, rows, totals, commit; against calamine + COPY."""
    from rendicontazione import actions

    adempimento, operator = report()
    tell(f"cartella di {ROWS} righe")
    workbook = elsewhere(workbook_of, adempimento.pk)
    tell(f"importazione ({len(workbook) / MB / MB:.1f} MB)")
    child, growth = elsewhere(memory_of_import, workbook)
    create_bare_table()

    def ours(turn: int) -> None:
        load = actions.carica(adempimento, variant(workbook, turn), "costi.xlsx", da=operator)
        check_accepted(load)

    def bare(turn: int) -> None:
        read_and_copy(workbook)

    yield "importazione_su_base", ratio(ours, bare, IMPORT_TURNS)
    yield "importazione_memoria_figlio_mb", child / MB
    yield "importazione_crescita_padre_mb", growth / MB


def report():
    """The demonstration report that still awaits a file, with a person who may send it."""
    from enti.models import Utente
    from enti.permessi import Permesso
    from rendicontazione.models import Adempimento

    operators = [u for u in Utente.objects.order_by("pk") if u.puo(Permesso.CARICARE_RENDICONTO)]
    for operator in operators:
        waiting = Adempimento.objects.visibili_a(operator).con_rendiconto(operator)
        for adempimento in waiting.filter(trimestre__isnull=False).order_by("scadenza", "pk"):
            if adempimento.stato == "da_presentare" and operator.puo(
                Permesso.CARICARE_RENDICONTO, adempimento.ente
            ):
                return adempimento, operator
    raise LookupError("no report of the demonstration awaits a file")


def workbook_of(adempimento_id: int) -> bytes:
    """The filled template: the invented staff of the demonstration, on every admitted line."""
    set_up()
    import xlsxwriter

    from core import money
    from core.sheets.lettura import FOGLIO_MODELLO
    from cruscotto.dati.personale import file_csv
    from rendicontazione.controlli.costi import FOGLIO, TITOLI, metadati_del_modello
    from rendicontazione.importazione import VERSIONE_MODELLO, contesto
    from rendicontazione.models import Adempimento

    adempimento = Adempimento.objects.get(pk=adempimento_id)
    comparison = contesto(adempimento)
    lines = [line["codice"] for line in comparison["linee"]]
    people = -(-ROWS // 3 // len(lines)) + 1  # three months each; what exceeds is cut
    text = file_csv(comparison, dict.fromkeys(lines, people)).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))[: ROWS + 1]
    names = list(TITOLI)
    plain = {names.index(n) for n in ("mese", "percentuale")}
    amounts = range(names.index("trattamento_fondamentale"), len(names))

    output = io.BytesIO()
    with xlsxwriter.Workbook(output, {"in_memory": True}) as book:
        sheet = book.add_worksheet(FOGLIO)
        sheet.write_row(0, 0, rows[0])
        for number, row in enumerate(rows[1:], 1):
            for column, cell in enumerate(row):
                if column in plain:
                    sheet.write_number(number, column, float(cell))
                elif column not in amounts:
                    sheet.write_string(number, column, cell)
                elif cell:
                    sheet.write_number(number, column, float(money.leggi(cell)))
        identity = book.add_worksheet(FOGLIO_MODELLO)
        expected = metadati_del_modello(
            VERSIONE_MODELLO,
            *(adempimento.ente.sigla, adempimento.ente.denominazione),
            *(adempimento.anno, adempimento.trimestre, adempimento.convenzione.codice),
        )
        for number, (name, (value, _)) in enumerate(expected.items()):
            identity.write_row(number, 0, [name, value])
    return output.getvalue()


def variant(workbook: bytes, turn: int) -> bytes:
    """The same sheet in another file: the same bytes twice would be refused."""
    output = io.BytesIO(workbook)
    with zipfile.ZipFile(output, "a") as archive:
        archive.comment = f"{turn}".encode()
    return output.getvalue()


def memory_of_import(workbook: bytes) -> tuple[int, int]:
    """Peak of the process that reads the sheet and growth of the one that asks (KB), in a fresh process."""
    set_up()
    from core.sheets.esame import Esame
    from rendicontazione import actions

    adempimento, operator = report()
    peaks = []
    rows = Esame.righe

    def watched(esame: Esame) -> Iterator[bytes]:
        peaks.append(memory("VmHWM", esame.pid))
        for block in rows(esame):
            peaks.append(memory("VmHWM", esame.pid))
            yield block

    Path("/proc/self/clear_refs").write_text("5")  # forget the peak
    before = memory("VmRSS")
    with mock.patch.object(Esame, "righe", watched):
        load = actions.carica(adempimento, workbook, "costi.xlsx", da=operator)
    growth = memory("VmHWM") - before
    check_accepted(load)
    close_connections()
    return max(peaks), growth


def memory(field: str, pid: int | str = "self") -> int:
    """KB; 0 for a process that has just ended, whose memory nobody can tell any more."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next((int(line.split()[1]) for line in lines if line.startswith(f"{field}:")), 0)


def check_accepted(load) -> None:
    if load.esito != "accettato" or load.righe != ROWS:
        findings = list(load.esiti.values_list("messaggio", flat=True)[:3])
        raise RuntimeError(f"the file should be accepted: {load.esito}, {load.righe} rows, {findings}")


def create_bare_table() -> None:
    """The columns of the sheet with the types of the real table; no keys, indexes, checks or triggers."""
    from django.db import connection

    from rendicontazione.controlli.costi import TITOLI
    from rendicontazione.models import RigaCosto

    # Codes are names in the sheet; calamine reads the month as «1.0».
    other = {"datore": "''::text", "cpi": "''::text", "linea": "''::text", "mese": "mese::numeric"}
    columns = ", ".join(f"{other.get(name, name)} AS {name}" for name in TITOLI)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE righe_nude AS SELECT {columns} FROM {RigaCosto._meta.db_table} LIMIT 0")


def read_and_copy(workbook: bytes) -> None:
    """The least that an import can do, with no controls: all the cells read by calamine, and stored."""
    import python_calamine
    from django.db import connection, transaction

    from rendicontazione.controlli.costi import FOGLIO

    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(workbook))
    _, *rows = book.get_sheet_by_name(FOGLIO).to_python()
    with (
        transaction.atomic(),
        connection.cursor() as cursor,
        cursor.copy("COPY righe_nude FROM STDIN (NULL '')") as copy,
    ):
        for row in rows:
            copy.write_row(row)


# ---- documents


def measure_pdf() -> Iterator[tuple[str, float]]:
    """The whole region, all years: queries, template and print; against the print of the same HTML."""
    import weasyprint
    from weasyprint.text.fonts import FontConfiguration

    from convenzioni.models import Convenzione
    from core.pdf import componi, html
    from core.pdf.stampa import Risorse
    from riparto.documents import prospetto_regione

    tell("PDF della Regione")
    convention = Convenzione.objects.get(dimostrativo=True)
    prospetto = prospetto_regione(convention)
    page = html(prospetto.template, prospetto.contesto())
    # As warm as ours: fonts and stylesheet are read once, outside the measure.
    fetcher, fonts = Risorse(), FontConfiguration()
    text = (PROJECT / "core" / "pdf" / "documento.css").read_text(encoding="utf-8")
    style = weasyprint.CSS(string=text, font_config=fonts, url_fetcher=fetcher)

    def ours(turn: int) -> None:
        prospetto = prospetto_regione(convention)
        componi(prospetto.template, prospetto.contesto())

    def bare(turn: int) -> None:
        document = weasyprint.HTML(string=page, url_fetcher=fetcher)
        document.write_pdf(stylesheets=[style], font_config=fonts, pdf_variant="pdf/ua-1")

    # Both are work of this one process: its own time does not count what others take from the machine.
    yield "pdf_regione_su_weasyprint", ratio(ours, bare, PDF_TURNS, clock=time.process_time)


def measure_download() -> Iterator[tuple[str, float]]:
    """An issued prospetto of the whole region, downloaded again by a reader: the median in milliseconds,
    of the quietest turn."""
    from django.test import Client
    from django.urls import reverse

    from enti.models import Utente
    from enti.permessi import Permesso
    from registro.jobs import prepara_documento
    from riparto.models import Emissione

    tell("secondo download")
    emission = Emissione.objects.filter(ente=None, linea=None).select_related("documento").latest("pk")
    prepara_documento(emission.documento_id)
    reader = next(
        user
        for user in Utente.objects.order_by("-pk")
        if user.puo(Permesso.VEDERE_RISORSE, emission.convenzione.regione)
    )
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(reader)
    address = reverse("documento", args=[emission.documento.codice])
    client.get(address)  # the first one, not counted
    medians = []
    for _ in range(DOWNLOAD_TURNS):
        times = []
        for _ in range(DOWNLOADS):
            begun = time.perf_counter()
            answer = client.get(address)
            content = answer.content
            times.append((time.perf_counter() - begun) * 1000)
            if answer.status_code != 200 or not content.startswith(b"%PDF-"):
                raise RuntimeError(f"{address} answers {answer.status_code}")
        medians.append(statistics.median(times))
    tell(f"  {len(content) / MB:.0f} KB, mediane in ms: " + " ".join(f"{m:.1f}" for m in medians))
    yield "pdf_secondo_download_ms", min(medians)


# ---- tools


def ratio(
    ours: Callable[[int], None],
    bare: Callable[[int], None],
    turns: int,
    clock: Callable[[], float] = time.perf_counter,
) -> float:
    """The median of the turns; in each, the time of ours over the mean of the bare one just before and after.

    The first turn is not counted.
    """

    def measured(work: Callable[[int], None], turn: int) -> float:
        begun = clock()
        work(turn)
        return clock() - begun

    times = [measured(bare, 0)]
    for turn in range(turns + 1):
        times += [measured(ours, turn), measured(bare, turn)]
    ratios = [2 * times[i] / (times[i - 1] + times[i + 1]) for i in range(3, len(times), 2)]
    tell("  base, applicazione, base…: " + " ".join(f"{seconds:.2f}" for seconds in times))
    tell(f"  rapporti da {min(ratios):.2f} a {max(ratios):.2f}")
    return statistics.median(ratios)


def elsewhere(function: Callable, *arguments):
    """The result of a function run in a new process, whose memory and caches are nobody else's."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(function, *arguments).result()


def tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
