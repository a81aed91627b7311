"""Read and write the spreadsheets that people fill in. No Django, no business noun.

The way of a file (`esame.esamina`): the parent looks at size, name and first bytes; a child process
(`figlio`, memory and CPU limits, no credentials in its environment) checks the zip directory
(`guardia`), reads the cells (`lettura`), types whole columns (`celle`, `schema`), runs the controls of
the module that was asked for and prints one JSON verdict line, then the rows as PostgreSQL COPY text
on the same pipe. Only when the child dies a second one reads the file slowly (`perche`) to say why.

    with esamina(dati, nome, modulo="app.controlli:MODULO", contesto={...}, limiti=Limiti(...)) as esame:
        if esame.accettato:
            for blocco in esame.righe():
                copy.write(blocco)

A bad file is a verdict, never an exception. This package imports nothing here: each module is imported
where it is used, because the child pays for every import.
"""
