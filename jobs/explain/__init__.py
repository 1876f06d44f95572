"""Explain: the whole way of a record, from the landed row to the registers."""

from __future__ import annotations

from jobs.explain.run import explain

__all__ = ["explain"]
