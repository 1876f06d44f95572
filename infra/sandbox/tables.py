"""Provinces whose system is asked in its own database: one row for each dossier, changed in place.

Every evening the rows are brought to the state of that evening. What a dossier was in between nobody can see
any more: of the versions that fall between two evenings' pulls, the newest is all that there is.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql, postgresql

from infra.sandbox.cell import DAY_ONE
from infra.sandbox.systems import SYSTEMS, TABLES

SYSTEM = "epar"
_PART = 1000
"""Rows of one statement."""
_QUERY = """
    select body from (
        select body, updated_at, id, row_number() over (
            partition by id / 16 order by updated_at desc, id desc
        ) as place
        from items where province = ? and updated_at <= ?
    ) where place = 1 and updated_at > ? order by updated_at, id
"""
"""The newest version of each dossier on an evening, of those that came since another; an id holds its
dossier's number and the version's place (``feed``)."""

metadata = sa.MetaData()
_WHEN = sa.DateTime()
record = sa.Table(
    "t_r3_record",
    metadata,
    sa.Column("PK_RECORD", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("C_LAST_MODIFIED", _WHEN, nullable=False, index=True),
    sa.Column("C_RECORD_NO", sa.String(100)),
    sa.Column("C_TYPE_CODE", sa.String(100)),
    sa.Column("C_TYPE_NAME", sa.String(500)),
    sa.Column("C_SPEC_CODE", sa.String(100)),
    sa.Column("C_SPEC_NAME", sa.String(500)),
    sa.Column("C_IS_INTERNET_RECORD", sa.SmallInteger),
    sa.Column("C_CITIZEN_NAME", sa.String(500)),
    sa.Column("C_RETURN_PHONE_NUMBER", sa.String(100)),
    sa.Column("C_RETURN_EMAIL", sa.String(500)),
    sa.Column("C_NEXT_TASK_CODE", sa.String(200)),
    sa.Column("C_REJECTED", sa.SmallInteger),
    sa.Column("C_PAUSE_DATE", _WHEN),
    sa.Column("C_RECEIVE_DATE", _WHEN),
    sa.Column("C_RETURN_DATE", _WHEN),
    sa.Column("C_BIZ_DONE_DATE", _WHEN),
    sa.Column("C_CLEAR_DATE", _WHEN),
    sa.Column("C_REJECT_DATE", _WHEN),
    sa.Column("C_BIZ_DAYS_EXCEED", sa.Integer),
    sa.Column("C_DELETED", sa.SmallInteger),
    sa.Column("C_REVOKE_DATE", sa.String(40)),
    sa.Column("C_REVOKE_BASIS", sa.String(500)),
    sa.Column("C_CORRECT_DATE", sa.String(40)),
    sa.Column("C_CORRECT_BASIS", sa.String(500)),
    sa.Column("C_XML_DATA", sa.Text().with_variant(mysql.LONGTEXT(), "mysql")),
)
published = sa.Table(
    "published",
    metadata,
    sa.Column("world", sa.String(100), primary_key=True),
    sa.Column("evening", sa.String(40), nullable=False),
)
"""Which world the rows are of, and until when; the province's own reader does not see it."""


def servers(folder: Path) -> Mapping[str, str]:
    """URLs of the servers by kind, with a user who may make databases; none where nothing is configured."""
    path = folder / "databases.json"
    told: Mapping[str, str] = json.loads(path.read_text()) if path.exists() else {}
    return told


def publish(folder: Path, *, world: str, day: int, credentials: Mapping[str, Mapping[str, str]]) -> None:
    """Brings every province's table to the evening of a day; a table of another world is made anew.

    Args:
        folder: The sandbox's, with its world and ``databases.json``.
        world: What tells this world from others.
        day: The day.
        credentials: Id and secret of each province's reader, who may select from the table and nothing else.
    """
    known = servers(folder)
    for province, kind in TABLES.items():
        if kind in known:
            _publish(folder, province, sa.make_url(known[kind]), world, _told(day), credentials[province])


def _publish(
    folder: Path, province: str, url: sa.URL, world: str, evening: str, reader: Mapping[str, str]
) -> None:
    name = f"{SYSTEM}_{province}"
    server = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.pool.NullPool)
    engine = sa.create_engine(url.set(database=name), poolclass=sa.pool.NullPool)
    with server.connect() as connection:
        _database(connection, name)
    with engine.begin() as connection:
        since = _since(connection, world, evening)
        for rows in _parts(folder, province, evening, since):
            connection.execute(_upsert(url.get_backend_name()), rows)
        connection.execute(sa.delete(published))
        connection.execute(sa.insert(published), {"world": world, "evening": evening})
    with server.connect() as connection, engine.connect() as inside:
        _let_in(connection, inside, name, reader)


def _database(connection: sa.Connection, name: str) -> None:
    if connection.dialect.name == "mysql":
        connection.exec_driver_sql(f"create database if not exists {name} character set utf8mb4")
    elif not connection.scalar(sa.text("select 1 from pg_database where datname = :name"), {"name": name}):
        connection.exec_driver_sql(f"create database {name}")


def _since(connection: sa.Connection, world: str, evening: str) -> str:
    """The evening until which the tables are filled; for another world or an earlier day they are emptied."""
    metadata.create_all(connection)
    row = connection.execute(sa.select(published)).one_or_none()
    if row is not None and row.world == world and row.evening <= evening:
        return str(row.evening)
    connection.execute(sa.delete(record))
    return ""


def _parts(folder: Path, province: str, evening: str, since: str) -> Iterator[list[dict[str, Any]]]:
    with closing(sqlite3.connect(f"file:{folder / 'world.sqlite'}?mode=ro", uri=True)) as database:
        found = database.execute(_QUERY, (province, evening, since))
        while bodies := found.fetchmany(_PART):
            yield [_row(json.loads(body)) for (body,) in bodies]


def _row(item: Mapping[str, Any]) -> dict[str, Any]:
    told = SYSTEMS[SYSTEM](item)
    return {column.name: _stored(column, told.get(column.name)) for column in record.columns}


def _stored(column: sa.Column[Any], value: Any) -> Any:
    if isinstance(column.type, sa.DateTime) and value is not None:
        return datetime.fromisoformat(value)
    return int(value) if isinstance(column.type, sa.Integer) and value is not None else value


def _upsert(backend: str) -> sa.Insert:
    names = [column.name for column in record.columns if not column.primary_key]
    if backend == "mysql":
        put = mysql.insert(record)
        return put.on_duplicate_key_update({name: put.inserted[name] for name in names})
    insert = postgresql.insert(record)
    return insert.on_conflict_do_update(
        index_elements=["PK_RECORD"], set_={name: insert.excluded[name] for name in names}
    )


def _told(day: int) -> str:
    """The instant of an evening as the world writes instants."""
    at = datetime.combine(DAY_ONE, datetime.min.time()) + timedelta(days=day - 1, hours=23, minutes=30)
    return f"{at:%Y-%m-%dT%H:%M:%S}+07:00"


def _let_in(server: sa.Connection, inside: sa.Connection, name: str, reader: Mapping[str, str]) -> None:
    """The province's reader with its password of now: it selects from the table, and has no other right."""
    user, secret = reader["id"], reader["secret"]
    if server.dialect.name == "mysql":
        server.exec_driver_sql("create or replace user %s@'127.0.0.1' identified by %s", (user, secret))
        server.exec_driver_sql(f"grant select on {name}.{record.name} to %s@'127.0.0.1'", (user,))
        server.exec_driver_sql("flush tables")  # Its own tables would not outlive a kill otherwise.
        return
    known = server.scalar(sa.text("select 1 from pg_roles where rolname = :user"), {"user": user})
    quoted = server.dialect.identifier_preparer.quote_identifier(user)
    verb = "alter" if known else "create"
    server.exec_driver_sql(f"{verb} role {quoted} login password '{secret}'")  # token_urlsafe has no quote.
    inside.exec_driver_sql(f"grant select on {record.name} to {quoted}")
    inside.commit()
