"""Copies of the truth: the landed objects and the operational tables."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
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


def landing(origin: Settings, target: Settings) -> int:
    """Copies every landed object that the target lacks, each read back; their number in the target.

    Raises:
        IntegrityFault: A sealed object is missing or differs from its manifest.
    """
    source, sink = objects.client(origin), objects.client(target)
    stated = _stated(origin)
    keys = list(objects.keys(source, origin.landing_bucket, ""))
    if missing := sorted(stated.keys() - set(keys)):
        raise IntegrityFault(f"s3://{origin.landing_bucket}/{missing[0]} is sealed and missing.")

    def copy(key: str) -> None:
        data = objects.get(source, origin.landing_bucket, key)
        digest = hashlib.sha256(data).hexdigest()
        if stated.get(key, digest) != digest:
            raise IntegrityFault(f"s3://{origin.landing_bucket}/{key} differs from its manifest.")
        if objects.find(sink, target.landing_bucket, key) != data:
            objects.put(sink, target.landing_bucket, key, data)

    with ThreadPoolExecutor(_THREADS) as pool:
        list(pool.map(copy, keys))
    return len(keys)


def _stated(origin: Settings) -> dict[str, str]:
    """SHA-256 of every sealed object by its key, as the manifests in ops state it."""
    manifests = [one.manifest for one in submissions.listed(ops.engine(origin)) if one.manifest]
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
