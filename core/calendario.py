"""The names of months and days in Italian, for pages, documents and sheets alike. No Django."""

# By number, 1–12; position 0 is empty.
MESI = (
    "",
    *("gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno"),
    *("luglio", "agosto", "settembre", "ottobre", "novembre", "dicembre"),
)
# By `date.weekday()`, 0–6.
GIORNI = ("lunedì", "martedì", "mercoledì", "giovedì", "venerdì", "sabato", "domenica")
