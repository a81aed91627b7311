"""Row history by trigger: every insert, update and delete, whoever makes it and from wherever.

The history itself only grows: who approved what, and who had touched it before, is read from it.
"""

import pghistory
import pgtrigger

from core.triggers import vieta, vieta_svuotamento


def traccia(modello):
    """Class decorator: keep every version of the rows of the model, with the user and the page."""
    # New trackers for each model: pghistory writes the model's own fields into them.
    return _traccia(modello, pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())


def traccia_cambi(modello):
    """The same without the insertions, for rows whose arrival is proved elsewhere."""
    return _traccia(modello, pghistory.UpdateEvent(), pghistory.DeleteEvent())


def _traccia(modello, *eventi):
    # Not pghistory's append_only, whose refusal is in English and has no name.
    trigger = [
        vieta(
            "storia_si_aggiunge_soltanto",
            pgtrigger.Update | pgtrigger.Delete,
            "La storia delle righe si può solo leggere e allungare.",
        ),
        vieta_svuotamento("storia_non_si_svuota"),
    ]
    return pghistory.track(*eventi, meta={"triggers": trigger})(modello)
