"""A national day: the DAGs triggered, followed to their end, and summed up."""

from __future__ import annotations

from jobs.sync.day import Asked, sync
from jobs.sync.plan import plan

__all__ = ["Asked", "plan", "sync"]
