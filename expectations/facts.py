"""The frame of facts that the whole-batch suite reads."""

from __future__ import annotations

COLUMNS = ("fact_id", "effective_row")
"""A fact, and the place of its effective dossier row where there is one."""
