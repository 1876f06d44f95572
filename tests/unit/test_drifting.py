"""Drifts over submissions, batches and verdicts: what is compared with what, and when one begins and ends."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from jobs.cli.letter import letter_of
from jobs.conform.drifting import accepted, drifts, lasting
from jobs.findings.drifts import remedy, words
from jobs.ops.batches import Batch
from schemas import dialect as dialects

AT = datetime(2026, 11, 2, 16, 30, tzinfo=UTC)
SPOKEN = {"lgsp_en": dialects.load("lgsp_en")}
FEED = "14-dossiers"


def name(day: int) -> str:
    return f"{FEED}.{day:08d}"


def profile(day: int, *fields: str, rows: int = 50) -> dict[str, Any]:
    """Of a day's submission, in which every record has some fields."""
    shape = {"rows": rows, "paths": {f"{field}:text": rows for field in fields}, "codes": {}}
    return {
        "submission_id": name(day),
        "dataset": "dossiers",
        "feed_id": FEED,
        "sequence": day,
        "counts": {"status:9": rows, "disposition:effective": rows, "procedure:1.001193": rows},
        "reasons": {},
        "fields": {"lgsp_en": shape},
    }


class Course:
    """Batches one after the other, each with one submission, judged by the drifts alone."""

    def __init__(self) -> None:
        self.conforms: list[Batch] = []

    def conform(self, one: dict[str, Any], **plan: Any) -> list[tuple[str, str, str]]:
        number = len(self.conforms) + 1
        at = AT + timedelta(days=number)
        whole = {"submissions": [one["submission_id"]], **plan}
        batch = Batch(number, "conform", None, at, at, "planned", whole, None)
        found = drifts([one], self.conforms, batch, SPOKEN)
        is_refused = "refuse" in {entry["level"] for entry in found}
        verdict = {
            "submission_id": one["submission_id"],
            "verdict": "refused" if is_refused else "accepted",
            "failed": [],
        }
        result = {"profiles": [one], "gate": [verdict], "drift": found}
        self.conforms.append(Batch(number, "conform", None, at, at, "committed", whole, result))
        return [(entry["kind"], entry["path"], entry["level"]) for entry in found]

    def lasting(self, *retracted: str) -> list[tuple[Any, ...]]:
        received = {name(day): f"day {day}" for day in range(1, 9)}
        names = ("kind", "path", "first_seen", "last_seen", "ended", "share")
        return [tuple(one[n] for n in names) for one in lasting(self.conforms, received, retracted)]


USUAL = ("docCode", "docTypeCode", "status", "phone", "citizenName")


def test_what_was_refused_is_no_past_so_the_next_is_held_too() -> None:
    course = Course()
    assert course.conform(profile(1, *USUAL)) == []
    lost = [("missing", "phone", "refuse")]
    without = tuple(one for one in USUAL if one != "phone")
    assert [course.conform(profile(day, *without)) for day in (2, 3)] == [lost, lost]
    assert len(accepted(course.conforms, FEED, "lgsp_en")) == 1
    assert course.conform(profile(4, *USUAL)) == []
    assert course.lasting() == [("missing", "phone", "day 2", "day 3", "day 4", 1.0)]


def test_the_policy_is_that_of_the_plan() -> None:
    course = Course()
    course.conform(profile(1, *USUAL))
    plan = {"drift": {FEED: {"missing:phone": "accept"}}}
    without = tuple(one for one in USUAL if one != "phone")
    assert course.conform(profile(2, *without), **plan) == [("missing", "phone", "accept")]
    assert course.conform(profile(3, *without), **plan) == [("missing", "phone", "accept")]
    assert course.lasting() == [("missing", "phone", "day 2", "day 3", None, 1.0)]


def test_a_new_field_lasts_and_ends_with_the_submission_that_has_it_no_more() -> None:
    course = Course()
    for day, more in ((1, ()), (2, ("extra",)), (3, ("extra",)), (4, ())):
        course.conform(profile(day, *USUAL, *more))
    assert course.lasting() == [("added", "extra", "day 2", "day 3", "day 4", 1.0)]
    course.conform(profile(5, *USUAL, "extra"))
    assert [one[2] for one in course.lasting()] == ["day 2"]


def test_a_submission_that_is_conformed_again_is_told_as_it_is_now() -> None:
    course = Course()
    course.conform(profile(1, *USUAL))
    course.conform(profile(2, *USUAL, "extra"))
    course.conform(profile(2, *USUAL))
    assert course.lasting() == []


def test_a_retracted_submission_shows_nothing() -> None:
    course = Course()
    course.conform(profile(1, *USUAL))
    course.conform(profile(2, *USUAL, "extra"))
    assert course.lasting(name(2)) == []
    assert course.conform(profile(3, *USUAL), retracted=[name(2)]) == []


def test_profiles_from_before_fields_were_counted_are_no_past() -> None:
    course = Course()
    old = profile(1, *USUAL)
    del old["fields"], old["reasons"]
    assert course.conform(old) == []
    assert course.conform(profile(2, *USUAL, "extra")) == []


def test_each_kind_has_words_with_the_line_and_a_remedy() -> None:
    one = {"dialect": "lgsp_en", "path": "docCode", "was": "text", "rows": 30, "of": 40, "like": "name 1.00"}
    told = {
        kind: words({**one, "kind": kind, "now": now}) + " " + remedy({**one, "kind": kind, "now": now})
        for kind, now in {
            "added": "text",
            "renamed": "documentCode",
            "retyped": "object",
            "missing": None,
            "code": "77",
        }.items()
    }
    assert all("lgsp_en.toml" in text for kind, text in told.items() if kind != "missing")
    assert "read by lgsp_en.toml, line" in told["missing"]
    assert "docCode seems to be documentCode now (name 1.00)" in told["renamed"]
    assert '"missing:docCode" = "accept"' in told["missing"]


def test_a_letter_begins_with_its_conclusion_and_advice() -> None:
    letter = {
        "conclusion": "14-dossiers cannot be asked.",
        "province": "Tỉnh",
        "kind": "rest",
        "dialect": "lgsp_en",
        "advice": ["token: refused. renew it."],
        "steps": [{"step": "token", "ok": False, "told": "refused", "remedy": "renew it.", "is_vital": True}],
        "newest_seen": AT,
        "newest_landed": None,
        "last_success_at": None,
        "lag_hours": 7.5,
        "drift": [],
        "unmapped": ["extra"],
        "quarantined": [{"code": "DOS-001", "rows": 3, "en": "Finished before it was accepted."}],
    }
    lines = letter_of(letter)
    assert lines[:2] == [
        "14-dossiers cannot be asked.  (Tỉnh; rest, dialect lgsp_en)",
        "  1. token: refused. renew it.",
    ]
    assert "    FAIL token       refused" in lines
    assert lines[-1] == "         3 DOS-001  Finished before it was accepted."
