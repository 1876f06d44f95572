"""A one-stop system's own database as a source: rows of one query, from one snapshot, under no lock."""

from __future__ import annotations

from jobs.sources.database.look import looks
from jobs.sources.database.read import DatabaseSource

__all__ = ["DatabaseSource", "looks"]
