"""What the gate measures, and which working days a pull covers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from expectations.measures import measures
from expectations.thresholds import LEAST_EXPECTED, THRESHOLDS
from schemas.contract import Effect

MONDAY = datetime(2026, 11, 2, 16, 30, tzinfo=UTC)


def profile(day: int, rows: int = 120, *, since: int | None = -1, **counts: int) -> dict[str, Any]:
    """A profile of the day after MONDAY by that number, pulled on from ``since`` days relative to it."""
    received = MONDAY + timedelta(days=day)
    stated = {f"{name.replace('__', ':')}": number for name, number in counts.items()}
    return {
        "submission_id": f"01-dossiers.{day:08d}",
        "dataset": "dossiers",
        "feed_id": "01-dossiers",
        "sequence": day,
        "rows": rows,
        "unreadable": counts.get("disposition__unreadable", 0),
        "missing": counts.get("disposition__unreadable", 0),
        "left": 0,
        "last": received.isoformat(),
        "since": None if since is None else (received + timedelta(days=since)).isoformat(),
        "received_at": received.isoformat(),
        "counts": {"disposition:effective": rows} | stated,
    }


HISTORY = [profile(day) for day in range(4)]


def measured(one: dict[str, Any], history: list[dict[str, Any]] | None = None) -> dict[str, float | None]:
    return measures(one, HISTORY if history is None else history)


def test_the_first_submission_is_compared_with_nothing() -> None:
    found = measured(profile(0, since=None), [])
    assert [found[name] for name in ("volume_ratio", "status_drift", "procedure_drift")] == [None] * 3
    assert found["unreadable_share"] == 0


def test_volume_is_by_working_day_covered() -> None:
    assert measured(profile(4))["volume_ratio"] == 1
    assert measured(profile(4, rows=6))["volume_ratio"] == pytest.approx(0.05)
    # The weekend adds nothing: Monday's pull from Friday's cursor covers one day, Tuesday's two.
    assert measured(profile(7, since=-3))["volume_ratio"] == 1
    assert measured(profile(8, since=-4))["volume_ratio"] == pytest.approx(0.5)


@pytest.mark.parametrize(
    "one",
    [
        pytest.param(profile(5), id="on a Saturday nothing is expected"),
        pytest.param(profile(4, since=None), id="a full pull has no pace"),
    ],
)
def test_no_volume_without_a_pace(one: dict[str, Any]) -> None:
    assert measured(one)["volume_ratio"] is None


def test_a_small_province_has_quiet_days() -> None:
    history = [profile(day, rows=LEAST_EXPECTED // 2) for day in range(4)]
    assert measured(profile(4, rows=1), history)["volume_ratio"] is None


def test_shares_of_a_handful_say_nothing() -> None:
    one = profile(4, rows=6, disposition__unreadable=5)
    assert measured(one)["unreadable_share"] is None


def test_quarantined_share_is_of_new_readable_rows() -> None:
    one = profile(4, disposition__unreadable=20, disposition__duplicate=40, disposition__quarantined=45)
    assert measured(one)["quarantined_share"] == pytest.approx(45 / 60)
    assert measured(one)["duplicate_share"] == pytest.approx(40 / 120)


def test_drift_of_a_code_list() -> None:
    history = [profile(day, status__9=100, status__10=20) for day in range(4)]
    same = profile(4, status__9=50, status__10=10)
    other = profile(4, status__2=60)
    assert measured(same, history)["status_drift"] == pytest.approx(0)
    assert measured(other, history)["status_drift"] == pytest.approx(1)


def test_staleness_is_of_the_newest_change() -> None:
    one = profile(4) | {"last": (MONDAY - timedelta(days=8)).isoformat()}
    assert measured(one)["stale_days"] == pytest.approx(12)
    assert measured(one | {"last": None})["stale_days"] is None


def test_every_threshold_has_a_measure_a_limit_and_a_reason() -> None:
    known = measured(profile(4))
    assert len({one.rule.code for one in THRESHOLDS}) == len(THRESHOLDS)
    for one in THRESHOLDS:
        assert one.measure in known
        assert one.low is not None or one.high is not None
        assert one.reason
        assert one.is_critical == (one.rule.effect is Effect.QUARANTINE)
