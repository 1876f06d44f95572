"""The landing as a Spark data source: objects fetched in the workers, rows handed over as Arrow.

Workers that have had nothing to do for a minute end, and each new one loads this module: it needs nothing of
``ops``, whose libraries would be nearly half of what is loaded.
"""

from __future__ import annotations

import gc
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa
from minio import Minio
from pyspark.sql.datasource import DataSource, DataSourceReader, InputPartition
from pyspark.sql.pandas.types import from_arrow_schema
from pyspark.sql.types import StructType

from jobs import objects
from jobs.conform.sent import Said
from jobs.landing.correcting import corrected
from jobs.landing.fields import Fields
from jobs.landing.records import LandedRow
from jobs.landing.rows import rows_of
from jobs.landing.shaping import shaped
from jobs.landing.texts import Record
from schemas import dialect as dialects
from schemas.dialect import Dialect
from schemas.layout import Layout

_ARROW = pa.schema(
    [
        ("submission_id", pa.string()),
        ("submission_number", pa.int64()),
        ("feed_id", pa.string()),
        ("province_code", pa.string()),
        ("received_at", pa.timestamp("us", tz="UTC")),
        ("dialect", pa.string()),
        ("procedure", pa.string()),
        ("object_no", pa.int64()),
        ("row_no", pa.int64()),
        ("raw", pa.string()),
        ("content_digest", pa.string()),
        ("error", pa.string()),
        ("_fields", pa.string()),
    ]
)
STORE, CORRECTIONS = "secret_store", "secret_corrections"
"""Options with keys and personal values: where Spark shows plans it hides what is named a secret."""
DIALECTS = "dialects"
_SHARED = (
    *("submission_id", "submission_number", "feed_id", "province_code", "dialect", "procedure"),
    *("object_no",),
)
_MOST_ROWS, _MOST_CHARACTERS = 2_000, 16_000_000
"""Of a batch: rows of any length are held a few at a time, and Arrow's columns have a largest size."""
_PARTITIONS = 4
_ALLOCATIONS_PER_COLLECTION = 100_000
"""Of Python's cycle collector, in the whole worker: rows have no cycles, and at its default of 700 it goes
through a batch's objects again and again."""


@dataclass(frozen=True, slots=True)
class LandedObject:
    """One object to read, with what its rows share."""

    submission_id: str
    submission_number: int
    feed_id: str
    province_code: str
    received_at: str
    dialect: str
    procedure: str | None
    object_no: int
    key: str
    form: str
    size: int
    layout: Mapping[str, Any]


class LandingSource(DataSource):
    """Landed rows and what they say; options hold the store's address, objects and dialects as JSON."""

    @classmethod
    def name(cls) -> str:
        """Name of the format."""
        return "lienthong_landing"

    def schema(self) -> StructType:
        """Columns of a landed row, and of what rows of the dialects say."""
        return from_arrow_schema(_arrow(Said.by([*_spoken(self.options).values()])))

    def reader(self, schema: StructType) -> DataSourceReader:
        """The reader of the objects."""
        del schema
        return LandingReader(dict(self.options))


class LandingReader(DataSourceReader):
    """Reads groups of objects of about equal size."""

    def __init__(self, options: Mapping[str, str]) -> None:
        """Keeps the options; nothing is opened here."""
        self._store = json.loads(options[STORE])
        self._objects = [LandedObject(**one) for one in json.loads(options["objects"])]
        self._corrections = json.loads(options[CORRECTIONS])
        self._spoken = _spoken(options)
        self._said = Said.by([*self._spoken.values()])

    def partitions(self) -> Sequence[InputPartition]:
        """Objects dealt into partitions, the largest first."""
        groups: list[list[LandedObject]] = [[] for _ in range(min(_PARTITIONS, len(self._objects)) or 1)]
        sizes = [0] * len(groups)
        for one in sorted(self._objects, key=lambda one: -one.size):
            place = sizes.index(min(sizes))
            groups[place].append(one)
            sizes[place] += one.size
        return [InputPartition(group) for group in groups]

    def read(self, partition: InputPartition) -> Iterator[pa.RecordBatch]:
        """Rows of a partition's objects as Arrow batches."""
        gc.set_threshold(_ALLOCATIONS_PER_COLLECTION)
        bucket = self._store["bucket"]
        store = Minio(**{name: value for name, value in self._store.items() if name != "bucket"})
        for one in partition.value:
            rows = rows_of(objects.fetched(store, bucket, one.key), one.form, Layout.of(one.layout))
            dialect = self._spoken[one.dialect]
            fields = Fields(dialect)
            for chunk in chunks(rows):
                yield self._batch(one, chunk, dialect, fields)

    def _batch(
        self, one: LandedObject, rows: Sequence[LandedRow], dialect: Dialect, fields: Fields
    ) -> pa.RecordBatch:
        """Rows of one object, column by column; the first tells which fields they have all together."""
        records, schema = [self._record(row, dialect, fields) for row in rows], _arrow(self._said)
        shared = {name: getattr(one, name) for name in _SHARED}
        shared["received_at"] = datetime.fromisoformat(one.received_at)
        own = {
            "row_no": [row.row_no for row in rows],
            "raw": [row.raw for row in rows],
            "content_digest": [row.content_digest for row in rows],
            "error": [row.error for row in rows],
            "_fields": [fields.told(), *[None] * (len(rows) - 1)],
        }
        landed = [
            pa.array(own[field.name], field.type)
            if field.name in own
            else pa.repeat(pa.scalar(shared[field.name], field.type), len(rows))
            for field in _ARROW
        ]
        said = self._said.columns(records, dialect)
        return pa.RecordBatch.from_arrays([*landed, *said.values()], schema=schema)

    def _record(self, row: LandedRow, dialect: Dialect, fields: Fields) -> Record | None:
        """What is read: shaped and corrected; None where the row cannot be read."""
        if row.record is None:
            return None
        record = shaped(row.record, dialect.shapings)
        fields.see(record)
        changes = self._corrections.get(dialect.name, {}).get(row.content_digest)
        return corrected(record, changes) if changes else record


def chunks(
    rows: Iterable[LandedRow], most_rows: int = _MOST_ROWS, most_characters: int = _MOST_CHARACTERS
) -> Iterator[list[LandedRow]]:
    """Rows in their order, so many at a time as a batch may have; one that is longer than all goes alone."""
    chunk: list[LandedRow] = []
    characters = 0
    for row in rows:
        if chunk and (len(chunk) == most_rows or characters + len(row.raw) > most_characters):
            yield chunk
            chunk, characters = [], 0
        chunk.append(row)
        characters += len(row.raw)
    if chunk:
        yield chunk


def _spoken(options: Mapping[str, str]) -> dict[str, Dialect]:
    return {name: dialects.of_texts(name, texts) for name, texts in json.loads(options[DIALECTS]).items()}


def _arrow(said: Said) -> pa.Schema:
    return pa.schema([*_ARROW, *said.schema()])
