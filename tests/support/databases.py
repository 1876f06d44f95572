"""PostgreSQL for tests: empty databases of their own on the run's server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from jobs.registry import databases
from jobs.settings import Settings
from schemas.contract import Register


@contextmanager
def scratch(settings: Settings, name: str) -> Iterator[sa.Engine]:
    """An empty database that is dropped afterwards."""
    server = databases.engine(settings, Register.POPULATION)
    with server.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name}")
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
        engine = sa.create_engine(server.url.set(database=name))
        try:
            yield engine
        finally:
            engine.dispose()
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
