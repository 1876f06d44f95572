"""The worked example, from landed bytes to PostgreSQL; every number of its tables."""

from __future__ import annotations

from datetime import timedelta

import pytest

from jobs.findings import replay
from tests.journeys import worked_example as w
from tests.support.dossiers import ndjson
from tests.support.line import Line, at_day

FEED = "01-dossiers"
RIGHTS = """
    select holder_name, valid_from at time zone 'Asia/Ho_Chi_Minh', valid_to at time zone 'Asia/Ho_Chi_Minh',
           (recorded_from at time zone 'Asia/Ho_Chi_Minh')::date::text,
           (recorded_to at time zone 'Asia/Ho_Chi_Minh')::date::text
    from rights_history order by recorded_from, valid_from, valid_to nulls last
"""


@pytest.fixture(scope="module")
def told(line: Line) -> Line:
    """The line of one province with an empty inbox."""
    line.directory("01")
    return line


def counted(line: Line) -> tuple[tuple[int, ...], tuple[int, ...]]:
    return line.rows(FEED), line.facts(FEED)


def test_day_0_baseline(told: Line) -> None:
    inbox = told.inbox("01", "baseline")
    (inbox / "persons.ndjson.gz").write_bytes(ndjson(w.PERSONS))
    (inbox / "parcels.ndjson.gz").write_bytes(ndjson(w.PARCELS))
    told.day("01-baseline", at_day(0))
    assert told.rows() == (0, 0, 0, 0, 0, 3)
    assert told.facts() == (5, 0, 0, 0, 0)


def test_day_1(told: Line) -> None:
    (told.inbox("01") / "s1.ndjson.gz").write_bytes(ndjson(w.S1))
    told.day(FEED, at_day(1))
    assert counted(told) == ((1, 1, 1, 1, 0, 2), (4, 0, 0, 0, 0))


def test_day_2(told: Line) -> None:
    (told.inbox("01") / "s2.ndjson.gz").write_bytes(ndjson(w.S2))
    told.day(FEED, at_day(2))
    assert counted(told) == ((1, 1, 2, 1, 1, 5), (6, 3, 0, 0, 0))
    holders = [(row[0], str(row[1]), str(row[2])) for row in told.query("land", RIGHTS) if row[4] is None]
    assert holders == [
        ("Trần Văn Bình", "2010-01-01 00:00:00", "2026-11-03 10:00:00"),
        ("Phạm Thị Cúc", "2026-11-03 10:00:00", "2026-11-03 15:00:00"),
        ("Hoàng Thị Em", "2026-11-03 15:00:00", "None"),
    ]


def test_day_3_withdrawn_approval(told: Line) -> None:
    (told.inbox("01") / "s3.ndjson.gz").write_bytes(ndjson(w.S3))
    merged = told.day(FEED, at_day(3))
    assert counted(told) == ((1, 1, 3, 1, 1, 6), (4, 2, 0, 2, 2))
    assert merged["land"]["moved"] == {"held": 2, "inserted": -2, "outdated": 2, "updated": -2}
    table = [
        (row[0].split()[-1], str(row[1])[:10], str(row[2])[:10], *row[3:])
        for row in told.query("land", RIGHTS)
    ]
    assert table == [
        ("Bình", "2010-01-01", "None", "2026-11-01", "2026-11-03"),
        ("Bình", "2010-01-01", "2026-11-03", "2026-11-03", "2026-11-04"),
        ("Cúc", "2026-11-03", "2026-11-03", "2026-11-03", "2026-11-04"),
        ("Em", "2026-11-03", "None", "2026-11-03", "2026-11-04"),
        ("Bình", "2010-01-01", "None", "2026-11-04", None),
    ]


@pytest.mark.parametrize(("day", "holder"), [("2026-11-03", "Hoàng Thị Em"), ("2026-11-04", "Trần Văn Bình")])
def test_as_known_on_a_day(told: Line, day: str, holder: str) -> None:
    known = told.query(
        "land",
        "select holder_name from rights_as_known_on(cast(:day as date)) where valid_to is null",
        day=day,
    )
    assert known == [(holder,)]


def test_the_stewards_correction_and_its_replay(told: Line) -> None:
    at = at_day(3) + timedelta(minutes=10)
    found = told.findings(w.D3)
    assert [row.codes for row in found] == ["POP-003"]
    replay.correct(
        told.settings,
        content_digest=found[0].content_digest,
        path="dvcqg:persons[0].birth_date",
        new_text="03/04/1980",
        reason="Sai năm sinh",
        basis="Giấy khai sinh số 12",
        by="steward",
        at=at,
    )
    replay.replay(told.settings, at=at, digests=[found[0].content_digest])
    told.merge(at)
    assert counted(told) == ((1, 0, 3, 1, 1, 7), (4, 4, 0, 2, 2))
    assert told.query(
        "population", "select death_date::text from persons where personal_id = :id", id=w.DUNG
    ) == [("2026-11-01",)]


def test_a_second_replay_changes_nothing(told: Line) -> None:
    before = told.query("population", "select count(*), max(recorded_from) from persons_history")
    at = at_day(3) + timedelta(minutes=20)
    told.conform(at, ["01-dossiers.00000001"])
    merged = told.merge(at)
    assert all(not any(counts.values()) for r in merged.values() for counts in r["assertions"].values())
    assert told.query("population", "select count(*), max(recorded_from) from persons_history") == before
    assert counted(told) == ((1, 0, 3, 1, 1, 7), (4, 4, 0, 2, 2))


def test_the_correction_withdrawn(told: Line) -> None:
    at = at_day(3) + timedelta(minutes=30)
    replay.withdraw(told.settings, 1, reason="Căn cứ sai", by="steward", at=at)
    replay.replay(told.settings, at=at, submission_ids=["01-dossiers.00000001"])
    told.merge(at)
    assert counted(told) == ((1, 1, 3, 1, 1, 6), (4, 2, 0, 4, 2))
    assert told.query("population", "select death_date from persons where personal_id = :id", id=w.DUNG) == [
        (None,)
    ]
