"""The rules of the house, checked once for all."""

import ast
import re

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.core.management import call_command
from django.db import models
from django.urls import get_resolver

from registro.admin import AdminDelDominio
from tests.test_access import rotte

NOSTRE = {"registro", "enti", "convenzioni", "riparto", "rendicontazione"}
MODELLI = [
    m for m in apps.get_models() if m._meta.app_label in NOSTRE and not hasattr(m, "pgh_tracked_model")
]
VISTE = [p for p in settings.BASE_DIR.glob("*/views*") if p.parent.name in {*NOSTRE, "cruscotto"}]
VISTE = [modulo for p in VISTE for modulo in (p.rglob("*.py") if p.is_dir() else [p])]


@pytest.mark.django_db
def test_no_migration_is_missing():
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


@pytest.mark.parametrize("modello", MODELLI, ids=lambda m: m._meta.label)
def test_money_is_never_a_float(modello):
    assert not [campo for campo in modello._meta.get_fields() if isinstance(campo, models.FloatField)]


@pytest.mark.parametrize("modello", MODELLI, ids=lambda m: m._meta.label)
def test_every_constraint_has_its_italian_message(modello):
    generico = models.CheckConstraint(condition=models.Q(), name="x").violation_error_message
    for vincolo in modello._meta.constraints:
        assert vincolo.violation_error_message != generico, vincolo.name


@pytest.mark.parametrize("modello", MODELLI, ids=lambda m: m._meta.label)
def test_names_are_readable(modello):
    assert modello._meta.verbose_name[0].islower()


@pytest.mark.parametrize("modello", MODELLI, ids=lambda m: m._meta.label)
def test_every_model_keeps_its_history(modello):
    # What is append-only by trigger, or written once with its parent, needs none.
    senza = {"Evento", "Contenuto", "EsitoControllo", "TotaleRendiconto"}
    assert hasattr(modello, "pgh_event_model") or modello.__name__ in senza


def test_every_admin_page_has_the_rights_of_the_house():
    for modello, pagina in admin.site._registry.items():
        assert isinstance(pagina, AdminDelDominio), modello
        assert pagina.permessi_lettura or pagina.permessi_scrittura, modello


def test_the_env_example_names_every_variable():
    sorgente = (settings.BASE_DIR / "config/settings.py").read_text()
    lette = set(re.findall(r'env(?:\.\w+)?\(\s*"([A-Z_]+)"', sorgente))
    esempio = (settings.BASE_DIR / ".env.example").read_text()

    assert lette <= set(re.findall(r"^#?\s*([A-Z_]+)=", esempio, re.MULTILINE))


@pytest.mark.parametrize("percorso", VISTE, ids=lambda p: str(p.relative_to(settings.BASE_DIR)))
def test_views_do_not_write(percorso):
    """A view finds, calls an action and answers: `.save()` and `.delete()` live in the actions."""
    chiamate = {
        nodo.func.attr
        for nodo in ast.walk(ast.parse(percorso.read_text()))
        if isinstance(nodo, ast.Call) and isinstance(nodo.func, ast.Attribute)
    }
    assert not {"save", "delete", "create", "bulk_create", "update_or_create"} & chiamate


def test_every_url_named_in_a_template_exists():
    nomi = {rotta for rotta, _ in rotte(get_resolver())}
    for pagina in (settings.BASE_DIR / "templates").rglob("*.html"):
        for nome in re.findall(r'{%\s*url\s+"([^"]+)"', pagina.read_text()):
            assert nome in nomi or nome.startswith(("admin:", "account_")), f"{pagina.name}: {nome}"
