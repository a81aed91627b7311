"""The pictures of the README, taken from the running demo: `script/immagini`."""

import re
import subprocess
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.e2e.pagine import LARGHEZZE, Persona
from tests.e2e.sito import CHROMIUM, OPZIONI_CHROMIUM, PROJECT, avvia

IMMAGINI = PROJECT / "docs" / "immagini"
ALTEZZA_MASSIMA = 1560
PUNTI_PDF = 82  # per inch: an A4 page in landscape is then some 960 px wide


def fotografa(chi: Persona, nome: str) -> None:
    alta = chi.pagina.evaluate("document.documentElement.scrollHeight")
    ritaglio = {"x": 0, "y": 0, "width": LARGHEZZE[0], "height": min(alta, ALTEZZA_MASSIMA)}
    chi.pagina.screenshot(path=IMMAGINI / f"{nome}.png", full_page=True, clip=ritaglio)


def main() -> None:
    with (
        tempfile.TemporaryDirectory() as cartella,
        avvia(Path(cartella)) as sito,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=OPZIONI_CHROMIUM)
        # Laid out at 1280 px, three quarters as large on paper.
        funzionario = Persona(sito, browser, "funzionario", device_scale_factor=0.75)
        funzionario.entra("funzionario_regionale")
        bozza = sito.valore(
            "SELECT r.id FROM riparto_riparto r JOIN riparto_quota q ON q.riparto_id = r.id "
            "WHERE r.stato = 'bozza' AND q.importo IS NULL LIMIT 1"
        )
        funzionario.vai(f"/riparti/{bozza}/")
        fotografa(funzionario, "riparto")
        funzionario.vai("/quadro/CPI-2024-2026/?ente=MI")
        fotografa(funzionario, "quadro")
        funzionario.vai("/riparti/prospetti/CPI-2024-2026/")
        pdf = funzionario.apri_pdf(re.compile(r"^Prospetto di oggi"), Path(cartella) / "prospetto.pdf")
        prima = ["pdftoppm", "-r", str(PUNTI_PDF), "-png", "-singlefile", pdf, IMMAGINI / "prospetto"]
        subprocess.run(prima, check=True)

        operatore = Persona(sito, browser, "operatore", device_scale_factor=0.75)
        operatore.entra("operatore_provinciale")
        rifiutato = sito.valore(
            "SELECT id FROM registro_caricamento WHERE esito = 'rifiutato' ORDER BY id DESC LIMIT 1"
        )
        operatore.vai(f"/rendiconti/caricamenti/{rifiutato}/")
        fotografa(operatore, "rendiconto")
        browser.close()


if __name__ == "__main__":
    main()
