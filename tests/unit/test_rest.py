"""Pages of a province as it may send them: what is no page ends the delivery, and is said."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from pyrate_limiter import InMemoryBucket, RateItem
from pytest_httpserver import HTTPServer

from jobs.errors import Refused
from jobs.settings import Settings, load_settings
from jobs.sources.check import check
from jobs.sources.client import rate_of
from jobs.sources.delivery import Piece
from jobs.sources.rest import RestSource
from tests.support.province import AT, asked, feed, page, serve

GOOD = {"id": 7, "updated_at": "2026-11-02T09:00:00+07:00"}
NEWEST = (datetime(2026, 11, 2, 2, tzinfo=UTC), "7")
TROUBLE = "page 2 is unreadable after 3 tries"


@pytest.fixture
def known() -> Settings:
    return load_settings({"LIENTHONG_CREDENTIAL_PROVINCE": "me:secret"})


def pieces(server: HTTPServer, settings: Settings, **resume: Any) -> list[Piece]:
    return list(RestSource(feed(server), settings).pieces(asked(**resume)))


@pytest.mark.parametrize(
    "bad",
    [
        b'{"data": [{"id": 1',
        b"[" * 100_000,
        b'{"data":[{"a":' + b"[" * 5_000 + b"]" * 5_000 + b"}",
        b'{"data":[Infinite]}',
        b'{"data":{}}',
        page(GOOD, following=["1"]),
        page(GOOD, following=2),
        page(GOOD, following=""),
        page(GOOD, following="\x00"),
        page(GOOD, following="\ud800"),
    ],
    ids=lambda value: repr(value[:24]),
)
def test_a_page_that_stays_unreadable_is_kept_and_named(
    httpserver: HTTPServer, known: Settings, bad: bytes
) -> None:
    serve(httpserver, [page(GOOD, following="1"), bad])
    first, last = pieces(httpserver, known)
    assert (first.newest, first.trouble) == (NEWEST, None)
    assert (last.data, last.newest, last.trouble) == (bad, None, TROUBLE)
    assert pieces(httpserver, known, **last.resume) == []
    (again,) = pieces(httpserver, known, **first.resume)
    assert again.trouble == TROUBLE


@pytest.mark.parametrize(
    "item",
    [
        {"id": 8, "updated_at": "2026-11-02T10:00:00"},
        {"id": 8, "updated_at": "2026-11-02"},
        {"id": 8, "updated_at": "0001-01-01T00:00:00+07:00"},
        {"id": 8, "updated_at": "9999-12-31T23:00:00-14:00"},
        {"id": 8, "updated_at": 20261102},
        {"id": "\x00", "updated_at": "2026-11-02T10:00:00+07:00"},
        {"id": "\ud800", "updated_at": "2026-11-02T10:00:00+07:00"},
        {"updated_at": "2026-11-02T10:00:00+07:00"},
        [8],
        None,
    ],
    ids=repr,
)
def test_an_item_that_does_not_tell_its_change_moves_no_cursor(
    httpserver: HTTPServer, known: Settings, item: object
) -> None:
    serve(httpserver, [page(GOOD, item)])
    (only,) = pieces(httpserver, known)
    assert (only.newest, only.trouble) == (NEWEST, None)


@pytest.mark.parametrize("items", [[GOOD], []])
def test_cursors_that_go_round_end_the_delivery(
    httpserver: HTTPServer, known: Settings, items: list[object]
) -> None:
    serve(httpserver, [page(GOOD, following="1"), page(GOOD, following="2"), page(*items, following="1")])
    found = pieces(httpserver, known)
    assert [one.trouble for one in found] == [None, None, "the cursor of page 3 does not move"]
    assert pieces(httpserver, known, **found[-1].resume) == []


@pytest.mark.parametrize("wait", ["²", "-1", "soon", "0"])
def test_a_wait_that_is_no_number_is_no_fault(httpserver: HTTPServer, known: Settings, wait: str) -> None:
    httpserver.expect_oneshot_request("/health").respond_with_data(
        status=429, headers={"retry-after": wait.encode().decode("latin-1")}
    )
    httpserver.expect_request("/health").respond_with_json({"status": "ok"})
    assert RestSource(feed(httpserver), known).health() == {"status": "ok"}


@pytest.mark.parametrize("told", ["[]", "{}", '{"access_token":7}', "<html>"])
def test_a_token_that_is_none_is_refused(httpserver: HTTPServer, known: Settings, told: str) -> None:
    httpserver.expect_request("/oauth/token").respond_with_data(told)
    with pytest.raises(Refused, match="/oauth/token answers no JSON of access_token"):
        RestSource(feed(httpserver), known).token()


def test_a_token_of_megabytes_is_refused(httpserver: HTTPServer, known: Settings) -> None:
    httpserver.expect_request("/oauth/token").respond_with_data(
        '{"access_token":[' + "[]," * 400_000 + "[]]}"
    )
    with pytest.raises(Refused, match="oauth/token answers more than 1000000 bytes"):
        RestSource(feed(httpserver), known).token()


def test_missing_credentials_are_a_step_that_failed(httpserver: HTTPServer) -> None:
    steps = check(load_settings({}), feed(httpserver), at=AT)
    assert [step["step"] for step in steps] == ["mapping", "name", "connection", "credentials"]
    assert [step["ok"] for step in steps] == [True, True, True, False]
    assert steps[-1]["remedy"] == "set it to id:secret."


@pytest.mark.parametrize(
    ("health", "told"),
    [
        ({}, "tells no instant"),
        ({"time": "2026-11-02T16:30:00"}, "no offset"),
        ([], "answers no JSON"),
    ],
)
def test_a_clock_that_tells_no_instant_is_a_step_that_failed(
    httpserver: HTTPServer, known: Settings, health: object, told: str
) -> None:
    httpserver.expect_request("/health").respond_with_json(health)
    (failed,) = [
        one
        for one in check(known, feed(httpserver), at=AT)
        if one["step"] in {"health", "clock"} and not one["ok"]
    ]
    assert told in failed["told"]


def test_an_address_that_is_none_is_a_step_that_failed(httpserver: HTTPServer, known: Settings) -> None:
    wrong = feed(httpserver).model_copy(update={"url": "http://localhost:port/"})
    last = check(known, wrong, at=AT)[-1]
    assert (last["step"], last["ok"]) == ("name", False)


@pytest.mark.parametrize(
    ("rate", "least", "most"), [(0.2, 12, 12), (1.5, 88, 90), (10.5, 600, 640), (50, 2900, 3050)]
)
def test_in_a_minute_a_source_is_asked_as_often_as_it_allows(rate: float, least: int, most: int) -> None:
    bucket = InMemoryBucket([rate_of(rate)])
    asked_at = [at for at in range(0, 60_000, 5) if bucket.put(RateItem("source", at))]
    assert least <= len(asked_at) <= most
    assert rate_of(rate).limit * 1000 <= rate * rate_of(rate).interval


def test_the_connections_of_a_source_end_with_it(httpserver: HTTPServer, known: Settings) -> None:
    serve(httpserver, [page(GOOD)])
    with RestSource(feed(httpserver), known) as source:
        assert [piece.newest for piece in source.pieces(asked())] == [NEWEST]
    with pytest.raises(RuntimeError, match="closed"):
        next(source.pieces(asked()))
