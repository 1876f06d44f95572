"""Who may do what with each bucket, and with the store's own ports behind it, really tried."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx2 as httpx
import pytest
from minio import Minio
from minio.error import S3Error
from pydantic import SecretStr

from infra.embedded.home import INBOX, READER, WRITER, prepare
from jobs import objects, release
from jobs.settings import Settings

KEY = "access/tried.txt"
DATA = b"tried"
VERBS: dict[str, tuple[str, str]] = {
    "list": ("GET", ""),
    "get": ("GET", KEY),
    "put": ("PUT", "access/new.txt"),
    "delete": ("DELETE", KEY),
    "policy": ("GET", "?policy"),
}
ANONYMOUS = {"open_bucket": {"get"}}
"""Verbs that anybody has, by bucket; none on the others."""
LAKE = "lake"


@pytest.fixture
def stored(settings: Settings) -> Iterator[Settings]:
    """An object in the landing and the open bucket."""
    release.open_bucket_policy(settings)
    store = objects.client(settings)
    buckets = (settings.landing_bucket, settings.open_bucket)
    for bucket in buckets:
        objects.put(store, bucket, KEY, DATA)
    yield settings
    for bucket in buckets:
        for key in list(objects.keys(store, bucket, "access/")):
            store.remove_object(bucket_name=bucket, object_name=key)


def test_anybody_may_get_what_is_open_and_nothing_else(stored: Settings) -> None:
    with httpx.Client(base_url=stored.s3_endpoint, trust_env=False) as web:
        assert web.get("/").status_code == 403
        for name in ("landing_bucket", "open_bucket", INBOX):
            bucket = getattr(stored, name, name)
            for verb, (method, path) in VERBS.items():
                if verb == "delete" and verb in ANONYMOUS.get(name, set()):
                    continue
                answer = web.request(method, f"/{bucket}/{path}", content=DATA if method == "PUT" else None)
                is_let = answer.status_code < 300
                assert is_let is (verb in ANONYMOUS.get(name, set())), (name, verb, answer.status_code)
        for method, path in (("GET", ""), ("PUT", KEY), ("DELETE", KEY)):
            assert web.request(method, f"/{LAKE}/{path}", content=b"").status_code in (403, 404), method
    for bucket in (stored.landing_bucket, stored.open_bucket):
        store = objects.client(stored)
        assert list(objects.keys(store, bucket, "access/")) == [KEY]
        assert objects.get(store, bucket, KEY) == DATA


def _trials(store: Minio, bucket: str) -> dict[str, Callable[[], Any]]:
    return {
        "list": lambda: list(objects.keys(store, bucket, "access/")),
        "get": lambda: objects.get(store, bucket, KEY),
        "put": lambda: objects.put(store, bucket, KEY, DATA),
        "policy": lambda: store.set_bucket_policy(bucket_name=bucket, policy="{}"),
        "delete": lambda: store.remove_object(bucket_name=bucket, object_name=KEY),
    }


WRITES = {"put", "delete"}
INBOX_ROLES = {
    READER: ("inbox_reader_key", {"list", "get"}),
    WRITER: ("inbox_writer_key", {"list", "get"} | WRITES),
}
"""Roles of the inbox, with the value of the home that is their key, and what they may there."""


@pytest.mark.parametrize("role", INBOX_ROLES)
def test_who_reads_and_who_fills_the_inbox_may_do_that_and_nothing_elsewhere(
    stored: Settings, role: str
) -> None:
    key, allowed = INBOX_ROLES[role]
    named = {"s3_access_key": role, "s3_secret_key": SecretStr(prepare(stored.home)[key])}
    store = objects.client(stored.model_copy(update=named))
    objects.put(objects.client(stored), INBOX, KEY, DATA)
    buckets = (INBOX, stored.landing_bucket, stored.open_bucket, LAKE)
    let = {
        bucket: {verb for verb, trial in _trials(store, bucket).items() if _refusal(trial) is None}
        for bucket in buckets
    }
    assert let.pop(stored.open_bucket) <= ANONYMOUS["open_bucket"]
    assert let == {INBOX: allowed, stored.landing_bucket: set(), LAKE: set()}
    for key in list(objects.keys(objects.client(stored), INBOX, "access/")):
        objects.client(stored).remove_object(bucket_name=INBOX, object_name=key)


def _refusal(trial: Callable[[], Any]) -> str | None:
    try:
        trial()
    except S3Error as refused:
        return refused.code
    return None


@pytest.mark.parametrize("changed", ["s3_secret_key", "s3_access_key"])
def test_a_wrong_key_opens_nothing(stored: Settings, changed: str) -> None:
    wrong = SecretStr("x" * 32) if changed == "s3_secret_key" else "x" * 32
    store = objects.client(stored.model_copy(update={changed: wrong}))
    for bucket in (stored.landing_bucket, stored.open_bucket, LAKE):
        for verb, trial in _trials(store, bucket).items():
            with pytest.raises(S3Error) as refused:
                trial()
            known = {"SignatureDoesNotMatch", "InvalidAccessKeyId", "AccessDenied"}
            assert refused.value.code in known, (bucket, verb)


def test_the_pipelines_key_opens_its_buckets(stored: Settings) -> None:
    store = objects.client(stored)
    for bucket in (stored.landing_bucket, stored.open_bucket):
        trials = _trials(store, bucket)
        for verb in ("list", "get", "put", "delete"):
            trials[verb]()
        objects.put(store, bucket, KEY, DATA)


def test_the_ports_behind_the_bucket_give_nothing(stored: Settings) -> None:
    values = prepare(stored.home)
    ports = {name: f"http://127.0.0.1:{values[f'{name}_port']}" for name in ("filer", "volume", "catalog")}
    asked = {
        "filer": [
            *[(method, f"/buckets/landing/{KEY}") for method in ("GET", "PUT", "POST", "DELETE")],
            ("GET", "/buckets/"),
        ],
        "volume": [("GET", "/1,01637037d6"), ("POST", "/1,01637037d6")],
        "catalog": [("GET", "/v1/lake/namespaces"), ("POST", "/v1/lake/namespaces")],
    }
    for name, requests in asked.items():
        for method, path in requests:
            answer = httpx.request(method, ports[name] + path, trust_env=False)
            assert answer.status_code in (401, 403), (name, method, path, answer.status_code)
            assert DATA not in answer.content
