"""MariaDB of the embedded stack: the MySQL server behind some of the sandbox's provinces.

No wheel brings it: it comes from the system's packages (``infra/bootstrap.sh``). A machine without it runs
the whole stack all the same, with those provinces' tables in PostgreSQL.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from infra.embedded.home import write_private
from infra.embedded.service import Service
from infra.embedded.system import give, ordinary_user

if TYPE_CHECKING:
    from pymysql.connections import Connection

USER = "lienthong"
_OPTIONS = {
    "bind-address": "127.0.0.1",
    "skip-name-resolve": "1",
    # Relative, since a socket's path may have about 100 bytes and a home's may be longer.
    "socket": "mariadb.sock",
    "pid-file": "mariadb.pid",
    "character-set-server": "utf8mb4",
    "innodb-buffer-pool-size": "64M",
    "innodb-log-file-size": "32M",
}


_TABLES = ("mysql_system_tables.sql", "mysql_performance_tables.sql", "mysql_system_tables_data.sql")
"""What an empty server consists of; the script that usually feeds them in needs the client's package too."""
_BOOTSTRAP = ("--enforce-storage-engine=", "--max-allowed-packet=8M", "--net-buffer-length=16K")


def mariadb(home: Path, values: Mapping[str, str], installed: Path) -> Service:
    """MariaDB as an ordinary user, whoever starts it."""
    return server(
        home / "mariadb",
        port=values["mariadb_port"],
        password=values["mariadb_password"],
        installed=installed,
        init=home / "run" / "mariadb.sql",
    )


def server(
    data: Path, *, port: str, password: str, installed: Path, init: Path, more: Sequence[str] = ()
) -> Service:
    """A server over a folder of its own.

    Args:
        data: Its folder, made when it is prepared.
        port: On the loopback interface.
        password: Of its only user ``lienthong``, who may do everything.
        installed: Where its programs are.
        init: File for the statements that let the user in.
        more: More options.
    """
    drop = ordinary_user("TERM")

    def prepare() -> None:
        if not (data / "mysql").exists():
            _initialise(data, installed, drop)
        write_private(init, _access(password))
        give(init)

    def ready() -> bool:
        import pymysql  # noqa: PLC0415  (only where there is a server)

        try:
            connect(port, password).close()
        except pymysql.err.OperationalError:
            return False
        return True

    options = [f"--{name}={value}" for name, value in _OPTIONS.items()]
    command = (
        *(*drop, str(installed / "sbin" / "mariadbd"), "--no-defaults", f"--basedir={installed}"),
        *(f"--datadir={data}", f"--port={port}", f"--init-file={init}", *options, *more),
    )
    return Service("mariadb", command, {}, ready, prepare)


def connect(port: str, password: str, database: str | None = None) -> Connection[Any]:
    """A connection of the user who may do everything, each statement its own transaction."""
    import pymysql  # noqa: PLC0415  (only where there is a server)

    return pymysql.connect(
        host="127.0.0.1",
        port=int(port),
        user=USER,
        password=password,
        database=database,
        charset="utf8mb4",
        connect_timeout=3,
        autocommit=True,
    )


def _access(password: str) -> str:
    """Statements that the server carries out before it listens: one user, and no other way in."""
    return (
        f"create or replace user '{USER}'@'127.0.0.1' identified by '{password}';\n"
        f"grant all on *.* to '{USER}'@'127.0.0.1' with grant option;\n"
        "drop user if exists 'root'@'localhost';\n"
    )


def _initialise(data: Path, installed: Path, drop: Sequence[str]) -> None:
    """An empty server; what an interrupted attempt left is thrown away."""
    draft = data.with_name(f"{data.name}.new")
    for folder in (data, draft):
        shutil.rmtree(folder, ignore_errors=True)
    draft.mkdir(parents=True, mode=0o700)
    give(draft)
    tables = "".join((installed / "share" / "mysql" / name).read_text() for name in _TABLES)
    options = ["--no-defaults", "--bootstrap", f"--basedir={installed}", f"--datadir={draft}", *_BOOTSTRAP]
    subprocess.run(
        [*drop, str(installed / "sbin" / "mariadbd"), *options],
        input=f"create database mysql;\nuse mysql;\n{tables}",
        check=True,
        capture_output=True,
        text=True,
        cwd="/",
    )
    draft.rename(data)
