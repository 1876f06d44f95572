"""The provinces' SFTP server: a folder for each user, its key pinned from the first start, and its faults."""

from __future__ import annotations

import gzip
import json
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import asyncssh
import httpx2 as httpx
import pytest

from infra.sandbox.exports import EXPORTED, SFTP
from infra.sandbox.home import configure
from jobs.errors import Refused, Unreachable
from jobs.settings import CHECKOUT, Settings
from jobs.sources import model
from jobs.sources.directory import DirectorySource
from jobs.sources.sftp import SftpFolder
from tests.support.province import asked
from tests.support.sandbox import serving

PROVINCE, OTHER = EXPORTED[SFTP][:2]
FIRST, SECOND = "hoso-20261102.csv.gz", "hoso-20261103.csv.gz"
Control = Callable[..., None]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    configure(folder / "sandbox", seed="7", scale=0.01)
    return folder


@pytest.fixture(scope="module")
def served(home: Path) -> Iterator[Settings]:
    sftp = socket.create_server(("127.0.0.1", 0))
    sftp_url = f"sftp://127.0.0.1:{sftp.getsockname()[1]}"
    with serving(home / "sandbox", sftp=sftp) as url:
        httpx.post(f"{url}/_control/advance", json={"day": 2}, timeout=60, trust_env=False).raise_for_status()
        paths = str(CHECKOUT / "infra" / "sources")
        yield Settings(home=home, sandbox_url=url, sandbox_sftp_url=sftp_url, source_paths=paths)


@pytest.fixture
def fault(served: Settings) -> Iterator[Control]:
    url = f"{served.sandbox_url}/_control/faults"

    def switched(kind: str) -> None:
        asked_for = {"province": PROVINCE, "kind": kind}
        httpx.post(url, json=asked_for, trust_env=False).raise_for_status()

    yield switched
    httpx.request("DELETE", url, trust_env=False).raise_for_status()


def names(settings: Settings, province: str = PROVINCE) -> list[str]:
    feed = model.one(settings, f"{province}-dossiers")
    return [piece.name for piece in DirectorySource(feed, settings).pieces(asked())]


def test_a_province_delivers_its_evenings(served: Settings, home: Path) -> None:
    for province in EXPORTED[SFTP]:
        feed = model.one(served, f"{province}-dossiers")
        found = {piece.name: piece for piece in DirectorySource(feed, served).pieces(asked())}
        assert list(found) == [FIRST, SECOND]
        for name, piece in found.items():
            assert piece.data == (home / "sandbox" / "exports" / SFTP / province / name).read_bytes()
            assert piece.refusal is None
    assert gzip.decompress(found[FIRST].data)


def test_a_user_sees_the_folder_of_its_province_alone_and_writes_nothing(served: Settings) -> None:
    with SftpFolder(model.one(served, f"{PROVINCE}-dossiers"), served) as folder:
        client, done = folder._client, folder._done
        for path in (f"/../{OTHER}", f"../../{SFTP}/{OTHER}", "/../../../credentials.json"):
            with pytest.raises(asyncssh.SFTPError):
                done(client.stat(path))
        for change in (
            client.remove(FIRST),
            client.mkdir("a"),
            client.rename(FIRST, "b"),
            written(client),
        ):
            with pytest.raises(asyncssh.SFTPPermissionDenied):
                done(change)
        assert FIRST in done(client.listdir("."))


async def written(client: asyncssh.SFTPClient) -> None:
    await client.open("c", "w")


def test_one_provinces_password_does_not_open_anothers(served: Settings, home: Path, tmp_path: Path) -> None:
    known = json.loads((home / "sandbox" / "credentials.json").read_text())
    (tmp_path / "mixed.json").write_text(json.dumps({"x": {**known[OTHER], "id": known[PROVINCE]["id"]}}))
    feed = model.one(served, f"{PROVINCE}-dossiers")
    feed = feed.model_copy(update={"credentials": f"file:{tmp_path / 'mixed.json'}#x"})
    with pytest.raises(Refused, match="does not take our credentials"):
        list(DirectorySource(feed, served).pieces(asked()))


def test_the_servers_key_stays(served: Settings, home: Path) -> None:
    before = (home / "sandbox" / "known_hosts").read_text().split()[1:]
    with socket.create_server(("127.0.0.1", 0)) as sftp, serving(home / "sandbox", sftp=sftp):
        assert (home / "sandbox" / "known_hosts").read_text().split()[1:] == before
    assert (home / "sandbox" / "ssh_host_key").stat().st_mode & 0o077 == 0
    port = served.sandbox_sftp_url.rpartition(":")[2]
    (home / "sandbox" / "known_hosts").write_text(f"[127.0.0.1]:{port} {' '.join(before)}\n")


def test_faults_over_sftp(served: Settings, fault: Control) -> None:
    fault("down")
    with pytest.raises(Unreachable):
        names(served)
    assert names(served, OTHER) == [FIRST, SECOND]
    fault("token_expired")
    with pytest.raises(Refused, match="does not take our credentials"):
        names(served)


def test_an_upload_that_is_not_finished_waits(served: Settings, fault: Control) -> None:
    fault("unfinished")
    assert names(served) == [FIRST]


def test_a_file_is_cut_off_now_and_then(served: Settings, fault: Control) -> None:
    fault("flaky")
    feed = model.one(served, f"{PROVINCE}-dossiers")
    came: list[str] = []
    faults = 0
    while len(came) < 2:
        resume = {"names": list(came)}
        try:
            came.extend(piece.name for piece in DirectorySource(feed, served).pieces(asked(**resume)))
        except Unreachable:
            faults += 1
    assert came == [FIRST, SECOND]
    assert faults > 0
