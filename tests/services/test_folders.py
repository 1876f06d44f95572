"""Pulls of folders over SFTP and from a bucket: each file once, whatever is cut off, killed or not whole."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from minio import Minio
from pydantic import SecretStr

from infra.embedded.home import INBOX, READER, WRITER, prepare
from jobs import extract, objects, ops
from jobs.errors import Refused, Unreachable
from jobs.ops import submissions
from jobs.settings import Settings
from jobs.sources.check import check
from jobs.sources.model import one
from tests.support import sftp
from tests.support.line import Line, at_day
from tests.support.proxy import Proxy, Toxic, between

FEED, BELOW = "01-dossiers", "folders"
KEY = sftp.key()
LARGE = 3_000_000
"""Bytes: more than a connection holds on its way."""


def rows(number: int, size: int = 2000) -> bytes:
    """Lines of 1000 bytes that no other file has."""
    line = b'{"record_id": "%06d", "note": "%s"}\n' % (number, b"x" * 965)
    return line * (size // 1000)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """A folder of a province."""
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


@pytest.fixture
def source(line: Line) -> Iterator[Line]:
    """The line, which never pulled anything."""
    known = {"PROVINCE": f"{sftp.USER}:{sftp.PASSWORD}", **_roles(line.settings)}
    credentials = {name: SecretStr(value) for name, value in known.items()}
    line.settings = line.settings.model_copy(update={"credentials": credentials})
    yield line
    with ops.engine(line.settings).begin() as connection:
        for table in ("submissions", "cursors", "sources", "events"):
            connection.execute(sa.text(f"truncate {table} cascade"))


def _roles(settings: Settings) -> dict[str, str]:
    values = prepare(settings.home)
    return {
        "INBOX": f"{READER}:{values['inbox_reader_key']}",
        "WRITER": f"{WRITER}:{values['inbox_writer_key']}",
    }


def over_sftp(line: Line, port: int, host_key: str | None = None, **keys: Any) -> None:
    """The province's file, with a feed over SFTP."""
    stated = {
        "kind": "directory",
        "dialect": "dvcqg",
        "url": f"sftp://127.0.0.1:{port}/",
        "credentials": "PROVINCE",
        "host_key": host_key or sftp.public(KEY),
        "settled": "whole",
        "patterns": {"*": "dossiers"},
    }
    line.source("01", {"dossiers": stated | keys})


def landed(line: Line) -> dict[str, list[bytes]]:
    """Content of every object of every sealed submission, by the name of its file."""
    store, found = objects.client(line.settings), dict[str, list[bytes]]()
    for sealed in submissions.listed(ops.engine(line.settings), "sealed"):
        for entry in (sealed.manifest or {})["objects"]:
            data = objects.get(store, line.settings.landing_bucket, entry["key"])
            found.setdefault(entry["name"], []).append(data)
    return found


def states(line: Line) -> list[str]:
    return [one.state for one in submissions.listed(ops.engine(line.settings))]


@pytest.mark.parametrize("first", [6, 14, 22, 30])
def test_a_pull_that_is_cut_off_is_resumed_and_nothing_is_doubled(
    source: Line, out: Path, first: int
) -> None:
    wanted = {f"{number}.ndjson": rows(number, LARGE) for number in range(3)}
    for name, data in wanted.items():
        (out / name).write_bytes(data)
    with sftp.serving(out, KEY) as port:
        cut = Proxy(("127.0.0.1", port), Toxic("cut", first=first, after=100))
        over_sftp(source, cut.port)
        with pytest.raises(Unreachable):
            source.pull(FEED, at_day(1))
        cut.close()
        assert states(source) == ["pulling"]
        over_sftp(source, port)
        assert source.pull(FEED, at_day(1))["submission_id"] == f"{FEED}.00000001"
        assert landed(source) == {name: [data] for name, data in wanted.items()}
        assert source.pull(FEED, at_day(2))["state"] == "nothing new"


def test_a_server_that_is_killed_between_files(source: Line, out: Path) -> None:
    wanted = {f"{number}.ndjson": rows(number, LARGE) for number in range(3)}
    for name, data in wanted.items():
        (out / name).write_bytes(data)
    with sftp.killable(out) as (process, port, host_key):
        over_sftp(source, port, host_key)
        with pytest.raises(Unreachable):
            extract.pull(source.settings, feed_id=FEED, at=at_day(1), progress=lambda _: process.kill())
    with sftp.killable(out) as (_, port, host_key):
        over_sftp(source, port, host_key)
        assert source.pull(FEED, at_day(1))["objects"] == 3
    assert states(source) == ["sealed"]
    assert landed(source) == {name: [data] for name, data in wanted.items()}


def test_what_is_not_whole_waits_for_a_later_pull(source: Line, out: Path) -> None:
    (out / "a.ndjson").write_bytes(rows(1)[:-5])
    with sftp.serving(out, KEY) as port:
        over_sftp(source, port, settled="size")
        first = source.pull(FEED, at_day(1))
        assert (first["state"], first["waiting"]) == ("nothing new", 1)
        again = source.pull(FEED, at_day(1))
        assert (again["state"], again["waiting"]) == ("nothing new", 1)
        (out / "a.ndjson").write_bytes(rows(1))
        assert source.pull(FEED, at_day(2))["waiting"] == 1
        (out / "b.ndjson").write_bytes(rows(2))
        third = source.pull(FEED, at_day(3))
        assert (third["objects"], third["waiting"]) == (1, 1)
        steps = check(source.settings, one(source.settings, FEED), at=at_day(3), names=True)
        (told,) = [step["told"] for step in steps if step["step"] == "folder"]
        assert told.endswith("1 wait: it must stay the same for 10 minutes: b.ndjson")
        assert source.pull(FEED, at_day(4))["objects"] == 1
        assert source.pull(FEED, at_day(5))["waiting"] == 0
    assert landed(source) == {"a.ndjson": [rows(1)], "b.ndjson": [rows(2)]}


def test_a_file_that_never_becomes_whole_makes_its_source_late_and_holds_up_no_other(
    source: Line, out: Path
) -> None:
    for number, name in enumerate(("a.ndjson", "b.ndjson")):
        (out / name).write_bytes(rows(number))
    (out / "b.ndjson.done").touch()
    with sftp.serving(out, KEY) as port:
        over_sftp(source, port, settled="marker")
        assert source.pull(FEED, at_day(1))["waiting"] == 1
        (out / "c.ndjson").write_bytes(rows(3))
        (out / "c.ndjson.done").touch()
        with pytest.raises(Refused, match="wait for more than 26 hours to be whole: 1;") as late:
            source.pull(FEED, at_day(3))
        assert "a.ndjson" not in str(late.value)
        assert list(landed(source)) == ["b.ndjson", "c.ndjson"]
        (out / "a.ndjson.done").touch()
        assert source.pull(FEED, at_day(4))["objects"] == 1


def test_a_file_that_was_landed_is_read_again_when_it_changes(source: Line, out: Path) -> None:
    (out / "a.ndjson").write_bytes(rows(1))
    with sftp.serving(out, KEY) as port:
        over_sftp(source, port)
        source.pull(FEED, at_day(1))
        (out / "a.ndjson").write_bytes(rows(1) + rows(2))
        source.pull(FEED, at_day(2))
    assert landed(source) == {"a.ndjson": [rows(1), rows(1) + rows(2)]}


def test_a_file_that_was_only_touched_is_read_once_more_and_then_known(source: Line, out: Path) -> None:
    """Over SFTP size and time of change tell a file: what is written behind them shows whether it is read."""
    for name in ("a.ndjson", "b.ndjson"):
        (out / name).write_bytes(rows(1))
    with sftp.serving(out, KEY) as port:
        over_sftp(source, port)
        assert source.pull(FEED, at_day(1))["objects"] == 2
        for name in ("a.ndjson", "b.ndjson"):
            os.utime(out / name, (2_000_000_000, 2_000_000_000))
        assert source.pull(FEED, at_day(2))["state"] == "nothing new"
        (out / "a.ndjson").write_bytes(rows(2))
        os.utime(out / "a.ndjson", (2_000_000_000, 2_000_000_000))
        assert source.pull(FEED, at_day(3))["state"] == "nothing new"
        os.utime(out / "b.ndjson", (2_000_000_001, 2_000_000_001))
        (out / "c.ndjson").write_bytes(rows(3))
        assert source.pull(FEED, at_day(4))["objects"] == 1
        (out / "b.ndjson").write_bytes(rows(4))
        os.utime(out / "b.ndjson", (2_000_000_001, 2_000_000_001))
        assert source.pull(FEED, at_day(5))["state"] == "nothing new"
    assert landed(source) == {"a.ndjson": [rows(1)], "b.ndjson": [rows(1)], "c.ndjson": [rows(3)]}


@pytest.fixture
def inbox(source: Line) -> Iterator[Minio]:
    """The inbox as the province sees it, and the feed that reads there."""
    role, _, key = source.settings.credentials["WRITER"].get_secret_value().partition(":")
    named = {"s3_access_key": role, "s3_secret_key": SecretStr(key)}
    store = objects.client(source.settings.model_copy(update=named))
    from_bucket(source)
    yield store
    for key in list(objects.keys(store, INBOX, f"{BELOW}/")):
        store.remove_object(bucket_name=INBOX, object_name=key)


def from_bucket(line: Line, **keys: Any) -> None:
    stated = {
        "kind": "directory",
        "dialect": "dvcqg",
        "url": f"s3://{INBOX}/{BELOW}/01",
        "credentials": "INBOX",
        "patterns": {"*": "dossiers"},
    }
    line.source("01", {"dossiers": stated | keys})


def drop(store: Minio, name: str, data: bytes) -> None:
    store.put_object(
        bucket_name=INBOX, object_name=f"{BELOW}/01/{name}", data=io.BytesIO(data), length=len(data)
    )


def test_a_bucket_gives_each_object_once_and_again_when_it_changed(source: Line, inbox: Minio) -> None:
    drop(inbox, "a.ndjson", rows(1))
    drop(inbox, "b/c.ndjson", rows(2, LARGE))
    assert source.pull(FEED, at_day(1))["objects"] == 2
    assert source.pull(FEED, at_day(2))["state"] == "nothing new"
    drop(inbox, "a.ndjson", rows(3))
    assert source.pull(FEED, at_day(3))["objects"] == 1
    assert landed(source) == {"a.ndjson": [rows(1), rows(3)], "b/c.ndjson": [rows(2, LARGE)]}
    steps = check(source.settings, one(source.settings, FEED), at=at_day(3))
    assert [step["step"] for step in steps] == ["mapping", "credentials", "bucket", "file", "dialect"]
    assert steps[2]["told"].startswith("2 files match in 01, the newest of ")


def test_a_bucket_that_is_cut_off_within_an_object_is_resumed(source: Line, inbox: Minio) -> None:
    wanted = {f"{number}.ndjson": rows(number, LARGE) for number in range(3)}
    for name, data in wanted.items():
        drop(inbox, name, data)
    toxic = Toxic("truncate", rf"GET /{INBOX}/{BELOW}/01/1".encode(), after=100_000)
    with between(source.settings, {"s3_endpoint": toxic}) as (through, proxies):
        with pytest.raises(Unreachable):
            extract.pull(through, feed_id=FEED, at=at_day(1))
        assert proxies["s3_endpoint"].fired == 1
    assert states(source) == ["pulling"]
    assert source.pull(FEED, at_day(1))["objects"] == 3
    assert landed(source) == {name: [data] for name, data in wanted.items()}


def test_objects_wait_for_their_markers_where_a_feed_says_so(source: Line, inbox: Minio) -> None:
    from_bucket(source, settled="marker")
    drop(inbox, "a.ndjson", rows(1))
    assert source.pull(FEED, at_day(1))["waiting"] == 1
    drop(inbox, "a.ndjson.done", b"")
    assert source.pull(FEED, at_day(2))["objects"] == 1


def test_a_store_that_does_not_let_us_read_refuses_and_the_pull_goes_on_when_it_does(
    source: Line, inbox: Minio
) -> None:
    drop(inbox, "a.ndjson", rows(1))
    known = source.settings.credentials
    wrong = {**known, "INBOX": SecretStr(f"{READER}:wrong")}
    source.settings = source.settings.model_copy(update={"credentials": wrong})
    with pytest.raises(Refused, match="does not let us read"):
        source.pull(FEED, at_day(1))
    source.settings = source.settings.model_copy(update={"credentials": known})
    from_bucket(source, url="s3://landing/01-dossiers")
    with pytest.raises(Refused, match="AccessDenied"):
        source.pull(FEED, at_day(1))
    from_bucket(source)
    assert source.pull(FEED, at_day(1) + timedelta(hours=1))["objects"] == 1
