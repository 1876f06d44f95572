"""The order of a dossier's statuses: what steps back, what is corrected, what a later version explains."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from schemas import lifecycle, reference
from schemas.lifecycle import Version, steps_back
from schemas.types import DossierStatus

DAY = datetime(2026, 11, 2, tzinfo=UTC)


def at(days: int) -> datetime:
    return DAY + timedelta(days=days)


def statuses(*found: str) -> list[Version]:
    return [Version(one) for one in found]


def test_every_status_of_the_portal_has_its_line() -> None:
    assert tuple(row["status"] for row in reference.dossier_steps()) == DossierStatus.values
    assert all(row["source"] and row["note"] for row in reference.dossier_steps())


def test_what_is_the_end_leads_nowhere_but_to_the_handing_over() -> None:
    ends = {row["dvcqg_code"] for row in reference.dossier_statuses() if row["terminal"] == "1"}
    assert ends == {*lifecycle.APPROVED, *lifecycle.ENDED}
    assert not {*lifecycle.APPROVED} & {*lifecycle.ENDED}
    left = {(one, other) for one, other in lifecycle.pairs() if one in ends and one != other}
    assert left == {("9", "10")}


def test_an_approval_is_what_counts_as_solved() -> None:
    solved = tuple(
        row["dvcqg_code"] for row in reference.dossier_statuses() if row["counts_as_solved_766"] == "1"
    )
    assert solved == lifecycle.APPROVED


@pytest.mark.parametrize(
    ("found", "back"),
    [
        (("1", "2", "5", "4", "6", "4", "9", "10"), ()),
        (("10",), ()),
        (("2", "10"), ()),
        (("5", "2", "9"), ()),
        (("10", "4"), (1,)),
        (("9", "2"), (1,)),
        (("10", "9"), (1,)),
        (("4", "1"), (1,)),
        (("3", "9"), (1,)),
        (("8", "9", "10"), (1, 2)),
        (("9", "4", "5", "10", "10"), (1, 2)),
    ],
)
def test_a_step_back_without_a_basis(found: tuple[str, ...], back: tuple[int, ...]) -> None:
    told = steps_back(statuses(*found))
    assert tuple(place for place, one in enumerate(told) if one) == back


def test_a_correction_that_is_named_may_go_anywhere_and_is_the_new_state() -> None:
    versions = [Version("10"), Version("4", corrected_at=at(1)), Version("5"), Version("9"), Version("4")]
    assert steps_back(versions) == [False, False, False, False, True]


def test_a_later_correction_explains_what_was_changed_after_it_was_decided() -> None:
    versions = [
        Version("10", changed_at=at(0)),
        Version("4", changed_at=at(1)),
        Version("4", changed_at=at(3)),
        Version("4", changed_at=at(4), corrected_at=at(2)),
    ]
    assert steps_back(versions) == [False, True, False, False]


def test_a_correction_is_new_once() -> None:
    filled = {"changed_at": at(5), "corrected_at": at(1)}
    versions = [
        Version("10"),
        Version("4", **filled),
        Version("10", **filled),
        Version("4", **filled),
        Version("4", changed_at=at(6)),
        Version("10", **filled),
    ]
    assert steps_back(versions) == [False, False, False, True, True, False]
    versions.append(Version("4", changed_at=at(7), corrected_at=at(2)))
    assert steps_back(versions) == [False] * 7


def test_after_a_withdrawal_everything_may_follow_but_what_was_withdrawn() -> None:
    first = Version("9", decided_at=at(0))
    withdrawn = Version("10", decided_at=at(0), withdrawn_at=at(2))
    assert steps_back([first, withdrawn, Version("4")]) == [False] * 3
    assert steps_back([first, withdrawn, first]) == [False, False, True]
    assert steps_back([first, withdrawn, Version("9", decided_at=at(3))]) == [False] * 3
    assert steps_back([first, withdrawn, Version("9", decided_at=at(0), corrected_at=at(3))]) == [False] * 3


def test_a_version_without_a_status_that_counts_is_passed_over() -> None:
    assert steps_back([Version("9"), Version(None), Version("4"), Version(None), Version("10")]) == [
        *(False, False, True, False),
        False,
    ]


def test_what_stands_does_not_depend_on_what_steps_back() -> None:
    rng = random.Random(7)
    for _ in range(500):
        versions = statuses(*rng.choices(DossierStatus.values or (), k=rng.randint(1, 8)))
        told = steps_back(versions)
        kept = [one for one, is_back in zip(versions, told, strict=True) if not is_back]
        assert not any(steps_back(kept))
        assert not told[0]


@pytest.mark.parametrize("status", DossierStatus.values or ())
def test_versions_of_one_status_never_step_back(status: str) -> None:
    """What conform counts on, where it passes over dossiers that only came again."""
    assert steps_back([Version(status), Version(None), Version(status), Version(status)]) == [False] * 4
