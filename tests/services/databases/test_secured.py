"""TLS to a database: the CA that is named alone is trusted, and ours is shown to who asks for it."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import trustme

from infra.embedded.system import give
from jobs.errors import Refused
from jobs.sources.check import check
from jobs.sources.database import DatabaseSource
from jobs.sources.model import Feed
from tests.services.databases.test_reading import SELECT, ids, table
from tests.support.province import AT
from tests.support.servers import KINDS, READER, Running, asked, known, running
from tests.support.terminator import terminated

COLUMNS = "ma integer primary key, sua INSTANT, ten varchar(20)"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Certificates in a folder that the servers may read."""
    folder = tmp_path_factory.mktemp("certificates")
    province, clients, strange = trustme.CA(), trustme.CA(), trustme.CA()
    for name, authority in (("province", province), ("clients", clients), ("strange", strange)):
        authority.cert_pem.write_to_path(folder / f"{name}-ca.pem")
    for name, leaf in (
        ("server", province.issue_cert("127.0.0.1")),
        ("mine", clients.issue_cert("lienthong.example")),
        ("stranger", strange.issue_cert("lienthong.example")),
    ):
        leaf.private_key_pem.write_to_path(folder / f"{name}.key")
        leaf.cert_chain_pems[0].write_to_path(folder / f"{name}.pem")
        (folder / f"{name}.key").chmod(0o600)
    for file in ("server.key", "server.pem", "clients-ca.pem"):
        give(folder / file)
    return folder


class Secured:
    """A server with TLS and a small table; who must show a certificate is told by ``demand``."""

    def __init__(self, server: Running, port: int, demand: Callable[[], object]) -> None:
        self.server, self.port, self.demand = server, port, demand

    def feed(self, dialect: str, **stated: str) -> Feed:
        return self.server.feed(dialect, **{"url": self.server.url(self.port), **stated})


@pytest.fixture(scope="module", params=KINDS)
def secured(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, shop: Path
) -> Iterator[Secured]:
    files = {"cert": shop / "server.pem", "key": shop / "server.key", "ca": shop / "clients-ca.pem"}
    more = [f"--ssl-{name}={file}" for name, file in files.items()]
    folder = tmp_path_factory.mktemp("secured")
    with running(request.param, folder, more if request.param == "mysql" else ()) as one:
        table(one, COLUMNS, "(1, '2026-11-02 09:00:00', 'An')")
        if one.kind == "mysql":
            statement = f"alter user {READER[0]}@'127.0.0.1' require x509"
            yield Secured(one, one.port, lambda: one.run(statement))
            return
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=files["ca"])
        tls.load_cert_chain(files["cert"], files["key"])
        with terminated(("127.0.0.1", one.port), tls) as port:
            yield Secured(one, port, lambda: setattr(tls, "verify_mode", ssl.CERT_REQUIRED))


def keys(shop: Path, **files: str) -> dict[str, str]:
    stated = {name: str(shop / file) for name, file in files.items()}
    if "client_key" in stated:
        stated["client_key"] = f"file:{stated['client_key']}"
    return stated


def test_a_database_is_read_over_tls(secured: Secured, shop: Path, dialect: Callable[..., str]) -> None:
    feed = secured.feed(dialect(SELECT), **keys(shop, ca_file="province-ca.pem"))
    assert ids(list(DatabaseSource(feed, known()).pieces(asked()))) == [1]
    told = {step["step"]: step["told"] for step in check(known(), feed, at=AT)}
    assert "with TLS" in told["login"]


def test_what_is_not_who_it_should_be_is_refused(
    secured: Secured, shop: Path, dialect: Callable[..., str]
) -> None:
    name = dialect(SELECT)
    url = secured.server.url(secured.port)
    elsewhere = url.replace("127.0.0.1", "localhost")
    for stated, told in (
        (keys(shop, ca_file="strange-ca.pem"), "does not come from the CA of ca_file"),
        ({"url": f"{url}?tls=on"}, "comes from no CA that this system trusts"),
        (
            {**keys(shop, ca_file="province-ca.pem"), "url": elsewhere},
            "names another host",
        ),
    ):
        with pytest.raises(Refused, match=told) as fault:
            list(DatabaseSource(secured.feed(name, **stated), known()).pieces(asked()))
        assert fault.value.remedy


def test_who_must_show_a_certificate_shows_it(
    secured: Secured, shop: Path, dialect: Callable[..., str]
) -> None:
    name, ca = dialect(SELECT), keys(shop, ca_file="province-ca.pem")
    mine = {**ca, **keys(shop, client_certificate="mine.pem", client_key="mine.key")}
    stranger = {**ca, **keys(shop, client_certificate="stranger.pem", client_key="stranger.key")}
    secured.demand()
    assert ids(list(DatabaseSource(secured.feed(name, **mine), known()).pieces(asked()))) == [1]
    for stated in (ca, stranger):
        with pytest.raises(Refused, match=r"client certificate|does not let us in"):
            list(DatabaseSource(secured.feed(name, **stated), known()).pieces(asked()))
