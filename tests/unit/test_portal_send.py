"""What one call may hold, and what the outbox keeps of an answer: when it is due again, or why not."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.errors import Unreachable
from jobs.ops.outbox import PENDING, REJECTED, SENT, Step
from jobs.portal.client import SILENT, Portal, Told
from jobs.portal.send import Delivery, _chunks, _noted, leave_alone
from jobs.settings import Settings
from schemas import portal
from schemas.portal import Answer, Outcome, answered
from tests.support.portal import portal as served
from tests.unit.sandbox.test_portal import AGENCY, DOSSIER

AT = datetime(2026, 11, 2, 16, 30, tzinfo=UTC)
LATER = Answer(Outcome.LATER)


def step(number: int = 1, *, state: str = PENDING, attempts: int = 0) -> Step:
    return Step("01-dossiers.00000001", 1, number, "01", f"{number:064x}", "4", "d", state, attempts, False)


def delivery(*steps: Step, agency: str = "H26", is_known: bool = False) -> Delivery:
    return Delivery(agency, steps or (step(),), {}, (), is_known)


@given(st.lists(st.tuples(st.sampled_from(["H26", "H29", "H01"]), st.booleans()), max_size=80))
def test_a_call_holds_ten_of_one_agency_all_new_or_all_known(kinds: list[tuple[str, bool]]) -> None:
    given_ones = [
        delivery(step(number), agency=agency, is_known=is_known)
        for number, (agency, is_known) in enumerate(kinds)
    ]
    chunks = list(_chunks(iter(given_ones)))
    assert all(1 <= len(chunk) <= portal.CHUNK for chunk in chunks)
    assert all(len({(one.agency, one.is_known) for one in chunk}) == 1 for chunk in chunks)
    sent = Counter(one.newest.row_no for chunk in chunks for one in chunk)
    assert sent == Counter(one.newest.row_no for one in given_ones)


def test_an_acceptance_is_of_every_step() -> None:
    steps = (step(1, state=REJECTED, attempts=3), step(2))
    told = _noted(delivery(*steps), Told(answered("0", ""), "0"), AT)
    assert [(one.row_no, new["state"], new["attempts"]) for one, new in told] == [(1, SENT, 4), (2, SENT, 1)]


def test_a_refusal_is_of_the_newest_step_alone() -> None:
    answer = answered("3", "ChuHoSo là trường bắt buộc")
    [(one, new)] = _noted(delivery(step(1), step(2)), Told(answer, "3"), AT)
    assert (one.row_no, new["state"], new["reason"]) == (2, REJECTED, "PRT-901")


@pytest.mark.parametrize(
    ("attempts", "code", "retry_after", "minutes"),
    [
        (0, "3", 0, 5),
        (2, "3", 0, 20),
        (2, SILENT, 0, 20),
        (9, "-3", 0, 360),
        (0, "http 429", 3600, 60),
        (0, "http 429", 1, 5),
    ],
)
def test_what_failed_is_due_later(attempts: int, code: str, retry_after: int, minutes: int) -> None:
    told = Told(LATER, code, retry_after)
    [(_, new)] = _noted(delivery(step(attempts=attempts)), told, AT)
    assert (new["state"], new["next_try_at"]) == (PENDING, AT + timedelta(minutes=minutes))


@pytest.mark.parametrize(
    ("attempts", "code", "expected"),
    [
        (portal.TRIES - 2, "3", {"state": PENDING, "attempts": portal.TRIES - 1}),
        (portal.TRIES - 1, "3", {"state": REJECTED, "reason": "PRT-905"}),
        (portal.TRIES - 1, "-1", {"state": REJECTED, "reason": "PRT-905"}),
        (portal.TRIES - 1, "http 503", {"state": PENDING, "attempts": portal.TRIES - 1}),
        (portal.TRIES - 1, SILENT, {"state": PENDING, "attempts": portal.TRIES - 1}),
    ],
)
def test_only_the_portals_own_no_counts(attempts: int, code: str, expected: dict[str, Any]) -> None:
    [(_, new)] = _noted(delivery(step(attempts=attempts)), Told(LATER, code), AT)
    assert expected.items() <= new.items()


def test_a_portal_that_throttles_is_left_alone_and_not_asked_on_and_on(tmp_path: Path) -> None:
    waited: list[float] = []
    with served(tmp_path) as door, Portal(door.settings(Settings(home=tmp_path))) as client:
        client.lookup(AGENCY, "x")
        door.control("POST", rates={"http_429": 1.0})

        def sent() -> None:
            told = client.dossiers(AGENCY, [DOSSIER], updating=True)
            leave_alone(client, told, waited.append, sent=7)

        for _ in range(portal.SILENCES - 1):
            sent()
        with pytest.raises(Unreachable, match=r"http 429.*; 7 dossiers were sent.*goes on where it ended"):
            sent()
        assert door.control()["fault http_429"] == portal.SILENCES
    assert waited == [1] * (portal.SILENCES - 1)


@pytest.mark.parametrize(
    ("seconds", "waited"), [(0, []), (1, [1]), (portal.LONGEST_REST_SECONDS, [portal.LONGEST_REST_SECONDS])]
)
def test_a_run_waits_as_long_as_it_is_asked_to(tmp_path: Path, seconds: int, waited: list[float]) -> None:
    slept: list[float] = []
    with served(tmp_path) as door, Portal(door.settings(Settings(home=tmp_path))) as client:
        leave_alone(client, Told(LATER, "http 429", seconds), slept.append, sent=0)
        with pytest.raises(Unreachable, match="left alone for 61 s"):
            leave_alone(client, Told(LATER, "http 429", 61), slept.append, sent=0)
    assert slept == waited
