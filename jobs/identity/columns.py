"""Names and Arrow types of the frames that go into the fold and come out of it."""

from __future__ import annotations

import pyarrow as pa

from jobs.identity.shape import DatasetShape, RegisterShape
from schemas.derive import arrow

_INSTANT = pa.timestamp("us", tz="UTC")

META = (
    ("fact_id", pa.string()),
    ("submission_id", pa.string()),
    ("object_no", pa.int64()),
    ("row_no", pa.int64()),
    ("feed_id", pa.string()),
    ("province_code", pa.string()),
    ("dossier_code", pa.string()),
    ("procedure_code", pa.string()),
    ("verb", pa.string()),
)
"""Columns of a fact that its disposition repeats."""

ORDER = (
    ("component", pa.string()),
    ("dataset", pa.int32()),
    ("role", pa.string()),
    ("version_order", pa.int64()),
    ("submission_number", pa.int64()),
    ("effect_no", pa.int64()),
    ("item_no", pa.int64()),
    ("is_baseline", pa.bool_()),
    ("aggregate_key", pa.string()),
    ("row_key", pa.string()),
    ("valid_from", _INSTANT),
    ("valid_precision", pa.string()),
    ("decided_at", _INSTANT),
    ("entity_id", pa.string()),
)
"""Columns of a fact that only the fold reads."""

RESULT = (
    ("kind", pa.string()),
    ("dataset", pa.int32()),
    ("entity_id", pa.string()),
    ("aggregate_key", pa.string()),
    ("row_key", pa.string()),
    ("is_resolved", pa.bool_()),
    ("valid_from", _INSTANT),
    ("valid_precision", pa.string()),
    ("valid_to", _INSTANT),
    ("begun_by", pa.string()),
    ("ended_by", pa.string()),
    ("sources", pa.string()),
    ("disposition", pa.string()),
    ("codes", pa.string()),
)
"""Columns of every result; ``kind`` is version, disposition, entity or decision."""


def payload(dataset: DatasetShape, name: str) -> str:
    """Column of a dataset's payload in the wide frame of its register."""
    return f"{dataset.noun}__{name}"


def payload_types(shape: RegisterShape) -> list[tuple[str, pa.DataType]]:
    """Payload columns of all datasets of a register, without the aggregates' keys."""
    return [
        (payload(dataset, name), arrow.schema(dataset.contract).field(name).type)
        for dataset in shape.datasets
        for name in dataset.attributes
    ]


def old_types(shape: RegisterShape) -> list[tuple[str, pa.DataType]]:
    """Columns of the values that corrections replace."""
    return [
        (payload(dataset, old), arrow.schema(dataset.contract).field(name).type)
        for dataset in shape.datasets
        for name, old in zip(dataset.attributes, dataset.old_of, strict=True)
        if old
    ]


def input_schema(shape: RegisterShape) -> pa.Schema:
    """Schema of the frame that the fold reads, one row per fact."""
    return pa.schema([*META, *ORDER, *payload_types(shape), *old_types(shape)])


def result_schema(shape: RegisterShape) -> pa.Schema:
    """Schema of the frame that the fold gives."""
    return pa.schema([*RESULT, *META, *payload_types(shape)])
