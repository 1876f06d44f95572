"""Where a value could have leaked to: files of a home, databases, buckets, command lines."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import psycopg
from psycopg import sql

from jobs import objects
from jobs.settings import Settings

Place = tuple[str, bytes]
"""Name of a place, and what stands there; the name may leak too."""
BELONGS: Mapping[str, str] = {
    "postgres": "the databases, which are searched as tables",
    "store": "the buckets, which are searched as objects",
    "sandbox": "the sources themselves",
    "mariadb": "the sources themselves",
    "sources": "the sources themselves",
    "run/spark": "shuffle and spill of running queries; forgotten when the server starts and stops",
}
"""Folders of a home where values belong, or which are searched in another way, with the reason."""


def files(folder: Path, besides: Mapping[str, str] = BELONGS) -> Iterator[Place]:
    """Every file below a folder; packed ones as they unpack."""
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.is_file() and not any(name == part or name.startswith(f"{part}/") for part in besides):
            data = path.read_bytes()
            yield name, gzip.decompress(data) if path.suffix == ".gz" else data


def tables(url: str) -> Iterator[Place]:
    """Every column of every table of a database, and the statements that its sessions ran last."""
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        named = connection.execute(
            "select c.table_schema, c.table_name, c.column_name from information_schema.columns c "
            "join information_schema.tables t using (table_schema, table_name) "
            "where c.table_schema not in ('pg_catalog', 'information_schema') order by 1, 2, ordinal_position"
        ).fetchall()
        for schema, table, column in named:
            query = sql.SQL("select {} from {}").format(sql.Identifier(column), sql.Identifier(schema, table))
            cells = (row[0] for row in connection.execute(query) if row[0] is not None)
            yield f"{table}.{column}", b"\n".join(_bytes(cell) for cell in cells)
        ran = connection.execute("select query from pg_stat_activity where query is not null").fetchall()
        yield "pg_stat_activity", "\n".join(row[0] for row in ran).encode()


def _bytes(cell: object) -> bytes:
    if isinstance(cell, bytes):
        return cell
    return (cell if isinstance(cell, str) else json.dumps(cell, ensure_ascii=False, default=str)).encode()


def bucket(settings: Settings, name: str, prefix: str = "") -> Iterator[Place]:
    """Every object of a bucket below a prefix; the keys are among what is searched."""
    store = objects.client(settings)
    for key in objects.keys(store, name, prefix):
        data = objects.get(store, name, key)
        yield f"{name}/{key}", key.encode() + b"\n" + (gzip.decompress(data) if _is_packed(data) else data)


def _is_packed(data: bytes) -> bool:
    return data.startswith(b"\x1f\x8b")


def commands() -> Iterator[Place]:
    """The command line of every process of this machine."""
    for process in Path("/proc").iterdir():
        try:
            if process.name.isdigit():
                yield f"process {process.name}", (process / "cmdline").read_bytes()
        except (FileNotFoundError, ProcessLookupError):
            continue
