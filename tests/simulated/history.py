"""What must hold of a line after any schedule; each sentence that does not is a violation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from jobs.ops import batches, events, submissions
from tests.simulated.simulation import Simulation
from tests.simulated.stores import Landed, dispositions, golden
from tests.simulated.twins import LOG, REGISTER, ROWS


def violations(line: Simulation) -> list[str]:
    """Each acknowledged row exactly once, every equation of the ledger, and the registers that follow."""
    stuck = [f"an undisturbed step ends in {fault}" for fault in line.stuck]
    return [*stuck, *_rows(line), *_batches(line), *_register(line)]


def _rows(line: Simulation) -> Iterator[str]:
    gone = frozenset(one.submission_id for one in submissions.listed(line.engine, "retracted"))
    live = batches.live_conforms(line.engine)
    wanted = Counter(_worded(dispositions(line.landed(), gone), gone))
    held = [
        one
        for name, number in live.items()
        for one in line.stores.rows(ROWS, number)
        if isinstance(one, Landed) and one.submission_id == name
    ]
    found = Counter(_worded(held, gone))
    if lost := wanted - found:
        yield f"{lost.total()} rows are lost or have another word"
    if more := found - wanted:
        yield f"{more.total()} rows are there once too often or have another word"
    for feed, rows in line.offered.items():
        if Counter(rows) - Counter(one.row for one in line.landed() if one.feed == feed):
            yield f"what {feed} offered was not all landed"


def _worded(rows: Iterable[Landed], gone: frozenset[str]) -> Iterator[Landed]:
    """Rows with their words; which of two words without effect a retracted row keeps is left open."""
    return (one._replace(disposition="none") if one.submission_id in gone else one for one in rows)


def _batches(line: Simulation) -> Iterator[str]:
    with line.engine.connect() as connection:
        if (broken := events.verify(connection)) is not None:
            yield f"the chain of events breaks at {broken}"
    for kind, register in (("conform", None), ("merge", REGISTER.value)):
        if batches.planned(line.engine, kind=kind, register=register) is not None:
            yield f"a {kind} stays planned"
    for one in batches.committed(line.engine):
        receipt = one.result or {}
        for entry in receipt.get("counts", ()):
            if entry["rows"] != len(line.stores.rows(ROWS, one.batch_id)):
                yield f"batch {one.batch_id} counted other rows than the lake holds"
        if receipt.get("rows", 0) != len(line.stores.rows(LOG, one.batch_id)):
            yield f"batch {one.batch_id} counted other versions than the lake holds"


def _register(line: Simulation) -> Iterator[str]:
    gone = frozenset(one.submission_id for one in submissions.listed(line.engine, "retracted"))
    effective = [one for one in dispositions(line.landed(), gone) if one.disposition == "effective"]
    if Counter(line.stores.current()) != Counter(golden(effective).items()):
        yield "the register is not what its facts give"
    merges = {one.batch_id for one in batches.committed(line.engine, "merge")}
    if strange := line.stores.loads - merges:
        yield f"{len(strange)} loads belong to no committed merge"
    logged = Counter(
        (number, *pair[1:])  # type: ignore[index]
        for number, rows in line.stores.lake.get(LOG, {}).items()
        for pair in rows
        if pair[0] == "assert"  # type: ignore[index]
    )
    if logged != Counter((one.batch, one.key, one.value) for one in line.stores.history):
        yield "the register's history is not the log of its assertions"
