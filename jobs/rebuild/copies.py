"""Copies of the truth: the landed objects and the operational tables."""

from __future__ import annotations

from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor

import sqlalchemy as sa
from minio import Minio

from jobs import objects, ops
from jobs.errors import IntegrityFault, UsageFault
from jobs.landing import manifests
from jobs.landing.content import Data, sha256_of
from jobs.ops import erasures, events, submissions
from jobs.ops.erasures import Erasure
from jobs.rebuild.origins import Origin, Rows, loaded, rows_of
from jobs.settings import Settings
from schemas import ops as schema

TABLES = [table for table in schema.metadata.sorted_tables if table is not schema.batches]
"""Operational tables but the batches, which are carried out again."""
THREADS = 8
_PUT_BACK = "put it back from a backup; lienthong ledger verify looks at all of them."
REBUILT = "rebuilt"
"""Verb of the events that a rebuild adds to what it copied, at the end."""


def landing(origin: Origin, target: Settings, keys: Collection[str]) -> int:
    """Copies landed objects that the target lacks, each read back; their number.

    Args:
        origin: Where the objects are.
        target: Names the landing to copy into, and ops as copied.
        keys: Objects to copy beside those that the copied submissions consist of.

    Raises:
        IntegrityFault: A sealed object is missing or differs from its manifest.
    """
    sink = objects.client(target)
    with ops.engine(target).connect() as connection:
        stated = stated_in(connection)

    def copy(key: str) -> None:
        data = checked(origin, key, stated)
        if objects.sha256(sink, target.landing_bucket, key) != sha256_of(data):
            objects.put(sink, target.landing_bucket, key, data)

    every = {*keys, *stated}
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(copy, sorted(every)))
    _remove_replaced(sink, target, every)
    return len(every)


def _remove_replaced(sink: Minio, target: Settings, copied: Collection[str]) -> None:
    """Removes from sealed submissions what an earlier copy had and no manifest names: it was erased since."""
    for one in submissions.listed(ops.engine(target)):
        if one.manifest:
            folder = manifests.folder_of(one.feed_id, one.sequence)
            there = {*objects.keys(sink, target.landing_bucket, folder)}
            for key in there - {*copied, manifests.key_of(one.feed_id, one.sequence)}:
                sink.remove_object(bucket_name=target.landing_bucket, object_name=key)


def checked(origin: Origin, key: str, stated: dict[str, str]) -> Data:
    """A landed object whose bytes are those that its manifest states.

    Raises:
        IntegrityFault: It is missing or differs.
    """
    data = origin.landed(key)
    if data is None:
        raise IntegrityFault(f"The landed object {key} is missing.", _PUT_BACK)
    digest = sha256_of(data)
    if stated.get(key, digest) != digest:
        raise IntegrityFault(f"The landed object {key} differs from its manifest.", _PUT_BACK)
    return data


def stated_in(connection: sa.Connection) -> dict[str, str]:
    """SHA-256 of every sealed object by its key, as the manifests in ops state it."""
    manifest = schema.submissions.c.manifest
    return {
        entry["key"]: entry["sha256"]
        for known in connection.scalars(sa.select(manifest).where(manifest.is_not(None)))
        for part in ("objects", "refused")
        for entry in known[part]
    }


def operations(origin: Origin, target: sa.Engine) -> tuple[Rows, set[str]]:
    """Copies every operational table but the batches, in one transaction.

    A copy that is there already is renewed, so that a rebuild which was interrupted goes on
    although the original has moved on; its own batches stay.

    Returns:
        The batches in order, and the keys of the landed objects at the instant of the copy.

    Raises:
        IntegrityFault: The original is broken.
        Refused: An erasure of the original is not finished: its batches cannot be made as they were.
        UsageFault: The target belongs to another line, or has built what was erased since.
    """
    with origin.reading(), target.begin() as sink:
        _require_nothing_erased(sink, origin)
        seq, last = events.head(sink, but=f"%.{REBUILT}")
        for table in TABLES:
            sink.execute(sa.text(f"TRUNCATE {table.name}"))
            loaded(sink, table, origin.table(table))
        known = sa.select(schema.events.c.hash).where(schema.events.c.seq == seq)
        if seq and sink.scalar(known) != last:
            raise UsageFault("The home to build into holds another line.", "name an empty folder.")
        if (broken := events.verify(sink)) is not None:
            raise IntegrityFault(
                f"The chain of events is broken at event {broken}.", "build from another backup."
            )
        return rows_of(sink, origin, schema.batches), origin.keys()


def _require_nothing_erased(sink: sa.Connection, origin: Origin) -> None:
    """Looks whether a target that is gone on with has built rows that the origin has erased meanwhile.

    Raises:
        UsageFault: It has: batches that are committed there are not repeated, and keep the rows.
    """
    finished = {one.erasure_id for one in erasures.listed_in(sink) if one.state == erasures.FINISHED}
    theirs = [Erasure(**one) for one in rows_of(sink, origin, schema.erasures)]
    erasures.require_finished(theirs)
    upto = max((one.upto for one in theirs if one.erasure_id not in finished), default=0)
    built = schema.batches.c.state == "committed"
    if sink.scalar(sa.select(sa.func.count()).where(built, schema.batches.c.batch_id <= upto)):
        raise UsageFault(
            "The home to build into has rows that the original has erased since.",
            "empty its databases, lake and landing, or name another home, and build again.",
        )
