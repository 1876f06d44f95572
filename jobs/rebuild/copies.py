"""Copies of the truth: the landed objects and the operational tables."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import sqlalchemy as sa

from jobs import objects, ops
from jobs.errors import IntegrityFault, UsageFault
from jobs.ops import events, submissions
from jobs.settings import Settings
from schemas import ops as schema

_THREADS = 8


def landed(origin: Settings) -> set[str]:
    """Keys of all objects in the landing: those of sealed submissions, of open ones, and kept heads."""
    return set(objects.keys(objects.client(origin), origin.landing_bucket, ""))


def landing(origin: Settings, target: Settings, keys: Collection[str]) -> int:
    """Copies landed objects that the target lacks, each read back; their number.

    Args:
        origin: Names the landing to copy.
        target: Names the landing to copy into, and ops as copied.
        keys: Objects to copy beside those that the copied submissions consist of. They were listed
            before ops was copied, so that no head of a later event log comes with them.

    Raises:
        IntegrityFault: A sealed object is missing or differs from its manifest.
    """
    source, sink = objects.client(origin), objects.client(target)
    stated = _stated(target)

    def copy(key: str) -> None:
        data = objects.find(source, origin.landing_bucket, key)
        if data is None:
            raise IntegrityFault(f"s3://{origin.landing_bucket}/{key} is sealed and missing.")
        digest = hashlib.sha256(data).hexdigest()
        if stated.get(key, digest) != digest:
            raise IntegrityFault(f"s3://{origin.landing_bucket}/{key} differs from its manifest.")
        if objects.find(sink, target.landing_bucket, key) != data:
            objects.put(sink, target.landing_bucket, key, data)

    every = sorted({*keys, *stated})
    with ThreadPoolExecutor(_THREADS) as pool:
        list(pool.map(copy, every))
    return len(every)


def _stated(settings: Settings) -> dict[str, str]:
    """SHA-256 of every sealed object by its key, as the manifests in ops state it."""
    manifests = [one.manifest for one in submissions.listed(ops.engine(settings)) if one.manifest]
    return {
        entry["key"]: entry["sha256"]
        for manifest in manifests
        for part in ("objects", "refused")
        for entry in manifest[part]
    }


def operations(origin: sa.Engine, target: sa.Engine) -> list[Mapping[str, Any]]:
    """Copies every operational table but the batches, in one transaction; gives the batches in order.

    A copy that is there already is renewed, so that a rebuild which was interrupted goes on
    although the original has moved on; its own batches stay.

    Raises:
        IntegrityFault: The chain of the original's events is broken.
        UsageFault: The target belongs to another line.
    """
    tables = [table for table in schema.metadata.sorted_tables if table is not schema.batches]
    snapshot = origin.connect().execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    with snapshot as source, target.begin() as sink:
        if (broken := events.verify(source)) is not None:
            raise IntegrityFault(
                f"The chain of events is broken at event {broken}.", "lienthong ledger verify"
            )
        _check_same_line(source, sink)
        for table in tables:
            sink.execute(sa.text(f"TRUNCATE {table.name}"))
            _copy(source, sink, table)
        query = sa.select(schema.batches).order_by(schema.batches.c.batch_id)
        return [dict(row) for row in source.execute(query).mappings()]


def _check_same_line(source: sa.Connection, sink: sa.Connection) -> None:
    seq, last = events.head(sink)
    if not seq:
        return
    known = source.scalar(sa.select(schema.events.c.hash).where(schema.events.c.seq == seq))
    if known != last:
        raise UsageFault("The home to build into holds another line.", "name an empty folder.")


def _copy(source: sa.Connection, sink: sa.Connection, table: sa.Table) -> None:
    columns = ", ".join(f'"{column.name}"' for column in table.columns)
    with (
        _driver(source).cursor() as reader,
        _driver(sink).cursor() as writer,
        reader.copy(f"COPY {table.name} ({columns}) TO STDOUT (FORMAT BINARY)".encode()) as out,
        writer.copy(f"COPY {table.name} ({columns}) FROM STDIN (FORMAT BINARY)".encode()) as into,
    ):
        for data in out:
            into.write(data)


def _driver(connection: sa.Connection) -> psycopg.Connection[Sequence[Any]]:
    driver = connection.connection.driver_connection
    if not isinstance(driver, psycopg.Connection):
        raise TypeError("the operational tables are copied through psycopg")
    return driver
