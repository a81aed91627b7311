"""Who sees what. Every route stands in this table, or the test fails.

Out of scope is 404, in scope without the role is 403; a GET writes nothing but the log of reads.
"""

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import URLResolver, get_resolver, reverse

from riparto import actions as riparti
from tests import factories

PERSONAGGI = (
    "funzionario",
    "dirigente",
    "operatore",
    "responsabile",
    "estraneo",
    "lettore",
    "revisore",
    "amministratore",
    "senza_incarichi",
)
# route                              method  fun  dir  ope  res  est  let  rev  amm  senza
MATRICE = {
    "convenzioni:elenco":           ("get", 200, 200, 200, 200, 200, 200, 200, 403, 403),
    "convenzioni:dettaglio":        ("get", 200, 200, 200, 200, 200, 200, 200, 403, 403),
    "convenzioni:passaggio":        ("get", 200, 200, 403, 403, 403, 403, 403, 403, 403),
    "riparto:elenco":               ("get", 200, 200, 200, 200, 200, 200, 200, 403, 403),
    "riparto:nuovo":                ("get", 200, 200, 403, 403, 403, 403, 403, 403, 403),
    "riparto:dettaglio":            ("get", 200, 200, 404, 404, 404, 404, 200, 403, 403),
    "riparto:manda_in_verifica":    ("post", 302, 302, 404, 404, 404, 404, 403, 403, 403),
    "riparto:riporta_in_bozza":     ("post", 302, 302, 404, 404, 404, 404, 403, 403, 403),
    "riparto:approva":              ("get", 403, 200, 404, 404, 404, 404, 403, 403, 403),
    "riparto:elimina":              ("get", 200, 200, 404, 404, 404, 404, 403, 403, 403),
    "riparto:documento":            ("get", 200, 200, 404, 404, 404, 404, 200, 403, 403),
    "riparto:prospetti":            ("get", 200, 200, 200, 200, 200, 200, 200, 403, 403),
    "riparto:prospetto":            ("get", 200, 200, 200, 200, 200, 200, 200, 403, 403),
    "riparto:emetti":               ("post", 302, 302, 403, 403, 403, 403, 403, 403, 403),
}  # fmt: skip
PUBBLICHE = set()
# Of another library, tested by it; what it shows is reached only by its own login.
DI_ALTRI = ("account_", "admin:", "jsi18n", "reauthenticate")


def rotte(resolver=None, prefisso=""):
    """Every route of the site: (name, pattern)."""
    for voce in (resolver or get_resolver()).url_patterns:
        if isinstance(voce, URLResolver):
            yield from rotte(voce, f"{voce.namespace}:" if voce.namespace else prefisso)
        elif voce.name:
            yield prefisso + voce.name, voce.pattern


def test_every_route_is_in_the_table():
    nostre = {nome for nome, _ in rotte() if not nome.startswith(DI_ALTRI)}
    assert nostre == MATRICE.keys() | PUBBLICHE
