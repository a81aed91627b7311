"""The controls of the quarterly cost report, on whole columns and integer cents. Pure functions, no Django.

They run in the child process of `core.sheets`, which knows them as «rendicontazione.controlli:COSTI».
Controls that need the database (quota, earlier quarters, the same file twice) are not here.
"""

from .costi import COLONNE_COPY, COSTI
from .regole import TUTTE

__all__ = ["COLONNE_COPY", "COSTI", "TUTTE"]
