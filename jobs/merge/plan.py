"""What a merge batch reads, fixed in ops before anything is folded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Engine

from jobs.identity.shape import RegisterShape
from jobs.ops import batches
from jobs.ops.batches import Batch
from schemas.contract import Register
from schemas.registry import folded

_SMALL = 250_000
"""Facts of a batch; the keys of twice as many are some fifty megabytes, which is done in a second or two."""


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
    facts: int
    """Facts of the register that the new batches hold."""

    @property
    def is_small(self) -> bool:
        """Whether what the batch touches is copied to every task, so that the register stays in place."""
        return self.facts <= _SMALL


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
    merged = [one.batch_id for one in batches.committed(engine, kind="merge", register=batch.register)]
    return Scope(
        upto=upto,
        new=new,
        unreadable=frozenset(range(1, upto + 1)) - frozenset(one.batch_id for one in conforms),
        superseded=superseded,
        again=frozenset(submission for submission, _ in superseded if newest[submission] in new),
        merged=frozenset(number for number in merged if number < batch.batch_id),
        facts=_held(batch, [one for one in conforms if one.batch_id in new]),
    )


def _held(batch: Batch, conforms: Iterable[Batch]) -> int:
    """Facts that conform batches hold of the register of a merge, by their receipts."""
    names = [contract.table() for contract in folded(Register(str(batch.register)))]
    return sum((one.result or {})["facts"].get(name, 0) for one in conforms for name in names)


def is_touched(shape: RegisterShape, seen: Scope, conforms: Iterable[Batch]) -> bool:
    """Whether a merge finds a new fact of its register, or one that a later conform has replaced.

    Args:
        shape: The register.
        seen: What the merge may read.
        conforms: Committed conform batches; their receipts tell what they hold of each submission.
    """
    datasets = [dataset.contract for dataset in shape.datasets]
    held = {one.batch_id: one.result for one in conforms if one.result}
    if any(held[number]["facts"].get(one.table(), 0) for number in seen.new for one in datasets):
        return True
    replaced = {(name, number) for name, number in seen.superseded if name in seen.again}
    return any(
        (values[0], number) in replaced
        for number, receipt in held.items()
        for one in datasets
        for values, *_ in receipt["evidence"].get(one.dataset("core"), ())
    )


def _new(batch: Batch) -> Sequence[int]:
    return [int(number) for number in batch.plan["new"]]
