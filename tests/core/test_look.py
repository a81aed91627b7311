"""The look: static files, base page, components, the form renderer, the error pages."""

import json
import logging
import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import django_tables2 as tables
import pytest
from django import forms
from django.apps import apps
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.contrib.staticfiles import finders
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.paginator import Paginator
from django.template import Context, Template, TemplateSyntaxError
from django.template.loader import get_template
from django.test import Client

from core.fields import EuroField
from core.finders import FILES, DesignSystemFinder
from core.templatetags.componenti import ICONE_MESSAGGIO, STATI

OURS = {"registro", "enti", "convenzioni", "riparto", "rendicontazione"}
TEMPLATES = Path(settings.BASE_DIR) / "templates"
PAGES = sorted(p for p in TEMPLATES.rglob("*.html") if "pdf" not in p.relative_to(TEMPLATES).parts)


def render(source, **context):
    return Template("{% load componenti %}" + source).render(Context(context))


# ---------- static files ----------


def test_the_finder_offers_the_chosen_files_and_no_others():
    finder = DesignSystemFinder()
    assert {f"{storage.prefix}/{name}" for name, storage in finder.list([])} == {f"design/{n}" for n in FILES}
    for name in FILES:
        assert Path(finder.find(f"design/{name}")).is_file()
    for other in (
        "design/js/bootstrap-italia.min.js",
        "css/bootstrap-italia.min.css",
        "design/../__init__.py",
    ):
        assert finder.find(other) == []
        assert finder.find(other, find_all=True) == []


def test_the_package_of_the_design_system_is_not_an_installed_app():
    assert "bootstrap_italia_template" not in settings.INSTALLED_APPS
    assert finders.find("design/svg/sprites.svg")


def test_collected_files_have_hashed_names_and_every_reference_resolves(tmp_path, settings):
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"},
    }
    call_command("collectstatic", interactive=False, verbosity=0)
    manifest = json.loads((tmp_path / "staticfiles.json").read_text())["paths"]
    fonts = (tmp_path / manifest["css/fonts.css"]).read_text()
    named = re.findall(r'url\("\.\./(design/[^"]+)"\)', fonts)
    assert len(named) == 4
    for name in named:
        assert (tmp_path / name).is_file()
        assert name in manifest.values()


# ---------- house rules on templates ----------


@pytest.mark.parametrize("path", PAGES, ids=lambda p: str(p.relative_to(TEMPLATES)))
def test_a_template_compiles_and_holds_no_inline_style_or_script(path):
    get_template(str(path.relative_to(TEMPLATES)))
    text = path.read_text()
    assert not re.search(r"\sstyle\s*=", text)
    assert "<style" not in text
    assert not re.search(r"<[^>]*\son[a-z]+\s*=", text)
    assert "javascript:" not in text
    for tag in re.findall(r"<script[^>]*>", text):
        assert "src=" in tag


def test_every_icon_exists_in_the_sprite():
    sprite = Path(finders.find("design/svg/sprites.svg")).read_text()
    names = {simbolo for _, simbolo, _ in STATI.values()} | set(ICONE_MESSAGGIO.values())
    for path in PAGES:
        text = path.read_text()
        names |= set(re.findall(r'{% icona "([^"]+)"', text)) | set(re.findall(r'simbolo="([^"]+)"', text))
    for name in names:
        assert f'id="it-{name.removeprefix("it-")}"' in sprite, name


def test_every_state_of_the_models_has_its_look():
    for model in apps.get_models():
        for field in model._meta.get_fields():
            if field.name in ("stato", "esito", "livello") and getattr(field, "choices", None):
                for code, _ in field.choices:
                    assert code in STATI or model._meta.app_label not in OURS, f"{model._meta.label} {code}"


def test_every_class_of_a_state_exists_in_the_stylesheet():
    css = (Path(settings.BASE_DIR) / "static/css/app.css").read_text()
    for classe in {classe for classe, _, _ in STATI.values() if classe}:
        assert f".{classe} " in css


# ---------- components ----------


def test_a_state_has_colour_symbol_and_word():
    html = render("{% stato 'validato' %}")
    assert 'class="stato stato-ok"' in html
    assert "#it-check-circle" in html
    assert html.endswith("Validato</span>")


def test_a_state_may_say_more_and_an_unknown_one_shows_its_own_word():
    assert "In ritardo di 10 giorni</span>" in render("{% stato 'in_ritardo' 'In ritardo di 10 giorni' %}")
    assert render("{% stato 'mai_visto' %}").endswith("Mai visto</span>")


def test_a_missing_figure_is_a_dash_with_its_reason():
    assert render("{% cifra None %}") == (
        '<span class="manca">—<span class="nota-cifra">non indicato</span></span>'
    )


def test_a_figure_carries_its_note_under_it():
    html = render("{% cifra v verificare=True href='#nota-2' %}", v=Decimal("2161744.40"))
    assert html.startswith("<span>2.161.744,40<span")
    assert "nota-cifra-verificare" in html
    assert '<a href="#nota-2">da verificare</a>' in html


@pytest.mark.parametrize(
    ("valore", "atteso"),
    [("197765.78", 'class="piu">+197.765,78'), ("-50877.95", 'class="meno">−50.877,95'), ("0", "<span>0,00")],
)
def test_a_difference_always_has_its_sign(valore, atteso):
    assert atteso in render("{% cifra v segno=True %}", v=Decimal(valore))


@pytest.mark.parametrize(
    ("valore", "passo", "tipo", "larghezza"),
    [
        ("49.4", 50, "valore", "49.4"),
        ("50", 50, "valore", "50.0"),
        ("57", 50, "attenzione", "57.0"),
        ("100", 50, "ok", "100.0"),
        ("100.01", None, "oltre", "100.0"),
        ("0", None, "valore", "0.0"),
    ],
)
def test_the_bar_shows_share_and_pace(valore, passo, tipo, larghezza):
    html = render("{% barra v q passo=p %}", v=Decimal(valore), q=Decimal(100), p=passo)
    assert f'class="barra-{tipo}" width="{larghezza}"' in html
    assert ("barra-passo" in html) == (passo is not None)
    assert 'aria-hidden="true"' in html


@pytest.mark.parametrize(("valore", "quota"), [(None, 1), (1, None), (1, 0)])
def test_there_is_no_bar_when_a_figure_is_missing(valore, quota):
    assert render("{% barra v q %}", v=valore, q=quota) == ""


def test_only_results_and_errors_are_announced():
    assert 'role="alert"' in render("{% messaggio 'errore' %}<p>x</p>{% endmessaggio %}")
    assert 'role="status"' in render("{% messaggio 'ok' %}<p>x</p>{% endmessaggio %}")
    assert "role=" not in render("{% messaggio 'nota' %}<p>x</p>{% endmessaggio %}")


def test_what_a_user_typed_is_escaped_in_a_component():
    html = render("{% stato x x %}{% cifra None nota=x %}{% fasi x corrente=0 %}", x="<b>&")
    assert "<b>" not in html


def test_a_component_has_a_body_and_its_buttons():
    html = render(
        "{% vuoto titolo='Nessun riparto' %}<p>{{ x }}</p>{% azioni %}<a>Crea</a>{% endvuoto %}", x="<i>"
    )
    assert "<h2>Nessun riparto</h2>" in html
    assert "<p>&lt;i&gt;</p>" in html
    assert '<div class="azioni"><a>Crea</a></div>' in html
    assert 'class="azioni"' not in render("{% barra_azioni %}<p>x</p>{% endbarra_azioni %}")


def test_an_option_that_a_component_does_not_know_is_refused():
    with pytest.raises(TemplateSyntaxError, match="vuoto takes only"):
        render("{% vuoto colore='rosso' %}{% endvuoto %}")


def test_the_current_step_is_said_to_screen_readers():
    html = render("{% fasi 'Bozza' 'Verifica' 'Approvato' corrente=1 nome='Stato' %}")
    assert html.count("aria-current") == 1
    assert '<li class="fatta">' in html
    assert "<li>Approvato</li>" in html


def test_pagination_keeps_the_rest_of_the_address(rf):
    html = render(
        "{% paginazione p 'pagina' %}",
        p=Paginator(range(100), 10).page(5),
        request=rf.get("/?stato=bozza&pagina=5"),
    )
    assert 'href="?stato=bozza&amp;pagina=6" rel="next"' in html
    assert "Righe 41–50 di 100" in html
    assert 'aria-current="page"' in html


# ---------- forms ----------


class Modulo(forms.Form):
    nome = forms.CharField(label="Denominazione", help_text="Come nell’atto.")
    importo = EuroField(label="Dotazione", required=False)
    quanti = forms.IntegerField(label="Quanti", required=False)
    fonte = forms.ChoiceField(
        label="Chi mette le risorse",
        help_text="Come nell’atto.",
        choices=[("s", "Stato")],
        widget=forms.RadioSelect,
    )
    arrotondata = forms.BooleanField(label="Arrotondata", required=False)
    nascosto = forms.CharField(widget=forms.HiddenInput, required=False)


RIFIUTATO = {"nome": "", "importo": "7.000.000.00", "quanti": "dieci", "fonte": "z"}


def test_a_field_has_label_help_error_and_control_in_this_order():
    html = Modulo(RIFIUTATO)["nome"].as_field_group()
    parts = [
        '<div class="campo campo-errore">',
        '<label for="id_nome">Denominazione</label>',
        'id="id_nome_helptext"',
    ]
    parts += ['id="id_nome_error"', "<input"]
    places = [html.index(part) for part in parts]
    assert places == sorted(places)
    assert 'aria-describedby="id_nome_helptext id_nome_error"' in html
    assert 'aria-invalid="true"' in html
    assert "facoltativo" not in html


def test_an_optional_field_says_so_and_an_amount_has_its_unit_outside():
    html = Modulo()["importo"].as_field_group()
    assert '<span class="facoltativo">(facoltativo)</span>' in html
    assert re.search(
        r'<div class="con-unita"><input[^>]*class="importo form-control"[^>]*><span>€</span></div>', html
    )
    assert 'inputmode="decimal"' in html
    assert "facoltativo" not in render("{% campo f facoltativo=False %}", f=Modulo()["importo"])


def test_a_refused_form_keeps_every_value_as_typed():
    html = str(Modulo(RIFIUTATO))
    assert 'value="7.000.000.00"' in html
    assert 'value="dieci"' in html
    assert 'type="number"' not in html


def test_a_group_of_choices_is_a_fieldset_with_its_texts_wired():
    html = Modulo(RIFIUTATO)["fonte"].as_field_group()
    assert '<fieldset class="campo campo-errore" aria-describedby="id_fonte_helptext id_fonte_error">' in html
    assert "<legend>Chi mette le risorse</legend>" in html
    assert '<label class="scelta" for="id_fonte_0">' in html


def test_a_single_tick_has_its_label_beside_it():
    html = Modulo()["arrotondata"].as_field_group()
    assert re.search(r'<label class="scelta" for="id_arrotondata"><input type="checkbox"[^>]*><span>', html)
    assert "facoltativo" not in html


def test_a_refused_form_starts_with_the_list_of_its_errors_and_takes_the_focus():
    form = Modulo(RIFIUTATO)
    form.add_error(None, "I due importi non tornano.")
    html = str(form)
    assert html.startswith('<div class="riepilogo-errori" role="alert" tabindex="-1" autofocus')
    assert "Quattro campi da correggere" in html
    assert "<li>I due importi non tornano.</li>" in html
    assert '<a href="#id_nome">Denominazione: ' in html
    assert '<a href="#id_fonte_0">Chi mette le risorse: ' in html
    assert 'type="hidden"' in html


def test_a_form_without_errors_has_no_list_of_errors():
    assert "riepilogo-errori" not in str(Modulo())
    assert "riepilogo-errori" not in str(Modulo({"nome": "x", "fonte": "s"}))


def test_the_list_of_errors_reads_formsets_too():
    class Riga(forms.Form):
        giorno = forms.DateField(label="Giorno")

    insieme = forms.formset_factory(Riga, extra=0)(
        {
            "form-TOTAL_FORMS": "2",
            "form-INITIAL_FORMS": "2",
            "form-0-giorno": date(2025, 1, 1),
            "form-1-giorno": "x",
        }
    )
    html = str(insieme)
    assert "Un campo da correggere" in html
    assert 'href="#id_form-1-giorno"' in html


# ---------- lists ----------


class Enti(tables.Table):
    nome = tables.Column(verbose_name="Ente")
    importo = tables.Column(attrs={"td": {"class": "cifra"}})
    apri = tables.Column(
        verbose_name="Apri", orderable=False, attrs={"td": {"class": "azione"}}, empty_values=()
    )

    didascalia = "Enti"

    class Meta:
        empty_text = "Nessun ente"
        row_attrs = {"class": lambda record: "mia" if record["nome"] == "B" else ""}

    def render_apri(self):
        return "Apri"


def elenco(rf, rows, query=""):
    request = rf.get("/" + query)
    table = Enti(rows)
    tables.RequestConfig(request, paginate={"per_page": 2}).configure(table)
    return table.as_html(request)


def test_a_list_keeps_its_meaning_when_rows_become_cards(rf):
    html = elenco(rf, [{"nome": n, "importo": 1} for n in "ABC"], "?sort=-nome&anno=2025")
    assert '<th role="rowheader" scope="row" class="prima ">C</th>' in html
    assert '<td role="cell" class="cifra" data-nome="Importo"><div>1</div></td>' in html
    assert '<td role="cell" class="azione"><div>Apri</div></td>' in html
    assert 'aria-sort="descending"' in html
    assert 'href="?sort=nome&amp;anno=2025"' in html
    assert '<tr role="row" class="mia ' in html
    assert "Righe 1–2 di 3" in html
    assert '<span class="didascalia">Enti</span>' in html


def test_an_empty_list_says_so_without_a_table(rf):
    html = elenco(rf, [])
    assert "<h2>Nessun ente</h2>" in html
    assert "<table" not in html


# ---------- error pages ----------


@pytest.fixture
def site(settings):
    settings.ROOT_URLCONF = "tests.core.look_urls"
    return Client(raise_request_exception=False)


@pytest.mark.parametrize("status", [400, 403, 404, 500, 503])
def test_an_error_page_is_italian_says_what_to_do_and_gives_the_code_of_the_log(site, caplog, status):
    with caplog.at_level(logging.WARNING, logger="core.errors"):
        response = site.get(f"/prova/{status}/")
    html = response.content.decode()
    assert response.status_code == status
    assert html.count("<h1>") == 1
    assert "Che cosa puoi fare" in html
    assert "dettaglio interno" not in html
    assert settings.ASSISTENZA_EMAIL in html
    code = re.search(r"<strong>([0-9A-Z]{3}-[0-9A-Z]{3})</strong>", html)[1]
    assert code in caplog.text
    assert "style-src 'self'" in response["Content-Security-Policy"]


def test_the_404_does_not_say_what_is_there(site):
    html = site.get("/prova/404/").content.decode()
    assert "Questa pagina non c’è, o non è del tuo ente" in html
    assert "Riparto" not in html


def test_the_403_gives_our_own_reason(site):
    response = site.get("/prova/403/", {"motivo": "Questo riparto lo approva un dirigente."})
    assert "Questo riparto lo approva un dirigente." in response.content.decode()


def test_a_database_lost_in_a_view_is_a_503_that_may_be_retried(site):
    response = site.get("/prova/503/")
    assert response.status_code == 503
    assert response["Retry-After"]


def test_a_database_lost_in_a_middleware_is_a_503_too(site, settings):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "tests.core.look_urls.DatabaseLostInAMiddleware"]
    response = site.get("/prova/bene/")
    assert response.status_code == 503
    assert "Il servizio non risponde" in response.content.decode()


def test_the_500_page_needs_neither_collected_files_nor_templates(site, settings):
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"},
    }
    response = site.get("/prova/500/")
    assert response.status_code == 500
    assert "per un errore nostro" in response.content.decode()


def test_an_expired_form_says_what_to_do(settings):
    settings.ROOT_URLCONF = "tests.core.look_urls"
    response = Client(enforce_csrf_checks=True).post("/prova/bene/")
    assert response.status_code == 403
    assert "Il modulo è scaduto" in response.content.decode()


# ---------- words ----------


def test_every_refusal_of_a_password_is_in_italian():
    with pytest.raises(ValidationError) as refused:
        validate_password("password")
    assert "La password è troppo corta: servono almeno 12 caratteri." in refused.value.messages
    assert not any(message.startswith(("This", "The ")) for message in refused.value.messages)
