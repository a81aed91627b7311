"""Row history by trigger: every insert, update and delete, whoever makes it and from wherever."""

import pghistory


def traccia(modello):
    """Class decorator: keep every version of the rows of the model, with the user and the page."""
    # New trackers for each model: pghistory writes the model's own fields into them.
    eventi = pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent()
    return pghistory.track(*eventi)(modello)
