"""The merge of one register: facts → golden versions → lake → national database → ops."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from typing import Any

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import from_arrow_schema
from sqlalchemy import Engine

from jobs import ops, registry, session
from jobs.identity import columns
from jobs.identity.shape import RegisterShape, shape_of
from jobs.identity.stream import fold_batches
from jobs.lake import evidence, tables
from jobs.merge import changes, facts
from jobs.merge.facts import Compared
from jobs.merge.plan import Scope, pending, scope
from jobs.ops import batches, decisions, locks
from jobs.ops.batches import Batch
from jobs.settings import Settings
from schemas.contract import Register


def run(settings: Settings, *, register: str, at: datetime) -> dict[str, object]:
    """Merges every conform batch that the register has not taken yet.

    Safe to run again and beside itself: one process at a time merges a register, a batch that was
    planned and not committed is finished first, and each store is asked for its evidence before it
    is written.

    Returns:
        The newest batch, its recorded instant and what was loaded, with fact counts by disposition
        over all batches that were finished; zero counts and no batch when nothing was pending.
    """
    engine = ops.engine(settings)
    name = Register(register).value
    receipt: dict[str, Any] = {"register": name, "batch_id": None, **changes.counts([])}
    with locks.held(engine, f"merge:{name}"):
        while (members := _open_or_pending(engine, register)) is not None:
            batch = batches.plan(engine, kind="merge", register=register, at=at, members=members)
            told = carry_out(settings, engine, batch)
            batches.commit(engine, batch, told, at)
            receipt = told | changes.summed(receipt, told)
    return receipt


@session.checkpoints()
def carry_out(settings: Settings, engine: Engine, batch: Batch) -> dict[str, object]:
    """Writes a planned batch to the lake and its register and gives its receipt."""
    shape = shape_of(Register(str(batch.register)))
    seen = scope(engine, batch)
    return _idle(shape, batch, seen) if seen.is_idle else _finish(settings, engine, shape, batch, seen)


def _open_or_pending(engine: Engine, register: str) -> Mapping[str, object] | None:
    unfinished = batches.planned(engine, kind="merge", register=register)
    return unfinished.plan if unfinished else pending(engine, register)


def _idle(shape: RegisterShape, batch: Batch, seen: Scope) -> dict[str, object]:
    """The receipt of a batch that brings the register no fact and takes none away."""
    nothing = {dataset.noun: {"assert": 0, "withdraw": 0} for dataset in shape.datasets}
    return {
        "register": shape.register.value,
        "batch_id": batch.batch_id,
        "recorded_at": batch.recorded_at.isoformat(),
        "conform_batches": sorted(seen.new),
        **changes.counts([]),
        "assertions": nothing,
        "loaded": None,
    }


def _finish(
    settings: Settings, engine: Engine, shape: RegisterShape, batch: Batch, seen: Scope
) -> dict[str, object]:
    spark = session.connect(settings)
    of = evidence.curated(shape.register)
    tables.ensure(spark, of)
    tables.refresh(spark, [*of, *(dataset.contract.dataset("core") for dataset in shape.datasets)])
    result, compared = _folded(spark, settings, shape, seen)
    result = session.checkpoint(result)
    _append(engine, spark, shape, batch, seen, result, compared)
    _record_decisions(engine, shape, batch, result)
    held = evidence.parts(spark, of, [batch.batch_id])
    evidence.require_whole(spark, of, batch.batch_id, held, {})
    written = _read_back(spark, shape, batch)
    loaded = registry.load(
        settings,
        register=shape.register.value,
        batch_id=batch.batch_id,
        recorded_at=batch.recorded_at,
        tables=written,
        expected={noun: _operations(rows) for noun, rows in written.items()},
    )
    return {
        "register": shape.register.value,
        "batch_id": batch.batch_id,
        "recorded_at": batch.recorded_at.isoformat(),
        "conform_batches": sorted(seen.new),
        **_counts(shape, held),
        "assertions": {noun: _operations(rows) for noun, rows in written.items()},
        "loaded": loaded,
        "decisions": _decided(engine, batch),
        "evidence": evidence.told(held),
    }


def _folded(
    spark: SparkSession, settings: Settings, shape: RegisterShape, seen: Scope
) -> tuple[DataFrame, Compared | None]:
    """Results of the fold over the affected components."""
    folding, compared = facts.affected(spark, facts.wide(spark, shape), seen)
    known = changes.committed(spark, f"curated.{shape.register.value}_entities", seen)
    if compared is not None:
        known = compared.only(known)
    order = columns.input_schema(shape).names
    ready = folding.join(known.select("aggregate_key", "entity_id"), "aggregate_key", "left").select(*order)
    key = settings.entity_key()
    schema = from_arrow_schema(columns.result_schema(shape))
    # By a hash of the component: were it the column itself, the planner would take the exchange of a
    # join on aggregate_key for it, and adaptive execution may undo that one by reading it locally.
    placed = ready.repartition(F.xxhash64("component")).sortWithinPartitions("component", "fact_id")
    return placed.mapInArrow(_folder(shape.register, key), schema), compared


def _folder(register: Register, key: bytes) -> Callable[[Iterable[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    def folding(stream: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        return fold_batches(shape_of(register), key, stream)

    return folding


def _append(
    engine: Engine,
    spark: SparkSession,
    shape: RegisterShape,
    batch: Batch,
    seen: Scope,
    result: DataFrame,
    compared: Compared | None,
) -> None:
    """Appends the batch's rows to every log of the register that has no evidence of it yet."""
    recorded = F.lit(batch.recorded_at)
    name = shape.register.value
    frames = {
        f"curated.{name}_dispositions": changes.dispositions(
            spark, shape, result, seen, compared, batch.batch_id, recorded
        ),
        f"curated.{name}_entities": changes.entities(result, batch.batch_id, recorded),
    }
    for place, dataset in enumerate(shape.datasets):
        contract = dataset.contract
        new = changes.versions(result, dataset, place)
        old = changes.asserted(spark, contract, seen, compared)
        frames[contract.dataset("curated")] = changes.difference(new, old, contract, batch.batch_id, recorded)

    def write(table: str) -> None:
        is_open = partial(batches.require_open, engine, batch)
        tables.append(frames[table], table, batch.batch_id, is_fresh=batch.is_fresh, require_open=is_open)

    with ThreadPoolExecutor(max_workers=2) as pool:
        list(pool.map(write, frames))


def _record_decisions(engine: Engine, shape: RegisterShape, batch: Batch, result: DataFrame) -> None:
    rows = (
        result.where(F.col("kind") == "decision")
        .select("fact_id", "begun_by", "entity_id", "disposition", "codes")
        .toArrow()
        .to_pylist()
    )
    decisions.record(
        engine,
        [
            {
                "decision_id": f"{row['fact_id']}.{row['begun_by']}",
                "register": shape.register.value,
                "left_ref": row["fact_id"],
                "right_ref": row["begun_by"],
                "entity_id": row["entity_id"],
                "verdict": row["disposition"],
                "decided_by": "rule:equal_key",
                "evidence": {"codes": row["codes"].split(",") if row["codes"] else []},
                "batch_id": batch.batch_id,
                "at": batch.recorded_at,
            }
            for row in rows
        ],
    )


def _decided(engine: Engine, batch: Batch) -> dict[str, object]:
    with engine.connect() as connection:
        number, digest = decisions.sums(connection).get(batch.batch_id, decisions.NONE)
    return {"rows": number, "digest": digest}


def _read_back(spark: SparkSession, shape: RegisterShape, batch: Batch) -> dict[str, pa.Table]:
    """The batch's rows as the lake now holds them."""
    return {
        dataset.noun: spark.table(tables.name(dataset.contract.dataset("curated")))
        .where(F.col("batch_id") == batch.batch_id)
        .toArrow()
        for dataset in shape.datasets
    }


def _operations(rows: pa.Table) -> dict[str, int]:
    operations = rows.column("operation").to_pylist()
    return {name: operations.count(name) for name in ("assert", "withdraw")}


def _counts(shape: RegisterShape, held: Sequence[evidence.Part]) -> dict[str, object]:
    """Fact counts from what the log of dispositions holds of the batch."""
    log = f"curated.{shape.register.value}_dispositions"
    return changes.counts([(one.values[0], str(one.values[1]), one.rows) for one in held if one.table == log])
