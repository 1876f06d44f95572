"""Locks: what only one process may do at a time, however long it takes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa


@contextmanager
def held(ops: sa.Engine, name: str) -> Iterator[None]:
    """Holds the lock of that name, after waiting for whoever holds it.

    It belongs to a connection of its own: it ends with the block or with the connection, so that a
    process that dies leaves none behind. Whoever loses the connection is not told; what a lock protects
    is therefore also guarded where it is written, by the state that it must be in. Not reentrant.

    Args:
        ops: The ops database.
        name: What is done alone: ``pull 01-dossiers``.
    """
    with ops.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        # Out of the pool: a lock outlives a rollback, and would go back into the pool with its connection.
        connection.detach()
        connection.execute(sa.select(sa.func.pg_advisory_lock(sa.func.hashtextextended(name, 0))))
        yield
