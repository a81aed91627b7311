"""The real addresses, and a few views that fail on purpose."""

import psycopg
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import connection
from django.http import Http404, HttpResponse
from django.urls import include, path


def reach_no_database():
    """A connection to a port where nobody listens: the real exception of a lost database."""
    with connection.wrap_database_errors:
        psycopg.connect("host=127.0.0.1 port=1")


class DatabaseLostInAMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        reach_no_database()


@login_not_required
def fail(request, how):
    match how:
        case "400":
            raise SuspiciousOperation("dettaglio interno")
        case "403":
            raise PermissionDenied(request.GET.get("motivo", ""))
        case "404":
            raise Http404("Riparto 12 di un altro ente")
        case "500":
            raise ValueError("dettaglio interno")
        case "503":
            reach_no_database()
    return HttpResponse("bene")


urlpatterns = [path("prova/<how>/", fail), path("", include("config.urls"))]

handler400 = "core.errors.handler400"
handler403 = "core.errors.handler403"
handler404 = "core.errors.handler404"
handler500 = "core.errors.handler500"
