"""A line that has lived some days, and the ways in which its stores are altered and put back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from jobs import objects, ops, session
from jobs.ledger import anchors
from jobs.ledger.verify import LAYERS, verify
from jobs.ops import submissions
from jobs.registry import databases
from schemas import ops as schema
from schemas.contract import Register
from schemas.derive import sql
from tests.journeys import worked_example as w
from tests.support.line import Line, at_day

FEED = "01-dossiers"
S1 = f"{FEED}.00000001"
S2 = f"{FEED}.00000002"


def lived_days(line: Line) -> Line:
    """Two days of the worked example, a correction and its replay; each with the head of the events kept."""
    (line.inbox("01") / "s0.ndjson.gz").write_bytes(b"no gzip")
    w.baseline(line)
    for day in (1, 2):
        w.day(line, day)
        anchors.anchor(line.settings, at=at_day(day))
    at = at_day(3)
    w.corrected(line, at)
    anchors.anchor(line.settings, at=at)
    return line


def difference(line: Line, *layers: str) -> dict[str, Any]:
    """The first difference, of all layers or of those named: the later ones take long to come to."""
    told = verify(line.settings, layers=layers or LAYERS)
    assert told["verified"] is False
    found: dict[str, Any] = told["first_difference"]
    return found


def key_of(line: Line, submission_id: str) -> str:
    known = submissions.get(ops.engine(line.settings), submission_id)
    key: str = known.manifest["objects"][0]["key"]
    return key


@contextmanager
def altered_object(
    line: Line,
    key: str,
    change: Callable[[bytes], bytes | None] = lambda data: data[:-1] + bytes([data[-1] ^ 1]),
) -> Iterator[None]:
    store, bucket = objects.client(line.settings), line.settings.landing_bucket
    data = objects.get(store, bucket, key)
    changed = change(data)
    if changed is None:
        store.remove_object(bucket_name=bucket, object_name=key)
    else:
        objects.put(store, bucket, key, changed)
    try:
        yield
    finally:
        objects.put(store, bucket, key, data)


@contextmanager
def altered(engine: sa.Engine, tables: Sequence[sa.Table], *statements: sa.Executable) -> Iterator[None]:
    """Runs statements on a database, and puts the tables back as they were."""
    with engine.connect() as connection:
        before = {table: connection.execute(sa.select(table)).mappings().all() for table in tables}
    with engine.begin() as connection:
        connection.execution_options(preserve_rowcount=True)
        for statement in statements:
            assert connection.execute(statement).rowcount > 0
    try:
        yield
    finally:
        with engine.begin() as connection:
            for table, rows in before.items():
                connection.execute(table.delete())
                for row in rows:
                    values = {name: sa.null() if value is None else value for name, value in row.items()}
                    connection.execute(table.insert().values(values))


@contextmanager
def altered_ops(line: Line, *statements: sa.Executable) -> Iterator[None]:
    with altered(ops.engine(line.settings), schema.metadata.sorted_tables, *statements):
        yield


@contextmanager
def altered_table(line: Line, table: str, statement: str) -> Iterator[None]:
    """Runs a statement on an Iceberg table, and rolls its snapshot back."""
    spark = session.connect(line.settings)

    def snapshot() -> int:
        made = spark.table(f"lake.{table}.history").where("is_current_ancestor").orderBy("made_current_at")
        number: int = made.tail(1)[0].snapshot_id
        return number

    before = snapshot()
    spark.sql(statement.format(table=f"lake.{table}", first=S1, second=S2))
    assert snapshot() != before
    try:
        yield
    finally:
        spark.sql(f"CALL lake.system.rollback_to_snapshot('{table}', {before})")


@contextmanager
def altered_register(line: Line, register: str, table: str, *statements: sa.Executable) -> Iterator[None]:
    known = sql.metadata(Register(register)).tables[table]
    with altered(databases.engine(line.settings, Register(register)), [known], *statements):
        yield
