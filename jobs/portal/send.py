"""The send verb: what is due goes to the portal, and the outbox is told what became of it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import Engine

from jobs import ops, session
from jobs.errors import Unreachable
from jobs.ops import locks, outbox
from jobs.ops.outbox import Place, Step
from jobs.portal import messages
from jobs.portal.client import Portal, Told
from jobs.portal.derive import derive
from jobs.settings import Settings
from schemas import portal
from schemas.portal import Outcome
from schemas.reference import organisations

LOCK = "portal"
"""One process at a time derives and sends."""
_SLICE = 2_000
"""Dossiers whose rows of core are in memory at one time."""
Tally = Callable[[Mapping[str, int]], None]
Wait = Callable[[float], None]
"""Lets seconds pass."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A dossier as it is sent: its newest version, and every status step that the portal lacks."""

    agency: str
    steps: tuple[Step, ...]
    dossier: dict[str, Any]
    progress: tuple[dict[str, str], ...]
    is_known: bool
    """Whether the portal accepted it before."""

    @property
    def newest(self) -> Step:
        """The step that speaks for it."""
        return self.steps[-1]


def send(
    settings: Settings,
    *,
    at: datetime,
    most: int | None = None,
    refused: bool = False,
    tally: Tally = lambda _: None,
    wait: Wait = time.sleep,
) -> dict[str, Any]:
    """Sends what is due to the portal: dossiers in chunks of ten, then their status steps.

    Safe to kill and to run again: what was not noted as accepted is sent once more, and the portal knows it
    again by dossier and step. A dossier's newest version speaks for it; its steps go in their order. What
    was refused for good waits for another version of the dossier, or for a correction.

    Args:
        settings: Name the portal and the stores.
        at: Instant of the run; what is put off is due at a later one.
        most: Dossiers at most; all that are due when None.
        refused: Whether what was refused before is sent as well, as it is.
        tally: Told the numbers so far, now and then.
        wait: Lets the seconds pass for which the portal asks to be left alone.

    Returns:
        Numbers of dossiers ``sent``, ``postponed``, ``rejected`` and ``moved`` (another conform has changed
        them meanwhile), and of the steps that core added to the outbox or took from it.

    Raises:
        Refused: The portal does not know us.
        Unreachable: It is silent, or asks to be left alone for long; what was not sent stays due.
        UsageFault: No portal is configured.
    """
    engine = ops.engine(settings)
    told: Counter[str] = Counter({"sent": 0, "postponed": 0, "rejected": 0, "moved": 0})
    with Portal(settings) as door, locks.held(engine, LOCK):
        told.update(derive(settings))
        if refused:
            outbox.put_back(engine, [(one[0], one[1], one[2]) for one in outbox.rejected(engine)])
        sender = _Sender(engine, door, at, told, wait)
        left = most
        for found in _slices(engine, at, left):
            for chunk in _chunks(_deliveries(settings, engine, found, told)):
                sender.deliver(chunk)
                tally(told)
    return dict(told)


def _slices(engine: Engine, at: datetime, most: int | None) -> Iterator[list[Step]]:
    """Due steps of some dossiers at a time, in the order of their keys."""
    after, left = "", most
    while left is None or left > 0:
        found = outbox.due(engine, at=at, after=after, limit=min(_SLICE, left or _SLICE))
        if not found:
            return
        yield found
        after = found[-1].dossier_key
        left = left if left is None else left - len({one.dossier_key for one in found})


def _deliveries(
    settings: Settings, engine: Engine, found: Sequence[Step], told: Counter[str]
) -> Iterator[Delivery]:
    """Dossiers with their documents; one whose rows core has changed since waits for the next run."""
    key = settings.entity_key()
    rows: dict[Place, Mapping[str, Any]] = {
        (row["submission_id"], row["object_no"], row["row_no"]): row
        for row in messages.messages(session.connect(settings), engine, [one.place for one in found])
    }
    known = outbox.reached(engine, {one.dossier_key for one in found})
    for name, group in groupby(found, key=lambda one: one.dossier_key):
        steps = tuple(group)
        mine = [rows.get(one.place) for one in steps]
        if any(
            row is None or messages.digest_of(key, row) != one.digest
            for row, one in zip(mine, steps, strict=True)
        ):
            told["moved"] += 1
            continue
        whole = [row for row in mine if row is not None]
        yield Delivery(
            agency=organisations()[steps[-1].province_code],
            steps=steps,
            dossier=messages.dossier_of(whole[-1]),
            progress=tuple(messages.step_of(row) for row in whole),
            is_known=name in known,
        )


def _chunks(deliveries: Iterator[Delivery]) -> Iterator[list[Delivery]]:
    """Deliveries that one call may hold: of one agency, all new or all known."""
    open_ones: dict[tuple[str, bool], list[Delivery]] = {}
    for one in deliveries:
        chunk = open_ones.setdefault((one.agency, one.is_known), [])
        chunk.append(one)
        if len(chunk) == portal.CHUNK:
            yield open_ones.pop((one.agency, one.is_known))
    yield from open_ones.values()


class _Sender:
    """Sends chunks, and notes what became of each."""

    def __init__(self, engine: Engine, door: Portal, at: datetime, told: Counter[str], wait: Wait) -> None:
        self._engine = engine
        self._door = door
        self._at = at
        self._told = told
        self._wait = wait

    def deliver(self, chunk: Sequence[Delivery]) -> None:
        """Sends a chunk; where the portal says no to it, each dossier alone, since one may be at fault."""
        told = self._sent(chunk)
        if told.outcome is not Outcome.ACCEPTED and told.is_coded and len(chunk) > 1:
            for one in chunk:
                self.deliver([one])
            return
        noted = [pair for one in chunk for pair in _noted(one, told, self._at)]
        outbox.note(self._engine, noted, at=self._at)
        self._told[_COUNTED[noted[-1][1]["state"]]] += len(chunk)
        leave_alone(self._door, told, self._wait, sent=self._told["sent"])

    def _sent(self, chunk: Sequence[Delivery]) -> Told:
        """The dossiers, then all their steps in order; the first answer that is not an acceptance."""
        agency = chunk[0].agency
        told = self._door.dossiers(agency, [one.dossier for one in chunk], updating=chunk[0].is_known)
        rows = [row for one in chunk for row in one.progress]
        for first in range(0, len(rows), portal.CHUNK):
            if told.outcome is not Outcome.ACCEPTED:
                break
            told = self._door.steps(agency, rows[first : first + portal.CHUNK])
        return told


def leave_alone(door: Portal, told: Told, wait: Wait, *, sent: int) -> None:
    """Waits before the next call as long as an answer asks for.

    Raises:
        Unreachable: It asks for longer than a run waits, or there was no answer many times in a row.
    """
    why = None
    if told.retry_after > portal.LONGEST_REST_SECONDS:
        why = f"it asks to be left alone for {told.retry_after} s"
    elif door.is_down:
        why = f"no answer {portal.SILENCES} times in a row ({told.code})"
    if why is not None:
        remedy = "lienthong portal send goes on where it ended."
        raise Unreachable(f"portal: {why}; {sent} dossiers were sent.", remedy)
    if told.retry_after:
        wait(told.retry_after)


_COUNTED = {outbox.SENT: "sent", outbox.PENDING: "postponed", outbox.REJECTED: "rejected"}


def _noted(one: Delivery, told: Told, at: datetime) -> list[tuple[Step, dict[str, Any]]]:
    """What the outbox keeps of an answer: all steps are accepted, or the newest says when again or why not.

    Who was not heard has not been tried: only what the portal itself answers counts as a try.
    """
    if told.outcome is Outcome.ACCEPTED:
        new: dict[str, Any] = {"state": outbox.SENT, "code": told.code}
        return [(step, new | {"attempts": step.attempts + 1}) for step in one.steps]
    tries = one.newest.attempts + 1
    attempts = tries if told.is_coded else one.newest.attempts
    reason = told.answer.reason
    if told.outcome is not Outcome.REFUSED and attempts >= portal.TRIES:
        reason = portal.REFUSED_UNSAID
    new = {"code": told.code, "attempts": attempts}
    if reason is not None:
        return [(one.newest, new | {"state": outbox.REJECTED, "reason": reason.code})]
    wait = timedelta(minutes=portal.wait_minutes(tries))
    later = at + max(wait, timedelta(seconds=told.retry_after))
    return [(one.newest, new | {"state": outbox.PENDING, "next_try_at": later})]
