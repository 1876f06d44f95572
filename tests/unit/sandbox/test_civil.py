"""The population database of the sandbox, asked as the pipeline asks it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest
import stamina

from infra.sandbox import truth
from infra.sandbox.home import configure
from jobs.errors import Refused, Unreachable
from jobs.sources.check import check
from jobs.sources.delivery import Piece, Request, Window
from jobs.sources.model import Feed
from jobs.sources.population import messages as m
from jobs.sources.population.messages import Question
from jobs.sources.population.source import PopulationSource
from tests.support import civil
from tests.support.sandbox import serving

AT = datetime(2026, 11, 3, 16, 30, tzinfo=UTC)
DAY = 2


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sandbox")
    configure(folder, seed="7", scale=0.01)
    return folder


@pytest.fixture(scope="module")
def url(home: Path) -> Iterator[str]:
    with serving(home) as address:
        httpx.post(f"{address}/_control/advance", json={"day": DAY}, trust_env=False)
        yield address


@pytest.fixture
def feed(home: Path, url: str) -> Iterator[Feed]:
    control = f"{url}/_control/faults"
    httpx.request("DELETE", control, trust_env=False)
    yield civil.feed(f"{url}/csdldc/00", credentials=f"file:{home}/credentials.json#00")
    httpx.request("DELETE", control, trust_env=False)


@pytest.fixture(scope="module")
def questions(home: Path, url: str) -> list[Question]:
    """True persons, in the order of their ids."""
    del url
    states = [
        one.state["persons"] for one in truth.entities(home, day=DAY, register="population") if one.state
    ]
    return [
        Question(one["personal_id"], one["personal_id"], one["full_name"], one["birth_date"])
        for one in states
    ]


def switch(url: str, kind: str) -> None:
    answer = httpx.post(f"{url}/_control/faults", json={"province": "00", "kind": kind}, trust_env=False)
    answer.raise_for_status()


def pieces(feed: Feed, asked: Sequence[Question], **resume: Any) -> list[Piece]:
    def due(after: str, most: int) -> Sequence[Question]:
        return [one for one in asked if one.place > after][:most]

    source = PopulationSource(feed, civil.settings(), due, lambda: AT)
    return list(source.pieces(Request(Window(), resume, frozenset(), AT)))


def told(found: Sequence[Piece]) -> Counter[str]:
    return Counter(json.loads(text)["outcome"] for piece in found for text in piece.data.splitlines())


def test_true_persons_are_confirmed(feed: Feed, questions: list[Question]) -> None:
    some = questions[:40]
    vague = [Question(one.place, one.personal_id, one.full_name, one.birth[:4]) for one in questions[40:60]]
    assert told(pieces(feed, [*some, *vague])) == {m.CONFIRMED: 60}


def test_a_month_is_asked_for_by_its_year_and_compared(feed: Feed, questions: list[Question]) -> None:
    def of(one: Question, month: int) -> Question:
        return Question(one.place, one.personal_id, one.full_name, f"{month:02d}/{one.birth[:4]}")

    months = {one.place: int(one.birth[5:7]) for one in questions[:20]}
    true = [of(one, months[one.place]) for one in questions[:10]]
    wrong = [of(one, months[one.place] % 12 + 1) for one in questions[10:20]]
    assert told(pieces(feed, [*true, *wrong])) == {m.CONFIRMED: 10, m.DIFFERS: 10}


def test_what_is_not_true_is_not(feed: Feed, questions: list[Question]) -> None:
    one = questions[0]
    wrong = [
        Question("1", one.personal_id, f"{one.full_name} Khác", one.birth),
        Question("2", one.personal_id, one.full_name, "1901-01-01"),
        Question("3", one.personal_id, one.full_name, "1901"),
        Question("4", "001999999999", one.full_name, one.birth),
    ]
    assert told(pieces(feed, wrong)) == {m.UNKNOWN: 4}


@pytest.mark.parametrize(("kind", "outcome"), [("soap_fault", m.FAULTED), ("wrong_person", m.UNUSABLE)])
def test_a_service_at_fault_ends_the_delivery(
    url: str, feed: Feed, questions: list[Question], kind: str, outcome: str
) -> None:
    switch(url, kind)
    (piece,) = pieces(feed, questions[:3])
    assert piece.trouble == f"of 3 questions none was answered ({outcome})"
    assert pieces(feed, questions[:1]) == []


@pytest.mark.parametrize(("kind", "why"), [("down", "503"), ("slow", "ReadTimeout")])
def test_a_service_that_is_silent_is_unreachable(
    url: str, feed: Feed, questions: list[Question], kind: str, why: str
) -> None:
    switch(url, kind)
    impatient = feed.model_copy(update={"timeout_seconds": 0.3})
    with stamina.set_testing(True), pytest.raises(Unreachable, match=why):
        pieces(impatient, questions[:3])


def test_it_is_asked_as_often_as_it_lets(url: str, feed: Feed, questions: list[Question]) -> None:
    switch(url, "rate_limited")
    assert told(pieces(feed, questions[:1])) == {m.CONFIRMED: 1}


def test_a_wrong_account_is_refused(feed: Feed, questions: list[Question]) -> None:
    stranger = feed.model_copy(update={"credentials": "CIVIL"})
    with pytest.raises(Refused, match="answers 401"):
        pieces(stranger, questions[:1])


def test_the_check_asks_about_nobody(url: str, feed: Feed) -> None:
    steps = check(civil.settings(), feed, at=AT)
    assert [step["step"] for step in steps] == ["mapping", "name", "connection", "credentials", "answer"]
    assert steps[-1]["told"] == "a question about nobody is answered: unknown"
    switch(url, "soap_fault")
    last = check(civil.settings(), feed, at=AT)[-1]
    told = f"{civil.FEED}: a question about nobody gives no answer (faulted)."
    assert (last["ok"], last["is_vital"], last["told"]) == (False, True, told)
    assert last["remedy"].endswith("ask the database's owner.")
