"""TLS to a source: a pinned CA and a client certificate, on the sandbox's real server (reliability R17)."""

from __future__ import annotations

import json
import logging
import shutil
import ssl
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import trustme
import uvicorn
from cryptography.hazmat.primitives import serialization

from infra.sandbox.home import configure
from infra.sandbox.server import tls
from jobs.errors import LienthongError, Refused, UsageFault
from jobs.settings import Settings, load_settings
from jobs.sources import model
from jobs.sources.check import check
from jobs.sources.rest import RestSource
from tests.support.province import asked
from tests.support.sandbox import serving

HOST, PROVINCE, FEED = "127.0.0.1", "79", "79-dossiers"
PASSPHRASE = "an-apt-passphrase"
LONG_AGO = {"not_before": datetime(2020, 1, 1, tzinfo=UTC), "not_after": datetime(2020, 2, 1, tzinfo=UTC)}


class Shop:
    """Authorities and certificates in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.province, self.clients, self.strange = trustme.CA(), trustme.CA(), trustme.CA()
        self.province.cert_pem.write_to_path(folder / "province-ca.pem")
        self.strange.cert_pem.write_to_path(folder / "strange-ca.pem")
        for name, authority, more in (
            ("mine", self.clients, {}),
            ("expired", self.clients, LONG_AGO),
            ("strange", self.strange, {}),
        ):
            self._client(name, authority.issue_cert("lienthong.example", **more))
        self._client("locked", self.clients.issue_cert("lienthong.example"), PASSPHRASE)
        for name, more in (("current", {}), ("past", LONG_AGO)):
            self._server(name, self.province.issue_cert(HOST, **more))
        self._server("elsewhere", self.province.issue_cert("motcua.example"))

    def _client(self, name: str, leaf: trustme.LeafCert, passphrase: str | None = None) -> None:
        leaf.cert_chain_pems[0].write_to_path(self.folder / f"{name}.pem")
        data = leaf.private_key_pem.bytes()
        if passphrase is not None:
            locked = serialization.BestAvailableEncryption(passphrase.encode())
            form = serialization.PrivateFormat.PKCS8
            key = serialization.load_pem_private_key(data, None)
            data = key.private_bytes(serialization.Encoding.PEM, form, locked)
        (self.folder / f"{name}.key").write_bytes(data)

    def _server(self, name: str, leaf: trustme.LeafCert) -> None:
        (self.folder / name).mkdir()
        leaf.private_key_pem.write_to_path(self.folder / name / "server.key")
        leaf.cert_chain_pems[0].write_to_path(self.folder / name / "server.pem")
        self.clients.cert_pem.write_to_path(self.folder / name / "clients.pem")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return Shop(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sandbox")
    configure(folder, seed="7", scale=0.01)
    return folder


class Server:
    """A sandbox behind TLS that counts who knocks."""

    def __init__(self, url: str, hellos: list[str]) -> None:
        self.url = url
        self.hellos = hellos


@pytest.fixture(scope="module")
def servers(shop: Shop, world: Path) -> Iterator[Callable[[str], Server]]:
    """Servers by the name of their certificate, each started when it is first asked for."""
    from contextlib import ExitStack

    with ExitStack() as running:
        known: dict[str, Server] = {}

        def named(name: str) -> Server:
            if name not in known:
                hellos: list[str] = []
                url = running.enter_context(
                    serving(world, **tls(shop.folder / name), ssl_context_factory=_counting(hellos))
                )
                known[name] = Server(url, hellos)
            return known[name]

        yield named


def _counting(hellos: list[str]) -> Callable[[uvicorn.Config, Callable[[], ssl.SSLContext]], ssl.SSLContext]:
    def made(_: uvicorn.Config, usual: Callable[[], ssl.SSLContext]) -> ssl.SSLContext:
        context = usual()
        context.sni_callback = lambda *_: hellos.append("hello")
        return context

    return made


def configured(folder: Path, shop: Shop, world: Path, url: str, **keys: str) -> Settings:
    """Settings of a line whose only feed has the given keys."""
    stated = {
        "kind": "rest",
        "dialect": "dvcqg",
        "url": f"{url}/{PROVINCE}",
        "credentials": "PROVINCE",
        **{name: str(shop.folder / value) if name != "client_key" else value for name, value in keys.items()},
    }
    lines = [f'{name} = "{value}"' for name, value in stated.items()]
    text = "\n".join([f'province = "{PROVINCE}"', 'name = "Tỉnh thử"', "[feeds.dossiers]", *lines])
    (folder / f"{PROVINCE}.toml").write_text(text)
    known = json.loads((world / "credentials.json").read_text())[PROVINCE]
    return load_settings(
        {
            "LIENTHONG_HOME": str(folder),
            "LIENTHONG_SOURCE_PATHS": str(folder),
            "LIENTHONG_CREDENTIAL_PROVINCE": f"{known['id']}:{known['secret']}",
            **{f"LIENTHONG_CREDENTIAL_{name.upper()}": str(shop.folder / f"{name}.key") for name in _KEYS},
            "LIENTHONG_CREDENTIAL_LOCKED": f"{shop.folder / 'locked.key'}:{PASSPHRASE}",
            "LIENTHONG_CREDENTIAL_WRONG": f"{shop.folder / 'locked.key'}:another",
        }
    )


_KEYS = ("mine", "expired", "strange")
GOOD = {"ca_file": "province-ca.pem", "client_certificate": "mine.pem", "client_key": "MINE"}
REFUSED: dict[str, tuple[str, dict[str, str], str, str]] = {
    "another CA": (
        "current",
        {**GOOD, "ca_file": "strange-ca.pem"},
        "does not come from the CA of ca_file",
        "change ca_file",
    ),
    "no pinned CA": (
        "current",
        {name: value for name, value in GOOD.items() if name != "ca_file"},
        "comes from no CA that this system trusts",
        "ca_file",
    ),
    "an expired certificate of the source": ("past", GOOD, "has expired", "renew"),
    "a certificate of another host": ("elsewhere", GOOD, "names another host", "url"),
    "no client certificate": (
        "current",
        {"ca_file": "province-ca.pem"},
        "wants a client certificate",
        "client_certificate",
    ),
    "an expired client certificate": (
        "current",
        {**GOOD, "client_certificate": "expired.pem", "client_key": "EXPIRED"},
        "refuses our client certificate",
        "renew client_certificate",
    ),
    "a client certificate of another CA": (
        "current",
        {**GOOD, "client_certificate": "strange.pem", "client_key": "STRANGE"},
        "refuses our client certificate",
        "ask the province",
    ),
}


def test_a_feed_is_pulled_over_tls(
    shop: Shop, world: Path, servers: Callable[[str], Server], tmp_path: Path
) -> None:
    for keys in (GOOD, {**GOOD, "client_certificate": "locked.pem", "client_key": "LOCKED"}):
        settings = configured(tmp_path, shop, world, servers("current").url, **keys)
        source = RestSource(model.one(settings, FEED), settings)
        pieces = list(source.pieces(asked()))
        assert pieces
        assert all(piece.trouble is None for piece in pieces)


@pytest.mark.parametrize("name", REFUSED)
def test_a_wrong_certificate_is_refused_at_once(
    shop: Shop,
    world: Path,
    servers: Callable[[str], Server],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    name: str,
) -> None:
    caplog.set_level(logging.DEBUG)
    which, keys, what, remedy = REFUSED[name]
    server = servers(which)
    settings = configured(tmp_path, shop, world, server.url, **keys)
    source = RestSource(model.one(settings, FEED), settings)
    before = len(server.hellos)
    with pytest.raises(Refused) as refused:
        list(source.pieces(asked()))
    assert refused.value.message.startswith(f"{FEED}: ")
    assert what in refused.value.message
    assert remedy in (refused.value.remedy or "")
    assert len(server.hellos) - before <= 2  # The request, and one look at why it was cut off.
    _says_no_secret(shop, settings, str(refused.value) + caplog.text)
    steps = check(settings, model.one(settings, FEED), at=datetime.now(UTC))
    assert (steps[-1]["ok"], steps[-1]["told"]) == (False, refused.value.message)


def _says_no_secret(shop: Shop, settings: Settings, text: str) -> None:
    for secret in settings.credentials.values():
        assert secret.get_secret_value() not in text
    for file in shop.folder.rglob("*"):
        if file.is_file():
            assert not [line for line in file.read_text().splitlines()[1:-1] if line in text]


FILES: dict[str, tuple[dict[str, str], str]] = {
    "a CA file without certificates": ({**GOOD, "ca_file": "mine.key"}, "ca_file is not readable"),
    "no pair": ({**GOOD, "client_key": "STRANGE"}, "are no pair"),
    "a wrong passphrase": (
        {**GOOD, "client_certificate": "locked.pem", "client_key": "WRONG"},
        "do not open",
    ),
    "no such setting": ({**GOOD, "client_key": "NOBODY"}, "LIENTHONG_CREDENTIAL_NOBODY is not set"),
}


@pytest.mark.parametrize("name", FILES)
def test_files_that_cannot_be_used_are_named(shop: Shop, world: Path, tmp_path: Path, name: str) -> None:
    keys, told = FILES[name]
    settings = configured(tmp_path, shop, world, "https://motcua.example", **keys)
    with pytest.raises(UsageFault, match=FEED) as fault:
        RestSource(model.one(settings, FEED), settings)
    assert told in fault.value.message
    assert fault.value.remedy
    _says_no_secret(shop, settings, str(fault.value))


KEYS: dict[str, tuple[str, dict[str, str], str]] = {
    "without https": ("http://motcua.example", GOOD, "79.toml: ca_file needs a url with https:// (line 8)"),
    "a certificate without its key": (
        "https://motcua.example",
        {"client_certificate": "mine.pem"},
        "79.toml: client_certificate stands alone; name client_certificate and client_key together (line 8)",
    ),
    "a file that does not exist": (
        "https://motcua.example",
        {"ca_file": "nowhere.pem"},
        "79.toml: ca_file is not the absolute path of a file that exists (line 8)",
    ),
}


@pytest.mark.parametrize("name", KEYS)
def test_keys_are_checked_when_they_are_read(shop: Shop, world: Path, tmp_path: Path, name: str) -> None:
    url, keys, told = KEYS[name]
    settings = configured(tmp_path, shop, world, url, **keys)
    fault = model.sources(settings).faults["79.toml"]
    assert told in fault
    assert "Remedy:" in fault


def test_a_file_that_goes_later_is_a_fault_of_its_feed(shop: Shop, world: Path, tmp_path: Path) -> None:
    mine = tmp_path / "ca.pem"
    shutil.copy(shop.folder / "province-ca.pem", mine)
    settings = configured(tmp_path, shop, world, "https://motcua.example", **{**GOOD, "ca_file": str(mine)})
    feed: Any = model.one(settings, FEED)
    mine.unlink()
    with pytest.raises(LienthongError, match="ca_file is not readable"):
        RestSource(feed, settings)
