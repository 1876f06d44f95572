"""Where corrections stand: by the mappings that rows are read with, and none stops another."""

from __future__ import annotations

from typing import Any

import pytest

from jobs.conform.placing import changes_of, places, require_place, value_of
from jobs.errors import UsageFault
from jobs.explain.rows import corrected
from jobs.findings.showing import fields
from jobs.landing import correcting
from jobs.ops.corrections import Correction
from schemas import dialect as dialects
from schemas.dialect import Dialect
from schemas.reading import DialectError

CONTENT = "c" * 64


def kept(name: str, now: str, then: str) -> Dialect:
    """A mapping as a batch kept it, from before a key of it was renamed."""
    stated = dialects.load(name).texts[name]
    assert now in stated
    return dialects.of_texts(name, {name: stated.replace(now, then)})


def correction(path: str, text: str = "x") -> Correction:
    return Correction(1, CONTENT, path, text)


def test_a_correction_stands_where_the_kept_mapping_has_its_field() -> None:
    then = kept("dvcqg", '"MaHoSo"', '"Cu"')
    found = places([correction("dvcqg:dossier_code", "A")], [then])
    assert found == {"dvcqg": {CONTENT: [(["Cu"], "A")]}}


def test_one_of_another_or_a_removed_dialect_concerns_no_row() -> None:
    every = [correction("gone:status"), correction("lgsp_en:status"), correction("dvcqg:status", "9")]
    found = places(every, [dialects.load("dvcqg")])
    assert [*found] == ["dvcqg"]
    assert [text for _, text in found["dvcqg"][CONTENT]] == ["9"]


@pytest.mark.parametrize(
    "path",
    [
        *("colour", "", "status.x", "persons[0].colour", "boats[0].full_name", "persons[].full_name"),
        *("persons[-1].full_name", "persons[0.full_name", "persons]0[.full_name", "persons[0][1].full_name"),
        *("persons[ 1_0 ].full_name", "persons[\u0663].full_name", "persons[99999].full_name"),
    ],
)
def test_one_without_a_place_stops_no_other(path: str) -> None:
    every = [correction(f"dvcqg:{path}"), correction("dvcqg:persons[1].full_name", "An")]
    place = ["form", "body", "NguoiDan", 1, "HoVaTen"]
    assert places(every, [dialects.load("dvcqg")]) == {"dvcqg": {CONTENT: [(place, "An")]}}
    with pytest.raises(UsageFault, match="is no place of a value"):
        require_place(f"dvcqg:{path}", "x")


def test_it_is_told_of_where_corrections_are_told() -> None:
    made = {"content_digest": CONTENT, "path": "dvcqg:colour", "correction_id": 1, "new_text": "x"}
    raw = {"content_digest": CONTENT, "raw": '{"form": {}}'}
    (told,) = corrected([made], [raw])
    assert (told["sent"], told["fault"]) == (None, "dvcqg: no header field colour.")
    (told,) = corrected([{**made, "path": "gone:status"}], [raw])
    assert told["fault"].startswith("dialect 'gone': gone.toml does not exist.")
    (told,) = corrected([{**made, "path": "dvcqg:status"}], [raw])
    assert (told["sent"], told["fault"]) == (None, None)


def test_a_shown_row_tells_of_corrections_without_a_place() -> None:
    changed = {"dvcqg:colour": "red", "gone:status": "9", "dvcqg:persons[7].full_name": "An"}
    record: Any = {"form": {"body": {"NguoiDan": [{"HoVaTen": "Bình"}]}}}
    told = {one["path"]: one for one in fields(dialects.load("dvcqg"), record, changed)}
    assert told["dvcqg:persons[0].full_name"] == {"path": "dvcqg:persons[0].full_name", "value": "Bình"}
    assert told["dvcqg:persons[7].full_name"]["corrected_to"] == "An"
    assert told["dvcqg:colour"]["fault"] == "dvcqg: no header field colour."
    assert told["gone:status"]["fault"] == "the row is in the dialect dvcqg."


def test_a_list_of_which_the_first_item_counts() -> None:
    place = ["DinhDanhCHS", 0, "SoDinhDanh"]
    assert changes_of(dialects.load("dvcqg"), "applicant_id", "1") == [(place, "1")]
    with pytest.raises(DialectError, match="no field persons"):
        changes_of(dialects.load("dvcqg"), "persons[0].", "x")


EPAR = [["C_REJECTED"], ["C_CLEAR_DATE"], ["C_PAUSE_DATE"], ["C_NEXT_TASK_CODE"]]
READY = {"C_REJECTED": "0", "C_CLEAR_DATE": "", "C_NEXT_TASK_CODE": "XA::THU_LY"}
LATE = {"extendDate": "2026-12-01 08:00:00", "dueDate": "2026-11-05 08:00:00"}


@pytest.mark.parametrize(
    ("name", "record", "field", "text", "left"),
    [
        ("epar", READY, "status", "1", {**READY, "C_REJECTED": "1"}),
        ("epar", READY, "status", "0", READY),
        ("epar", READY, "status", "XA::TRA_KET_QUA",
         {"C_REJECTED": None, "C_CLEAR_DATE": None, "C_NEXT_TASK_CODE": "XA::TRA_KET_QUA"}),
        ("epar", READY, "status", None, dict.fromkeys(READY)),
        ("opencps", LATE, "due_at", None, dict.fromkeys(LATE)),
        ("opencps", LATE, "due_at", "2026-12-09 08:00:00", {**LATE, "extendDate": "2026-12-09 08:00:00"}),
        ("opencps", {"viaPostal": "2"}, "channel", " true", {"viaPostal": None, "online_": " true"}),
        ("hoso2025", {"NGUOIDUNGTENHOSO": {"MaSoThue": "1"}}, "applicant_id", None,
         {"NGUOIDUNGTENHOSO": {"MaSoThue": None}}),
    ],
)  # fmt: skip
def test_a_field_of_several_places_has_what_was_stated(
    name: str, record: dict[str, Any], field: str, text: str | None, left: dict[str, Any]
) -> None:
    dialect = dialects.load(name)
    found = correcting.corrected(record, changes_of(dialect, field, text))
    assert found == left
    assert value_of(dialect, field, found) == (READY["C_NEXT_TASK_CODE"] if text == "0" else text)


@pytest.mark.parametrize("text", ["9", "TRA_KET_QUA", "XA::KHAC", "2026-11-03 09:00:00", "*", ""])
def test_a_text_that_none_of_several_places_is_for(text: str) -> None:
    with pytest.raises(UsageFault, match=r"It reads at C_REJECTED 1, 0; .* at C_NEXT_TASK_CODE TIEP_NHAN, "):
        require_place("epar:status", text)
    assert places([correction("epar:status", text)], [dialects.load("epar")]) == {}
    made = {"content_digest": CONTENT, "path": "epar:status", "correction_id": 1, "new_text": text}
    (told,) = corrected([made], [{"content_digest": CONTENT, "raw": '{"C_NEXT_TASK_CODE": "XA::THU_LY"}'}])
    assert told["sent"] == "XA::THU_LY"
    assert "no place of status reads that text" in told["fault"]


def test_the_value_in_force_is_that_of_the_first_place_that_has_one() -> None:
    told = {one["path"]: one["value"] for one in fields(dialects.load("epar"), READY, {})}
    assert told["epar:status"] == "XA::THU_LY"
    told = {one["path"]: one["value"] for one in fields(dialects.load("epar"), {"C_REJECTED": "7"}, {})}
    assert told["epar:status"] == "7", "a code of no list stands as a fault"
    told = {one["path"]: one["value"] for one in fields(dialects.load("epar"), {"C_REJECTED": "0"}, {})}
    assert told["epar:status"] == "0"
    told = {one["path"]: one["value"] for one in fields(dialects.load("opencps"), LATE, {})}
    assert told["opencps:due_at"] == LATE["extendDate"]


def test_an_item_beyond_the_next_one_has_no_place() -> None:
    record: Any = {"form": {"body": {"NguoiDan": [{"HoVaTen": "Bình"}]}}}
    changed = {f"dvcqg:persons[{place}].full_name": "An" for place in (1, 2)}
    told = {one["path"]: one for one in fields(dialects.load("dvcqg"), record, changed)}
    assert "fault" not in told["dvcqg:persons[1].full_name"]
    assert "no such item" in told["dvcqg:persons[2].full_name"]["fault"]
