"""The same ten rows in every format of file: the same rows of core, the same faults, a ledger that holds."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import io
import json
from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.sql import functions as F

from jobs import objects, ops, session
from jobs.findings.feedback import feedback
from jobs.findings.showing import shown
from jobs.lake import live
from jobs.ledger.verify import verify
from jobs.ops import submissions
from schemas.core.dossiers import Dossiers
from schemas.core.findings import Findings
from schemas.core.landed import PLACE
from schemas.forms import FORMS
from schemas.population.persons import Persons
from schemas.population.residences import Residences
from schemas.reference import provinces
from tests.support.files import elements, packed_by_font, workbook, zipped
from tests.support.line import Line, at_day

BAD = 7
"""Number of the row whose birth date is none."""
HEADER = (
    *("record_id", "as_of_date", "NguoiDan.SoDinhDanh", "NguoiDan.HoVaTen", "NguoiDan.NgaySinh"),
    *("NguoiDan.GioiTinh", "CuTru.SoDinhDanh", "CuTru.LoaiCuTru", "CuTru.MaPhuongXa", "CuTru.TuNgay"),
)


def cells(number: int) -> tuple[str, ...]:
    personal_id = f"0010900000{number:02d}"
    born = "31/02/1990" if number == BAD else "1990" if number == 2 else f"{number:02d}/10/1990"
    own = (personal_id, "Trần Văn Nam", born, "1")
    return f"BL{number:02d}", "2026-07-31", *own, personal_id, "1", "00004", "01/01/2000"


ROWS = [cells(number) for number in range(1, 11)]


def nested(row: tuple[Any, ...]) -> dict[str, Any]:
    record: dict[str, Any] = {}
    for name, value in zip(HEADER, row, strict=True):
        group, dot, field = name.partition(".")
        if dot:
            record.setdefault(group, [{}])[0][field] = value
        else:
            record[name] = value
    return record


def spreadsheet(delimiter: str = ",") -> str:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows([HEADER, *ROWS])
    return text.getvalue()


def lines(rows: list[tuple[str, ...]]) -> bytes:
    return b"".join(json.dumps(nested(row), ensure_ascii=False).encode() + b"\n" for row in rows)


def typed(row: tuple[str, ...]) -> list[Any]:
    """A row as somebody typed it into a spreadsheet: dates that are dates, numbers that are numbers."""
    made = list(row)
    made[1] = dt.date.fromisoformat(row[1])
    if row[4] == "1990":
        made[4] = 1990
    elif row[0] != f"BL{BAD:02d}":
        made[4] = dt.date(1990, 10, int(row[4][:2]))
    made[5], made[7], made[9] = int(row[5]), int(row[7]), dt.date(2000, 1, 1)
    return made


def parquet() -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist([nested(row) for row in ROWS]), out)
    return out.getvalue()


def page() -> bytes:
    return json.dumps({"data": [nested(row) for row in ROWS]}).encode()


def document() -> bytes:
    return f"<r>{''.join(elements('data', nested(row)) for row in ROWS)}</r>".encode()


FILES: Mapping[str, tuple[str, bytes, dict[str, str]]] = {
    "json": ("a.json", page(), {}),
    "json.gz": ("a.json.gz", gzip.compress(page()), {}),
    "ndjson": ("a.ndjson", lines(ROWS), {}),
    "ndjson.gz": ("a.ndjson.gz", gzip.compress(lines(ROWS)), {}),
    "csv": ("A.CSV", spreadsheet(";").encode("utf-8-sig"), {}),
    "csv.gz": ("a.csv.gz", gzip.compress(spreadsheet("\t").encode("utf-16")), {}),
    "csv in windows-1258": (
        "a.csv",
        packed_by_font(spreadsheet("|"), "windows-1258"),
        {"encoding": "windows-1258"},
    ),
    "csv in tcvn3": ("a.csv", packed_by_font(spreadsheet(), "tcvn3"), {"encoding": "tcvn3"}),
    "csv in vni": ("a.csv", packed_by_font(spreadsheet(), "vni"), {"encoding": "vni", "delimiter": ","}),
    "xlsx": ("a.xlsx", workbook([HEADER, *map(typed, ROWS)]), {}),
    "parquet": ("a.parquet", parquet(), {}),
    "xml": ("a.xml", document(), {}),
    "xml.gz": ("a.xml.gz", gzip.compress(document()), {}),
    "zip": (
        "a.zip",
        zipped({"b/rest.ndjson": lines(ROWS[4:]), "a.xlsx": workbook([HEADER, *map(typed, ROWS[:4])])}),
        {},
    ),
}
PROVINCES = dict(zip(FILES, sorted(provinces()), strict=False))


def feed(name: str) -> str:
    return f"{PROVINCES[name]}-persons"


@pytest.fixture(scope="module")
def told(line: Line) -> Line:
    """Every format delivered, each by a province of its own, and conformed."""
    for name, (file, data, layout) in FILES.items():
        inbox = line.inbox(PROVINCES[name], "persons")
        (inbox / file).write_bytes(data)
        keys: dict[str, Any] = {"kind": "directory", "dialect": "baseline", "url": str(inbox)}
        keys |= {"patterns": {"*": "baseline.persons"}, "layout": layout}
        line.source(PROVINCES[name], {"persons": keys}, PROVINCES[name])
        line.pull(feed(name), at_day(1))
    line.conform(at_day(1))
    return line


def core(line: Line, name: str) -> dict[str, list[tuple[Any, ...]]]:
    """What core holds of a feed, without what tells where it came from."""
    spark, engine = session.connect(line.settings), ops.engine(line.settings)
    dossiers = live.conformed(spark, engine, Dossiers.dataset()).where(F.col("feed_id") == feed(name))
    header = ("dossier_code", "procedure_code", "finished_at", "disposition")
    found = {"dossiers": dossiers.select(*header).orderBy("dossier_code").collect()}
    for contract in (Persons, Residences):
        rows = live.conformed(spark, engine, contract.dataset("core"))
        columns = [column for column in contract.names() if column != "province_code"]
        mine = rows.join(dossiers.select(*PLACE), list(PLACE))
        found[contract.__name__] = mine.select("dossier_code", *columns).orderBy("dossier_code").collect()
    findings = live.conformed(spark, engine, Findings.dataset()).where(F.col("feed_id") == feed(name))
    found["findings"] = findings.select("dossier_code", "effect", "codes").collect()
    return {part: [tuple(row) for row in rows] for part, rows in found.items()}


def test_every_format_is_delivered() -> None:
    assert {name.partition(" ")[0] for name in FILES} == set(FORMS)


def test_every_format_gives_the_same_rows_of_core(told: Line) -> None:
    expected = core(told, "ndjson")
    assert [row[3] for row in expected["dossiers"]].count("effective") == 9
    assert len(expected["Persons"]) == len(expected["Residences"]) == 9
    ((code, _, codes),) = expected["findings"]
    assert (code, codes) == (f"BL{BAD:02d}", "persons.birth_date:parse")
    assert {name for name in FILES if core(told, name) != expected} == set()


def test_what_was_found_is_kept_with_the_object(told: Line) -> None:
    kept = {}
    for one in submissions.listed(ops.engine(told.settings)):
        (entry,) = (one.manifest or {})["objects"]
        kept[one.feed_id] = (entry["rows"], entry.get("layout"), entry.get("members"))
    assert {rows for rows, _, _ in kept.values()} == {10}
    assert kept[feed("csv")][1] == {"encoding": "utf-8", "delimiter": ";"}
    assert kept[feed("csv.gz")][1] == {"encoding": "utf-16", "delimiter": "\t"}
    assert kept[feed("csv in windows-1258")][1] == {"delimiter": "|"}
    assert kept[feed("csv in vni")][1] is None
    assert kept[feed("zip")][2] == [["a.xlsx", 4], ["b/rest.ndjson", 10]]


def test_a_row_of_an_archive_is_shown_with_its_file(told: Line) -> None:
    (one,) = [one for one in submissions.listed(ops.engine(told.settings)) if one.feed_id == feed("zip")]
    found = shown(told.settings, reference=f"{one.submission_id}/1/{BAD}")
    assert found["file"] == f"a.zip: b/rest.ndjson, row {BAD - 4}"
    assert found["dossier_code"] == f"BL{BAD:02d}"


def test_a_province_is_told_the_file_in_its_archive(told: Line) -> None:
    (written, *_) = feedback(told.settings, at=at_day(1), province=PROVINCES["zip"])
    document = objects.get(objects.client(told.settings), told.settings.landing_bucket, written["key"])
    (finding,) = json.loads(document)["findings"]
    assert (finding["row"], finding["file"], finding["file_row"]) == (BAD, "b/rest.ndjson", BAD - 4)


def test_the_ledger_recounts_every_format_from_its_bytes(told: Line) -> None:
    assert verify(told.settings)["first_difference"] is None
