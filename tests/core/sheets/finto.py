"""A small module for the engine: two columns, no controls of its own. Stands in for those of the apps."""

from core.sheets.schema import Colonna


class FoglioFinto:
    foglio = "Dati"
    colonne_etichetta = ()

    def colonne(self, contesto):
        return (
            Colonna("nome", "Nome", massimo=20),
            Colonna("importo", "Importo", "importo", obbligatoria=contesto.get("obbligatorio", True)),
            *(
                Colonna(n, n.capitalize(), g, obbligatoria=False)
                for n, g in contesto.get("altre", {}).items()
            ),
        )

    def metadati(self, contesto):
        return {"tipo": ("Prova", "il modello"), "ente": ("MI Milano", "l’ente")}

    def etichetta(self, tabella, indice):
        return f"riga {tabella.numeri[indice]}"

    def controlla(self, tabella, contesto, raccolta):
        importi = [c or 0 for c in tabella.valori["importo"]]
        raccolta.pesa(importi)
        if contesto.get("guasto"):
            raise KeyError("guasto")
        valori = {n: [str(v) for v in tabella.valori[n]] for n in tabella.valori}
        return sum(importi), {"valori": valori if len(tabella) < 50 else {}, "numeri": tabella.numeri[:50]}

    def righe(self, tabella, contesto):
        return (f"{n}\t{c}\n" for n, c in zip(tabella.valori["nome"], tabella.valori["importo"], strict=True))


FINTO = FoglioFinto()
