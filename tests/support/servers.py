"""Database servers of a test's own, which it may kill: real ones, in a folder, on a port of theirs."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
import sqlalchemy as sa

from infra.embedded import mariadb, postgres
from infra.embedded.service import Service
from infra.embedded.system import MARIADB_MISSING, mariadb_prefix
from jobs.settings import Settings, load_settings
from jobs.sources.delivery import Piece, Request, Window
from jobs.sources.model import Feed
from tests.support.province import AT

KINDS = ("postgresql", "mysql")
PASSWORD = "an-open-secret"
READER = ("lienthong_reader", "another-secret")
DATABASE = "motcua"
_PATIENCE = 60


class Running:
    """A server with the database of a one-stop system, and a reader who has no right yet."""

    def __init__(self, kind: str, folder: Path, more: Sequence[str] = ()) -> None:
        self.kind = kind
        (folder / "run").mkdir(parents=True)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self._service = self._made(folder, more)
        self._command = (*self._service.command, *(more if kind == "postgresql" else ()))
        self._log = folder / "log"
        self.start()
        with self.server().connect() as connection:
            connection.exec_driver_sql(f"create database {DATABASE}")
            for statement in self._let_in():
                connection.exec_driver_sql(statement)

    def _made(self, folder: Path, more: Sequence[str]) -> Service:
        if self.kind == "postgresql":
            values = {"postgres_port": str(self.port), "postgres_password": PASSWORD}
            return postgres.postgres(folder, values)
        installed = mariadb_prefix()
        assert installed is not None
        return mariadb.server(
            folder / "mariadb",
            port=str(self.port),
            password=PASSWORD,
            installed=installed,
            init=folder / "run" / "mariadb.sql",
            more=more,
        )

    def _let_in(self) -> list[str]:
        user, secret = READER
        if self.kind == "postgresql":
            return [f"create role {user} login password '{secret}'"]
        return [f"create user {user}@'127.0.0.1' identified by '{secret}'"]

    def start(self) -> None:
        """Starts it, and waits until it answers; after a kill it recovers first."""
        assert self._service.prepare is not None
        self._service.prepare()
        end = time.monotonic() + _PATIENCE
        self._process = self._begun()
        while not self._service.ready():
            assert time.monotonic() < end, self._log.read_text()[-2000:]
            if self._process.poll() is not None:  # What a killed one has left may still be ending.
                self._process = self._begun()
            time.sleep(0.05)

    def _begun(self) -> subprocess.Popen[bytes]:
        with self._log.open("ab") as log:
            return subprocess.Popen(self._command, stdout=log, stderr=log, cwd="/")

    def kill(self) -> None:
        """Ends it as a power cut would."""
        process = psutil.Process(self._process.pid)
        mine = [process, *process.children(recursive=True)]
        for one in mine:
            one.kill()
        psutil.wait_procs(mine, timeout=_PATIENCE)
        self._process.wait()

    def stop(self) -> None:
        """Ends it in order."""
        self._process.send_signal(signal.SIGINT if self.kind == "postgresql" else signal.SIGTERM)
        self._process.wait(_PATIENCE)

    def server(self) -> sa.Engine:
        """Its owner's way in, each statement a transaction of its own."""
        return self._engine("postgres" if self.kind == "postgresql" else "mysql")

    def owner(self) -> sa.Engine:
        """The owner's way into the one-stop system's database."""
        return self._engine(DATABASE)

    def _engine(self, database: str) -> sa.Engine:
        driver = {"postgresql": "postgresql+psycopg", "mysql": "mysql+pymysql"}[self.kind]
        url = f"{driver}://lienthong:{PASSWORD}@127.0.0.1:{self.port}/{database}"
        encoding = {"client_encoding": "utf8"} if self.kind == "postgresql" else {}
        return sa.create_engine(
            url, isolation_level="AUTOCOMMIT", poolclass=sa.pool.NullPool, connect_args=encoding
        )

    def run(self, *statements: str) -> None:
        """Carries out statements as the owner; ``%`` stands for itself."""
        with self.owner().connect() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement.replace("%", "%%"))

    def grant(self, table: str) -> None:
        """Lets the reader select from a table, and nothing else."""
        at = "" if self.kind == "postgresql" else "@'127.0.0.1'"
        self.run(f"grant select on {table} to {READER[0]}{at}")
        if self.kind == "mysql":
            self.run("flush tables")  # What it knows of users would not outlive a kill.

    def url(self, port: int | None = None) -> str:
        """URL of a feed."""
        return f"{self.kind}://127.0.0.1:{port or self.port}/{DATABASE}"

    def feed(self, dialect: str, **keys: Any) -> Feed:
        """A feed of the database."""
        stated = {
            "feed_id": "33-dossiers",
            "province_code": "33",
            "province_name": "Tỉnh thử",
            "kind": "database",
            "dialect": dialect,
            "url": self.url(),
            "credentials": "PROVINCE",
        }
        return Feed.model_validate({**stated, **keys})


def known(**more: str) -> Settings:
    """Settings with the reader's credentials."""
    return load_settings({"LIENTHONG_CREDENTIAL_PROVINCE": ":".join(READER), **more})


def asked(window: Window | None = None, **resume: Any) -> Request:
    """A request for what a source has."""
    return Request(window or Window(), resume, frozenset(), AT)


def last(pieces: Sequence[Piece]) -> dict[str, Any]:
    """State after the last of some pieces."""
    return dict(pieces[-1].resume)


@contextmanager
def running(kind: str, folder: Path, more: Sequence[str] = ()) -> Iterator[Running]:
    """A server until the end of the block; MariaDB is skipped where a machine has none, never in CI."""
    if kind == "mysql" and mariadb_prefix() is None:
        assert not os.environ.get("CI"), MARIADB_MISSING
        pytest.skip(MARIADB_MISSING)
    server = Running(kind, folder, more)
    try:
        yield server
    finally:
        server.stop()


def until(condition: Callable[[], bool]) -> None:
    """Waits for a condition."""
    end = time.monotonic() + _PATIENCE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)
