"""The landing as a Spark data source: objects fetched in the workers, rows handed over as Arrow."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import islice
from typing import Any

import pyarrow as pa
from minio import Minio
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.datasource import DataSource, DataSourceReader, InputPartition
from pyspark.sql.pandas.types import from_arrow_schema
from pyspark.sql.types import StructType

from jobs import objects
from jobs.errors import UsageFault
from jobs.landing.decoding import canonical_json
from jobs.landing.fields import Fields
from jobs.landing.rows import LandedRow, corrected, rows_of
from jobs.landing.shaping import shaped
from jobs.ops.corrections import Correction
from jobs.ops.submissions import Submission
from jobs.settings import Settings
from schemas import dialect as dialects
from schemas.dialect import Shaping
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
        ("text", pa.string()),
        ("content_digest", pa.string()),
        ("error", pa.string()),
        ("_fields", pa.string()),
    ]
)
_STORE, _CORRECTIONS = "secret_store", "secret_corrections"
"""Options with keys and personal values: where Spark shows plans it hides what is named a secret."""
_SHARED = (
    *("submission_id", "submission_number", "feed_id", "province_code", "dialect", "procedure"),
    *("object_no",),
)
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
    layout: Mapping[str, Any]


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
        self._mappings = json.loads(options["mappings"])

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
        spoken = {name: dialects.of_texts(name, texts) for name, texts in self._mappings.items()}
        for one in partition.value:
            rows = rows_of(objects.get(store, bucket, one.key), one.form, Layout.of(one.layout))
            dialect = spoken[one.dialect]
            fields = Fields(dialect)
            while chunk := list(islice(rows, _CHUNK)):
                yield self._batch(one, chunk, dialect, fields)

    def _batch(
        self, one: LandedObject, rows: Sequence[LandedRow], dialect: dialects.Dialect, fields: Fields
    ) -> pa.RecordBatch:
        """Rows of one object, column by column; the first tells which fields they have all together."""
        shared = {name: getattr(one, name) for name in _SHARED}
        shared["received_at"] = datetime.fromisoformat(one.received_at)
        own = {
            "row_no": [row.row_no for row in rows],
            "raw": [row.raw for row in rows],
            "text": [self._text(row, dialect.shapings, fields) for row in rows],
            "content_digest": [row.content_digest for row in rows],
            "error": [row.error for row in rows],
            "_fields": [fields.told(), *[None] * (len(rows) - 1)],
        }
        columns = [
            pa.array(own[field.name], field.type)
            if field.name in own
            else pa.repeat(pa.scalar(shared[field.name], field.type), len(rows))
            for field in _ARROW
        ]
        return pa.RecordBatch.from_arrays(columns, schema=_ARROW)

    def _text(self, row: LandedRow, shapings: Sequence[Shaping], fields: Fields) -> str | None:
        """What is read instead of ``raw``: shaped, corrected, in NFC; NULL where that is the same."""
        if row.record is None:
            return None
        record, changes = shaped(row.record, shapings), self._corrections.get(row.content_digest)
        fields.see(record)
        if changes or shapings:
            text = canonical_json(corrected(record, changes) if changes else record)
        else:
            text = row.raw
        if not text.isascii():
            text = unicodedata.normalize("NFC", text)
        return None if text == row.raw else text


def read_landing(
    spark: SparkSession,
    settings: Settings,
    submissions: Sequence[Submission],
    corrections: Sequence[Correction],
    spoken: Iterable[dialects.Dialect],
) -> DataFrame:
    """Landed rows of submissions, corrections applied to ``text`` and never to ``raw``.

    ``text`` is NULL where the row cannot be read; ``_fields`` tells, on some of an object's rows, which
    fields those from there on have.
    """
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
    landed = (
        spark.read.format(LandingSource.name())
        .option(_STORE, json.dumps(store))
        .option("objects", json.dumps([asdict(one) for one in landed_objects(submissions)]))
        .option("mappings", json.dumps({one.name: dict(one.texts) for one in spoken}))
        .option(_CORRECTIONS, json.dumps(_places(corrections)))
        .load()
    )
    return landed.withColumn("text", F.when(F.col("error").isNull(), F.coalesce("text", "raw")))


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
            layout=(one.manifest or {}).get("layout", {}),
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
        for step in dialect.header[head][0].path.split("."):
            steps += [step.removesuffix("[]"), 0] if step.endswith("[]") else [step]
        return steps
    group, _, index = head.removesuffix("]").partition("[")
    if group not in dialect.groups or attribute not in dialect.groups[group].fields:
        raise dialects.DialectError(f"{dialect.name}: no field {path}.")
    declared = dialect.groups[group]
    return [*declared.path.split("."), int(index or 0), *declared.fields[attribute][0].path.split(".")]
