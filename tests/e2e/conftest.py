"""The site, brought up once for all these tests, and the people who use it."""

from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from tests.e2e.pagine import Persona
from tests.e2e.sito import CHROMIUM, OPZIONI_CHROMIUM, avvia


def pytest_collection_modifyitems(items):
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.e2e)


# For the package, not the session: the other tests could not run beside the event loop of the browser.
@pytest.fixture(scope="package")
def browser():
    if not Path(CHROMIUM).exists():
        pytest.fail(f"There is no {CHROMIUM}: script/bootstrap --dev installs it.")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=OPZIONI_CHROMIUM)
        yield chromium
        chromium.close()


@pytest.fixture(scope="package")
def sito(tmp_path_factory):
    with avvia(tmp_path_factory.mktemp("sito")) as acceso:
        yield acceso
        scritto = acceso.registro.read_text(errors="replace")
        assert " ERROR " not in scritto, scritto[-5000:]


@pytest.fixture
def persona(sito, browser):
    """Makes people: `persona("lettore")` is logged in with that role, `persona()` is not."""
    tutti: list[Persona] = []

    def nuova(ruolo: str = "", nome: str = "") -> Persona:
        una = Persona(sito, browser, nome or ruolo or "ospite")
        tutti.append(una)
        if ruolo:
            una.entra(ruolo)
        return una

    yield nuova
    problemi = [problema for una in tutti for problema in una.problemi]
    for una in tutti:
        una.contesto.close()
    assert not problemi, "\n".join(problemi)
