"""Erasure by law: rows vanish from every layer, and a tombstone says by what basis."""

from __future__ import annotations

from jobs.purge.again import again, listed, read, told
from jobs.purge.choice import places_of
from jobs.purge.run import erase, resume

__all__ = ["again", "erase", "listed", "places_of", "read", "resume", "told"]
