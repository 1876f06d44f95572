"""Spark and plain Python call the same versions steps back, however they arrived and were divided."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pyspark.sql import DataFrame

from jobs import session
from jobs.conform.versions import odd_versions
from jobs.settings import Settings
from schemas.core.landed import PLACE
from schemas.lifecycle import Version, steps_back

pytestmark = pytest.mark.usefixtures("compiled")
DAY = datetime(2026, 11, 2, tzinfo=UTC)
COLUMNS = """
    submission_id string, object_no bigint, row_no bigint, submission_number bigint, feed_id string,
    province_code string, dossier_code string, sequence bigint, updated_at timestamp, received_at timestamp,
    status string, finished_at timestamp, result_text string, refused_at timestamp, withdrawn_at timestamp,
    withdrawn_basis string, corrected_at timestamp, correction_basis string, is_step_back boolean,
    _is_retracted boolean
"""
NAMES = [part.split()[0] for part in COLUMNS.split(",")]
DOSSIERS = 150
Row = dict[str, Any]


def generated(rng: random.Random, dossier: int) -> list[Row]:
    """Versions of a dossier in their own order; they arrive in another."""
    count = rng.randint(1, 7)
    arrival = rng.sample(range(count), count)
    return [_version(rng, f"D{dossier}", place, arrival[place]) for place in range(count)]


def _version(rng: random.Random, code: str, place: int, arrival: int) -> Row:
    status = rng.choice(["1", "2", "3", "4", "5", "8", "9", "9", "10", "10", None])
    changed = DAY + timedelta(hours=place)
    is_decided = status in {"9", "10"} and rng.random() < 0.8
    withdrawn = changed if rng.random() < 0.1 else None
    corrected = changed - timedelta(hours=rng.randint(0, 3)) if rng.random() < 0.15 else None
    return {
        "submission_id": f"f.{arrival:08d}",
        "object_no": 1,
        "row_no": int(code[1:]),
        "submission_number": arrival,
        "feed_id": "f",
        "province_code": "01",
        "dossier_code": code,
        "sequence": None,
        "updated_at": changed,
        "received_at": DAY + timedelta(days=9),
        "status": status,
        "finished_at": changed - timedelta(minutes=rng.choice([1, 100])) if is_decided else None,
        "result_text": "Đã có kết quả" if is_decided else None,
        "refused_at": None,
        "withdrawn_at": withdrawn,
        "withdrawn_basis": "QĐ 1" if withdrawn else None,
        "corrected_at": corrected,
        "correction_basis": "QĐ 2" if corrected else None,
        "is_step_back": None,
        "_is_retracted": False,
    }


def told(rows: Sequence[Row]) -> list[bool]:
    """What plain Python says of a dossier's versions."""
    return steps_back(
        [
            Version(
                None if row["status"] in {"9", "10"} and row["finished_at"] is None else row["status"],
                decided_at=row["finished_at"],
                changed_at=row["updated_at"],
                corrected_at=row["corrected_at"],
                withdrawn_at=row["withdrawn_at"],
            )
            for row in rows
        ]
    )


def place(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in PLACE)


def backs(rows: Sequence[Row]) -> set[tuple[Any, ...]]:
    return {place(row) for row, is_back in zip(rows, told(rows), strict=True) if is_back}


def frame(settings: Settings, rows: Iterable[Row]) -> DataFrame:
    return session.connect(settings).createDataFrame([tuple(row[n] for n in NAMES) for row in rows], COLUMNS)


@pytest.fixture(scope="module")
def dossiers() -> list[list[Row]]:
    rng = random.Random(11)
    return [generated(rng, number) for number in range(DOSSIERS)]


def found(odd: DataFrame, name: str) -> set[tuple[Any, ...]]:
    return {place(row.asDict()) for row in odd.collect() if row[name]}


def test_in_one_batch(settings: Settings, dossiers: list[list[Row]]) -> None:
    rows = [row for versions in dossiers for row in versions]
    wanted = set().union(*map(backs, dossiers))
    assert len(wanted) > 50
    odd = odd_versions(frame(settings, rows), None)
    assert found(odd, "goes_back") == wanted
    assert found(odd, "is_elsewhere") == found(odd, "is_overturned") == set()


def test_in_two_batches_the_first_is_overturned_where_the_second_shows_it(
    settings: Settings, dossiers: list[list[Row]]
) -> None:
    mine, earlier, wanted, overturned = [], [], set(), set()
    for versions in dossiers:
        known = [row for row in versions if row["submission_number"] < 3]
        before, now = backs(known), backs(versions)
        earlier += [{**row, "is_step_back": place(row) in before} for row in known]
        fresh = [row for row in versions if row["submission_number"] >= 3]
        mine += fresh
        wanted |= now & {place(row) for row in fresh}
        overturned |= (now ^ before) & {place(row) for row in known} if fresh else set()
    assert len(overturned) > 10
    odd = odd_versions(frame(settings, mine), frame(settings, earlier))
    assert found(odd, "goes_back") == wanted
    assert found(odd, "is_overturned") == overturned


def test_what_is_retracted_speaks_for_itself_alone(settings: Settings, dossiers: list[list[Row]]) -> None:
    rows, wanted = [], set()
    for versions in dossiers:
        marked = [{**row, "_is_retracted": row["submission_number"] == 1} for row in versions]
        rows += marked
        wanted |= backs([row for row in marked if not row["_is_retracted"]])
        wanted |= backs(marked) & {place(row) for row in marked if row["_is_retracted"]}
    assert found(odd_versions(frame(settings, rows), None), "goes_back") == wanted


def test_the_feed_whose_row_was_landed_first_speaks(settings: Settings) -> None:
    first = _version(random.Random(1), "D1", 5, 1) | {"status": "4"}
    second = _version(random.Random(1), "D1", 0, 2) | {"status": "9", "feed_id": "g", "submission_id": "g.2"}
    own = _version(random.Random(1), "D2", 0, 2) | {"feed_id": "g", "submission_id": "g.2"}
    for rows, earlier in ([first, second, own], None), ([second, own], [first]):
        known = None if earlier is None else frame(settings, earlier)
        odd = odd_versions(frame(settings, rows), known)
        assert found(odd, "is_elsewhere") == {place(second)}
        assert found(odd, "goes_back") == set()


def test_a_step_back_is_overturned_where_all_versions_have_one_status_now(settings: Settings) -> None:
    """The version before it was corrected by a steward: there is nothing to go back to."""
    names = ("withdrawn_at", "withdrawn_basis", "corrected_at", "correction_basis")
    plain = {**dict.fromkeys(names), "status": "4"}
    mine = _version(random.Random(1), "D1", 0, 1) | plain
    earlier = _version(random.Random(1), "D1", 1, 2) | {**plain, "is_step_back": True}
    odd = odd_versions(frame(settings, [mine]), frame(settings, [earlier]))
    assert found(odd, "is_overturned") == {place(earlier)}
