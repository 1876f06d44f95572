"""The reconcile verb: what the portal accepted against what it holds, dossier by dossier."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
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
AGREES, ABSENT, OTHER, UNTOLD = "agrees", "absent", "other_status", "untold"
"""A dossier is as we have it, not there, or there with another status; or the portal does not tell."""


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
        Numbers that ``agrees``, are ``absent`` there or have an ``other_status``, and of those whose status
        the portal refuses to tell (``untold``: nothing is known of them, and they are not sent again); the
        first ``differences`` and untold ones by reference of the landed row, with both statuses; no
        dossier's code.

    Raises:
        Refused: The portal does not know us.
        Unreachable: It is silent.
        UsageFault: No portal is configured.
    """
    engine = ops.engine(settings)
    told: Counter[str] = Counter(dict.fromkeys((AGREES, ABSENT, OTHER, UNTOLD), 0))
    named: list[dict[str, Any]] = []
    wrong: list[Place] = []
    with Portal(settings) as door, locks.held(engine, LOCK):
        for step, code in _accepted(settings, engine, province):
            kind, theirs = compared(step.status, door.lookup(organisations()[step.province_code], code))
            told[kind] += 1
            if kind in (ABSENT, OTHER):
                wrong.append(step.place)
            if kind != AGREES and len(named) < _NAMED:
                named.append(_difference(step, kind, theirs))
            tally(told)
        if mend:
            outbox.put_back(engine, wrong)
    return {"at": at.isoformat(), **told, "differences": named, "put_back": len(wrong) if mend else 0}


def compared(ours: str, held: Sequence[Mapping[str, Any]] | None) -> tuple[str, str | None]:
    """How a dossier stands at the portal, and its status there.

    Args:
        ours: The status that the portal accepted.
        held: What a look-up tells; None where it was refused.

    >>> compared("9", [{"TrangThaiHoSo": "4"}]), compared("9", ()), compared("9", [{}])
    (('other_status', '4'), ('absent', None), ('untold', None))
    """
    if held is not None and not held:
        return ABSENT, None
    theirs = held[0].get("TrangThaiHoSo") if held else None
    if theirs is None:
        return UNTOLD, None
    return (AGREES if str(theirs) == ours else OTHER), str(theirs)


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
