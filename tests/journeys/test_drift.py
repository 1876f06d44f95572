"""A drift of each kind through conform and the gate: noted, warned of or held, and never an empty value."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from jobs import ops
from jobs.findings import drifts, listing, replay
from jobs.findings.standing import Wanted
from jobs.ops import batches, mappings
from schemas import dialect as dialects
from schemas.ops import batches as kept
from tests.support.dossiers import ndjson, version
from tests.support.line import Line, at_day

COPY = "2.000815"
"""A procedure that changes no register."""
ROWS = 40
KINDS = {"01": "same", "48": "added", "79": "renamed", "33": "retyped", "42": "missing", "46": "code"}
"""What becomes of each source on the second day."""
PERSON = "Trần Thị Bí Mật"
"""A name that stands where a code belongs."""


def rows(day: int) -> list[dict[str, Any]]:
    """Approved copies, each a dossier of its own."""
    return [
        version(f"H26.01.02-26110{day}-{n:04d}", 1, COPY, finished=f"2026110{day}100000", number=n)
        | {"NgayTiepNhan": f"2026110{day}080000", "updated_at": f"2026-11-0{day}T11:00:00+07:00"}
        for n in range(1, ROWS + 1)
    ]


def drifted(kind: str, day: int) -> list[dict[str, Any]]:
    found = rows(day)
    for number, row in enumerate(found):
        match kind:
            case "added":
                row["MaBuuDien"] = "100000"
            case "renamed":
                row["NgayNhanHoSo"] = row.pop("NgayTiepNhan")
            case "retyped":
                row["ChuHoSo"] = {"ten": row["ChuHoSo"]}
            case "missing":
                row.pop("ChuHoSo")
            case "code" if number < 10:
                row["TrangThaiHoSo"] = PERSON if number < 2 else "77"
    return found


@pytest.fixture(scope="module")
def told(line: Line) -> Line:
    """Two days of every source."""
    for stem in KINDS:
        line.directory(stem, stem)
        (line.inbox(stem) / "d1.ndjson.gz").write_bytes(ndjson(rows(1)))
        line.pull(f"{stem}-dossiers", at_day(1))
    line.conform(at_day(1))
    for stem, kind in KINDS.items():
        (line.inbox(stem) / "d2.ndjson.gz").write_bytes(ndjson(drifted(kind, 2)))
        line.pull(f"{stem}-dossiers", at_day(2))
    line.conform(at_day(2))
    return line


def receipt(line: Line) -> dict[str, Any]:
    return dict(batches.committed(ops.engine(line.settings), "conform")[-1].result or {})


def shown(line: Line) -> dict[str, list[tuple[Any, ...]]]:
    found: dict[str, list[tuple[Any, ...]]] = {}
    for one in drifts.recorded(line.settings):
        entry = (one["kind"], one["path"], one["was"], one["now"], one["rows"], one["of"], one["level"])
        found.setdefault(one["feed_id"].partition("-")[0], []).append(entry)
    return found


def test_each_kind_is_told_apart(told: Line) -> None:
    assert shown(told) == {
        "48": [("added", "MaBuuDien", None, "text", ROWS, ROWS, "accept")],
        "79": [("renamed", "NgayTiepNhan", "text", "NgayNhanHoSo", ROWS, ROWS, "refuse")],
        "33": [("retyped", "ChuHoSo", "text", "object", ROWS, ROWS, "refuse")],
        "42": [("missing", "ChuHoSo", "text", None, ROWS, ROWS, "refuse")],
        "46": [("code", "status", None, "77", 8, ROWS, "warn")],
    }


def test_the_gate_holds_what_is_not_read_and_lets_the_rest_pass(told: Line) -> None:
    verdicts = {
        one["submission_id"].partition("-")[0]: (one["verdict"], {e["code"] for e in one["failed"]})
        for one in receipt(told)["gate"]
    }
    assert {stem: verdict for stem, (verdict, _) in verdicts.items()} == {
        **dict.fromkeys(("01", "48", "46"), "accepted"),
        **dict.fromkeys(("79", "33", "42"), "refused"),
    }
    assert "GAT-006" in verdicts["79"][1] & verdicts["33"][1] & verdicts["42"][1]
    assert "GAT-108" in verdicts["46"][1]
    assert verdicts["48"][1] == verdicts["01"][1]


def test_no_row_is_lost_and_none_is_accepted_with_an_empty_value(told: Line) -> None:
    for stem, kind in KINDS.items():
        unreadable, quarantined, _, _, no_effect, _ = told.rows(f"{stem}-dossiers")
        held = {"same": 0, "added": 0, "code": 10}.get(kind, ROWS)
        assert (unreadable, quarantined, no_effect) == (0, held, 2 * ROWS - held), kind


def test_the_list_names_the_field_the_line_and_the_remedy(told: Line) -> None:
    (one,) = listing.listed(told.settings, Wanted(feed="79-dossiers"), limit=0)["refused"]
    (renamed,) = one["drift"]
    assert renamed["en"].startswith("NgayTiepNhan seems to be NgayNhanHoSo now (name ")
    assert "dvcqg.toml, line" in renamed["en"]
    assert 'write path = "NgayNhanHoSo" there' in renamed["remedy"]


def test_a_batch_is_carried_out_with_the_mappings_of_its_plan(
    told: Line, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = ops.engine(told.settings)
    (planned,) = {str(one.plan["mappings"]) for one in batches.committed(engine, "conform")}
    digests = batches.committed(engine, "conform")[-1].plan["mappings"]
    assert planned == str(digests)
    assert mappings.find(engine, digests["dvcqg"][:12]) == ("dvcqg", dialects.load("dvcqg").texts)
    for file in dialects.FOLDER.glob("*.toml"):
        mended = file.read_text(encoding="utf-8").replace('"NgayTiepNhan"', '"NgayNhanHoSo"')
        (tmp_path / file.name).write_text(mended, encoding="utf-8")
    monkeypatch.setattr(dialects, "FOLDER", tmp_path)
    dialects.load.cache_clear()
    try:
        now = dialects.load("dvcqg").header["accepted_at"][0].path
        then = mappings.used(engine, ["dvcqg"], digests)["dvcqg"].header["accepted_at"][0].path
        unplanned = mappings.used(engine, ["dvcqg"], {})["dvcqg"].header["accepted_at"][0].path
    finally:
        dialects.load.cache_clear()
    assert (now, then, unplanned) == ("NgayNhanHoSo", "NgayTiepNhan", "NgayNhanHoSo")


def test_nothing_in_ops_names_a_person(told: Line) -> None:
    told_of = str(receipt(told))
    assert "status=77" in told_of
    assert "status=?" in told_of
    with ops.engine(told.settings).connect() as connection:
        assert PERSON not in str(connection.execute(sa.select(kept.c.plan, kept.c.result)).all())


def test_a_policy_in_the_sources_file_lets_it_pass_and_the_end_is_noted(told: Line) -> None:
    file = told.folder / "42.toml"
    stated = file.read_text().replace(
        "[feeds.dossiers]", '[feeds.dossiers]\ndrift = { "missing:ChuHoSo" = "accept" }'
    )
    file.write_text(stated)
    replayed = replay.replay(
        told.settings, at=at_day(2) + timedelta(minutes=5), submission_ids=["42-dossiers.00000002"]
    )
    assert [one["verdict"] for one in replayed["gate"]] == ["accepted"]
    assert told.rows("42-dossiers")[1] == 0
    (told.inbox("42") / "d3.ndjson.gz").write_bytes(ndjson(rows(3)))
    (told.inbox("79") / "d3.ndjson.gz").write_bytes(ndjson(drifted("renamed", 3)[:5]))
    for stem in ("42", "79"):
        told.pull(f"{stem}-dossiers", at_day(3))
    told.conform(at_day(3))
    by_feed = {one["feed_id"]: one for one in drifts.recorded(told.settings)}
    missing, renamed = by_feed["42-dossiers"], by_feed["79-dossiers"]
    assert missing["first_submission"] == "42-dossiers.00000002"
    assert datetime.fromisoformat(missing["ended"]) == at_day(3)
    assert (renamed["last_submission"], renamed["ended"]) == ("79-dossiers.00000003", None)
