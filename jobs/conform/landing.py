"""The landing as a Spark data source: objects fetched in the workers, rows handed over as Arrow."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa
from minio import Minio
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.datasource import DataSource, DataSourceReader, InputPartition
from pyspark.sql.pandas.types import from_arrow_schema
from pyspark.sql.types import StructType

from jobs import objects
from jobs.errors import UsageFault
from jobs.landing.rows import canonical_json, corrected, rows_of
from jobs.ops.corrections import Correction
from jobs.ops.submissions import Submission
from jobs.settings import Settings
from schemas import dialect as dialects

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
        ("text", pa.string()),
        ("content_digest", pa.string()),
        ("error", pa.string()),
    ]
)
_STORE, _CORRECTIONS = "secret_store", "secret_corrections"
"""Options with keys and personal values: where Spark shows plans it hides what is named a secret."""
_CHUNK = 2_000
_PARTITIONS = 4


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


class LandingSource(DataSource):
    """Landed rows; options hold the store's address and the objects as JSON."""

    @classmethod
    def name(cls) -> str:
        """Name of the format."""
        return "lienthong_landing"

    def schema(self) -> StructType:
        """Columns of a landed row."""
        return from_arrow_schema(_ARROW)

    def reader(self, schema: StructType) -> DataSourceReader:
        """The reader of the objects."""
        del schema
        return LandingReader(dict(self.options))


class LandingReader(DataSourceReader):
    """Reads groups of objects of about equal size."""

    def __init__(self, options: Mapping[str, str]) -> None:
        """Keeps the options; nothing is opened here."""
        self._store = json.loads(options[_STORE])
        self._objects = [LandedObject(**one) for one in json.loads(options["objects"])]
        self._corrections = json.loads(options[_CORRECTIONS])

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
        bucket = self._store["bucket"]
        store = Minio(**{name: value for name, value in self._store.items() if name != "bucket"})
        for one in partition.value:
            data = objects.get(store, bucket, one.key)
            rows: list[dict[str, Any]] = []
            for row in self._rows(one, data):
                rows.append(row)
                if len(rows) == _CHUNK:
                    yield pa.RecordBatch.from_pylist(rows, schema=_ARROW)
                    rows = []
            if rows:
                yield pa.RecordBatch.from_pylist(rows, schema=_ARROW)

    def _rows(self, one: LandedObject, data: bytes) -> Iterator[dict[str, Any]]:
        shared = {
            "submission_id": one.submission_id,
            "submission_number": one.submission_number,
            "feed_id": one.feed_id,
            "province_code": one.province_code,
            "received_at": datetime.fromisoformat(one.received_at),
            "dialect": one.dialect,
            "procedure": one.procedure,
            "object_no": one.object_no,
        }
        for row in rows_of(data, one.form):
            changes = self._corrections.get(row.content_digest)
            text = row.raw
            if changes and row.record is not None:
                text = canonical_json(corrected(row.record, changes))
            if not text.isascii():
                text = unicodedata.normalize("NFC", text)
            yield {
                **shared,
                "row_no": row.row_no,
                "raw": row.raw,
                "text": None if row.error else text,
                "content_digest": row.content_digest,
                "error": row.error,
            }


def read_landing(
    spark: SparkSession,
    settings: Settings,
    submissions: Sequence[Submission],
    corrections: Sequence[Correction],
) -> DataFrame:
    """Landed rows of submissions, corrections applied to ``text`` and never to ``raw``."""
    spark.dataSource.register(LandingSource)
    endpoint = settings.s3_endpoint
    store = {
        "endpoint": endpoint.partition("//")[2],
        "access_key": settings.s3_access_key,
        "secret_key": settings.s3_secret_key.get_secret_value(),
        "region": settings.s3_region,
        "secure": endpoint.startswith("https"),
        "bucket": settings.landing_bucket,
    }
    return (
        spark.read.format(LandingSource.name())
        .option(_STORE, json.dumps(store))
        .option("objects", json.dumps([asdict(one) for one in landed_objects(submissions)]))
        .option(_CORRECTIONS, json.dumps(_places(corrections)))
        .load()
    )


def landed_objects(submissions: Sequence[Submission]) -> list[LandedObject]:
    """The objects that sealed submissions consist of, by their manifests."""
    return [
        LandedObject(
            submission_id=one.submission_id,
            submission_number=one.number,
            feed_id=one.feed_id,
            province_code=one.province_code,
            received_at=(one.received_at or one.opened_at).isoformat(),
            dialect=entry.get("dialect") or (one.manifest or {})["dialect"],
            procedure=entry["procedure"],
            object_no=entry["no"],
            key=entry["key"],
            form=entry["format"],
            size=entry["bytes"],
        )
        for one in submissions
        for entry in (one.manifest or {})["objects"]
    ]


def _places(
    corrections: Sequence[Correction],
) -> dict[str, list[tuple[list[str | int], str | None]]]:
    """Corrections by content, with the path in the record for every dialect that has the field."""
    found: dict[str, list[tuple[list[str | int], str | None]]] = {}
    for one in corrections:
        name, _, path = one.path.partition(":")
        place = raw_path(dialects.load(name), path)
        found.setdefault(one.content_digest, []).append((place, one.new_text))
    return found


def check_path(path: str) -> None:
    """Refuses a correction's path that no dialect has.

    Raises:
        UsageFault: The dialect or the field is unknown; the message names it.
    """
    name, _, rest = path.partition(":")
    try:
        raw_path(dialects.load(name), rest)
    except (dialects.DialectError, ValueError) as error:
        raise UsageFault(
            f"{path!r} is no place of a value: {error}",
            "write dialect:group[i].attribute, as findings show prints it.",
        ) from error


def raw_path(dialect: dialects.Dialect, path: str) -> list[str | int]:
    """Where a canonical path stands in a dialect's record.

    ``status`` is a header field; ``persons[0].birth_date`` a field of a group's item.

    Raises:
        DialectError: The dialect has no such field.
    """
    head, dot, attribute = path.partition(".")
    if not dot:
        if head not in dialect.header:
            raise dialects.DialectError(f"{dialect.name}: no header field {head}.")
        steps: list[str | int] = []
        for step in dialect.header[head].path.split("."):
            steps += [step.removesuffix("[]"), 0] if step.endswith("[]") else [step]
        return steps
    group, _, index = head.removesuffix("]").partition("[")
    if group not in dialect.groups or attribute not in dialect.groups[group].fields:
        raise dialects.DialectError(f"{dialect.name}: no field {path}.")
    declared = dialect.groups[group]
    return [*declared.path.split("."), int(index or 0), *declared.fields[attribute].path.split(".")]
