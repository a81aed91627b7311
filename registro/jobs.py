"""Work done outside the request. Each job may run twice: a ready document stays as it is."""

from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app

from core.pdf import da_html

from .actions import consegna
from .models import Documento

# A worker that has given no sign of life for so long (seconds) is dead, and its job is taken up again.
SEGNO_DI_VITA = 60


# Ten attempts that wait longer and longer: about half an hour in all.
@app.task(name="registro.prepara_documento", retry=RetryStrategy(max_attempts=10, exponential_wait=2))
def prepara_documento(documento_id: int) -> None:
    """Render an issued document from the page that was fixed at its issue, once."""
    documento = Documento.objects.select_related("sorgente").get(pk=documento_id)
    if not documento.pronto:
        consegna(documento, da_html(bytes(documento.sorgente.dati).decode()))


@app.periodic(cron="* * * * *")
@app.task(name="registro.riprendi_lavori_fermi", queueing_lock="riprendi_lavori_fermi", pass_context=True)
async def riprendi_lavori_fermi(context: JobContext, timestamp: int) -> None:
    """Take up again the jobs of a worker that was killed: they would stay «doing» for ever."""
    fermi = await context.app.job_manager.get_stalled_jobs(seconds_since_heartbeat=SEGNO_DI_VITA)
    for lavoro in fermi:
        await context.app.job_manager.retry_job(lavoro)
