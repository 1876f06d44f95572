"""Makes new stores ready: databases migrated, the open bucket readable by anybody. Safe to repeat."""

from __future__ import annotations

from jobs import ops, release
from jobs.registry import databases
from jobs.settings import Settings


def prepare(settings: Settings) -> None:
    """Migrates the operational database and the registers, and opens the open bucket."""
    databases.migrate_ops(ops.engine(settings))
    databases.migrate(settings)
    release.open_bucket_policy(settings)
