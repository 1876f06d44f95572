"""A connection to a source's database: read-only, in one snapshot, waiting for no lock of the owner's."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from jobs.settings import Settings
from jobs.sources.credentials import client_key_of, credentials_of
from jobs.sources.database import faults, values
from jobs.sources.model import Feed
from jobs.sources.tls import context_of

_DRIVERS: Mapping[str, str] = {"postgresql": "postgresql+psycopg", "mysql": "mysql+pymysql"}
"""By the scheme of a feed's URL; MariaDB is ``mysql``."""
_CONNECT_SECONDS = 10
_LOCK_SECONDS = 5
"""For a lock of the owner's, such as that of a change of a table: then we are the ones to go."""
_SILENT_SECONDS = 300
"""Without a row; the server may have to sort a table that has no index."""
_QUERY_SECONDS = 3600
"""Of a query of MySQL with all its rows; one that is ended goes on after its last page in the next pull."""
_PAUSE_SECONDS = 600
"""That the server may be let wait while a page is landed."""
_POSTGRESQL = (
    "set default_transaction_read_only = on",
    f"set lock_timeout = '{_LOCK_SECONDS}s'",
    f"set statement_timeout = '{_SILENT_SECONDS}s'",
    "set time zone 7",  # Viet Nam's; it needs no file of zones of the server's.
    "set datestyle = 'ISO'",
    "set intervalstyle = 'iso_8601'",
    "set bytea_output = 'hex'",
    "set extra_float_digits = 1",
)
_MYSQL = (
    "set session transaction isolation level repeatable read",
    f"set session lock_wait_timeout = {_LOCK_SECONDS}, innodb_lock_wait_timeout = {_LOCK_SECONDS}",
    f"set session net_write_timeout = {_PAUSE_SECONDS}",
    "set session time_zone = '+07:00'",
    # A mapping's select is one for all servers: double quotes are for identifiers.
    "set session sql_mode = concat(@@session.sql_mode, ',ANSI_QUOTES')",
)
_SNAPSHOT = "start transaction with consistent snapshot, read only"


def is_secured(feed: Feed) -> bool:
    """Whether connections have TLS: always, unless the URL says not or the server is this machine."""
    if feed.url.endswith(("?tls=on", "?tls=off")):
        return feed.url.endswith("?tls=on")
    if feed.ca_file is not None or feed.client_certificate is not None:
        return True
    host = urlsplit(feed.url).hostname or ""
    try:
        return not ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host != "localhost"


class Server:
    """The database of one feed."""

    def __init__(self, feed: Feed, settings: Settings) -> None:
        """Opens nothing yet.

        Raises:
            UsageFault: Credentials or certificates are not there.
        """
        self.feed = feed
        self.is_mysql = urlsplit(feed.url).scheme == "mysql"
        self._tls = context_of(feed, settings) if is_secured(feed) else None
        user, password = credentials_of(feed, settings)
        self.engine = sa.create_engine(
            sa.make_url(feed.url).set(
                drivername=_DRIVERS[urlsplit(feed.url).scheme],
                username=user,
                password=password,
                query={"charset": "utf8mb4"} if self.is_mysql else {},
            ),
            isolation_level="AUTOCOMMIT" if self.is_mysql else "REPEATABLE READ",
            poolclass=sa.pool.NullPool,
            connect_args=self._of_mysql() if self.is_mysql else self._of_postgresql(settings),
            hide_parameters=True,
        )

    @contextmanager
    def snapshot(self) -> Iterator[sa.Connection]:
        """A connection all of whose reads see the state of one moment, and which can write nothing.

        It is cut at its end: rows that the server has still to send are not waited for.

        Raises:
            Unreachable: The server does not answer, ends, or its owner's lock is in the way.
            Refused: It does not let us in, lets us not read, or does not understand the ``select``.
        """
        try:
            with self.engine.connect() as connection:
                driver = connection.connection.driver_connection
                try:
                    self._prepare(connection)
                    yield connection
                finally:
                    _forget_rest(driver)
                    connection.invalidate()
        except DBAPIError as error:
            raise faults.of(self.feed, error, self._tls) from error

    def _prepare(self, connection: sa.Connection) -> None:
        for statement in _MYSQL if self.is_mysql else _POSTGRESQL:
            connection.exec_driver_sql(statement)
        if self.is_mysql:
            is_mariadb = getattr(connection.dialect, "is_mariadb", False)
            limit = "max_statement_time = {}" if is_mariadb else "max_execution_time = {}000"
            connection.exec_driver_sql(f"set session {limit.format(_QUERY_SECONDS)}")
            connection.exec_driver_sql(_SNAPSHOT)
        else:
            if connection.exec_driver_sql("show server_encoding").scalar() == "SQL_ASCII":
                connection.exec_driver_sql("set client_encoding = 'SQL_ASCII'")  # Bytes of any kind.
            connection.commit()  # The next query begins the transaction, and with it the snapshot.
            values.as_written(connection)

    def _of_postgresql(self, settings: Settings) -> dict[str, Any]:
        feed = self.feed
        told: dict[str, Any] = {
            "connect_timeout": _CONNECT_SECONDS,
            "keepalives_idle": 30,
            "keepalives_interval": 10,
            "keepalives_count": 3,
            "client_encoding": "utf8",
            "application_name": "lienthong",
            "sslmode": "disable",
        }
        if self._tls is None:
            return told
        told |= {"sslmode": "verify-full", "sslrootcert": feed.ca_file or "system"}
        if feed.client_certificate is not None:
            key, passphrase = client_key_of(feed, settings)
            told |= {"sslcert": feed.client_certificate, "sslkey": key, "sslpassword": passphrase}
        return told

    def _of_mysql(self) -> dict[str, Any]:
        return {
            "connect_timeout": _CONNECT_SECONDS,
            "read_timeout": _SILENT_SECONDS,
            "write_timeout": _SILENT_SECONDS,
            "conv": values.OF_MYSQL,
            "ssl": self._tls,
        }


def _forget_rest(driver: Any) -> None:
    """Keeps PyMySQL from reading on, when it lets a result go, to the end of what the server would send."""
    result: Any = getattr(driver, "_result", None)
    if getattr(result, "unbuffered_active", False):
        result.unbuffered_active = False
