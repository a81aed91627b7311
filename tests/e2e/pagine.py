"""A person in front of the browser. Whatever page is looked at is checked: accessible, quiet, within its width."""

import os
import re
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page

from tests.e2e.sito import Sito

LARGHEZZE = (1280, 360)
ALTEZZA = 900
REGOLE = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    },
    "resultTypes": ["violations"],
    # It would copy style sheets into the page, which the policy of the site forbids.
    "preload": False,
}
# Where to leave pictures of what was looked at; nowhere unless asked.
FOTO = os.environ.get("E2E_FOTO")
AXE = "regole => axe.run(document, regole).then(esito => esito.violations)"
SPORGE = """() => {
  const largo = document.documentElement.clientWidth;
  return document.documentElement.scrollWidth > largo ? document.documentElement.scrollWidth : 0;
}"""


class Persona:
    """A browser of one's own, logged in or not. `problemi` fills up; the fixture wants it empty at the end."""

    def __init__(self, sito: Sito, browser: Browser, nome: str, **opzioni):
        self.sito, self.nome = sito, nome
        self.problemi: list[str] = []
        self._guardate = 0
        self.contesto = browser.new_context(
            locale="it-IT",
            timezone_id="Europe/Rome",
            viewport={"width": LARGHEZZE[0], "height": ALTEZZA},
            reduced_motion="reduce",
            **opzioni,
        )
        self.contesto.set_default_timeout(20_000)
        self.contesto.on("request", self._richiesta)
        self.contesto.on("response", self._risposta)
        self.contesto.on("console", self._console)
        self.contesto.on("weberror", lambda errore: self.problemi.append(f"script: {errore.error}"))
        self.stato = 0
        self.pagina: Page = self.contesto.new_page()

    # ---- what goes wrong without being seen

    def _richiesta(self, richiesta):
        # Other schemes are the browser's own, as when it shows a PDF.
        if re.match("http|ws", richiesta.url) and not richiesta.url.startswith(self.sito.url):
            self.problemi.append(f"request outside the site: {richiesta.url}")

    def _risposta(self, risposta):
        if risposta.request.is_navigation_request():
            self.stato = risposta.status
        elif risposta.status >= 400:
            self.problemi.append(f"{risposta.status}: {risposta.url}")

    def _console(self, messaggio):
        # The answers with an error are judged above and by `controlla`.
        if messaggio.type in ("error", "warning") and "Failed to load resource" not in messaggio.text:
            self.problemi.append(f"console of {messaggio.page.url}: {messaggio.text}")

    # ---- to go about

    def entra(self, ruolo: str) -> None:
        """Log in with the demo account of the role, from the page that one is sent to."""
        email, password = self.sito.conti[ruolo]
        self.vai("/")
        self.pagina.get_by_label("Email").fill(email)
        self.pagina.get_by_label("Password").fill(password)
        self.premi("Accedi")
        self.pagina.get_by_role("button", name="Esci").wait_for()

    def vai(self, indirizzo: str) -> None:
        self.pagina.goto(self.sito.url + indirizzo)

    def segui(self, nome: str | re.Pattern, *, in_: Locator | None = None) -> None:
        """Click the link with this name; exact when it is a text."""
        dove = in_ or self.pagina
        dove.get_by_role("link", name=nome, exact=isinstance(nome, str)).first.click()

    def premi(self, nome: str, *, in_: Locator | None = None) -> None:
        (in_ or self.pagina).get_by_role("button", name=nome, exact=True).click()

    def esce(self) -> None:
        self.premi("Esci")
        self.pagina.get_by_role("heading", name="Accedi").wait_for()

    def scarica(self, nome: str | re.Pattern, dove: Path, *, in_: Locator | None = None) -> Path:
        """Click a link that gives a file; the file, with the name that the site proposes."""
        with self.pagina.expect_download() as attesa:
            self.segui(nome, in_=in_)
        file = dove / attesa.value.suggested_filename
        attesa.value.save_as(file)
        return file

    def apri_pdf(self, nome: str | re.Pattern, file: Path, *, in_: Locator | None = None) -> Path:
        """Click a link to a PDF, which the browser shows; save it, as from the viewer, and come back."""
        with self.pagina.expect_response(
            lambda risposta: risposta.request.is_navigation_request() and not 300 <= risposta.status < 400
        ) as attesa:
            self.segui(nome, in_=in_)
        assert attesa.value.status == 200
        assert attesa.value.headers["content-type"] == "application/pdf", attesa.value.url
        file.write_bytes(self.contesto.request.get(attesa.value.url).body())
        self.pagina.go_back()
        return file

    # ---- to look

    def titolo(self, testo: str | re.Pattern) -> None:
        """Wait for the page with this `h1`."""
        self.pagina.get_by_role("heading", level=1, name=testo, exact=isinstance(testo, str)).wait_for()

    def titolo_qualunque(self) -> str:
        return self.pagina.get_by_role("heading", level=1).inner_text()

    def vede(self, *testi: str) -> None:
        for testo in testi:
            self.pagina.get_by_text(testo).first.wait_for()

    def riga(self, testo: str | re.Pattern) -> Locator:
        return self.pagina.get_by_role("row").filter(has_text=testo)

    def controlla(self, nome: str, *, stato: int = 200) -> None:
        """The page in view, at both widths: status, accessibility, overflow; a picture when asked."""
        dove = f"{self.nome}, {nome} ({self.pagina.url.removeprefix(self.sito.url)})"
        if self.stato != stato:
            self.problemi.append(f"{dove}: status {self.stato} instead of {stato}")
        self._guardate += 1
        self.pagina.evaluate(Axe().axe_script)
        for largo in LARGHEZZE:
            self.pagina.set_viewport_size({"width": largo, "height": ALTEZZA})
            if sporge := self.pagina.evaluate(SPORGE):
                self.problemi.append(f"{dove} at {largo}: {sporge} px wide")
            for regola in self.pagina.evaluate(AXE, REGOLE):
                nodi = "\n    ".join(nodo["html"][:200] for nodo in regola["nodes"][:4])
                quanti = len(regola["nodes"])
                self.problemi.append(
                    f"{dove} at {largo}: {regola['id']} × {quanti}: {regola['help']}\n    {nodi}"
                )
            if FOTO:
                file = re.sub(r"\W+", "-", f"{self.nome}-{self._guardate:02}-{nome}")
                self.pagina.screenshot(path=Path(FOTO) / f"{file}-{largo}.png", full_page=True)
        self.pagina.set_viewport_size({"width": LARGHEZZE[0], "height": ALTEZZA})
