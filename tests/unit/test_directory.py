"""Files of a folder, one by one: what cannot be taken is refused alone."""

from __future__ import annotations

import errno
import gzip
import io
import os
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from jobs.errors import LienthongError, Refused, Unreachable
from jobs.landing.content import sha256_of
from jobs.settings import Settings
from jobs.sources.delivery import Piece, Request, Window
from jobs.sources.directory import DirectorySource
from jobs.sources.examination import Seen, carried_out
from jobs.sources.folders import LocalFolder
from jobs.sources.model import Feed
from schemas.layout import USUAL
from tests.support.province import AT, asked

GOOD = b'{"record_id": "1"}\n'


def feed_of(folder: Path) -> Feed:
    return Feed(
        feed_id="01-dossiers",
        province_code="01",
        province_name="Tỉnh",
        kind="directory",
        dialect="dvcqg",
        url=str(folder),
        patterns={"*": "dossiers"},
    )


def delivered(folder: Path) -> dict[str, Piece]:
    """Pieces of a folder as a pull finds them."""
    source = DirectorySource(feed_of(folder), Settings(home=folder))
    pieces = [replace(one, refusal=one.judged(USUAL).refusal) for one in source.pieces(asked())]
    return {piece.name: piece for piece in pieces}


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    """A folder with a good file."""
    folder = tmp_path / "inbox"
    folder.mkdir()
    (folder / "good.ndjson").write_bytes(GOOD)
    return folder


def test_a_link_is_refused_unread(inbox: Path) -> None:
    secret = inbox.parent / "secret.ndjson"
    secret.write_bytes(b"secret")
    for name, target in (
        ("link.ndjson", secret),
        ("near.ndjson", "good.ndjson"),
        ("loop.ndjson", "loop.ndjson"),
    ):
        (inbox / name).symlink_to(target)
    found = delivered(inbox)
    for name in ("link.ndjson", "near.ndjson", "loop.ndjson"):
        assert (found[name].refusal or "").startswith("it is a link, and links are not followed")
        assert found[name].data == b""
    assert (found["good.ndjson"].data, found["good.ndjson"].refusal) == (GOOD, None)


def test_a_link_in_the_place_of_a_listed_file_is_not_followed(inbox: Path) -> None:
    (inbox.parent / "secret.ndjson").write_bytes(GOOD)
    folder = LocalFolder(feed_of(inbox))
    (entry,) = folder.entries()
    (inbox / "good.ndjson").unlink()
    (inbox / "good.ndjson").symlink_to(inbox.parent / "secret.ndjson")
    content = io.BytesIO()
    assert not folder.read(entry, content)
    assert content.getvalue() == b""


def test_what_is_neither_file_nor_link_is_left(inbox: Path) -> None:
    os.mkfifo(inbox / "pipe.ndjson")
    (inbox / "folder.ndjson").mkdir()
    assert list(delivered(inbox)) == ["good.ndjson"]


def test_a_file_that_is_written_meanwhile_is_another(inbox: Path) -> None:
    folder = LocalFolder(feed_of(inbox))
    (entry,) = folder.entries()
    for data in (GOOD * 2, GOOD[:3]):
        (inbox / "good.ndjson").write_bytes(data)
        assert not folder.read(entry, io.BytesIO())


FAULTS = {errno.EACCES: Refused, errno.ESTALE: Unreachable, errno.EIO: Unreachable}


class Failing:
    """A file of a listing whose state cannot be seen, as in a folder that may be listed and not entered."""

    name = NAME = "Nguyễn Văn Sáu.ndjson"

    def __init__(self, number: int, folder: Path) -> None:
        self._fault = OSError(number, os.strerror(number), str(folder / self.NAME))

    def stat(self, *, follow_symlinks: bool) -> os.stat_result:
        assert not follow_symlinks
        raise self._fault


@pytest.mark.parametrize("number", FAULTS)
def test_a_file_that_cannot_be_looked_at_is_not_named(
    inbox: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    folder, scandir = LocalFolder(feed_of(inbox)), os.scandir
    listed = nullcontext([Failing(number, inbox)])
    monkeypatch.setattr(os, "scandir", lambda path: listed if path == inbox else scandir(path))
    with pytest.raises(FAULTS[number]) as fault:
        folder.entries()
    assert Failing.NAME not in f"{fault.value}{fault.value.__cause__}"
    done = carried_out(iter([("folder", lambda: str(folder.entries()))]), Seen())
    assert not done.is_well
    assert Failing.NAME not in str(done)


def test_an_examination_tells_no_name_of_a_file_that_is_at_fault(inbox: Path) -> None:
    missing = inbox / Failing.NAME
    done = carried_out(iter([("file", lambda: str(missing.stat()))]), Seen())
    assert [step.told for step in done.steps] == ["FileNotFoundError: No such file or directory"]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("nowhere", "does not exist"),
        ("good.ndjson", "does not exist"),
        ("loop", "symbolic links"),
        ("x" * 300, "long"),
    ],
)
def test_a_folder_that_cannot_be_listed_is_unreachable(inbox: Path, name: str, told: str) -> None:
    (inbox / "loop").symlink_to("loop")
    with pytest.raises(Unreachable, match=told):
        LocalFolder(feed_of(inbox / name)).entries()


@pytest.mark.parametrize("number", FAULTS)
def test_a_folder_that_may_not_be_listed_is_told_as_what_it_is(
    inbox: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    folder, scandir = LocalFolder(feed_of(inbox)), os.scandir

    def failing(path: Path) -> Any:
        if path == inbox:
            raise OSError(number, os.strerror(number), str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", failing)
    with pytest.raises(LienthongError) as fault:
        folder.entries()
    assert type(fault.value) is FAULTS[number]


def test_a_mount_that_is_lost_while_a_file_is_read_is_unreachable(
    inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = LocalFolder(feed_of(inbox))
    (entry,) = folder.entries()

    class Lost:
        """What a file descriptor of a lost mount is."""

        def __enter__(self) -> Self:
            return self

        def __exit__(self, *_: object) -> None: ...

        def read(self, size: int) -> bytes:
            raise OSError(errno.EIO, os.strerror(errno.EIO), f"{size}")

    def lost(number: int, mode: str) -> Lost:
        os.close(number)
        assert mode == "rb"
        return Lost()

    monkeypatch.setattr(os, "fdopen", lost)
    with pytest.raises(Unreachable, match="Input/output error"):
        folder.read(entry, io.BytesIO())


def test_a_name_that_is_no_text_is_shown_by_its_bytes(inbox: Path) -> None:
    with open(bytes(inbox) + b"/bad\xff.ndjson", "wb") as file:  # noqa: PTH123  (a path of bytes)
        file.write(GOOD)
    assert sorted(delivered(inbox)) == ["bad\\xff.ndjson", "good.ndjson"]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b'a,b\n1,"2\n3,4\n', "line 3: unexpected end of data"),
        (b'a,b\n"1"x,2\n', "line 2: ',' expected after '\"'"),
        (b"a,b\n\xff\n", "not UTF-8 at byte 4"),
    ],
)
def test_a_broken_csv_is_refused_with_its_line(inbox: Path, data: bytes, told: str) -> None:
    (inbox / "broken.csv").write_bytes(data)
    found = delivered(inbox)
    assert told in (found["broken.csv"].refusal or "")
    assert found["broken.csv"].data == data
    assert found["good.ndjson"].refusal is None


def test_a_file_that_unpacks_to_too_much_is_refused(inbox: Path) -> None:
    (inbox / "bomb.ndjson.gz").write_bytes(gzip.compress(b"0" * 70_000_000))
    found = delivered(inbox)
    assert "bytes when unpacked" in (found["bomb.ndjson.gz"].refusal or "")
    assert found["good.ndjson"].refusal is None


def test_a_table_with_more_rows_than_bytes_is_refused(inbox: Path) -> None:
    rows = pa.table({"record_id": pa.repeat("BL1", 2_000_000)})
    pq.write_table(rows, inbox / "bomb.parquet")
    assert (inbox / "bomb.parquet").stat().st_size < 100_000
    assert "more than 1000000 rows in" in (delivered(inbox)["bomb.parquet"].refusal or "")


def test_the_place_of_what_is_not_utf8_is_told(inbox: Path) -> None:
    data = b"a,b\n" + ("ạ" * 700_000).encode() + b"\xff"
    (inbox / "latin.csv").write_bytes(data)
    (inbox / "latin.csv.gz").write_bytes(gzip.compress(data, 1))
    found = delivered(inbox)
    for name in ("latin.csv", "latin.csv.gz"):
        assert f"not UTF-8 at byte {len(data) - 1}" in (found[name].refusal or "")


def test_a_file_that_was_only_touched_is_met_and_one_that_may_not_be_read_is_not(inbox: Path) -> None:
    (inbox / "link.ndjson").symlink_to("good.ndjson")
    met: list[tuple[str, str]] = []
    known = frozenset({("good.ndjson", sha256_of(GOOD)), ("link.ndjson", sha256_of(b""))})
    request = Request(Window(), {}, known, AT, met=lambda name, stamp: met.append((name, stamp)))
    source = DirectorySource(feed_of(inbox), Settings(home=inbox))
    assert list(source.pieces(request)) == []
    (entry,) = [one for one in LocalFolder(feed_of(inbox)).entries() if one.name == "good.ndjson"]
    assert met == [("good.ndjson", entry.stamp)]
    again = replace(request, known=frozenset(), stamps=frozenset(met))
    assert [piece.name for piece in source.pieces(again)] == ["link.ndjson"]
