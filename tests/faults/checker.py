"""What a line holds, and how it differs from what it would hold undisturbed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jobs import ops, session
from jobs.lake import live
from jobs.ledger import counts
from jobs.ledger.verify import verify
from jobs.settings import Settings
from schemas.core.dossiers import Dossiers
from schemas.core.findings import Findings
from tests.support import registers

State = Mapping[str, Counter[tuple[str, ...]]]
"""Rows by table, without what says when or how they came."""
_CORE = {
    Dossiers.dataset(): ("feed_id", "content_digest", "sequence", "register_name", "disposition"),
    Findings.dataset(): ("feed_id", "content_digest", "effect", "codes"),
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a line differs from the undisturbed one, in rows, and what its ledger says."""

    lost: int
    doubled: int
    wrong: int
    ledger: str
    """The first difference that the ledger names; empty when it verifies."""

    def is_right(self) -> bool:
        """Whether it is what it should be."""
        return self == RIGHT


RIGHT = Verdict(0, 0, 0, "")


def state(settings: Settings) -> State:
    """What core, the fates of facts and the registers hold."""
    spark, engine = session.connect(settings), ops.engine(settings)
    found = {table: Counter(rows) for table, rows in registers.state(settings).items()}
    for dataset, names in _CORE.items():
        rows = live.conformed(spark, engine, dataset).select(*names).collect()
        found[dataset] = Counter(tuple(str(value) for value in row) for row in rows)
    fates = counts.facts(settings)
    found["facts"] = Counter({(r, name): n for r, told in fates.items() for name, n in told.items()})
    return found


def compare(expected: State, found: State) -> tuple[int, int, int]:
    """Rows that are lost, doubled, and there without being expected."""
    lost = doubled = wrong = 0
    for table in expected.keys() | found.keys():
        mine, theirs = expected.get(table, Counter()), found.get(table, Counter())
        lost += (mine - theirs).total()
        for row, number in (theirs - mine).items():
            doubled, wrong = (doubled + number, wrong) if row in mine else (doubled, wrong + number)
    return lost, doubled, wrong


def check(settings: Settings, expected: State) -> Verdict:
    """The verdict on a line that has come to rest."""
    return Verdict(*compare(expected, state(settings)), ledger=ledger(settings))


def ledger(settings: Settings) -> str:
    """The first difference that the ledger names; empty when it verifies."""
    told: dict[str, Any] | None = verify(settings)["first_difference"]
    return "" if told is None else f"{told['where']}: {told['what']}"
