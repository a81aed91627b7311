"""The embedded PostgreSQL cluster of the project: what makes every command work with no set-up.

Used only when ``DATABASE_URL`` is unset, never in production. ``ensure()`` is all that most callers need.
"""

from pathlib import Path

from core.localdb.cluster import Cluster
from core.localdb.programs import LocalDatabaseError

__all__ = ["Cluster", "LocalDatabaseError", "default", "ensure"]

default = Cluster(Path(__file__).resolve().parents[2] / "var" / "postgres")


def ensure() -> str:
    """The URL of the project's cluster, created and started when needed (3 ms when it runs)."""
    return default.ensure()
