"""Five records explained: loaded, updated twice, replayed, merged with a duplicate, withdrawn."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from rich.console import Console

from jobs.__main__ import main
from jobs.cli import explain as command
from jobs.errors import UsageFault
from jobs.explain import explain
from tests.journeys import worked_example as w
from tests.support.dossiers import ndjson, version
from tests.support.line import Line, at_day

FEED = "01-dossiers"
D8 = w.code(8, "261104")
BINH_AGAIN = {
    "record_id": "BL79P000001",
    "as_of_date": "2026-08-31",
    "NguoiDan": [{"SoDinhDanh": w.BINH, "HoVaTen": "Trần Văn Bính", "NgaySinh": "1975", "GioiTinh": "1"}],
    "CuTru": [],
}


def second_renaming() -> dict[str, Any]:
    person = {
        "SoDinhDanh": w.AN,
        "HoVaTen": "Nguyễn Thị Ấn",
        "HoVaTenCu": "Nguyễn Thị Ân",
        "NgaySinh": "20/10/2026",
        "GioiTinh": "2",
    }
    when = {"finished": "20261104093000", "accepted": "20261104080000", "number": 20}
    return version(D8, 1, "1.004859", form="HT-CC", body={"NguoiDan": [person]}, **when)


@pytest.fixture(scope="module")
def lived(line: Line) -> Line:
    """The worked example with a second renaming, a second province and the steward's correction."""
    line.directory("79", "79")
    (line.inbox("79", "baseline") / "persons.ndjson.gz").write_bytes(ndjson([BINH_AGAIN]))
    line.pull("79-baseline", at_day(0))
    w.baseline(line)
    for day, rows in enumerate((w.S1, w.S2, [*w.S3, second_renaming()]), 1):
        (line.inbox("01") / f"s{day}.ndjson.gz").write_bytes(ndjson(rows))
        line.day(FEED, at_day(day))
    w.corrected(line, at_day(3) + timedelta(minutes=10))
    return line


def attribute(told: Mapping[str, Any], dataset: str, name: str) -> Mapping[str, Any]:
    row = next(row for row in told["golden"] if row["dataset"] == dataset)
    return next(one for one in row["attributes"] if one["name"] == name)


def dispositions(told: Mapping[str, Any]) -> list[list[str]]:
    return [[one["disposition"] for one in row["dispositions"]] for row in told["rows"]]


def printed(told: Mapping[str, Any]) -> str:
    out = io.StringIO()
    command.tell(told, Console(file=out, width=400))
    return out.getvalue()


def test_loaded(lived: Line) -> None:
    told = explain(lived.settings, key=w.E)
    assert told["kind"] == "business"
    [row] = told["rows"]
    assert (row["dossier_code"], row["submission_id"], row["row_no"]) == (w.D4, f"{FEED}.00000001", 6)
    assert row["object_key"] == f"{FEED}/00000001/000001.ndjson.gz"
    assert dispositions(told) == [
        [
            "effective",
        ]
    ]
    name = attribute(told, "businesses", "name")
    assert (name["value"], name["rule"]) == ("CÔNG TY TNHH SÔNG HỒNG", "only")
    assert name["source"]["dossier_code"] == w.D4
    assert [(fact["dataset"], fact["disposition"]) for fact in told["facts"]] == [
        ("businesses", "inserted"),
        ("representatives", "inserted"),
    ]
    assert len(told["databases"]["business.businesses"]) == 1
    assert "CÔNG TY TNHH SÔNG HỒNG" in printed(told)


def test_updated_twice(lived: Line) -> None:
    told = explain(lived.settings, key=w.AN)
    name = attribute(told, "persons", "full_name")
    assert (name["value"], name["rule"], name["source"]["dossier_code"]) == ("Nguyễn Thị Ấn", "correct", D8)
    assert [(one["value"], one["source"]["dossier_code"]) for one in name["lost"]] == [
        ("Nguyễn Thị An", w.D1),
        ("Nguyễn Thị Ân", w.D5),
    ]
    history = told["databases"]["population.persons_history"]
    assert [(row["full_name"], row["recorded_to"] is None) for row in history] == [
        ("Nguyễn Thị An", False),
        ("Nguyễn Thị Ân", False),
        ("Nguyễn Thị Ấn", True),
    ]
    twins = [row for row in told["rows"] if row["same_content_as"]]
    assert {row["same_content_as"] for row in twins} == {f"{FEED}.00000001 object 1 row 1"}
    assert [row["dispositions"][-1]["disposition"] for row in twins] == ["duplicate", "duplicate"]


def test_quarantined_and_replayed(lived: Line) -> None:
    told = explain(lived.settings, key=w.D3)
    first = told["rows"][0]
    steps = [(one["disposition"], [why["code"] for why in one["reasons"]]) for one in first["dispositions"]]
    assert steps == [("quarantined", ["POP-003"]), ("effective", [])]
    assert first["dispositions"][0]["reasons"][0]["vi"] == "Năm sinh trái với số định danh."
    [correction] = told["corrections"]
    assert (correction["sent"], correction["new_text"]) == ("03/04/1981", "03/04/1980")
    death = attribute(told, "persons", "death_date")
    assert (death["value"], death["rule"]) == ("2026-11-01", "change")
    text = printed(told)
    assert "POP-003" in text
    assert "Giấy khai sinh số 12" in text


def test_merged_with_a_duplicate_from_another_province(lived: Line) -> None:
    told = explain(lived.settings, key=w.BINH)
    assert {row["feed_id"] for row in told["rows"]} == {"01-baseline", "79-baseline"}
    [decision] = told["decisions"]
    sides = {decision[side]["feed_id"] for side in ("record", "against")}
    assert (decision["verdict"], sides) == ("merge", {"01-baseline", "79-baseline"})
    birth, name = attribute(told, "persons", "birth_date"), attribute(told, "persons", "full_name")
    assert (birth["value"], birth["rule"], birth["source"]["feed_id"]) == (
        "1975-02-01",
        "precise",
        "01-baseline",
    )
    assert [(one["value"], one["source"]["feed_id"]) for one in birth["lost"]] == [
        ("1975-01-01", "79-baseline")
    ]
    assert (name["value"], name["rule"], name["source"]["feed_id"]) == (
        "Trần Văn Bính",
        "latest",
        "79-baseline",
    )
    assert [one["value"] for one in name["lost"]] == ["Trần Văn Bình"]
    assert attribute(told, "persons", "sex")["rule"] == "agreed"


def test_withdrawn(lived: Line) -> None:
    told = explain(lived.settings, key=w.D2)
    assert dispositions(told) == [["in_process"], ["effective"], ["effective"]]
    assert told["rows"][2]["withdrawn_basis"] == "Quyết định 12/QĐ-UBND"
    own = [fact for fact in told["facts"] if fact["source"]["dossier_code"] == w.D2]
    assert sorted((fact["verb"], fact["disposition"]) for fact in own) == [
        ("begin", "outdated"),
        ("end", "outdated"),
        ("retract", "updated"),
    ]
    moves = next(fact["moves"] for fact in own if fact["verb"] == "begin")
    assert [(move["previous"], move["disposition"]) for move in moves] == [
        (None, "inserted"),
        ("inserted", "outdated"),
    ]
    later = {fact["source"]["dossier_code"]: fact for fact in told["facts"] if fact["disposition"] == "held"}
    assert later[w.D6]["moves"][-1]["reasons"][0]["code"] in ("LND-901", "MRG-906")
    holders = [row for row in told["golden"] if row["dataset"] == "rights" and row["valid_to"] is None]
    assert [row["row_key"] for row in holders] == [f"personal_id:{w.BINH}"]
    assert len(told["databases"]["land.rights_history"]) == 5
    assert len(told["databases"]["land.rights"]) == 1


def test_an_entity_id_names_the_same(lived: Line) -> None:
    known = explain(lived.settings, key=w.BINH)
    entity = known["golden"][0]["entity_id"]
    assert explain(lived.settings, key=entity) == {**known, "key": entity}


def test_an_unknown_key_is_refused(lived: Line, capsys: pytest.CaptureFixture[str]) -> None:
    unknown = "001099999999"
    with pytest.raises(UsageFault, match="Nothing that was received has this key"):
        explain(lived.settings, key=unknown)
    assert main(["explain", unknown], {"LIENTHONG_HOME": str(lived.settings.home)}) == UsageFault.exit_code
    assert unknown not in "".join(capsys.readouterr())


def test_the_command_answers_in_json(lived: Line, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", w.E, "--json"], {"LIENTHONG_HOME": str(lived.settings.home)}) == 0
    assert json.loads(capsys.readouterr().out)["golden"][0]["aggregate_key"] == w.E
