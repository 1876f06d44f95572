"""Files of sources: what is wrong with one is told, and takes no other down."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobs.errors import UsageFault
from jobs.settings import Settings
from jobs.sources import model
from schemas import dialect as dialects
from tests.support.invented import dialects as invented
from tests.support.invented import table

HEAD = 'province = "01"\nname = "Tỉnh"\n'
REST = '[feeds.dossiers]\nkind = "rest"\ndialect = "dvcqg"\nurl = "https://motcua.example"\n'
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDuHsL9c5b4zsDaFXFgs6qcqKykMT+1BYZXFI1PiOpFM"
SFTP = """[feeds.dossiers]
kind = "directory"
dialect = "td"
url = "sftp://motcua.example/out"
credentials = "PROVINCE"
patterns = { "*" = "dossiers" }
"""
DATABASE = (
    '[feeds.dossiers]\nkind = "database"\ndialect = "epar"\nurl = "mysql://motcua.example/epar"\n'
    'credentials = "X"\n'
)
WRONG = {
    "no TOML": ("province = ", "a.toml: Invalid value"),
    "no province of the 34": (HEAD.replace("01", "99") + REST, "a.toml: province 99 is none of the 34"),
    "a key that is not known": (HEAD + REST + "urll = 1\n", "a.toml: urll: Extra inputs"),
    "no such kind": (HEAD + REST.replace("rest", "ftp"), "a.toml: kind: Input should be"),
    "no such dialect": (HEAD + REST.replace("dvcqg", "nope"), "dialect 'nope' does not exist; use one of"),
    "no host": (HEAD + REST.replace("https://motcua.example", "motcua.example"), "url must be http"),
    "no port": (HEAD + REST.replace("example", "example:99999999"), "url must be http"),
    "a folder that moves with the process": (
        HEAD + REST.replace("rest", "directory").replace("https://motcua.example", "inbox"),
        "url must be an absolute folder, s3://",
    ),
    "a folder without patterns": (
        HEAD + REST.replace("rest", "directory").replace("https://motcua.example", "/inbox"),
        "a directory needs patterns",
    ),
    "messages in files, asked for by HTTP": (
        HEAD + REST.replace("dvcqg", "edxml"),
        "dialect edxml is one of files; kind must be directory",
    ),
    "messages taken for dossiers": (
        HEAD
        + REST.replace("rest", "directory")
        .replace("https://motcua.example", "/inbox")
        .replace("dvcqg", "edxml")
        + 'patterns = { "*" = "dossiers" }\n',
        "patterns name dossiers; use documents or a baseline procedure",
    ),
    "a feed's name with a slash": (
        HEAD + REST.replace("dossiers", '"a/b"'),
        "a.toml: feed_id: String should",
    ),
    "an encoding that no file has": (
        HEAD + REST + '[feeds.dossiers.layout]\nencoding = "latin-1"\n',
        "layout encoding: no such writing; use one of utf-8, utf-16, utf-16-le, utf-16-be, windows-1258,",
    ),
    "a layout that is the dialect's": (
        HEAD + REST + '[feeds.dossiers.layout]\nidentity = "id"\n',
        "layout identity: no such key; use one of",
    ),
    "a drift of no kind": (
        HEAD + REST + '[feeds.dossiers.drift]\n"gone:email" = "warn"\n',
        "drift names gone:email; use added, renamed, retyped, missing, code, alone or with :path",
    ),
    "no such policy": (HEAD + REST + 'drift = { added = "shrug" }\n', "a.toml: drift.added: Input should be"),
    "an SFTP server without a key": (HEAD + SFTP, "host_key or known_hosts must name the server's key"),
    "an SFTP server with two": (
        HEAD + SFTP + f'host_key = "{KEY}"\nknown_hosts = "/a"\n',
        "host_key or known_hosts must name the server's key, one of them",
    ),
    "a host key that is none": (HEAD + SFTP + 'host_key = "ssh-ed25519 AAAA"\n', "host_key is no key"),
    "a host key with its host": (HEAD + SFTP + f'host_key = "motcua {KEY}"\n', "host_key is no key"),
    "a file of keys that moves with the process": (
        HEAD + SFTP + 'known_hosts = "keys"\n',
        "known_hosts is not the absolute path",
    ),
    "an SFTP server without a user": (
        HEAD + SFTP.replace("credentials", "# ") + f'host_key = "{KEY}"\n',
        "credentials must name our user",
    ),
    "a secret in the URL of an SFTP server": (
        HEAD + SFTP.replace("sftp://", "sftp://me:secret@") + f'host_key = "{KEY}"\n',
        "url must have host, port and folder alone",
    ),
    "a host key of a folder": (
        HEAD + SFTP.replace("sftp://motcua.example", "") + f'host_key = "{KEY}"\n',
        "host_key needs a url with sftp://",
    ),
    "patience with a folder": (
        HEAD + SFTP.replace("sftp://motcua.example", "") + "timeout_seconds = 60\n",
        "timeout_seconds needs a url with sftp:// or http",
    ),
    "a certificate for SFTP": (
        HEAD + SFTP + f'host_key = "{KEY}"\nca_file = "/a"\n',
        "ca_file needs a url with https://",
    ),
    "no such rule of what is whole": (
        HEAD + SFTP + f'host_key = "{KEY}"\nsettled = "soon"\n',
        "settled: Input should be 'whole', 'marker' or 'size'",
    ),
    "a database of no kind": (
        HEAD + DATABASE.replace("mysql:", "oracle:"),
        "url must be postgresql:// or mysql:// with a host and a database",
    ),
    "a server without a database": (HEAD + DATABASE.replace("/epar", ""), "with a host and a database"),
    "a user in a URL": (HEAD + DATABASE.replace("//", "//me:secret@"), "url must name no user"),
    "an option of the driver's": (
        HEAD + DATABASE.replace("/epar", "/epar?local_infile=1"),
        "?tls=on or ?tls=off, and nothing else",
    ),
    "a dialect without a table": (
        HEAD + DATABASE.replace('"epar"', '"dvcqg"'),
        "dialect dvcqg has no [table]",
    ),
    "a certificate for a line without TLS": (
        HEAD + DATABASE.replace("/epar", "/epar?tls=off") + 'ca_file = "/etc/ca.pem"\n',
        "ca_file needs TLS",
    ),
    "a secret in a URL": (HEAD + REST.replace("motcua", "${ops_url}"), "there is no ${ops_url}"),
}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path, source_paths=str(tmp_path), ops_url="postgresql://u:secret@h/ops")


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_file_is_told_and_the_others_are_read(settings: Settings, name: str) -> None:
    text, told = WRONG[name]
    (settings.home / "a.toml").write_text(text, encoding="utf-8")
    (settings.home / "b.toml").write_text(HEAD + REST, encoding="utf-8")
    found = model.sources(settings)
    assert list(found.feeds) == ["b-dossiers"]
    assert told in found.faults["a.toml"]
    assert "Remedy:" in found.faults["a.toml"]
    assert "secret" not in found.faults["a.toml"]
    with pytest.raises(UsageFault, match=r"a\.toml"):
        model.one(settings, "a-dossiers")


def test_a_feed_over_sftp(settings: Settings) -> None:
    (settings.home / "a.toml").write_text(HEAD + SFTP + f'host_key = "{KEY} a comment"\n', encoding="utf-8")
    (feed,) = model.load(settings).values()
    assert feed.rule == "size"


def test_a_file_that_is_no_text(settings: Settings) -> None:
    (settings.home / "a.toml").write_bytes(b"\xff\xfe")
    assert "it is UTF-8" in model.sources(settings).faults["a.toml"]


def test_what_is_no_file_is_told_and_what_an_editor_left_is_passed_over(settings: Settings) -> None:
    (settings.home / "b.toml").write_text(HEAD + REST, encoding="utf-8")
    (settings.home / ".#b.toml").symlink_to("nobody@host.1")
    (settings.home / "link.toml").symlink_to(settings.home / "nowhere")
    (settings.home / "folder.toml").mkdir()
    (settings.home / "deep.toml").write_text(f"x = {'[' * 3000}{']' * 3000}\n", encoding="utf-8")
    (settings.home / "long.toml").write_text(f"x = {'9' * 5000}\n", encoding="utf-8")
    found = model.sources(settings)
    assert list(found.feeds) == ["b-dossiers"]
    assert {
        name: fault.split(". Remedy: ")[0] for name, fault in found.faults.items() if name != "long.toml"
    } == {
        "link.toml": "link.toml: it cannot be read (No such file or directory)",
        "folder.toml": "folder.toml: it cannot be read (Is a directory)",
        "deep.toml": "deep.toml: its values are nested too deep",
    }
    assert set(found.faults) == {"link.toml", "folder.toml", "deep.toml", "long.toml"}


def test_a_wrong_file_does_not_bring_back_the_one_that_it_replaces(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        folder.mkdir()
    (first / "a.toml").write_text(HEAD + REST, encoding="utf-8")
    (second / "a.toml").write_text("province = ", encoding="utf-8")
    found = model.sources(Settings(home=tmp_path, source_paths=f"{first}:{second}"))
    assert (dict(found.feeds), list(found.faults)) == ({}, ["a.toml"])


def test_a_feed_states_how_its_files_are_written_against_its_dialect(settings: Settings) -> None:
    stated = '[feeds.dossiers.layout]\nencoding = "tcvn3"\nheader_row = 3\n'
    (settings.home / "a.toml").write_text(HEAD + REST + stated, encoding="utf-8")
    layout = model.layout_of(model.one(settings, "a-dossiers"))
    assert (layout.encoding, layout.header_row, layout.delimiter) == ("tcvn3", 3, None)
    assert layout.items == dialects.load("dvcqg").layout.items
    assert "DinhDanhCHS" in layout.lists


def test_lists_within_the_items_of_a_form_are_known(settings: Settings, tmp_path: Path) -> None:
    """An element of XML that may repeat is a list, also where it stands once."""
    nested = table("select 1").replace('path = "ten"', 'path = "giay[].ten"')
    (settings.home / "a.toml").write_text(HEAD + REST.replace("dvcqg", "nested"), encoding="utf-8")
    with invented(tmp_path, nested=nested):
        assert model.layout_of(model.one(settings, "a-dossiers")).lists == ("nguoi.giay",)
