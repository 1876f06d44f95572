"""The life of a dossier: which status may follow which, what comes with it, which versions step back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from schemas import reference

ANY = ""
"""The state that every status may follow: of a dossier not seen before, or whose approval is withdrawn."""
APPROVED = ("9", "10")
"""Statuses of an approval: solved, as QĐ 766/QĐ-TTg counts it."""
ENDED = ("3", "7", "8")
"""Statuses of an end without one: refused, taken back, stopped."""


@dataclass(frozen=True, slots=True)
class Version:
    """What the order of statuses asks of a version."""

    status: str | None
    """None where it is none that counts: unknown, or an approval without its date or its result."""
    decided_at: datetime | None = None
    changed_at: datetime | None = None
    corrected_at: datetime | None = None
    """When the correction that it names was decided; None where it names none with a basis."""
    withdrawn_at: datetime | None = None
    """When its approval was withdrawn, with a basis."""


def pairs() -> frozenset[tuple[str, str]]:
    """Every status with each that may follow it, itself too; versions between may be missing.

    Source: ``dossier_steps.csv``.
    """
    told = ((row["status"], row["followed_by"].split(";")) for row in reference.dossier_steps())
    return frozenset(
        (status, one) for status, following in told for one in (status, *filter(None, following))
    )


def steps_back(versions: Sequence[Version]) -> list[bool]:
    """Of each version of a dossier, in their order, whether its status steps back without a basis.

    A version is compared with the last one that did not step back. One that is a withdrawal or names a new
    correction may go anywhere, and so may one that a later version's new correction explains: decided
    before it was changed. A correction is new once: tables keep its columns filled. After a withdrawal
    everything may follow but what was withdrawn: an approval that was decided before it. A version without
    a status that counts is passed over.

    >>> steps_back([Version("9"), Version("10"), Version("4"), Version("10")])
    [False, False, True, False]
    """
    known, state, told = pairs(), ANY, []
    withdrawn: datetime | None = None
    corrected = datetime.min.replace(tzinfo=UTC)
    for place, one in enumerate(versions):
        is_named = one.withdrawn_at is not None or (one.corrected_at or corrected) > corrected
        is_known = not _is_withdrawn(one, withdrawn) if state == ANY else (state, one.status) in known
        is_free = is_known or is_named or _is_explained(one, versions[place + 1 :], corrected)
        told.append(one.status is not None and not is_free)
        corrected = max(corrected, one.corrected_at or corrected)
        if one.withdrawn_at is not None:
            state, withdrawn = ANY, one.withdrawn_at
        elif one.status is not None and is_free:
            state = one.status
    return told


def _is_withdrawn(one: Version, at: datetime | None) -> bool:
    """Whether it is the approval that was withdrawn at an instant."""
    if at is None or one.decided_at is None:
        return False
    return one.status in APPROVED and one.decided_at <= at


def _is_explained(one: Version, later: Sequence[Version], known: datetime) -> bool:
    """Whether a later version names a correction that is new, and was decided before this one was changed."""
    if one.changed_at is None:
        return False
    decided = (other.corrected_at for other in later if other.corrected_at is not None)
    return any(known < at <= one.changed_at for at in decided)
