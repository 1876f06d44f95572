"""What a feed sends now against what its mapping reads and what it sent before."""

from __future__ import annotations

from typing import Any

import pytest

from jobs.sources.drift import DEFAULTS, Drift, found, level
from schemas import dialect as dialects
from schemas import types as t
from schemas.core.dossiers import Dossiers
from schemas.later import COMES_WITH

LGSP = dialects.load("lgsp_en")
FIELDS = {
    "docCode": "text",
    "docTypeCode": "text",
    "status": "number",
    "dateReceived": "text",
    "citizenName": "text",
    "applicantsId": "text",
    "phone": "text",
    "eForm": "object",
    "eForm.people": "list",
    "eForm.people[]": "object",
    "eForm.people[].citizenId": "text",
    "eForm.people[].dateOfBirth": "text",
}


def shape(rows: int = 100, *, but: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    """A shape in which every record has every field but some; ``more`` has other counts by path and type."""
    paths = {f"{path}:{kind}": rows for path, kind in FIELDS.items() if path not in but}
    parts = {name: more.pop(name, {}) for name in ("codes", "unread", "states")}
    return {"rows": rows, "paths": paths | more.pop("paths", {}), **parts}


def drifts(mine: dict[str, Any], past: list[dict[str, Any]] | None = None, *still: Drift) -> list[Drift]:
    return found(LGSP, mine, [shape()] if past is None else past, [one.told() for one in still])


def told(mine: dict[str, Any], *still: Drift) -> list[tuple[str, str, str | None, bool]]:
    return [(one.kind, one.path, one.now, one.is_read) for one in drifts(mine, None, *still)]


def test_the_same_is_no_drift() -> None:
    assert told(shape(40)) == []


def test_a_first_submission_is_compared_with_the_mapping_alone() -> None:
    assert drifts(shape(but=("phone",)), []) == []
    (one,) = drifts(shape(but=("docCode",)), [])
    assert (one.kind, one.path, one.field) == ("missing", "docCode", "dossier_code")


def test_a_field_that_is_in_no_record_is_missing() -> None:
    (one,) = drifts(shape(but=("applicantsId",)))
    assert (one.kind, one.path, one.was, one.now) == ("missing", "applicantsId", "text", None)
    assert one.field == "applicant_id, applicant_id_kind"
    assert (one.rows, one.of, one.is_read) == (100, 100, False)


def test_a_field_that_is_empty_in_every_record_is_missing_too() -> None:
    (one,) = drifts(shape(but=("phone",), paths={"phone:empty": 100}))
    assert (one.kind, one.now) == ("missing", "empty")


@pytest.mark.parametrize(
    ("mine", "past"),
    [
        pytest.param(shape(19, but=("phone",)), [shape()], id="too few records"),
        pytest.param(
            shape(100, but=("phone",)),
            [shape(but=("phone",), paths={"phone:text": 10})],
            id="a field that few had before",
        ),
        pytest.param(
            shape(100, but=("eForm.people", "eForm.people[]", "eForm.people[].citizenId"), paths={}),
            [
                shape(
                    1000,
                    but=("eForm.people", "eForm.people[]"),
                    paths={"eForm.people:list": 100, "eForm.people[]:object": 100},
                )
            ],
            id="fields of a form that nobody filed",
        ),
    ],
)
def test_what_chance_may_leave_out_is_not_missing(mine: dict[str, Any], past: list[dict[str, Any]]) -> None:
    assert [one for one in drifts(mine, past) if one.kind == "missing"] == []


def test_a_group_that_nobody_filed_holds_nothing_up() -> None:
    gone = ("eForm.people", "eForm.people[]", "eForm.people[].citizenId", "eForm.people[].dateOfBirth")
    assert told(shape(but=gone)) == [("missing", "eForm.people", None, True)]


def test_a_new_field_is_added_once_with_all_that_is_in_it() -> None:
    new = {"extra:object": 90, "extra.one:text": 90, "extra.list:list": 50, "extra.list[]:object": 50}
    assert told(shape(paths=new)) == [("added", "extra", "object", True)]
    assert told(shape(paths={"rare:text": 19})) == []


def test_a_lost_and_a_new_field_that_are_alike_are_one_renamed() -> None:
    (one,) = drifts(shape(but=("docCode",), paths={"documentCode:text": 100}))
    assert (one.kind, one.path, one.now, one.is_read) == ("renamed", "docCode", "documentCode", False)
    assert "text in 100% of the records before" in one.like
    assert one.like.startswith("name 1.00; ")


def test_in_a_form_too() -> None:
    new = {"eForm.people[].citizenNumber:text": 100}
    (one,) = drifts(shape(but=("eForm.people[].citizenId",), paths=new))
    assert (one.kind, one.path, one.now) == (
        "renamed",
        "eForm.people[].citizenId",
        "eForm.people[].citizenNumber",
    )


def test_what_is_not_alike_is_lost_and_new() -> None:
    mine = shape(but=("docCode",), paths={"weather:number": 30})
    assert [(one.kind, one.path) for one in drifts(mine)] == [("added", "weather"), ("missing", "docCode")]


def test_another_type_is_retyped() -> None:
    assert told(shape(but=("status",), paths={"status:text": 100})) == [("retyped", "status", "text", True)]
    assert told(shape(but=("phone",), paths={"phone:list": 100})) == [("retyped", "phone", "list", False)]
    unread = {"dossiers.status:parse": 60}
    mine = shape(but=("status",), paths={"status:text": 100}, unread=unread)
    assert told(mine) == [("retyped", "status", "text", False)]


def test_values_that_can_no_longer_be_read_are_retyped() -> None:
    mine = shape(unread={"dossiers.accepted_at:parse": 60})
    assert told(mine) == [("retyped", "dateReceived", "unreadable", False)]
    assert drifts(mine, [shape(unread={"dossiers.accepted_at:parse": 30})]) == []


def test_a_field_of_mixed_types_is_not_retyped() -> None:
    mixed = shape(but=("status",), paths={"status:text": 40, "status:number": 60})
    assert drifts(shape(), [mixed]) == []


def test_a_field_with_another_place_is_still_read() -> None:
    past = shape(paths={"returnedDate:text": 100}, states={"10": 100})
    (one,) = drifts(shape(paths={"finishedDate:text": 100}, states={"10": 100}), [past])
    assert (one.kind, one.path, one.is_read) == ("missing", "returnedDate", True)


def test_what_comes_with_a_status_is_expected_of_dossiers_that_have_it() -> None:
    past = shape(paths={"successDate:text": 80}, states={"4": 20, "9": 50, "10": 30})
    assert drifts(shape(states={"2": 90, "9": 10}), [past]) == []
    (one,) = drifts(shape(states={"4": 70, "10": 30}), [past])
    assert (one.kind, one.path, one.rows, one.is_read) == ("missing", "successDate", 30, False)


@pytest.mark.parametrize("name", sorted(COMES_WITH))
def test_what_comes_later_is_not_missing_of_a_morning(name: str) -> None:
    """The day before nearly every dossier had it: of solved ones, of a campaign of corrections."""
    paths = [one.path for one in LGSP.header.get(name, ()) if one.path not in FIELDS]
    past = shape(paths={f"{path}:text": 90 for path in paths}, states={"3": 30, "9": 30, "10": 40})
    assert drifts(shape(states={"2": 100}), [past]) == []


def test_every_instant_and_basis_that_a_new_dossier_lacks_comes_later() -> None:
    first = {"updated_at", "received_at", "submitted_at", "accepted_at", "due_at"}
    told = {one.name for one in Dossiers.fields if one.domain is t.Instant or one.name.endswith("_basis")}
    assert told - first <= COMES_WITH.keys() <= {one.name for one in Dossiers.fields}


def test_what_some_items_of_a_form_have_may_be_a_matter_of_procedures() -> None:
    past = shape(paths={"eForm.people[].dateOfDeath:text": 40})
    (one,) = drifts(shape(), [past])
    assert (one.kind, one.path, one.is_read) == ("missing", "eForm.people[].dateOfDeath", True)
    new = {"eForm.people[].deathDate:text": 40}
    (renamed,) = drifts(shape(paths=new), [past])
    assert (renamed.kind, renamed.now, renamed.is_read) == ("renamed", "eForm.people[].deathDate", False)


def test_a_code_list_grows() -> None:
    assert told(shape(codes={"status=11": 6, "status=?": 3})) == [("code", "status", "11", True)]


def test_a_drift_lasts_until_something_contradicts_it() -> None:
    (lost,) = drifts(shape(but=("phone",)))
    assert told(shape(3, but=("phone",)), lost) == [("missing", "phone", None, False)]
    assert told(shape(3), lost) == []
    (new,) = drifts(shape(paths={"extra:text": 100}))
    assert told(shape(3), new) == [("added", "extra", "text", True)]
    assert told(shape(100), new) == []
    (code,) = drifts(shape(codes={"status=11": 30}))
    assert told(shape(10), code) == [("code", "status", "11", True)]
    assert told(shape(10, codes={"status=11": 5}), code) == [("code", "status", "11", True)]
    assert told(shape(100), code) == []
    (other,) = drifts(shape(but=("status",), paths={"status:text": 100}))
    assert told(shape(3, but=("status",), paths={"status:text": 3}), other) == [
        ("retyped", "status", "text", True)
    ]
    assert told(shape(3), other) == []
    (renamed,) = drifts(shape(but=("docCode",), paths={"documentCode:text": 100}))
    again = drifts(shape(3, but=("docCode",), paths={"documentCode:text": 3}), None, renamed)
    assert [(one.kind, one.path, one.now, one.like) for one in again] == [
        ("renamed", "docCode", "documentCode", renamed.like)
    ]
    assert told(shape(3), renamed) == []


def test_an_accepted_new_field_lasts_while_it_is_sent_and_not_mapped() -> None:
    (new,) = drifts(shape(paths={"extra:text": 100}))
    again = drifts(shape(paths={"extra:text": 100}), [shape(paths={"extra:text": 100})], new)
    assert [one.path for one in again] == ["extra"]
    (odd,) = [Drift("added", "phone", None, None, "text", 100, 100, is_read=True)]
    assert told(shape(), odd) == []


def test_the_policy_is_by_kind_or_by_path_and_never_holds_up_what_is_read() -> None:
    lost = Drift("missing", "phone", "applicant_phone", "text", None, 9, 9, is_read=False)
    kept = Drift("missing", "returnedDate", "returned_at", "text", None, 9, 9, is_read=True)
    new = Drift("added", "extra", None, None, "text", 9, 9, is_read=True)
    assert [level({}, one) for one in (lost, kept, new)] == ["refuse", "warn", "accept"]
    assert level({"missing": "warn"}, lost) == "warn"
    assert level({"missing:phone": "accept"}, lost) == "accept"
    assert level({"added": "refuse"}, new) == "refuse"
    assert {*DEFAULTS} == {"added", "renamed", "retyped", "missing", "code"}
