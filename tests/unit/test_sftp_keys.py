"""Who an SFTP server is, and who we are to it: pinned keys, passwords, our own key; what is told of them."""

from __future__ import annotations

import logging
from pathlib import Path

import asyncssh
import pytest

from jobs.errors import Refused, UsageFault
from jobs.settings import Settings
from jobs.sources.check import check
from jobs.sources.directory import DirectorySource
from jobs.sources.model import Feed
from tests.support import sftp
from tests.support.province import AT, asked

KEY = sftp.key()


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """The folder of the province, with a good file."""
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "good.ndjson").write_bytes(b'{"record_id": "1"}\n')
    return folder


def names(feed: Feed, settings: Settings | None = None) -> list[str]:
    source = DirectorySource(feed, settings or sftp.settings())
    return [piece.name for piece in source.pieces(asked())]


def test_a_wrong_key_is_refused_and_both_are_named(out: Path) -> None:
    other = sftp.key()
    with sftp.serving(out, other) as port, pytest.raises(Refused) as refused:
        names(sftp.feed(port, sftp.public(KEY)))
    assert refused.value.message == (
        f"01-dossiers: the server's host key is ssh-ed25519 {other.get_fingerprint()},"
        f" not the pinned ssh-ed25519 {KEY.get_fingerprint()}."
    )
    assert "by another way" in (refused.value.remedy or "")


def test_a_server_that_has_no_key_of_the_pinned_kind_is_told_apart(out: Path) -> None:
    other = sftp.key("ecdsa-sha2-nistp256")
    with (
        sftp.serving(out, other) as port,
        pytest.raises(Refused, match="host key is ecdsa-sha2-nistp256 SHA256:"),
    ):
        names(sftp.feed(port, sftp.public(KEY)))


def test_a_server_with_several_keys_shows_the_pinned_one(out: Path) -> None:
    others = [KEY, sftp.key("ecdsa-sha2-nistp256"), sftp.key("ssh-rsa")]
    with sftp.serving(out, *others) as port:
        for one in others:
            assert names(sftp.feed(port, sftp.public(one))) == ["good.ndjson"]


def test_keys_in_a_file_as_openssh_keeps_it(out: Path, tmp_path: Path) -> None:
    known = tmp_path / "known_hosts"
    with sftp.serving(out, KEY) as port:
        feed = sftp.feed(port, None, known_hosts=str(known))
        with pytest.raises(UsageFault, match="known_hosts cannot be read"):
            names(feed)
        known.write_text(f"elsewhere {sftp.public(KEY)}\n")
        with pytest.raises(UsageFault, match=f"known_hosts has no key of 127.0.0.1, port {port}"):
            names(feed)
        old = f"[127.0.0.1]:{port} {sftp.public(sftp.key())}\n"
        known.write_text(old)
        with pytest.raises(Refused, match="not the pinned"):
            names(feed)
        known.write_text(old + f"[127.0.0.1]:{port} {sftp.public(KEY)}\n")
        assert names(feed) == ["good.ndjson"]
        known.write_text(known.read_text() + f"@revoked * {sftp.public(KEY)}\n")
        with pytest.raises(Refused, match="host key is revoked"):
            names(feed)


def test_a_wrong_password_is_refused_and_not_told(out: Path) -> None:
    settings = sftp.settings(PROVINCE="province:a-wrong-password")
    with (
        sftp.serving(out, KEY) as port,
        pytest.raises(Refused, match="does not take our credentials") as refused,
    ):
        names(sftp.feed(port, sftp.public(KEY)), settings)
    assert "a-wrong-password" not in str(refused.value)


def test_no_password_is_sent_to_a_server_with_a_wrong_key(out: Path) -> None:
    asked_for: list[str] = []

    def files(channel: asyncssh.SSHServerChannel[bytes]) -> asyncssh.SFTPServer:
        asked_for.append(channel.get_extra_info("username"))
        return asyncssh.SFTPServer(channel, chroot=bytes(out))

    with sftp.serving(out, KEY, sftp=files) as port:
        with pytest.raises(Refused):
            names(sftp.feed(port, sftp.public(sftp.key())))
        assert asked_for == []
        names(sftp.feed(port, sftp.public(KEY)))
        assert asked_for == [sftp.USER]


def test_our_own_key(out: Path, tmp_path: Path) -> None:
    mine, passphrase = sftp.key(), "an-apt-passphrase"
    (tmp_path / "trusted").write_bytes(mine.export_public_key())
    (tmp_path / "mine").write_bytes(mine.export_private_key(passphrase=passphrase, rounds=50))
    (tmp_path / "broken").write_text("no key")
    settings = sftp.settings(
        PROVINCE=f"{sftp.USER}:", KEY=f"{tmp_path / 'mine'}:{passphrase}", LOCKED=f"{tmp_path / 'mine'}:x"
    )
    with sftp.serving(out, KEY, trusted=tmp_path / "trusted") as port:
        feed = sftp.feed(port, sftp.public(KEY), client_key="KEY")
        assert names(feed, settings) == ["good.ndjson"]
        for name in ("LOCKED", f"file:{tmp_path / 'broken'}"):
            with pytest.raises(UsageFault, match="client_key does not open") as fault:
                names(sftp.feed(port, sftp.public(KEY), client_key=name), settings)
            assert passphrase not in str(fault.value)


def test_nothing_is_logged_of_names_and_users(out: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    asyncssh.set_debug_level(2)
    with sftp.serving(out, KEY) as port:
        names(sftp.feed(port, sftp.public(KEY)))
    assert "good.ndjson" not in caplog.text
    assert sftp.USER not in caplog.text


def test_check_ends_at_a_wrong_key(out: Path) -> None:
    with sftp.serving(out, sftp.key()) as port:
        steps = check(sftp.settings(), sftp.feed(port, sftp.public(KEY)), at=AT)
    assert (steps[-1]["step"], steps[-1]["ok"]) == ("host key", False)
    assert "not the pinned" in steps[-1]["told"]
