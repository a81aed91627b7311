"""Middleware of the project."""

import logging

from django.core.exceptions import BadRequest

from core import errors

logger = logging.getLogger(__name__)


class DatabasePerso:
    """Turns a database that a view cannot reach (down, restarting, pool exhausted) into the Italian 503.

    One raised in another middleware, such as the session's, arrives at `core.errors.handler500` instead.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        if not isinstance(exception, errors.DATABASE_LOST):
            return None
        logger.error("%s: database lost", errors.reference(request), exc_info=exception)
        return errors.database_lost(request)


class NienteByteNulli:
    """Answers 400 to a NUL in the address: PostgreSQL keeps none in a text, so no page could look for it.

    Those typed in a form are refused by its fields.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        query = request.META.get("QUERY_STRING", "")
        if "\0" in request.path or "\0" in query or "%00" in query:
            return errors.handler400(request, BadRequest("NUL"))
        return self.get_response(request)


class NessunaCopia:
    """A page of a person who is logged in stays in no cache: after «Esci» the back button shows nothing.

    A view that sets its own Cache-Control keeps it.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if request.user.is_authenticated and not response.has_header("Cache-Control"):
            response["Cache-Control"] = "private, no-store"
        return response
