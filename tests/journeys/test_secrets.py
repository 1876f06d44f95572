"""Canary secrets are nowhere but in the files that keep them."""

from __future__ import annotations

import json
import logging
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from jobs import extract
from jobs.__main__ import main
from jobs.errors import LienthongError
from jobs.rebuild import backup
from jobs.rebuild.origins import SEAL
from jobs.settings import load_settings
from tests.support import canaries, places
from tests.support.hearing import overheard
from tests.support.line import Line, at_day
from tests.support.marks import Mark, Searcher
from tests.support.province import keys

COMMANDS = (
    *(
        ("status",),
        ("sources", "list"),
        ("sources", "show", "01-dossiers"),
        ("sources", "show", "04-dossiers"),
    ),
    *(("sources", "check", "01-dossiers"), ("sources", "check", "04-dossiers"), ("sync", "--plan")),
    *(("explain", "001090000001"), ("nonsense",)),
)


class Told:
    """A line whose sources refuse its credentials, and all that was said."""

    def __init__(self, line: Line, folder: Path) -> None:
        self.line, self.folder, self.said = line, folder, ""
        self.sources = {name: secrets.token_urlsafe(24) for name in ("PROVINCE", "KEY")}

    @property
    def marks(self) -> list[Mark]:
        mine = [Mark(f"credential {name}", value) for name, value in self.sources.items()]
        return [*mine, *canaries.of(self.line.settings.home)]

    def leaks(self, searched: list[places.Place]) -> dict[str, list[str]]:
        wanted = Searcher(self.marks)
        assert searched
        return {name: labels for name, data in searched if (labels := wanted.found(name.encode() + data))}


@pytest.fixture(scope="module")
def province() -> Iterator[HTTPServer]:
    """A server of this module alone: what others taught the shared one would be answered first."""
    with HTTPServer(port=0) as server:
        yield server


@pytest.fixture(scope="module")
def told(line: Line, province: HTTPServer, tmp_path_factory: pytest.TempPathFactory) -> Told:
    """One source refuses the client's secret, another has a key whose passphrase opens nothing."""
    found = Told(line, tmp_path_factory.mktemp("secrets"))
    province.expect_request("/oauth/token").respond_with_json({"error": "invalid_client"}, 401)
    (found.folder / "a.pem").write_text("none")
    tls = {
        "url": "https://motcua.example",
        "client_certificate": str(found.folder / "a.pem"),
        "client_key": "KEY",
    }
    line.source("01", {"dossiers": keys(province)})
    line.source("04", {"dossiers": {**keys(province), **tls}}, "04")
    environ = {
        "LIENTHONG_HOME": str(line.settings.home),
        "LIENTHONG_SOURCE_PATHS": line.settings.source_paths,
        "LIENTHONG_SANDBOX_URL": "",
        "LIENTHONG_CREDENTIAL_PROVINCE": f"client:{found.sources['PROVINCE']}",
        "LIENTHONG_CREDENTIAL_KEY": f"{found.folder / 'a.pem'}:{found.sources['KEY']}",
    }
    with overheard() as said:
        _pull(environ)
        for words in COMMANDS:
            main(words, environ)
            main([*words, "--json"], environ)
        backup(line.settings, to=found.folder / "backup", at=at_day(1))
    found.said = said.getvalue()
    return found


def _pull(environ: dict[str, str]) -> None:
    """Both feeds fail, with the credentials of the environment, and every word of it is logged."""
    for feed in ("01-dossiers", "04-dossiers"):
        try:
            extract.pull(load_settings(environ), feed_id=feed, at=at_day(1))
        except LienthongError:
            logging.getLogger("told").exception("failed")


def test_both_sources_were_refused(told: Told) -> None:
    assert "the token was refused (401)" in told.said
    assert "client_certificate and client_key do not open" in told.said


def test_the_searcher_finds_a_secret(told: Told) -> None:
    for mark in told.marks:
        assert told.leaks([("planted", f"password={mark.text}&".encode())]) == {"planted": [mark.label]}


def test_nothing_is_told(told: Told) -> None:
    assert told.leaks([("said", told.said.encode())]) == {}


def test_no_process_is_started_with_one(told: Told) -> None:
    assert told.leaks(list(places.commands())) == {}


def test_the_keepers_alone_have_them(told: Told) -> None:
    home = told.line.settings.home
    besides = {name: why for name, why in places.BELONGS.items() if name != "postgres"}
    leaking = told.leaks(list(places.files(home, besides)))
    assert {name: labels for name, labels in leaking.items() if not canaries.keeps(name)} == {}
    assert leaking
    assert {name: stat.S_IMODE((home / name).stat().st_mode) for name in leaking} == dict.fromkeys(
        leaking, 0o600
    )


def test_no_database_has_them(told: Told) -> None:
    settings = told.line.settings
    for url in (settings.ops_url, settings.population_url, settings.land_url, settings.business_url):
        assert told.leaks(list(places.tables(url))) == {}


def test_no_bucket_has_them(told: Told) -> None:
    settings = told.line.settings
    searched = [
        place
        for bucket in (settings.landing_bucket, settings.open_bucket)
        for place in places.bucket(settings, bucket)
    ]
    assert told.leaks([*searched, ("", b"")]) == {}


def test_a_backup_has_the_identity_key_in_its_seal_and_nothing_else(told: Told) -> None:
    folder = told.folder / "backup"
    assert json.loads((folder / SEAL).read_text())["identity_key"]
    assert told.leaks(list(places.files(folder, {}))) == {SEAL: ["identity_key"]}
