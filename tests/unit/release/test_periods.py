"""Closed months."""

from __future__ import annotations

from datetime import UTC, datetime

from jobs.release.periods import Policy, closed, end_of, month_of

AT = datetime(2026, 11, 2, 16, 30, tzinfo=UTC)
LATE, EARLY = datetime(2026, 11, 1, 17, 0, tzinfo=UTC), datetime(2026, 10, 31, 16, 59, tzinfo=UTC)


def test_months_are_those_of_viet_nam() -> None:
    assert month_of(datetime(2026, 10, 31, 17, 0, tzinfo=UTC)) == "2026-11"
    assert end_of("2026-12") == datetime(2026, 12, 31, 17, 0, tzinfo=UTC)


def test_a_month_is_closed_when_it_ended_and_enough_provinces_reported_it() -> None:
    reported = {"01": LATE, "04": EARLY, "08": LATE}
    months = ["2026-09", "2026-10", "2026-11"]
    two = closed(months, reported, at=AT, policy=Policy(minimum_provinces=2))
    assert [(p.month, sorted(p.provinces)) for p in two] == [
        ("2026-09", ["01", "04", "08"]),
        ("2026-10", ["01", "08"]),
    ]
    three = closed(months, reported, at=AT, policy=Policy(minimum_provinces=3))
    assert [p.month for p in three] == ["2026-09"]


def test_a_release_holds_the_newest_months() -> None:
    months = [f"2026-{number:02d}" for number in range(1, 11)]
    found = closed(months, {"01": LATE}, at=AT, policy=Policy(minimum_provinces=1, window_months=3))
    assert [period.month for period in found] == ["2026-08", "2026-09", "2026-10"]
