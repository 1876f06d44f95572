"""Profiles: counts by submission and dataset, codes of closed lists, nothing else of the records."""

from __future__ import annotations

import json
from datetime import UTC, datetime

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


def test_profiles(settings: Settings) -> None:
    one, two = submission(1, kind="directory"), submission(2, kind="directory")
    pulled = submission(3, kind="rest", start=["2026-11-02T09:00:00+00:00", "7"])
    nine, ten = datetime(2026, 11, 1, 2, tzinfo=UTC), datetime(2026, 11, 1, 3, tzinfo=UTC)
    spark = session.connect(settings)
    rows = spark.createDataFrame(
        [
            (two.submission_id, "D1", nine, None, "effective", "9", "1", "1.001193", "", "dvcqg", PART),
            (two.submission_id, "D1", ten, None, "quarantined", "Bình", "1", "Bình", "DOS-902", *SAME),
            (two.submission_id, None, None, "broken", "unreadable", None, None, None, "DOS-901", *SAME),
            (
                two.submission_id,
                None,
                None,
                "broken",
                "duplicate",
                None,
                None,
                None,
                "DOS-901",
                "dvcqg",
                PART,
            ),
            (pulled.submission_id, "D2", ten, None, "effective", "9", None, None, "POP-003", *SAME),
            (
                pulled.submission_id,
                "D3",
                None,
                None,
                "quarantined",
                "9",
                None,
                None,
                "DOS-902,DOS-903",
                *SAME,
            ),
        ],
        ROWS,
    )
    year_zero = F.timestamp_micros(F.lit(YEAR_ZERO))
    rows = rows.withColumn(
        "updated_at", F.when(F.col("dossier_code") == "D3", year_zero).otherwise(F.col("updated_at"))
    )
    items = spark.createDataFrame(
        [
            (two.submission_id, "population_persons", "001090000001", nine, ""),
            (two.submission_id, "population_persons", "001090000001", ten, ""),
            (two.submission_id, "population_persons", None, None, "persons.birth_date:parse"),
        ],
        ITEMS,
    )
    dossiers, persons, other = profiles(
        rows, items, [two, pulled], [one, two, pulled], {"dvcqg": dialects.load("dvcqg")}
    )
    assert dossiers == {
        "submission_id": two.submission_id,
        "dataset": "dossiers",
        "feed_id": "01-dossiers",
        "sequence": 2,
        "rows": 4,
        "unreadable": 2,
        "missing": 2,
        "keys": 1,
        "left": 0,
        "first": nine.isoformat(),
        "last": ten.isoformat(),
        "since": RECEIVED.replace(day=1).isoformat(),
        "received_at": RECEIVED.replace(day=2).isoformat(),
        "counts": {
            "channel:1": 2,
            "disposition:duplicate": 1,
            "disposition:effective": 1,
            "disposition:quarantined": 1,
            "disposition:unreadable": 1,
            "procedure:1.001193": 1,
            "procedure:other": 1,
            "status:9": 1,
            "status:other": 1,
        },
        "reasons": {"DOS-902": 1},
        "fields": {
            "dvcqg": {
                "rows": 22,
                "paths": {"MaHoSo:text": 4, "newName:text": 22},
                "codes": {"status=11": 6, "status=?": 4},
            }
        },
    }
    assert (persons["dataset"], persons["rows"], persons["missing"], persons["keys"]) == (
        "population_persons",
        3,
        1,
        1,
    )
    assert (persons["left"], persons["counts"]) == (1, {})
    assert (other["first"], other["last"]) == (ten.isoformat(), ten.isoformat())
    assert (other["reasons"], other["fields"]) == ({"DOS-902": 1, "DOS-903": 1}, {})
    assert (other["since"], other["left"]) == ("2026-11-02T09:00:00+00:00", 1)
