"""The rebuild verb: every batch carried out again in its order, each compared with its receipt."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from jobs import objects, ops, session
from jobs.conform import run as conforming
from jobs.errors import IntegrityFault, UsageFault
from jobs.lake import tables
from jobs.merge import run as merging
from jobs.ops import erasures, events
from jobs.ops.batches import Batch
from jobs.rebuild import copies
from jobs.rebuild.copies import REBUILT
from jobs.rebuild.origins import Home, Origin, Rows
from jobs.rebuild.receipts import first_difference
from jobs.registry import databases
from jobs.settings import Settings, load_settings
from schemas.contract import REGISTERS
from schemas.ops import batches
from schemas.ops import events as log
from schemas.registry import ROWS

Told = Callable[[str], None]
_PLACES = ("ops_url", "catalog_uri", "spark_remote", *(f"{one.value}_url" for one in REGISTERS))
_OTHER_BUCKET = "name an empty one in LIENTHONG_LANDING_BUCKET or LIENTHONG_OPEN_BUCKET."
_CARRY_OUT = {"conform": conforming.carry_out, "merge": merging.carry_out}


def rebuild(settings: Settings, *, into: Path, progress: Told = lambda _: None) -> dict[str, Any]:
    """Builds core, curated and the registers anew in another home, from landing and ops alone.

    The new home gets a copy of both; its lake, catalogue and databases are its own, and the
    original's are not even known to what runs here. Each batch is carried out again with its plan,
    and counts as committed in the new home once its receipt equals the stored one. Safe to run
    again after a kill: batches that are committed there are not repeated.

    Args:
        settings: The home to build from.
        into: The home to build in: its ``settings.env`` names services that run and are empty.
        progress: Told what is done.

    Raises:
        IntegrityFault: A receipt, the landing or the event log differs; the first difference is named.
        Refused: The original erases something meanwhile.
        UsageFault: The new home shares a store with the old one or holds another line.
    """
    target = new_home(into)
    _require_apart(settings, target)
    keyed = target.model_copy(update={"identity_key": settings.identity_key})
    with erasures.none_begun(ops.engine(settings)):
        return build(Home(settings), keyed, progress)


def _require_apart(old: Settings, new: Settings) -> None:
    for name in _PLACES:
        if getattr(new, name) == getattr(old, name):
            raise UsageFault(f"The new home has the {name} of the old one.", "name another home.")
    is_same_store = new.s3_endpoint.rstrip("/") == old.s3_endpoint.rstrip("/")
    if is_same_store and (shared := _buckets(new) & _buckets(old)):
        raise UsageFault(f"The new home has the bucket {min(shared)} of the old one.", _OTHER_BUCKET)


def _buckets(settings: Settings) -> set[str]:
    return {settings.landing_bucket, settings.open_bucket}


def new_home(into: Path) -> Settings:
    """Settings of the home to build in.

    Raises:
        UsageFault: They do not name every service.
    """
    target = load_settings({"LIENTHONG_HOME": str(into)})
    for name in (*_PLACES, "s3_endpoint"):
        if not getattr(target, name):
            raise UsageFault(f"{into / 'settings.env'} does not state {name}.", "start the new home first.")
    return target


def build(origin: Origin, target: Settings, progress: Told) -> dict[str, Any]:
    """Carries out every batch of an origin in a home whose settings have the origin's identity key."""
    engine = ops.engine(target)
    databases.migrate_ops(engine)
    databases.migrate(target)
    _check_empty(target, engine)
    every, keys = copies.operations(origin, engine)
    landed = copies.landing(origin, target, keys)
    progress(f"copied {landed} landed objects and the event log")
    upto = max((one.upto for one in erasures.listed(engine)), default=0)
    numbers = [row["batch_id"] for row in every if _rebuilt(target, engine, row, progress, upto=upto)]
    _note_remade(engine, every, upto)
    return {"home": str(target.home), "objects": landed, "batches": len(every), "carried_out": numbers}


def _check_empty(target: Settings, engine: sa.Engine) -> None:
    """Refuses a home with data that no rebuild of ours has begun.

    Ops is copied before anything is written to a bucket, and whose line it is was looked at then.

    Raises:
        UsageFault: A bucket, the registers or the lake hold something and ops knows nothing of it.
    """
    with engine.connect() as connection:
        seq, _ = events.head(connection)
        store = objects.client(target)
        for bucket in sorted(_buckets(target)) if not seq else ():
            if next(objects.keys(store, bucket, ""), None) is not None:
                raise UsageFault(f"The new home's bucket {bucket} is not empty.", _OTHER_BUCKET)
        if connection.scalar(sa.select(sa.func.count()).select_from(batches)):
            return
    for register in REGISTERS:
        with databases.engine(target, register).connect() as connection:
            if connection.scalar(sa.text("SELECT count(*) FROM _loads")):
                raise UsageFault(f"The new home's {register.value} register is not empty.", "name another.")
    spark = session.connect(target)
    tables.ensure(spark)
    if any(spark.table(tables.name(one.dataset())).limit(1).count() for one in ROWS):
        raise UsageFault("The new home's lake is not empty.", "name another home.")


def _rebuilt(
    target: Settings, engine: sa.Engine, row: Mapping[str, Any], progress: Told, *, upto: int
) -> bool:
    """Carries out one batch of the original unless it is done; whether this call did.

    What an erasure took away is not there to be done again: batches before its end are not compared.
    """
    planned = dict(row) | {"state": "planned", "result": None}
    with engine.begin() as connection:
        fresh = connection.execute(
            insert(batches).values(planned).on_conflict_do_nothing().returning(batches.c.batch_id)
        ).one_or_none()
        known = connection.execute(sa.select(batches).where(batches.c.batch_id == row["batch_id"])).one()
    if known.state == "committed" or row["state"] != "committed":
        return False
    batch = replace(_batch(planned), is_fresh=fresh is not None)
    receipt = _CARRY_OUT[batch.kind](target, engine, batch)
    name = f"batch {batch.batch_id}, {batch.kind}" + (f" of {batch.register}" if batch.register else "")
    difference = first_difference(row["result"], receipt)
    if difference is not None and batch.batch_id > upto:
        raise IntegrityFault(
            f"{name}: {difference}.", "build with the code that made the batch; a rule or mapping may differ."
        )
    with engine.begin() as connection:
        connection.execute(
            batches.update()
            .where(batches.c.batch_id == batch.batch_id)
            .values(state="committed", result=row["result"] if difference is None else receipt)
        )
    progress(f"{name}: {'equal' if difference is None else 'made without what was erased by law'}")
    return True


def _note_remade(engine: sa.Engine, originals: Rows, upto: int) -> None:
    """Says in the log which receipts up to a batch are not the original's, once each."""
    mine = sa.select(batches.c.batch_id, batches.c.result).where(batches.c.batch_id <= upto)
    with engine.begin() as connection:
        events.lock(connection)
        known = {row.batch_id: row.result for row in connection.execute(mine)}
        remade = {
            row["batch_id"]: known[row["batch_id"]]
            for row in originals
            if row["batch_id"] in known
            and row["state"] == "committed"
            and known[row["batch_id"]] != row["result"]
        }
        last = connection.scalar(sa.select(sa.func.max(log.c.at)))
        if remade:
            erasures.restate(connection, remade, verb=REBUILT, at=last)


def _batch(row: Mapping[str, Any]) -> Batch:
    names = ("batch_id", "kind", "register", "at", "recorded_at", "state", "plan", "result")
    return Batch(**{name: row[name] for name in names})
