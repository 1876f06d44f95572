"""The reconcile verb: what the portal accepted against what it holds, dossier by dossier."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Engine

from jobs import ops, session
from jobs.ops import locks, outbox
from jobs.ops.outbox import Place, Step
from jobs.portal import messages
from jobs.portal.client import Portal
from jobs.portal.send import LOCK, Tally
from jobs.settings import Settings
from schemas.reference import organisations

_SLICE = 2_000
_NAMED = 1_000
"""Differences that are named; all are counted."""
AGREES, ABSENT, OTHER = "agrees", "absent", "other_status"


def reconcile(
    settings: Settings,
    *,
    at: datetime,
    province: str | None = None,
    mend: bool = False,
    tally: Tally = lambda _: None,
) -> dict[str, Any]:
    """Asks the portal for every dossier that it has accepted, and compares its status with ours.

    Dossiers that wait or were refused are known to differ, and are not asked for.

    Args:
        settings: Name the portal and the stores.
        at: Instant; kept in the answer.
        province: Of one province; of all when None.
        mend: Whether what differs is sent again by the next send.
        tally: Told the numbers so far, now and then.

    Returns:
        Numbers that ``agrees``, are ``absent`` there or have an ``other_status``, and the first
        ``differences`` by reference of the landed row, with both statuses; no dossier's code.

    Raises:
        Refused: The portal does not know us.
        Unreachable: It is silent.
        UsageFault: No portal is configured.
    """
    engine = ops.engine(settings)
    told: Counter[str] = Counter({AGREES: 0, ABSENT: 0, OTHER: 0})
    named: list[dict[str, Any]] = []
    wrong: list[Place] = []
    with Portal(settings) as door, locks.held(engine, LOCK):
        for step, code in _accepted(settings, engine, province):
            held = door.lookup(organisations()[step.province_code], code)
            theirs = str(held[0].get("TrangThaiHoSo")) if held else None
            kind = ABSENT if theirs is None else AGREES if theirs == step.status else OTHER
            told[kind] += 1
            if kind != AGREES:
                wrong.append(step.place)
                if len(named) < _NAMED:
                    named.append(_difference(step, kind, theirs))
            tally(told)
        if mend:
            outbox.put_back(engine, wrong)
    return {"at": at.isoformat(), **told, "differences": named, "put_back": len(wrong) if mend else 0}


def _accepted(settings: Settings, engine: Engine, province: str | None) -> Iterator[tuple[Step, str]]:
    """Newest steps that the portal accepted, each with its dossier's code as core has it now."""
    after = ""
    while found := outbox.newest_sent(engine, province=province, after=after, limit=_SLICE):
        after = found[-1].dossier_key
        rows = messages.messages(session.connect(settings), engine, [one.place for one in found])
        codes = {(row["submission_id"], row["object_no"], row["row_no"]): row["MaHoSo"] for row in rows}
        yield from ((one, codes[one.place]) for one in found if one.place in codes)


def _difference(step: Step, kind: str, theirs: str | None) -> dict[str, Any]:
    reference = "/".join(map(str, step.place))
    return {
        "reference": reference,
        "province_code": step.province_code,
        "kind": kind,
        "ours": step.status,
        "theirs": theirs,
    }
