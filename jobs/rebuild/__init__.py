"""Core, curated and the registers made anew from landing and ops: of a living home, or of a backup."""

from __future__ import annotations

from jobs.rebuild.backup import backup, restore
from jobs.rebuild.run import rebuild

__all__ = ["backup", "rebuild", "restore"]
