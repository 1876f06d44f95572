"""Feedback to provinces: their own faults, with words and trend; the same findings give the same bytes."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from typing import Any

import pytest

from jobs import objects
from jobs.errors import UsageFault
from jobs.findings import feedback, listing, replay, showing
from jobs.findings.standing import Wanted
from tests.journeys import worked_example as w
from tests.support.dossiers import ndjson, version
from tests.support.line import Line, at_day

FORMULA = "=HYPERLINK(1)"
FOREIGN = "H50.01.02-261102-0009"


@pytest.fixture(scope="module")
def told(line: Line) -> Line:
    """Two provinces: day 1 of the worked example in one, one row with a formula in the other."""
    line.directory("01")
    line.directory("79", "79")
    (line.inbox("01") / "s1.ndjson.gz").write_bytes(ndjson(w.S1))
    # The seller of D6 holds nothing: the parcel is not known.
    (line.inbox("01") / "s2.ndjson.gz").write_bytes(ndjson([w.S2[3]]))
    foreign = [version(FOREIGN, 1, "2.000815", status="77"), version(FORMULA, 1, "2.000815")]
    (line.inbox("79") / "s1.ndjson.gz").write_bytes(ndjson(foreign))
    line.pull("79-dossiers", at_day(2))
    line.day("01-dossiers", at_day(2))
    return line


def read(line: Line, key: str) -> bytes:
    return objects.get(objects.client(line.settings), line.settings.landing_bucket, key)


def written(line: Line, day: int = 2) -> dict[str, tuple[dict[str, Any], bytes]]:
    """Feedback by province: the document and the sheet."""
    files = feedback.feedback(line.settings, at=at_day(day))
    keys = {one["key"] for one in files}
    return {
        one["province"]: (
            json.loads(read(line, one["key"])),
            read(line, one["key"].replace(".json", ".csv")),
        )
        for one in files
        if one["key"].endswith(".json") and one["key"].replace(".json", ".csv") in keys
    }


def test_each_province_hears_of_its_own_rows(told: Line) -> None:
    found = written(told)
    assert found.keys() == {"01", "79"}
    mine, theirs = found["01"][0], found["79"][0]
    told_of = {(one["effect"], one["dossier_code"], tuple(one["codes"])) for one in mine["findings"]}
    assert {effect for effect, _, _ in told_of} == {"quarantine", "hold"}
    assert ("quarantine", w.D3, ("POP-003",)) in told_of
    assert ("quarantine", None, ("DOS-901",)) in told_of
    assert any(effect == "hold" and code == w.D6 for effect, code, _ in told_of)
    assert FOREIGN not in json.dumps(mine)
    assert w.D3 not in json.dumps(theirs)
    assert theirs["findings"][0]["dossier_code"] == FOREIGN


def test_counts_have_words_and_no_trend_at_first(told: Line) -> None:
    counts = {one["code"]: one for one in written(told)["01"][0]["counts"]}
    assert counts["POP-003"]["findings"] == 1
    assert counts["POP-003"]["change"] is None
    assert counts["POP-003"]["en"] == "The birth year contradicts the id."
    assert counts["POP-003"]["vi"]


def test_the_sheet_opens_in_a_spreadsheet_and_runs_nothing(told: Line) -> None:
    data = written(told)["79"][1]
    assert data.startswith(b"\xef\xbb\xbf")
    lines = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
    assert {line["dossier_code"] for line in lines} == {FOREIGN, f"'{FORMULA}"}
    assert all(line["message_vi"] and line["message_en"] for line in lines)


def test_the_same_findings_give_the_same_bytes(told: Line) -> None:
    assert feedback.feedback(told.settings, at=at_day(2)) == feedback.feedback(told.settings, at=at_day(2))


def test_the_trend_is_against_an_earlier_day(told: Line) -> None:
    written(told)
    reference = f"01-dossiers.00000001/{_object_of(told)}/4"
    path = "dvcqg:persons[0].birth_date"
    shown = showing.shown(told.settings, reference=reference)
    assert {one["path"]: one["value"] for one in shown["fields"]}[path] == "03/04/1981"
    named = {"reference": reference, "path": path, "text": "03/04/1980"}
    assert showing.content_to_correct(told.settings, **named) == shown["content_digest"]
    with pytest.raises(UsageFault, match="the record has no such item"):
        showing.content_to_correct(told.settings, **{**named, "path": "dvcqg:persons[7].birth_date"})
    at = at_day(3) + timedelta(minutes=1)
    replay.correct(
        told.settings,
        content_digest=shown["content_digest"],
        path=path,
        new_text="03/04/1980",
        reason="Sai năm sinh",
        basis="Giấy khai sinh số 12",
        by="steward",
        at=at,
    )
    replay.replay(told.settings, at=at, submission_ids=["01-dossiers.00000001"])
    told.merge(at)
    later = written(told, 3)["01"][0]
    counts = {one["code"]: one for one in later["counts"]}
    assert later["previous_date"] == "2026-11-03"
    assert (counts["POP-003"]["findings"], counts["POP-003"]["change"]) == (0, -1)
    assert (counts["DOS-901"]["findings"], counts["DOS-901"]["change"]) == (1, 0)
    changed = showing.shown(told.settings, reference=reference)
    assert {one["path"]: one.get("corrected_to") for one in changed["fields"]}[path] == "03/04/1980"


def _object_of(line: Line) -> int:
    """Number of the object with the four-row file: the order of a folder's files is the source's."""
    listed = listing.listed(line.settings, Wanted(code="DOS-901"), limit=1)
    return int(listed["findings"][0]["reference"].split("/")[1])


def test_the_list_shows_no_personal_value(told: Line) -> None:
    answer = json.dumps(listing.listed(told.settings, Wanted(), limit=100), ensure_ascii=False)
    for value in (w.DUNG, w.D6, "Dũng", FOREIGN, FORMULA):
        assert value not in answer


def test_a_held_fact_is_listed_and_shown_like_a_row(told: Line) -> None:
    answer = listing.listed(told.settings, Wanted(effect="hold", register="land"), limit=10)
    assert answer["total"] == 2
    shown = showing.shown(told.settings, reference=answer["findings"][0]["reference"])
    assert shown["dossier_code"] == w.D6
    assert json.loads(shown["raw"])["MaHoSo"] == w.D6
    assert shown["findings"][0]["codes"][0]["vi"]
