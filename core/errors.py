"""The error pages: what happened, what to do next, and a code that the help desk finds in the log.

400, 429, 500 and 503 are rendered without request, so without context processors and without the database.
"""

import logging
import secrets
import sys

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpResponse, HttpResponseServerError
from django.template.loader import render_to_string

logger = logging.getLogger(__name__)

DATABASE_LOST = (OperationalError, InterfaceError)
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # read aloud on the telephone: no 0 O 1 I
RETRY_AFTER_SECONDS = "30"

# Shown only when the template itself cannot be rendered (for instance, static files not collected).
LAST_RESORT = (
    '<!DOCTYPE html><html lang="it"><head><meta charset="utf-8"><title>Errore – Convenzioni CPI</title>'
    "</head><body><main><h1>La pagina non si apre per un errore nostro</h1><p>Torna indietro e riprova. "
    "Se si ripete, scrivi all’assistenza il codice <strong>{code}</strong>.</p></main></body></html>"
)


def office() -> dict:
    """What header, footer and help links name: the context processor gives the same to every other page."""
    return {
        "amministrazione": settings.AMMINISTRAZIONE,
        "ufficio": settings.UFFICIO,
        "assistenza": settings.ASSISTENZA_EMAIL,
    }


def reference(request) -> str:
    """The code of this request, like «9F3-27K»: the same one in the page and in the log."""
    if not hasattr(request, "reference"):
        letters = "".join(secrets.choice(ALPHABET) for _ in range(6))
        request.reference = f"{letters[:3]}-{letters[3:]}"
    return request.reference


def handler400(request, exception):
    return _page(request, 400)


def handler403(request, exception):
    # Our own refusals say who may do it, in Italian; Django's empty one says nothing.
    return _page(request, 403, with_request=True, motivo=str(exception))


def handler404(request, exception):
    # Never the message of the exception: it would say whether the object exists outside the user's scope.
    return _page(request, 404, with_request=True)


def handler429(request):
    return _page(request, 429)


def handler500(request):
    """Also the way a database lost inside a middleware arrives: then the page is the 503."""
    if isinstance(sys.exc_info()[1], DATABASE_LOST):
        return database_lost(request)
    return _page(request, 500)


def database_lost(request):
    response = _page(request, 503)
    response["Retry-After"] = RETRY_AFTER_SECONDS
    return response


def csrf_failure(request, reason=""):
    return _page(request, 403, "403_csrf.html", motivo=reason)


def _page(request, status, template=None, with_request=False, motivo=""):
    code = reference(request)
    logger.warning("%s %s %r: %s %s", code, request.method, request.path, status, motivo)
    context = {"riferimento": code, "motivo": motivo}
    if not with_request:
        context["ambiente"] = office()
    try:
        html = render_to_string(template or f"{status}.html", context, request if with_request else None)
    except Exception:
        if status < 500:
            raise
        logger.exception("%s: the page of error %s cannot be rendered", code, status)
        return HttpResponseServerError(LAST_RESORT.format(code=code), status=status)
    return HttpResponse(html, status=status)
