"""Profiles: counts by submission and dataset, codes of closed lists, nothing else of the records."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from pyspark.sql import functions as F

from jobs import session
from jobs.ops.submissions import Submission
from jobs.quality.profiles import profiles
from jobs.settings import Settings
from schemas import dialect as dialects

pytestmark = pytest.mark.usefixtures("compiled")
YEAR_ZERO = -62_135_622_000_000_000
"""Microseconds of 0001-01-01 in Viet Nam: an instant that Python has no name for."""
RECEIVED = datetime(2026, 11, 3, 16, 30, tzinfo=UTC)
ROWS = (
    "submission_id string, dossier_code string, updated_at timestamp, error string, disposition string, "
    "status string, channel string, procedure_code string, _codes string, dialect string, _fields string"
)
PART = json.dumps(
    {
        "rows": 11,
        "paths": {"MaHoSo:text": 2, "newName:text": 11, "rare.MaHoSo:text": 1},
        "codes": {"status=11": 3, "status=An": 2},
    }
)
"""What two chunks of rows each have; one name is rare, and one code may be a name."""
SAME = ("dvcqg", None)
ITEMS = "submission_id string, dataset string, key string, finished_at timestamp, _codes string"


def submission(sequence: int, *, kind: str, start: list[str] | None = None) -> Submission:
    return Submission(
        submission_id=f"01-dossiers.{sequence:08d}",
        number=sequence,
        feed_id="01-dossiers",
        province_code="01",
        sequence=sequence,
        state="sealed",
        opened_at=RECEIVED,
        received_at=RECEIVED.replace(day=sequence),
        progress={},
        manifest={"kind": kind, "start_cursor": start},
    )


ONE, TWO = submission(1, kind="directory"), submission(2, kind="directory")
PULLED = submission(3, kind="rest", start=["2026-11-02T09:00:00+00:00", "7"])
NINE, TEN = datetime(2026, 11, 1, 2, tzinfo=UTC), datetime(2026, 11, 1, 3, tzinfo=UTC)
_TWO, _PULLED = TWO.submission_id, PULLED.submission_id


@pytest.fixture(scope="module")
def found(settings: Settings) -> list[dict[str, Any]]:
    """Profiles of two submissions: the rows of each, and what one of them puts on persons."""
    spark = session.connect(settings)
    rows = spark.createDataFrame(
        [
            (_TWO, "D1", NINE, None, "effective", "9", "1", "1.001193", "", "dvcqg", PART),
            (_TWO, "D1", TEN, None, "quarantined", "Bình", "1", "Bình", "DOS-902", *SAME),
            (_TWO, None, None, "broken", "unreadable", None, None, None, "DOS-901", *SAME),
            (_TWO, None, None, "broken", "duplicate", None, None, None, "DOS-901", "dvcqg", PART),
            (_PULLED, "D2", TEN, None, "effective", "9", None, None, "POP-003", *SAME),
            (_PULLED, "D3", None, None, "quarantined", "9", None, None, "DOS-902,DOS-903", *SAME),
        ],
        ROWS,
    )
    year_zero = F.timestamp_micros(F.lit(YEAR_ZERO))
    changed = F.when(F.col("dossier_code") == "D3", year_zero).otherwise(F.col("updated_at"))
    items = spark.createDataFrame(
        [
            (_TWO, "population_persons", "001090000001", NINE, ""),
            (_TWO, "population_persons", "001090000001", TEN, ""),
            (_TWO, "population_persons", None, None, "persons.birth_date:parse"),
        ],
        ITEMS,
    )
    spoken = {"dvcqg": dialects.load("dvcqg")}
    return profiles(rows.withColumn("updated_at", changed), items, [TWO, PULLED], [ONE, TWO, PULLED], spoken)


def test_rows_are_counted_by_what_they_are(found: list[dict[str, Any]]) -> None:
    names = ("submission_id", "dataset", "feed_id", "sequence")
    assert [found[0][name] for name in names] == [_TWO, "dossiers", "01-dossiers", 2]
    names = ("rows", "unreadable", "missing", "keys", "left")
    assert [found[0][name] for name in names] == [4, 2, 2, 1, 0]
    assert found[0]["reasons"] == {"DOS-902": 1}


def test_only_codes_of_closed_lists_are_named(found: list[dict[str, Any]]) -> None:
    assert found[0]["counts"] == {
        "channel:1": 2,
        "disposition:duplicate": 1,
        "disposition:effective": 1,
        "disposition:quarantined": 1,
        "disposition:unreadable": 1,
        "procedure:1.001193": 1,
        "procedure:other": 1,
        "status:9": 1,
        "status:other": 1,
    }


def test_a_rare_name_and_an_unlisted_code_are_not_told(found: list[dict[str, Any]]) -> None:
    fields = {"paths": {"MaHoSo:text": 4, "newName:text": 22}, "codes": {"status=11": 6, "status=?": 4}}
    assert found[0]["fields"] == {"dvcqg": {"rows": 22, **fields}}


def test_a_folder_has_news_since_the_delivery_before(found: list[dict[str, Any]]) -> None:
    names = ("first", "last", "since", "received_at")
    instants = (NINE, TEN, ONE.received_at, TWO.received_at)
    assert [found[0][name] for name in names] == [one.isoformat() for one in instants if one]


def test_a_profile_has_its_fields_and_no_other(found: list[dict[str, Any]]) -> None:
    """A profile is evidence that stays: what is added to it is added on purpose."""
    counted = {"rows", "unreadable", "missing", "keys", "left", "first", "last", "counts"}
    about = {"submission_id", "dataset", "feed_id", "sequence", "since", "received_at"}
    assert set(found[0]) == counted | about | {"reasons", "fields"}
    assert set(found[1]) == counted | about


def test_items_are_counted_by_dataset(found: list[dict[str, Any]]) -> None:
    names = ("submission_id", "dataset", "rows", "missing", "keys", "left", "counts")
    assert [found[1][name] for name in names] == [_TWO, "population_persons", 3, 1, 1, 1, {}]


def test_an_instant_that_no_calendar_has_is_left_out(found: list[dict[str, Any]]) -> None:
    _, _, other = found
    assert (other["first"], other["last"]) == (TEN.isoformat(), TEN.isoformat())
    assert (other["reasons"], other["fields"]) == ({"DOS-902": 1, "DOS-903": 1}, {})
    assert (other["since"], other["left"]) == ("2026-11-02T09:00:00+00:00", 1)
