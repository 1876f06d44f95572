"""Locks between processes: one at a time pulls a feed, conforms, or merges a register."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from sqlalchemy.pool import NullPool


@contextmanager
def held(ops: sa.Engine, name: str) -> Iterator[None]:
    """Waits until no other process holds the lock of that name, and holds it.

    It belongs to a session of its own, so that PostgreSQL lets it go when the process dies, and
    many who wait take no connection from those who work.
    """
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)
    alone = sa.create_engine(ops.url, poolclass=NullPool, hide_parameters=True)
    with alone.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.select(sa.func.pg_advisory_lock(number)))
        yield
