"""What the lists of the site have in common."""

import django_tables2 as tables
from django_tables2 import RequestConfig

from .templatetags.componenti import cifra, stato


class CifraColumn(tables.Column):
    """An amount in euro: right aligned, «—» with its reason when missing."""

    attrs = {"td": {"class": "cifra"}, "th": {"class": "cifra"}}
    empty_values = ()

    def render(self, value):
        return cifra(value)


class StatoColumn(tables.Column):
    """A state as its badge: word, symbol, colour."""

    def render(self, value, record, bound_column):
        return stato(getattr(record, bound_column.accessor), str(value).capitalize())


def impagina(request, tabella: tables.Table, *, per_pagina: int = 25) -> tables.Table:
    """Sort and paginate from the URL; a page that is not there gives the nearest one, never an error."""
    RequestConfig(request, paginate={"per_page": per_pagina, "silent": True}).configure(tabella)
    return tabella
