"""Markers in what formats and databases bring: files read and broken, a server that quotes a row."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from jobs.settings import Settings
from schemas import dialect as dialects
from tests.support import files, sftp
from tests.support import marks as m
from tests.support.databases import scratch
from tests.support.marks import Marks

PATHS = ("formats", "database")
_TABLE = "t_r3_record"


def put(folder: Path, marks: Marks) -> int:
    """Puts files of every format into a folder: some with rows that no rule takes, the others broken.

    Returns:
        How many are broken.
    """
    row = {
        name: text for name, text in m.header(dialects.load("dvcqg"), marks).items() if isinstance(text, str)
    }
    text = marks.words("content of a format")
    whole = {
        "rows.xlsx": files.workbook([[*row], [*row.values()]]),
        "rows.xml": f"<a>{files.elements('hoSo', row)}</a>".encode(),
        "rows.csv": "\n".join(",".join(line) for line in (row, row.values())).encode(),
        "rows.zip": files.zipped({f"{marks.words('name of a member')}.json": b'{"data": []}'}),
    }
    broken = {
        "broken.xlsx": files.zipped({"[Content_Types].xml": text.encode(), "xl/workbook.xml": text.encode()}),
        "broken.parquet": f"PAR1{text}PAR1".encode(),
        "unclosed.xml": f"<hoSo><ChuHoSo>{text}</hoSo>".encode(),
        "entity.xml": f'<!DOCTYPE a [<!ENTITY b "{text}">]><a>&b;</a>'.encode(),
        "cut.json": f'{{"data": [{{"ChuHoSo": "{text}"'.encode(),
        "unknown letters.csv": f"MaHoSo,ChuHoSo\n1,{text}\n".encode() + b"2,\x81\xfe\n",
        "broken.zip": files.zipped({f"../{marks.words('name of a member that climbs')}.json": text.encode()}),
        "member.zip": files.zipped({f"{marks.words('name of a broken member')}.json": f'{{"{text}'.encode()}),
    }
    for name, data in (whole | broken).items():
        (folder / name).write_bytes(data)
    return len(broken)


@contextmanager
def served(settings: Settings, marks: Marks) -> Iterator[tuple[str, sa.Engine]]:
    """The address of a one-stop system's database with a marker in every text, and its owner's way in."""
    columns = re.findall(r'r\."(\w+)"', dialects.load("epar").select or "")
    values = {name: marks.words(name) for name in columns} | {"PK_RECORD": "1"}
    with scratch(settings, "lienthong_walk") as engine, engine.begin() as connection:
        metadata = sa.MetaData()
        kinds = {"C_LAST_MODIFIED": sa.DateTime()}
        table = sa.Table(_TABLE, metadata, *[sa.Column(name, kinds.get(name, sa.Text())) for name in columns])
        metadata.create_all(connection)
        connection.execute(table.insert(), values | {"C_LAST_MODIFIED": "2026-11-02 08:00:00"})
        role = f'"{sftp.USER}"'
        connection.exec_driver_sql(f"create role {role} login password '{sftp.PASSWORD}'")
        connection.exec_driver_sql(f"grant select on {_TABLE} to {role}")
        connection.commit()
        url = engine.url
        try:
            yield f"postgresql://{url.host}:{url.port}/{url.database}?tls=off", engine
        finally:
            with engine.begin() as again:
                again.exec_driver_sql(f"drop owned by {role}; drop role {role}")


def spoil(engine: sa.Engine) -> None:
    """Lets the server stumble over a text of the row, which it quotes."""
    with engine.begin() as connection:
        for statement in (
            f"alter table {_TABLE} rename to kept",
            f'create view {_TABLE} as select *, cast("C_CITIZEN_NAME" as integer) as stumbled from kept',
        ):
            connection.exec_driver_sql(statement)
