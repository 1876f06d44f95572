"""Persons confirmed by the population database: asked, named otherwise, asked again, retracted, rebuilt."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from jobs import extract, objects, ops
from jobs.cli.rebuild import start
from jobs.errors import Refused
from jobs.explain import explain
from jobs.extract import unconfirmed
from jobs.findings import listing, retraction
from jobs.findings.standing import Wanted
from jobs.landing.rows import rows_of
from jobs.ledger.verify import verify
from jobs.ops import submissions
from jobs.rebuild import rebuild
from jobs.rebuild.digests import differences, digests
from jobs.settings import Settings, load_settings
from jobs.sources import model
from jobs.status import status
from schemas.layout import USUAL
from tests.support.dossiers import ndjson, version
from tests.support.line import Line, at_day, empty
from tests.support.sandbox import Nation, nation

FEED = "national-population"
LIMIT, PAGE = 30, 10
WHY = {"reason": "Gửi nhầm", "by": "steward"}
VALUES = "select personal_id, full_name, birth_date, birth_precision, sex from persons order by 1, 2, 3"
ANSWERED = "select count(confirmed_at), count(not_confirmed_at) from persons"


class Killed(Exception):
    """Stands for a kill."""


@dataclass(slots=True)
class Story:
    """A nation whose baseline is loaded, and the instants of what follows."""

    nation: Nation
    minutes: int = 0
    named: list[str] = field(default_factory=list)

    @property
    def line(self) -> Line:
        return self.nation.line

    @property
    def settings(self) -> Settings:
        return self.nation.line.settings

    def now(self) -> datetime:
        """A minute later."""
        self.minutes += 1
        return at_day(1) + timedelta(minutes=self.minutes)

    def ask(self) -> dict[str, Any]:
        return self.line.pull(FEED, self.now())

    def serve(self) -> None:
        at = self.now()
        self.line.conform(at)
        self.line.merge(at)

    def person(self, key: str) -> tuple[Any, ...]:
        statement = "select full_name, confirmed_at, not_confirmed_at from persons where personal_id = :id"
        ((name, confirmed, denied),) = self.line.query("population", statement, id=key)
        return name, confirmed is not None, denied is not None

    def asked(self) -> list[dict[str, Any]]:
        """Every answer that is landed, in order."""
        store, found = objects.client(self.settings), []
        for one in submissions.listed(ops.engine(self.settings)):
            if one.feed_id == FEED and one.manifest:
                for entry in one.manifest["objects"]:
                    data = objects.get(store, self.settings.landing_bucket, entry["key"])
                    found += [json.loads(row.raw) for row in rows_of(data, entry["format"], USUAL)]
        return found


@pytest.fixture(scope="module")
def story(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    line = empty(settings, tmp_path_factory.mktemp("sources"))
    with nation(line, tmp_path_factory.mktemp("nation"), scale=0.01, seed="7") as made:
        folder = Path(made.line.folder)
        stated = (Path(model.__file__).parents[2] / "infra/sources/national.toml").read_text()
        limits = stated.replace("limit = 200", f"limit = {LIMIT}").replace(
            "page_size = 50", f"page_size = {PAGE}"
        )
        (folder / "national.toml").write_text(limits)
        made.advance(1)
        made.pull(1, "baseline")
        made.serve(1)
        yield Story(made)


def test_nobody_is_due_twice_while_answers_wait(story: Story) -> None:
    feed, settings = model.one(story.settings, FEED), story.settings
    before = story.line.query("population", VALUES)

    def killed_after_two(state: dict[str, Any]) -> None:
        if len(state["objects"]) == 2:
            raise Killed

    with pytest.raises(Killed):
        extract.pull(settings, feed_id=FEED, at=story.now(), progress=killed_after_two)
    receipt = story.ask()
    assert (receipt["state"], receipt["rows"], receipt["objects"]) == ("sealed", LIMIT, LIMIT // PAGE)
    told = story.asked()
    assert len({one["request_id"] for one in told}) == len(told) == LIMIT
    assert unconfirmed.questions(settings, feed, story.now(), "", LIMIT) == ()
    assert story.ask()["state"] == "nothing new"
    story.serve()
    assert len(unconfirmed.questions(settings, feed, story.now(), "", LIMIT)) == LIMIT
    assert story.line.query("population", VALUES) == before
    outcomes = Counter(one["outcome"] for one in told)
    assert story.line.query("population", ANSWERED) == [
        (outcomes["confirmed"], LIMIT - outcomes["confirmed"])
    ]
    assert outcomes["confirmed"] > LIMIT // 2


def test_status_counts_them_by_province(story: Story) -> None:
    told = status(story.settings, at=story.now())["confirmations"]
    total = Counter[str]()
    for one in told.values():
        total.update(one)
    assert total["confirmed"] + total["not_confirmed"] == LIMIT
    assert total["due"] <= total["persons"] - LIMIT
    assert {name for name, one in told.items() if one["confirmed"]} <= {
        "-",
        *map("{:02d}".format, range(100)),
    }


def test_a_changed_name_is_asked_about_again(story: Story) -> None:
    key = next(one["person"]["personal_id"] for one in story.asked() if one["outcome"] == "confirmed")
    name = story.person(key)[0]
    story.named = [key, name, f"{name} Khác"]
    story.line.directory("98")
    body = {"NguoiDan": [{"SoDinhDanh": key, "HoVaTen": story.named[2], "HoVaTenCu": name}]}
    row = version("H26.01.02-261102-0001", 1, "1.004859", form="HT-CC", body=body, finished="20261102090000")
    (story.line.inbox("98") / "s1.ndjson.gz").write_bytes(ndjson([row]))
    assert story.person(key) == (name, True, False)
    story.line.day("98-dossiers", story.now())
    assert story.person(key) == (story.named[2], False, False)
    assert story.ask()["state"] == "sealed"
    story.serve()
    asked = [one for one in story.asked() if one["person"]["personal_id"] == key]
    assert [one["outcome"] for one in asked] == ["confirmed", "unknown"]
    assert story.person(key) == (story.named[2], False, True)
    found = listing.listed(story.settings, Wanted(code="POP-905"), limit=1000)["findings"]
    assert {(one["effect"], one["province_code"], one["feed_id"]) for one in found} == {("note", "00", FEED)}
    ((denied,),) = story.line.query("population", "select count(not_confirmed_at) from persons")
    assert len(found) == denied


def test_it_holds_again_when_the_new_name_is_taken_back(story: Story) -> None:
    key, name, _ = story.named
    at = story.now()
    retraction.retract(story.settings, submission_id="98-dossiers.00000001", at=at, **WHY)
    story.line.merge(at)
    assert story.person(key) == (name, True, False)


def test_a_confirmation_is_explained_by_its_submission(story: Story) -> None:
    told = explain(story.settings, key=story.named[0])
    (stands,) = [one for row in told["golden"] for one in row["attributes"] if one["name"] == "confirmed_at"]
    assert (stands["rule"], stands["source"]["feed_id"]) == ("confirm", FEED)
    assert stands["source"]["submission_id"] == f"{FEED}.00000001"
    assert stands["source"]["object_key"].startswith(f"{FEED}/00000001/")
    name = next(one for row in told["golden"] for one in row["attributes"] if one["name"] == "full_name")
    assert name["source"]["feed_id"] != FEED
    assert FEED not in {source["feed_id"] for source in name["also_said_by"]}


def test_a_service_at_fault_is_late_and_changes_nothing(story: Story) -> None:
    before = story.line.query(
        "population", "select count(confirmed_at), count(not_confirmed_at) from persons"
    )
    story.nation.fault("00", "wrong_person")
    with pytest.raises(Refused, match="none was answered"):
        story.ask()
    story.nation.heal()
    story.serve()
    told = status(story.settings, at=story.now())
    (source,) = [one for one in told["sources"] if one["source"] == FEED]
    assert "none was answered (unusable)" in source["last_error"]
    after = story.line.query("population", ANSWERED)
    assert after == before


def test_answers_that_are_retracted_are_asked_for_again(story: Story) -> None:
    key, name, _ = story.named
    at = story.now()
    retraction.retract(story.settings, submission_id=f"{FEED}.00000001", at=at, **WHY)
    story.line.merge(at)
    assert story.person(key) == (name, False, False)
    feed = model.one(story.settings, FEED)
    due = {one.personal_id for one in unconfirmed.questions(story.settings, feed, story.now(), "", 10_000)}
    assert key in due
    assert verify(story.settings)["first_difference"] is None


def test_a_rebuild_gives_the_same_and_asks_nobody(story: Story, second_home: Path) -> None:
    known = digests(story.settings)
    story.nation.fault("00", "down")
    key = story.settings.identity_key.get_secret_value()
    start(key, second_home, like=story.settings.home)
    rebuild(story.settings, into=second_home)
    assert differences(known, digests(load_settings({"LIENTHONG_HOME": str(second_home)}))) == []
    assert known["population.persons"][0] > LIMIT
