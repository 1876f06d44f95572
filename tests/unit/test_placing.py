"""Where corrections stand: by the mappings that rows are read with, and none stops another."""

from __future__ import annotations

from typing import Any

import pytest

from jobs.conform.placing import check_path, places, raw_path
from jobs.errors import UsageFault
from jobs.explain.rows import corrected
from jobs.findings.showing import fields
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
    "path", ["colour", "persons[0].colour", "boats[0].full_name", "persons[-1].full_name"]
)
def test_one_without_a_place_stops_no_other(path: str) -> None:
    every = [correction(f"dvcqg:{path}"), correction("dvcqg:persons[1].full_name", "An")]
    place = ["form", "body", "NguoiDan", 1, "HoVaTen"]
    assert places(every, [dialects.load("dvcqg")]) == {"dvcqg": {CONTENT: [(place, "An")]}}
    with pytest.raises(UsageFault, match="is no place of a value"):
        check_path(f"dvcqg:{path}")


def test_it_is_told_of_where_corrections_are_told() -> None:
    made = {"content_digest": CONTENT, "path": "dvcqg:colour", "correction_id": 1}
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
    assert raw_path(dialects.load("dvcqg"), "applicant_id") == ["DinhDanhCHS", 0, "SoDinhDanh"]
    with pytest.raises(DialectError, match="no field persons"):
        raw_path(dialects.load("dvcqg"), "persons[0].")
