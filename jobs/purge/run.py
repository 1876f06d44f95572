"""The purge verb: decide, write landing anew, let the line follow, delete, state receipts anew."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from typing import Any

from pyspark.sql import SparkSession
from sqlalchemy import Engine

from jobs import ops, session
from jobs.conform import run as conforming
from jobs.errors import Refused
from jobs.findings import feedback
from jobs.lake import evidence, maintenance, tables
from jobs.lake import rows as live_rows
from jobs.lake.rows import rows_of
from jobs.merge import run as merging
from jobs.ops import batches, decisions, erasures, locks, outbox
from jobs.ops.erasures import Erasure, Places
from jobs.purge import landing, registers
from jobs.purge.choice import joined, places_of
from jobs.purge.measure import facts_gone, measured, versions_gone
from jobs.purge.reach import Gone, reach, rows_gone
from jobs.purge.receipts import without
from jobs.settings import Settings
from schemas.contract import REGISTERS

Told = Callable[[str], None]


def erase(
    settings: Settings,
    *,
    places: Places,
    basis: str,
    by: str,
    at: datetime,
    dossiers: Sequence[str] = (),
    progress: Told = lambda _: None,
) -> dict[str, Any]:
    """Erases landed rows by law, with all that came of them, from landing to the registers.

    Each row leaves a tombstone at its place, and the registers stand as if it had said nothing. What
    was recorded of it is deleted too: assertions and history, so that "as known on day X" no longer
    tells it. Other rows stay as they are. There is no way back.

    Args:
        settings: Names the stores.
        places: The rows, as ``places_of`` gives them.
        dossiers: Dossiers that were named: rows of theirs that were landed and not conformed yet when the
            places were looked up are erased with them.
        basis: Legal basis and document; no value of the record.
        by: Who decides.
        at: Instant of the decision.
        progress: Told what is done.

    Returns:
        The erasure with the numbers of rows deleted by table.

    Raises:
        IntegrityFault: A version that an erased row has a part in still stands.
        Refused: Another erasure is not finished: both would take what they share out of the receipts.
    """
    engine = ops.engine(settings)
    erasures.require_finished(erasures.listed(engine))
    _follow(settings, at)
    with _alone(settings, engine, at):
        erasures.require_finished(erasures.listed(engine))
        whole = joined(places, places_of(settings, dossiers=dossiers)) if dossiers else places
        decided = erasures.decide(engine, places=whole, basis=basis, by=by, at=at)
        rewritten = landing.erase(settings, engine, decided, at=at)
    return _carry_out(settings, engine, rewritten, at, progress)


def resume(settings: Settings, *, at: datetime, progress: Told = lambda _: None) -> list[dict[str, Any]]:
    """Carries out every erasure that was decided and not finished, in order, and ends with the first fault.

    Raises:
        Refused: Landing is written anew, and not every submission of it can be conformed.
    """
    engine = ops.engine(settings)
    open_ones = [one for one in erasures.listed(engine) if one.state != erasures.FINISHED]
    return [_carry_out(settings, engine, one, at, progress) for one in open_ones]


def _follow(settings: Settings, at: datetime) -> None:
    """Conforms and merges all that is pending."""
    conforming.run(settings, at=at)
    for register in REGISTERS:
        merging.run(settings, register=register.value, at=at)


def _carry_out(
    settings: Settings, engine: Engine, erasure: Erasure, at: datetime, progress: Told
) -> dict[str, Any]:
    if erasure.removed is None:
        if erasure.state == erasures.DECIDED:
            with _alone(settings, engine, at):
                erasure = _now(engine, erasure)
                if erasure.state == erasures.DECIDED:
                    erasure = landing.erase(settings, engine, erasure, at=at)
        progress("landing is written anew")
        _follow(settings, at)
        progress("the registers stand as if the rows had said nothing")
    with _alone(settings, engine, at), session.checkpoints():
        erasure = _now(engine, erasure)
        if erasure.state == erasures.FINISHED:
            return erasure.told() | {"deleted": {}}
        _require_conformed(engine, erasure)
        spark = session.connect(settings)
        tables.refresh(spark, [dataset for dataset, _, _ in tables.schemas()])
        gone = list(reach(spark, erasure))
        if erasure.removed is None:
            removed = measured(engine, spark, gone)
            erasures.note_removed(engine, erasure, removed)
        else:
            removed = {int(number): told for number, told in erasure.removed.items()}
        lost = _deleted(removed)
        _delete(settings, engine, spark, erasure, gone, lost, at)
        progress("what was recorded of them is deleted")
        results = {one.batch_id: one for one in batches.committed(engine) if one.batch_id in removed}
        receipts = {
            number: without(one.register, one.result or {}, removed[number])
            for number, one in results.items()
        }
        erasures.finish(engine, erasure, receipts, at=at)
    return erasure.told() | {"state": erasures.FINISHED, "deleted": lost}


def _now(engine: Engine, erasure: Erasure) -> Erasure:
    """The erasure as it stands: another process may have gone on with it."""
    return next(one for one in erasures.listed(engine) if one.erasure_id == erasure.erasure_id)


def _require_conformed(engine: Engine, erasure: Erasure) -> None:
    """Looks whether every submission was conformed again since landing was written anew.

    Raises:
        Refused: One was not: its dialect is gone, or that of one that shares a dossier with it.
    """
    live = batches.live_conforms(engine)
    if waiting := sorted(one for one in erasure.places if one in live and live[one] <= erasure.upto):
        raise Refused(
            f"{waiting[0]} cannot be conformed without the erased rows, since a dialect is gone.",
            "put the dialect that lienthong sync --plan names back, then lienthong purge --resume.",
        )


@contextmanager
def _alone(settings: Settings, engine: Engine, at: datetime) -> Iterator[None]:
    """Holds what conforms and merges, with nothing planned and unfinished."""
    while True:
        with ExitStack() as held:
            for name in ("conform", *(f"merge:{register.value}" for register in REGISTERS)):
                held.enter_context(locks.held(engine, name))
            kinds = [("conform", None), *(("merge", one.value) for one in REGISTERS)]
            if not any(batches.planned(engine, kind=kind, register=name) for kind, name in kinds):
                yield
                return
        _follow(settings, at)


def _delete(
    settings: Settings,
    engine: Engine,
    spark: SparkSession,
    erasure: Erasure,
    gone: Sequence[Gone],
    lost: Collection[str],
    at: datetime,
) -> None:
    """Deletes, in an order that may be cut off anywhere: what others are found by goes last.

    Tables that lose no row are not written.
    """
    feedback.erase(settings, erasure.places)
    outbox.erase(engine, erasure.places)
    erasures.erase_corrections(engine, erasure, _contents(engine, spark, gone), at)
    for register in REGISTERS:
        registers.delete(settings, register, versions_gone(gone, register))
    decisions.erase(engine, facts_gone(gone))
    losing = [one for one in gone if one.dataset in lost]
    for one in losing:
        one.delete(spark)
    # Iceberg's older snapshots would still have the rows.
    for one in losing:
        maintenance.expire_replaced(spark, tables.name(one.dataset))


def _contents(engine: Engine, spark: SparkSession, gone: Sequence[Gone]) -> list[str]:
    """Digests of the contents that go with the rows: no row that stays was sent with the same.

    One that was a duplicate of an erased row has taken its place, and is read with its corrections.
    """
    every = [one.batch_id for one in batches.committed(engine, "conform")]
    mine = rows_gone(gone, rows_of(spark, every)).select("content_digest").distinct()
    staying = rows_gone(gone, live_rows.conformed(spark, engine), "left_anti")
    return [row[0] for row in mine.join(staying, "content_digest", "left_anti").collect()]


def _deleted(removed: Mapping[int, Mapping[str, Any]]) -> dict[str, int]:
    """Numbers of rows deleted, by table."""
    totals: dict[str, int] = {}
    for number, told in removed.items():
        for part in evidence.kept(number, told["evidence"]):
            totals[part.table] = totals.get(part.table, 0) + part.rows
    return dict(sorted(totals.items()))
