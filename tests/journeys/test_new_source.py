"""A thirty-fifth source by one file: what is good loads, what is bad is told, what is broken is kept."""

from __future__ import annotations

import csv
import gzip
import io
from typing import Any

import pytest
from pyspark.sql import functions as F

from jobs import objects, ops, session
from jobs.lake import live
from jobs.ledger.verify import verify
from jobs.ops import submissions
from schemas.core.findings import Findings
from tests.support.dossiers import ndjson, version
from tests.support.line import Line, at_day

FEED = "35-dossiers"
GOOD, BAD, ROW_OF_CSV = "001090000011", "001190000012", "001090000013"
HEADER = (
    *("record_id", "as_of_date", "NguoiDan.SoDinhDanh", "NguoiDan.HoVaTen", "NguoiDan.NgaySinh"),
    *("NguoiDan.GioiTinh", "CuTru.SoDinhDanh", "CuTru.LoaiCuTru", "CuTru.MaPhuongXa", "CuTru.TuNgay"),
)


def birth(code: str, personal_id: str, *, since: str = "05/10/1990", **more: str) -> dict[str, Any]:
    person = {"SoDinhDanh": personal_id, "HoVaTen": "Trần Văn Nam", "NgaySinh": "05/10/1990", "GioiTinh": "1"}
    residence = {
        "SoDinhDanh": personal_id,
        "LoaiCuTru": "1",
        "MaPhuongXa": "00004",
        "ChiTiet": "Số 1",
        "TuNgay": since,
    }
    body = {"NguoiDan": [person | more], "CuTru": [residence]}
    return version(code, 1, "1.001193", form="HT-KS", body=body, finished="20261102090000")


ODD: dict[str, tuple[dict[str, Any], set[str]]] = {
    "the empty date of a programming language as change instant": (
        birth("H26.01.02-261102-0003", "001090000023") | {"updated_at": "0001-01-01T00:00:00+07:00"},
        {"dossiers.updated_at:parse"},
    ),
    "the same as decision": (
        birth("H26.01.02-261102-0004", "001090000024") | {"NgayKetThucXuLy": "00010101000000"},
        {"dossiers.finished_at:parse"},
    ),
    "the last day of all, and its evening elsewhere": (
        birth("H26.01.02-261102-0005", "001090000025") | {"updated_at": "9999-12-31T23:00:00-14:00"},
        {"dossiers.updated_at:parse"},
    ),
    "a name with the character that no database stores": (
        birth("H26.01.02-261102-0006", "001090000026", HoVaTen="Trần\x00Văn Nam"),
        {"persons.full_name:parse"},
    ),
    "a residence since the year 1": (
        birth("H26.01.02-261102-0007", "001090000027", since="01/01/0001"),
        {"residences.from_date:range"},
    ),
    "a baseline among dossiers": (
        birth("H26.01.02-261102-0008", "001090000028") | {"MaTTHC": "baseline.persons"},
        {"DOS-902"},
    ),
}
"""Values that a source's program sends without knowing, and what is said of each."""


def extract_of_persons() -> bytes:
    """A register extract as a spreadsheet saves it: CSV with a byte order mark."""
    text = io.StringIO(newline="")
    table = csv.writer(text)
    table.writerow(HEADER)
    good = (ROW_OF_CSV, "Lê Văn Tám", "1990", "1", ROW_OF_CSV, "1", "00004", "01/01/2000")
    lost = (ROW_OF_CSV.lstrip("0"), "Không rõ", "31/02/1990", "1", ROW_OF_CSV, "1", "00004", "01/01/2000")
    table.writerow(("BL35P1", "2026-07-31", *good))
    table.writerow(("BL35P2", "2026-07-31", *lost))
    return text.getvalue().encode("utf-8-sig")


@pytest.fixture(scope="module")
def added(line: Line) -> Line:
    """One TOML file, three files in its folder, one run."""
    keys = {
        "kind": "directory",
        "dialect": "dvcqg",
        "url": str(line.inbox("35")),
        "patterns": {"births*": "dossiers", "broken*": "dossiers"},
    }
    extracts = {
        "kind": "directory",
        "dialect": "baseline",
        "url": str(line.inbox("35")),
        "patterns": {"persons*": "baseline.persons"},
    }
    line.source("35", {"dossiers": keys, "baseline": extracts}, province="01")
    good = birth("H26.01.02-261102-0001", GOOD)
    bad = birth("H26.01.02-261102-0002", BAD, NgaySinh="05/10/1991", HoVaTen="test")
    broken = ndjson([good])[:-20]
    (line.inbox("35") / "births.ndjson.gz").write_bytes(
        ndjson([good, bad, *(row for row, _ in ODD.values())])
    )
    (line.inbox("35") / "persons.csv").write_bytes(extract_of_persons())
    (line.inbox("35") / "broken.ndjson.gz").write_bytes(broken)
    for feed in ("35-dossiers", "35-baseline"):
        line.pull(feed, at_day(1))
    line.conform(at_day(1))
    line.merge(at_day(1))
    return line


def test_good_rows_load(added: Line) -> None:
    told = added.query("population", "select personal_id, birth_precision from persons order by 1")
    assert told == [(GOOD, "day"), (ROW_OF_CSV, "year")]
    residences = added.query("population", "select personal_id, commune_code from residences order by 1")
    assert residences == [(GOOD, "00004"), (ROW_OF_CSV, "00004")]


@pytest.mark.parametrize(
    ("dossier", "codes"),
    [
        ("H26.01.02-261102-0002", {"POP-002", "POP-003", "POP-014"}),
        ("BL35P2", {"persons.personal_id:pattern", "POP-014", "persons.birth_date:parse"}),
    ],
)
def test_bad_rows_are_quarantined_with_all_their_codes(added: Line, dossier: str, codes: set[str]) -> None:
    (found,) = added.findings(dossier)
    assert found.effect == "quarantine"
    assert codes <= set(found.codes.split(","))
    assert added.query("population", "select count(*) from persons") == [(2,)]


@pytest.mark.parametrize(("row", "codes"), ODD.values(), ids=ODD)
def test_odd_values_stop_their_own_row_only(added: Line, row: dict[str, Any], codes: set[str]) -> None:
    (found,) = added.findings(row["MaHoSo"])
    assert found.effect == "quarantine"
    assert codes <= set(found.codes.split(","))


def test_nothing_is_unaccounted_for(added: Line) -> None:
    assert verify(added.settings)["first_difference"] is None


def test_the_broken_file_is_refused_with_one_message_and_kept(added: Line) -> None:
    engine = ops.engine(added.settings)
    (mine,) = [one for one in submissions.listed(engine, "sealed") if one.feed_id == FEED]
    (refused,) = (mine.manifest or {})["refused"]
    assert refused["reason"] == ("the gzip stream is broken (EOFError). Remedy: send the file again.")
    assert refused["name"] == "broken.ndjson.gz"
    store = objects.client(added.settings)
    kept = objects.get(store, added.settings.landing_bucket, refused["key"])
    assert kept == (added.inbox("35") / "broken.ndjson.gz").read_bytes()
    with pytest.raises(EOFError):
        gzip.decompress(kept)


def test_no_row_is_lost(added: Line) -> None:
    bad = 2 + len(ODD)
    assert added.rows() == (0, bad, 0, 0, 0, 2)
    findings = live.conformed(session.connect(added.settings), ops.engine(added.settings), Findings.dataset())
    assert findings.where(F.col("effect") == "quarantine").count() == bad


def test_the_same_files_again_bring_nothing(added: Line) -> None:
    assert [added.pull(feed, at_day(2))["state"] for feed in ("35-dossiers", "35-baseline")] == [
        "nothing new",
        "nothing new",
    ]
