"""Middleware of the project."""

import logging

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
