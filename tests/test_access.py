"""Who sees what. Every route stands in this table, or the test fails.

Out of scope is 404, in scope without the role is 403; a GET writes nothing but the log of reads.
"""

import re
from datetime import timedelta

import pytest
from django.contrib import admin
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import URLResolver, get_resolver, reverse
from django.utils import timezone

from enti.models import Incarico
from enti.permessi import Ruolo
from registro.actions import consegna
from rendicontazione.models import VoceAmmessa, VoceCosto
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
    "home":                         ("get", 200, 200, 200, 200, 200, 200, 200, 200, 200),
    "documenti":                    ("get", 200, 200, 200, 200, 200, 200, 200, 403, 403),
    "documento":                    ("get", 200, 200, 200, 200, 200, 200, 200, 404, 404),
    "registro":                     ("get", 403, 403, 403, 403, 403, 403, 200, 403, 403),
    "quadro:convenzione":           ("get", 200, 200, 200, 200, 200, 200, 200, 403, 403),
    "convenzioni:elenco":           ("get", 200, 200, 200, 200, 200, 200, 200, 403, 403),
    "convenzioni:dettaglio":        ("get", 200, 200, 200, 200, 200, 200, 200, 403, 403),
    "convenzioni:passaggio":        ("get", 200, 200, 403, 403, 403, 403, 403, 403, 403),
    "convenzioni:cambia_dotazione": ("get", 200, 200, 403, 403, 403, 403, 403, 403, 403),
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
    "rendicontazione:elenco":       ("get", 200, 200, 200, 200, 200, 403, 200, 403, 403),
    "rendicontazione:dettaglio":    ("get", 200, 200, 200, 200, 404, 403, 200, 403, 403),
    "rendicontazione:carica":       ("post", 403, 403, 422, 422, 404, 403, 403, 403, 403),
    "rendicontazione:modello":      ("get", 200, 200, 200, 200, 404, 403, 200, 403, 403),
    "rendicontazione:esito":        ("get", 200, 200, 200, 200, 404, 403, 200, 403, 403),
    "rendicontazione:errori":       ("get", 200, 200, 200, 200, 404, 403, 200, 403, 403),
    "rendicontazione:errori_csv":   ("get", 200, 200, 200, 200, 404, 403, 200, 403, 403),
    "rendicontazione:originale":    ("get", 200, 200, 200, 200, 404, 403, 200, 403, 403),
    "rendicontazione:righe":        ("get", 200, 200, 200, 200, 404, 403, 200, 403, 403),
    "rendicontazione:trasmetti":    ("post", 403, 403, 403, 302, 404, 403, 403, 403, 403),
    "rendicontazione:ritira":       ("post", 403, 403, 403, 302, 404, 403, 403, 403, 403),
    "rendicontazione:scarta":       ("post", 403, 403, 302, 302, 404, 403, 403, 403, 403),
    "rendicontazione:prendi_in_carico": ("post", 302, 302, 403, 403, 404, 403, 403, 403, 403),
    "rendicontazione:valida":       ("post", 302, 302, 403, 403, 404, 403, 403, 403, 403),
    "rendicontazione:restituisci":  ("post", 422, 422, 403, 403, 404, 403, 403, 403, 403),
    "rendicontazione:genera":       ("post", 302, 302, 403, 403, 403, 403, 403, 403, 403),
    "enti:persone":                 ("get", 403, 403, 403, 403, 403, 403, 403, 200, 403),
    "enti:invita":                  ("get", 403, 403, 403, 403, 403, 403, 403, 200, 403),
    "enti:persona":                 ("get", 403, 403, 403, 403, 403, 403, 403, 200, 403),
    "enti:rinvia":                  ("post", 403, 403, 403, 403, 403, 403, 403, 302, 403),
    "enti:disattiva":               ("post", 403, 403, 403, 403, 403, 403, 403, 302, 403),
    "enti:riattiva":                ("post", 403, 403, 403, 403, 403, 403, 403, 302, 403),
    "enti:incarico_aggiungi":       ("get", 403, 403, 403, 403, 403, 403, 403, 200, 403),
    "enti:incarico_togli":          ("post", 403, 403, 403, 403, 403, 403, 403, 302, 403),
    "enti:incarico_chiudi":         ("get", 403, 403, 403, 403, 403, 403, 403, 200, 403),
}  # fmt: skip
PUBBLICHE = {"aiuto", "assistenza", "privacy", "accessibilita", "salute"}
# The pages that log who read personal data.
LETTURE_ANNOTATE = {"rendicontazione:righe", "rendicontazione:originale"}
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


@pytest.fixture
def argomenti(convenzione, linea, dotazione, milano, funzionario, dirigente, operatore, responsabile):
    """What each route is called with: objects of the Region and of Milan, a draft among them."""
    altra = factories.dotazione(convenzione, linea, anno=2025)
    bozza = factories.bozza(altra, funzionario, {"MI": "600.00", "BG": "400.00"})
    approvato = factories.approvato(
        dotazione, {"MI": "600.00", "BG": "400.00"}, da=funzionario, dirigente=dirigente
    )
    consegna(approvato.documento, b"%PDF-1.7")
    rendiconto = factories.rendiconto(convenzione, milano, trasmesso_da=responsabile)
    for voce in VoceCosto.values:
        VoceAmmessa.objects.create(convenzione=convenzione, linea=linea, anno=2024, voce=voce)
    incarico = operatore.incarichi.get()
    domani = timezone.localdate() + timedelta(days=1)
    futuro = Incarico.objects.create(
        utente=operatore, ente=milano, ruolo=Ruolo.RESPONSABILE_PROVINCIALE, dal=domani
    )
    per_nome = {
        "documento": [approvato.documento.codice],
        "convenzioni:cambia_dotazione": [dotazione.pk],
        "riparto:documento": [bozza.pk, "xlsx"],
        "riparto:prospetto": [convenzione.codice, "csv"],
        "rendicontazione:genera": [convenzione.pk],
        "enti:incarico_chiudi": [incarico.pk],
        "enti:incarico_togli": [futuro.pk],
    }
    per_gruppo = {
        "convenzioni": [convenzione.codice],
        "quadro": [convenzione.codice],
        "riparto:prospetti": [convenzione.codice],
        "riparto:emetti": [convenzione.codice],
        "riparto": [bozza.pk],
        "enti": [operatore.pk],
    }
    for nome in ("dettaglio", "carica", "modello"):
        per_nome[f"rendicontazione:{nome}"] = [rendiconto.adempimento_id]
    for nome in ("esito", "errori", "errori_csv", "originale"):
        per_nome[f"rendicontazione:{nome}"] = [rendiconto.caricamento_id]
    per_gruppo["rendicontazione"] = [rendiconto.pk]

    def di(rotta):
        modello = next(str(pattern) for nome, pattern in rotte() if nome == rotta)
        if "<" not in modello:
            return []
        return per_nome.get(rotta) or per_gruppo.get(rotta) or per_gruppo[rotta.split(":")[0]]

    return di


@pytest.mark.parametrize("rotta", MATRICE)
def test_who_sees_what(rotta, argomenti, request, client):
    """One route, all the characters: each write is undone before the next one tries."""
    metodo, *attesi = MATRICE[rotta]
    url = reverse(rotta, args=argomenti(rotta))
    ottenuti = []
    for chi in PERSONAGGI:
        client.force_login(request.getfixturevalue(chi))
        punto = transaction.savepoint()
        with CaptureQueriesContext(connection) as query:
            ottenuti.append(getattr(client, metodo)(url).status_code)
        scritture = [q["sql"] for q in query if re.match("INSERT|UPDATE|DELETE", q["sql"])]
        transaction.savepoint_rollback(punto)
        if metodo == "get":
            # Reads of personal data are logged: that is the only write a GET makes.
            assert [s for s in scritture if "registro_evento" not in s] == []
            assert not scritture or rotta in LETTURE_ANNOTATE
    assert dict(zip(PERSONAGGI, ottenuti, strict=True)) == dict(zip(PERSONAGGI, attesi, strict=True))


@pytest.mark.parametrize("rotta", [*MATRICE, *sorted(PUBBLICHE)])
def test_who_is_not_logged_in(rotta, argomenti, client):
    metodo = MATRICE.get(rotta, ("get",))[0]
    risposta = getattr(client, metodo)(reverse(rotta, args=argomenti(rotta)))

    if rotta in PUBBLICHE:
        assert risposta.status_code == 200
    else:
        assert risposta.status_code == 302
        assert risposta.url.startswith(reverse("account_login"))


@pytest.mark.parametrize("rotta", MATRICE)
def test_the_wrong_verb_is_refused(rotta, argomenti, client, funzionario):
    client.force_login(funzionario)
    url = reverse(rotta, args=argomenti(rotta))

    if MATRICE[rotta][0] == "post":
        assert client.get(url).status_code == 405
    else:
        assert client.delete(url).status_code == 405


def test_every_admin_page_by_everyone(client, request, funzionario, amministratore):
    """Pages of the admin: only with a permission of that page, and never an error."""
    for chi in PERSONAGGI:
        persona = request.getfixturevalue(chi)
        client.force_login(persona)
        for modello, pagina in admin.site._registry.items():
            permessi = {*pagina.permessi_lettura, *pagina.permessi_scrittura}
            elenco = client.get(
                reverse(f"admin:{modello._meta.app_label}_{modello._meta.model_name}_changelist")
            )
            if not persona.is_staff:
                assert elenco.status_code == 302, (chi, modello)
            elif any(persona.puo(permesso) for permesso in permessi):
                assert elenco.status_code == 200, (chi, modello)
            else:
                assert elenco.status_code == 403, (chi, modello)
