"""Files over SFTP, from real servers: the pinned key, what is taken, what is refused, and what is cut off."""

from __future__ import annotations

import asyncio
import io
import os
import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from jobs.errors import Refused, Unreachable
from jobs.settings import Settings
from jobs.sources.check import check
from jobs.sources.delivery import Piece, Request
from jobs.sources.directory import DirectorySource
from jobs.sources.folders import LINK
from jobs.sources.model import Feed
from jobs.sources.sftp import SftpFolder
from tests.support import sftp
from tests.support.province import AT, asked
from tests.support.proxy import Proxy, Toxic

KEY = sftp.key()
GOOD = b'{"record_id": "1"}\n'
LARGE = 4_000_000
"""Bytes: more than a connection holds on its way."""


def pieces(feed: Feed, request: Request, settings: Settings | None = None) -> dict[str, Piece]:
    source = DirectorySource(feed, settings or sftp.settings())
    return {piece.name: piece for piece in source.pieces(request)}


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """The folder of the province, with a good file."""
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "good.ndjson").write_bytes(GOOD)
    return folder


def large(number: int) -> bytes:
    """Lines that no other file has."""
    return (b'{"record_id": "%d"}\n' % number) * (LARGE // 20)


def test_files_are_read_as_they_are(out: Path) -> None:
    (out / "large.ndjson").write_bytes(large(1))
    (out / "folder").mkdir()
    with sftp.serving(out, KEY) as port:
        found = pieces(sftp.feed(port, sftp.public(KEY)), asked())
    assert {name: piece.refusal for name, piece in found.items()} == {
        "good.ndjson": None,
        "large.ndjson": None,
    }
    assert found["good.ndjson"].data == GOOD
    assert found["large.ndjson"].data == large(1)


def test_a_folder_below_the_one_where_the_user_begins(out: Path) -> None:
    (out / "a b").mkdir()
    (out / "a b" / "x.ndjson").write_bytes(GOOD)
    with sftp.serving(out, KEY) as port:
        for path in ("a%20b", "a%20b/", "~/a%20b"):
            url = f"sftp://127.0.0.1:{port}/{path}"
            assert list(pieces(sftp.feed(port, sftp.public(KEY), url=url), asked())) == ["x.ndjson"]


def test_a_file_that_was_landed_is_not_read_again(out: Path) -> None:
    with sftp.serving(out, KEY) as port:
        feed = sftp.feed(port, sftp.public(KEY))
        (piece,) = pieces(feed, asked()).values()
        landed = Request(**_parts(asked()), stamps=frozenset({(piece.name, piece.stamp or "")}))
        assert pieces(feed, landed) == {}
        (out / "good.ndjson").write_bytes(GOOD * 2)
        assert pieces(feed, landed)["good.ndjson"].data == GOOD * 2


def _parts(request: Request) -> dict[str, Any]:
    return {name: getattr(request, name) for name in ("window", "resume", "known", "at")}


def test_links_are_refused_unread(out: Path) -> None:
    (out.parent / "secret.ndjson").write_bytes(b"secret")
    (out / "up.ndjson").symlink_to(out.parent / "secret.ndjson")
    (out / "to.ndjson").symlink_to("good.ndjson")
    (out / "nowhere.ndjson").symlink_to("nothing")
    with sftp.serving(out, KEY) as port:
        found = pieces(sftp.feed(port, sftp.public(KEY)), asked())
    for name in ("up.ndjson", "to.ndjson", "nowhere.ndjson"):
        assert (found[name].refusal, found[name].data) == (LINK, b"")
    assert found["good.ndjson"].refusal is None


class Odd(asyncssh.SFTPServer):
    """Names what is not there, beside what is."""

    async def scandir(self, path: bytes) -> AsyncIterator[asyncssh.SFTPName]:
        async for entry in super().scandir(path):
            yield entry
        for name in (b"../up.ndjson", b"/etc/passwd", b"a\0b.ndjson", b""):
            attributes = asyncssh.SFTPAttrs(size=1, permissions=0o100644, atime=1, mtime=1)
            yield asyncssh.SFTPName(name, attrs=attributes)


def test_names_that_are_paths_are_refused_unread_and_odd_ones_shown(out: Path) -> None:
    (out.parent / "up.ndjson").write_bytes(b"secret")
    with open(bytes(out) + b"/bad\xff.ndjson", "wb") as file:  # noqa: PTH123  (a path of bytes)
        file.write(GOOD)
    with sftp.serving(out, KEY, sftp=lambda channel: Odd(channel, chroot=bytes(out))) as port:
        found = pieces(sftp.feed(port, sftp.public(KEY)), asked())
    refused = {name for name, piece in found.items() if "its name is a path" in (piece.refusal or "")}
    assert refused == {"../up.ndjson", "/etc/passwd", "a\\x00b.ndjson", ""}
    assert {found[name].data for name in refused} == {b""}
    assert found["bad\\xff.ndjson"].data == GOOD


def test_a_file_that_may_not_be_read_is_refused_alone(out: Path) -> None:
    class Strict(asyncssh.SFTPServer):
        def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> object:
            if path.endswith(b"mine.ndjson"):
                raise asyncssh.SFTPPermissionDenied("no")
            return super().open(path, pflags, attrs)

    (out / "mine.ndjson").write_bytes(GOOD)
    with sftp.serving(out, KEY, sftp=lambda channel: Strict(channel, chroot=bytes(out))) as port:
        found = pieces(sftp.feed(port, sftp.public(KEY)), asked())
    assert "it may not be read" in (found["mine.ndjson"].refusal or "")
    assert found["mine.ndjson"].stamp is None
    assert found["good.ndjson"].refusal is None


def test_a_file_that_changes_while_it_is_read_waits(out: Path) -> None:
    class Growing(asyncssh.SFTPServer):
        def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> object:
            if path.endswith(b"growing.ndjson"):
                with (out / "growing.ndjson").open("ab") as file:
                    file.write(GOOD)
            if path.endswith(b"moved.ndjson"):
                (out / "moved.ndjson").unlink()
            return super().open(path, pflags, attrs)

    for name in ("growing.ndjson", "moved.ndjson"):
        (out / name).write_bytes(GOOD)
    looks: list[Any] = []
    with sftp.serving(out, KEY, sftp=lambda channel: Growing(channel, chroot=bytes(out))) as port:
        request = Request(**_parts(asked()), saw=lambda seen: looks.append(dict(seen)))
        assert list(pieces(sftp.feed(port, sftp.public(KEY)), request)) == ["good.ndjson"]
    assert {name: look["why"] for name, look in looks[-1].items()} == dict.fromkeys(
        ("growing.ndjson", "moved.ndjson"), "it changed while it was read"
    )


def test_an_upload_is_taken_when_its_marker_comes(out: Path) -> None:
    (out / "half.ndjson").write_bytes(b'{"record_')
    (out / "good.ndjson.done").touch()
    with sftp.serving(out, KEY) as port:
        feed = sftp.feed(port, sftp.public(KEY), settled="marker")
        assert list(pieces(feed, asked())) == ["good.ndjson"]
        (out / "half.ndjson").write_bytes(GOOD)
        (out / "half.ndjson.done").touch()
        assert pieces(feed, asked())["half.ndjson"].data == GOOD


@pytest.fixture
def silent() -> Iterator[int]:
    """The port of a server that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


def test_a_silent_server_is_unreachable(silent: int) -> None:
    with pytest.raises(Unreachable, match="does not answer, or fell silent"):
        pieces(sftp.feed(silent, sftp.public(KEY), timeout_seconds=0.5), asked())


def test_a_server_that_falls_silent_is_unreachable(out: Path) -> None:
    class Silent(asyncssh.SFTPServer):
        async def read(self, *_: object) -> bytes:
            await asyncio.Event().wait()
            return b""

    with (
        sftp.serving(out, KEY, sftp=lambda channel: Silent(channel, chroot=bytes(out))) as port,
        pytest.raises(Unreachable, match="fell silent"),
    ):
        pieces(sftp.feed(port, sftp.public(KEY), timeout_seconds=0.5), asked())


def test_a_port_that_nobody_listens_on_and_one_of_another_kind() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    with pytest.raises(Unreachable, match="ConnectionRefusedError"):
        pieces(sftp.feed(port, sftp.public(KEY)), asked())


def test_a_server_without_sftp_is_refused(out: Path) -> None:
    with (
        sftp.serving(out, KEY, has_sftp=False) as port,
        pytest.raises(Refused, match="has no SFTP for us"),
    ):
        pieces(sftp.feed(port, sftp.public(KEY)), asked())


def test_no_folder_is_unreachable(out: Path) -> None:
    with (
        sftp.serving(out, KEY) as port,
        pytest.raises(Unreachable, match="the server has no folder /nowhere"),
    ):
        pieces(sftp.feed(port, sftp.public(KEY), url=f"sftp://127.0.0.1:{port}/nowhere"), asked())


class Killing(io.BytesIO):
    """Ends the server as soon as something of it came."""

    def __init__(self, kill: Any) -> None:
        super().__init__()
        self.kill = kill

    def write(self, data: Any) -> int:
        self.kill()
        return super().write(data)


def test_a_server_that_is_killed_within_a_file_is_unreachable(out: Path) -> None:
    (out / "large.ndjson").write_bytes(large(1))
    with (
        sftp.killable(out) as (process, port, host_key),
        SftpFolder(sftp.feed(port, host_key), sftp.settings()) as folder,
    ):
        (entry,) = [one for one in folder.entries() if one.name == "large.ndjson"]
        with pytest.raises(Unreachable, match="fell silent"):
            folder.read(entry, Killing(process.kill))


@pytest.mark.parametrize("first", [1, 4, 8, 12, 16, 24, 40, 80])
def test_what_was_cut_off_is_resumed_and_nothing_is_lost_or_doubled(out: Path, first: int) -> None:
    for number in range(3):
        (out / f"large-{number}.ndjson").write_bytes(large(number))
    for number in range(30):  # Small files are asked for one by one: the latest cut always comes.
        (out / f"small-{number:02d}.ndjson").write_bytes(b'{"record_id": "%d"}\n' % number)
    wanted = {file.name: file.read_bytes() for file in out.iterdir()}
    with sftp.serving(out, KEY) as port:
        cut = Proxy(("127.0.0.1", port), Toxic("cut", first=first, after=100))
        through, direct = (sftp.feed(one, sftp.public(KEY)) for one in (cut.port, port))
        came: list[Piece] = []
        with pytest.raises(Unreachable):
            came.extend(DirectorySource(through, sftp.settings()).pieces(asked()))
        cut.close()
        assert cut.fired == 1
        rest = asked(**(came[-1].resume if came else {}))
        came += DirectorySource(direct, sftp.settings()).pieces(rest)
    assert sorted(piece.name for piece in came) == sorted(wanted)
    assert {piece.name: piece.data for piece in came} == wanted


def test_check_tells_what_waits_and_names_it_when_asked(out: Path) -> None:
    (out / "half.ndjson").write_bytes(b"{")
    (out / "good.ndjson.done").touch()
    os.utime(out / "good.ndjson", (0, 1_793_000_000))
    os.utime(out / "half.ndjson", (0, 1_793_000_060))
    with sftp.serving(out, KEY) as port:
        feed = sftp.feed(port, sftp.public(KEY), settled="marker")
        steps = check(sftp.settings(), feed, at=AT)
        named = check(sftp.settings(), feed, at=AT, names=True)
    assert [one["step"] for one in steps] == [
        *("mapping", "name", "connection", "credentials", "host key", "folder")
    ]
    assert [one["ok"] for one in steps] == [True] * 6
    assert f"ssh-ed25519 {KEY.get_fingerprint()} is pinned" in steps[4]["told"]
    assert steps[5]["told"].startswith("2 files match in")
    assert steps[5]["told"].endswith("the newest of 2026-10-26 07:34 UTC; 1 wait: it has no .done beside it")
    assert "07:34 UTC (half.ndjson); 1 wait" in named[5]["told"]
    assert named[5]["told"].endswith(": half.ndjson")
