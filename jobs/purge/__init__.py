"""Erasure by law: rows vanish from every layer, and a tombstone says by what basis."""

from __future__ import annotations

from jobs.purge.choice import places_of
from jobs.purge.run import again, erase, resume

__all__ = ["again", "erase", "places_of", "resume"]
