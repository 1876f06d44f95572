"""What a merge batch reads, fixed in ops before anything is folded."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Engine

from jobs.ops import batches
from jobs.ops.batches import Batch
from schemas.contract import Register
from schemas.registry import folded


@dataclass(frozen=True, slots=True)
class Scope:
    """Conform batches as a merge sees them."""

    upto: int
    """Newest conform batch that the merge may read."""
    new: frozenset[int]
    """Conform batches that no earlier merge of the register took."""
    unreadable: frozenset[int]
    """Conform batches that were planned and never committed."""
    superseded: frozenset[tuple[str, int]]
    """Submissions with the batches whose rows a later conform replaced."""
    again: frozenset[str]
    """Submissions that a new batch conformed again."""
    merged: frozenset[int]
    """Committed merge batches of the register."""
    is_idle: bool
    """Whether the batch brings the register no fact and takes none away."""


def pending(engine: Engine, register: str) -> dict[str, object] | None:
    """Members of the register's next merge batch; None when every conform batch was taken."""
    known = taken(engine, register)
    conforms = [batch.batch_id for batch in batches.committed(engine, kind="conform")]
    new = [number for number in conforms if number not in known]
    return {"upto": max(conforms), "new": new} if new else None


def taken(engine: Engine, register: str) -> set[int]:
    """Conform batches that committed merges of the register have taken."""
    merges = batches.committed(engine, kind="merge", register=register)
    return {number for batch in merges for number in _new(batch)}


def scope(engine: Engine, batch: Batch) -> Scope:
    """The conform batches of a merge batch, the same however often it is run."""
    upto = int(batch.plan["upto"])
    conforms = [one for one in batches.committed(engine, kind="conform") if one.batch_id <= upto]
    newest: dict[str, int] = {}
    for one in conforms:
        for submission in one.plan["submissions"]:
            newest[submission] = max(one.batch_id, newest.get(submission, 0))
    new = frozenset(_new(batch))
    superseded = frozenset(
        (submission, one.batch_id)
        for one in conforms
        for submission in one.plan["submissions"]
        if newest[submission] != one.batch_id
    )
    again = frozenset(submission for submission, _ in superseded if newest[submission] in new)
    replaced = {(submission, number) for submission, number in superseded if submission in again}
    merged = [one.batch_id for one in batches.committed(engine, kind="merge", register=batch.register)]
    return Scope(
        upto=upto,
        new=new,
        unreadable=frozenset(range(1, upto + 1)) - frozenset(one.batch_id for one in conforms),
        superseded=superseded,
        again=again,
        merged=frozenset(number for number in merged if number < batch.batch_id),
        is_idle=not _has_facts(batch, conforms, new, replaced),
    )


def _has_facts(
    batch: Batch, conforms: Iterable[Batch], new: Collection[int], replaced: Collection[tuple[str, int]]
) -> bool:
    """Whether new conform batches hold facts of a merge's register, or replaced some, by the receipts."""
    results = {one.batch_id: one.result for one in conforms if one.result}
    contracts = folded(Register(str(batch.register)))
    if any(results[number]["facts"].get(one.table(), 0) for number in new for one in contracts):
        return True
    return any(
        (values[0], number) in replaced
        for number in {number for _, number in replaced}
        for one in contracts
        for values, *_ in results[number]["evidence"].get(one.dataset("core"), ())
    )


def _new(batch: Batch) -> Sequence[int]:
    return [int(number) for number in batch.plan["new"]]
