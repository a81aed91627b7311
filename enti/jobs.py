"""The invitation by e-mail. A job: a mail server that does not answer loses nothing, it is tried again."""

import datetime as dt

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from .adapters import indirizzo_password
from .models import Utente


@app.task(name="enti.spedisci_invito", retry=RetryStrategy(max_attempts=8, exponential_wait=4))
def spedisci_invito(utente_id: int) -> None:
    """Send the link to choose the password. Run twice it sends two letters with the same meaning."""
    utente = Utente.objects.get(pk=utente_id)
    if not utente.is_active or utente.has_usable_password():
        return
    contesto = {
        "utente": utente,
        "incarichi": utente.incarichi_attivi() or utente.incarichi.select_related("ente"),
        "indirizzo": settings.INDIRIZZO_PUBBLICO + indirizzo_password(utente),
        "scade": timezone.now() + dt.timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT),
        "accesso": settings.INDIRIZZO_PUBBLICO,
        "assistenza": settings.ASSISTENZA_EMAIL,
    }
    testo = render_to_string("enti/email/invito.txt", contesto)
    send_mail("Il tuo accesso a Convenzioni CPI", testo, settings.DEFAULT_FROM_EMAIL, [utente.email])
