"""Documents as the lake has them now: accepted messages of submissions that stand, and what is held."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from sqlalchemy import Engine

from jobs.documents.history import COLUMNS, Message, history
from jobs.lake import live
from jobs.ops import submissions
from schemas import dialect as dialects
from schemas.core.documents import Documents
from schemas.core.landed import PLACE

_HELD = "submission_id string, object_no bigint, row_no bigint, codes string"
_ARROW = pa.schema(
    [
        ("submission_id", pa.string()),
        ("object_no", pa.int64()),
        ("row_no", pa.int64()),
        ("codes", pa.string()),
    ]
)


def are_there(engine: Engine) -> bool:
    """Whether anything was landed that documents can be in."""
    spoken = {name for name in dialects.names() if dialects.load(name).rows is Documents}
    manifests = (one.manifest for one in submissions.listed(engine) if one.manifest)
    return any(one["dialect"] in spoken for one in manifests)


def messages(spark: SparkSession, engine: Engine) -> DataFrame:
    """Accepted messages with ``submission_number``; those of retracted submissions say nothing."""
    standing = [one for one in submissions.listed(engine) if one.state == "sealed"]
    numbers = spark.createDataFrame(
        [(one.submission_id, one.number) for one in standing],
        "submission_id string, submission_number bigint",
    )
    rows = live.conformed(spark, engine, Documents.dataset())
    accepted = rows.where((F.col("disposition") == "no_effect") & F.col("document_id").isNotNull())
    return accepted.join(F.broadcast(numbers), "submission_id")


def held(spark: SparkSession, engine: Engine) -> DataFrame:
    """Statuses that do not count now: rows of ``core.documents`` with ``codes``."""
    every = messages(spark, engine)
    about = every.where(F.col("message_kind") == "status").select("document_id").distinct()
    told = every.join(about, "document_id", "left_semi").select(*COLUMNS)
    found = told.repartition("document_id").sortWithinPartitions("document_id").mapInArrow(_held, _HELD)
    return every.join(F.broadcast(found), [*PLACE])


def _held(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Statuses that are held, of messages that come document by document."""
    every = (row for batch in batches for row in batch.to_pylist())
    for _, mine in groupby(every, itemgetter("document_id")):
        if rows := list(_rows(mine)):
            yield pa.RecordBatch.from_pylist(rows, _ARROW)


def _rows(mine: Iterable[Message]) -> Iterator[dict[str, object]]:
    for step in history(mine).steps:
        if step.hold is not None and not step.is_repeated:
            submission, number, row = step.place
            yield {"submission_id": submission, "object_no": number, "row_no": row, "codes": step.hold}
