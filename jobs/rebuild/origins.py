"""Where the truth is taken from: a living home, or a backup of one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Protocol

import psycopg
import sqlalchemy as sa

from jobs import objects, ops
from jobs.errors import IntegrityFault, UsageFault
from jobs.landing.content import Data, kept, parts_of
from jobs.ops import events
from jobs.settings import Settings

SEAL = "backup.json"
"""Written last: a folder without it is no backup."""
Rows = Sequence[Mapping[str, Any]]


class Origin(Protocol):
    """Landing and ops of a line."""

    def keys(self) -> set[str]:
        """Keys of all landed objects that ops at that instant may name, and of the heads kept until then."""
        ...

    def landed(self, key: str) -> Data | None:
        """A landed object."""
        ...

    def table(self, table: sa.Table) -> Iterator[bytes]:
        """The rows of an operational table, as PostgreSQL copies them in binary form."""
        ...

    def reading(self) -> AbstractContextManager[None]:
        """Holds all tables at one instant.

        Raises:
            IntegrityFault: The chain of events is broken, or a backup's file is not what was written.
        """
        ...


class Home:
    """A living home, of which only landing and ops are known."""

    def __init__(self, settings: Settings) -> None:
        """Keeps what leads to landing and ops, and nothing else."""
        kept = ("ops_url", "s3_endpoint", "s3_access_key", "s3_secret_key", "s3_region", "landing_bucket")
        self._settings = Settings(home=settings.home, **{name: getattr(settings, name) for name in kept})
        self._store = objects.client(self._settings)
        self._snapshot: sa.Connection | None = None

    def keys(self) -> set[str]:
        """Keys of all landed objects; whatever ops names at that instant was written before."""
        seq, _ = events.head(self.held())
        latest = events.head_key(seq)
        every = objects.keys(self._store, self._settings.landing_bucket, "")
        return {key for key in every if not key.startswith(events.HEADS) or key <= latest}

    def held(self) -> sa.Connection:
        """Ops at the instant that is held."""
        if self._snapshot is None:
            raise RuntimeError("keys and tables are read within reading()")
        return self._snapshot

    def landed(self, key: str) -> Data | None:
        """A landed object."""
        return objects.found_of(self._store, self._settings.landing_bucket, key)

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Holds ops at one instant."""
        options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        with ops.engine(self._settings).connect().execution_options(**options) as connection:
            if (broken := events.verify(connection)) is not None:
                raise IntegrityFault(
                    f"The chain of events is broken at event {broken}.", "lienthong ledger verify"
                )
            self._snapshot = connection
            yield

    def table(self, table: sa.Table) -> Iterator[bytes]:
        """The rows of a table at that instant."""
        statement = f"COPY {table.name} ({columns(table)}) TO STDOUT (FORMAT BINARY)"
        with driver(self.held()).cursor() as cursor, cursor.copy(statement.encode()) as out:
            for data in out:
                yield bytes(data)


class Backup:
    """A folder that ``backup`` wrote."""

    def __init__(self, folder: Path) -> None:
        """Reads the seal.

        Raises:
            UsageFault: The folder is no backup.
        """
        self.folder = folder
        try:
            seal = json.loads((folder / SEAL).read_text())
            self.revision, self.identity_key = str(seal["revision"]), str(seal["identity_key"])
            self._tables: dict[str, str] = dict(seal["tables"])
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise UsageFault(
                f"{folder} is no backup: {SEAL} cannot be read.", "name a folder of lienthong backup."
            ) from error

    def keys(self) -> set[str]:
        """Keys of all landed objects."""
        return files(self.folder / "landing")

    def landed(self, key: str) -> Data | None:
        """A landed object."""
        path = self.folder / "landing" / key
        if not path.is_file():
            return None
        with path.open("rb") as file:
            return kept(parts_of(file))

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Compares the tables with the seal."""
        for name, digest in self._tables.items():
            path = self.folder / "ops" / name
            if not path.is_file() or digest_of(path) != digest:
                raise IntegrityFault(f"{path} is not what was backed up.", "use another backup.")
        yield

    def table(self, table: sa.Table) -> Iterator[bytes]:
        """The rows of a table."""
        yield (self.folder / "ops" / table.name).read_bytes()


def digest_of(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def files(folder: Path) -> set[str]:
    """Keys of the files below a folder."""
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def columns(table: sa.Table) -> str:
    """A table's columns as a list for COPY."""
    return ", ".join(f'"{column.name}"' for column in table.columns)


def loaded(sink: sa.Connection, table: sa.Table, data: Iterator[bytes], into: str | None = None) -> None:
    """Copies rows into a table, or into another of the same columns."""
    statement = f"COPY {into or table.name} ({columns(table)}) FROM STDIN (FORMAT BINARY)"
    with driver(sink).cursor() as cursor, cursor.copy(statement.encode()) as copy:
        for part in data:
            copy.write(part)


def rows_of(sink: sa.Connection, origin: Origin, table: sa.Table) -> Rows:
    """The rows of an origin's table in the order of its key; the sink's own stay as they are."""
    name = f"known_{table.name}"
    sink.execute(sa.text(f"CREATE TEMPORARY TABLE {name} (LIKE {table.name}) ON COMMIT DROP"))
    loaded(sink, table, origin.table(table), name)
    known = sa.table(name, *[sa.column(one.name, one.type) for one in table.columns])
    query = sa.select(*known.columns).order_by(*[known.c[one.name] for one in table.primary_key])
    return [dict(row) for row in sink.execute(query).mappings()]


def driver(connection: sa.Connection) -> psycopg.Connection[Sequence[Any]]:
    """The driver's connection, which knows COPY."""
    found = connection.connection.driver_connection
    if not isinstance(found, psycopg.Connection):
        raise TypeError("the operational tables are copied through psycopg")
    return found
