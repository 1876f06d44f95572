"""The provinces' HTTP interfaces: tokens, pages, cursors, ETags, key lists, and the faults of operation."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import httpx2 as httpx
import pytest

from infra.sandbox.home import configure
from tests.support.sandbox import serving

PROVINCE = "79"
FEED = f"/{PROVINCE}/api/v1/dossiers"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sandbox")
    configure(folder, seed="7", scale=0.01)
    return folder


@pytest.fixture(scope="module")
def url(home: Path) -> Iterator[str]:
    with serving(home) as address:
        yield address


@pytest.fixture
def web(url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=url, trust_env=False) as client:
        client.request("DELETE", "/_control/faults")
        client.post("/_control/advance", json={"day": 2})
        yield client
        client.request("DELETE", "/_control/faults")


@pytest.fixture
def bearer(web: httpx.Client, home: Path) -> dict[str, str]:
    known = json.loads((home / "credentials.json").read_text())[PROVINCE]
    form = {"grant_type": "client_credentials", "client_id": known["id"], "client_secret": known["secret"]}
    answer = web.post(f"/{PROVINCE}/oauth/token", data=form)
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


def pages(web: httpx.Client, bearer: dict[str, str], size: int, **asked: str) -> list[dict[str, object]]:
    found, params = [], {"page_size": str(size), **asked}
    while True:
        page = web.get(FEED, params=params, headers=bearer).json()
        found += page["data"]
        if page["next_cursor"] is None:
            return found
        assert len(page["data"]) == size
        params = {"page_size": str(size), "cursor": page["next_cursor"]}


def test_pages_of_any_size_give_the_same_items_in_order(web: httpx.Client, bearer: dict[str, str]) -> None:
    small, large = pages(web, bearer, 3), pages(web, bearer, 2000)
    assert small == large
    keys = [(item["updated_at"], item["id"]) for item in large]
    assert keys == sorted(keys)
    assert len(set(keys)) == len(keys) > 10


def test_updated_since_gives_what_changed_since(web: httpx.Client, bearer: dict[str, str]) -> None:
    everything = pages(web, bearer, 100)
    since = "2026-11-02T00:00:00+07:00"
    assert pages(web, bearer, 100, updated_since=since) == [
        item for item in everything if item["updated_at"] >= since
    ]


def test_nothing_of_tomorrow_is_shown(web: httpx.Client, bearer: dict[str, str]) -> None:
    today = pages(web, bearer, 500)
    assert max(str(item["updated_at"]) for item in today) <= "2026-11-03T23:30:00+07:00"
    web.post("/_control/advance", json={})
    assert web.get("/_control/state").json()["day"] == 3
    assert pages(web, bearer, 500)[: len(today)] == today
    web.post("/_control/advance", json={"day": 2})


def test_the_key_list_names_every_version(web: httpx.Client, bearer: dict[str, str]) -> None:
    listed = web.get(f"/{PROVINCE}/api/v1/dossier-keys", headers=bearer).json()["keys"]
    assert [key["id"] for key in listed] == [item["id"] for item in pages(web, bearer, 500)]


def test_an_unchanged_page_is_not_sent_again(web: httpx.Client, bearer: dict[str, str]) -> None:
    first = web.get(FEED, headers=bearer)
    again = web.get(FEED, headers={**bearer, "If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("params", [{"page_size": "0"}, {"page_size": "x"}, {"cursor": "yesterday"}])
def test_a_wrong_question_is_refused(
    web: httpx.Client, bearer: dict[str, str], params: dict[str, str]
) -> None:
    assert web.get(FEED, params=params, headers=bearer).status_code == 400


def test_without_a_token_of_the_province_nothing_is_told(web: httpx.Client, bearer: dict[str, str]) -> None:
    assert web.get(FEED).status_code == 401
    assert web.get(FEED.replace(PROVINCE, "01"), headers=bearer).status_code == 401
    wrong = {"grant_type": "client_credentials", "client_id": "x", "client_secret": "y"}
    assert web.post(f"/{PROVINCE}/oauth/token", data=wrong).status_code == 401


def statuses(web: httpx.Client, bearer: dict[str, str], times: int, **params: str) -> list[int]:
    return [web.get(FEED, params=params, headers=bearer).status_code for _ in range(times)]


def test_faults_concern_their_province_and_end(web: httpx.Client, bearer: dict[str, str]) -> None:
    web.post("/_control/faults", json={"province": PROVINCE, "kind": "down"})
    assert statuses(web, bearer, 2) == [503, 503]
    assert web.get("/01/health").status_code == 200
    web.post("/_control/faults", json={"province": PROVINCE, "kind": "token_expired"})
    assert statuses(web, bearer, 1) == [401]
    web.request("DELETE", "/_control/faults", json={"province": PROVINCE})
    assert statuses(web, bearer, 1) == [200]
    assert web.post("/_control/faults", json={"kind": "nothing"}).status_code == 400


def test_too_many_requests_say_when_to_come_back(web: httpx.Client, bearer: dict[str, str]) -> None:
    web.post("/_control/faults", json={"province": PROVINCE, "kind": "rate_limited"})
    answers = [web.get(FEED, headers=bearer) for _ in range(4)]
    assert sorted(answer.status_code for answer in answers) == [200, 200, 429, 429]
    assert {answer.headers.get("retry-after") for answer in answers if answer.status_code == 429} == {"1"}


def test_half_of_the_pages_fail_however_often_they_are_asked_for(
    web: httpx.Client, bearer: dict[str, str]
) -> None:
    following = web.get(FEED, params={"page_size": "3"}, headers=bearer).json()["next_cursor"]
    web.post("/_control/faults", json={"province": PROVINCE, "kind": "half_pages_failing"})
    assert statuses(web, bearer, 2, page_size="3") == [200, 200]
    assert statuses(web, bearer, 2, page_size="3", cursor=following) == [500, 500]


def test_half_of_the_requests_fail_and_half_of_a_page_comes(
    web: httpx.Client, bearer: dict[str, str]
) -> None:
    web.post("/_control/faults", json={"province": PROVINCE, "kind": "flaky"})
    assert sorted(statuses(web, bearer, 4)) == [200, 200, 500, 500]
    web.post("/_control/faults", json={"province": PROVINCE, "kind": "bad_json_page"})
    broken = [web.get(FEED, headers=bearer).content for _ in range(2)]
    assert sorted(_is_json(data) for data in broken) == [False, True]


def _is_json(data: bytes) -> bool:
    try:
        json.loads(data)
    except ValueError:
        return False
    return True
