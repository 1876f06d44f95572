"""Rebuild: core, curated and the registers made anew from landing and ops, and compared."""

from __future__ import annotations

from jobs.rebuild.run import rebuild

__all__ = ["rebuild"]
