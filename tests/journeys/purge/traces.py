"""Where words of erased rows can still be read: every object of the store, every row of every database."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Collection, Iterator

import pyarrow.parquet as pq
import sqlalchemy as sa

from jobs import objects, ops
from jobs.registry import databases
from jobs.settings import Settings
from schemas.contract import REGISTERS
from tests.journeys import worked_example as w
from tests.support.line import Line

BASIS = "Luật 91/2025/QH15, Điều 14; Quyết định 7/QĐ"
WORDS = ("Nguyễn Thị An", w.AN, w.D1, w.D3, "03/04/1981", "03/04/1980")
"""What D1 and D3 tell: An's birth, and Dũng's death with the year of birth that was corrected."""


def environ(settings: Settings) -> dict[str, str]:
    return {
        "LIENTHONG_HOME": str(settings.home),
        "LIENTHONG_SOURCE_PATHS": settings.source_paths,
    }


def standing(line: Line) -> list[list[tuple[object, ...]]]:
    """What the registers hold to be true now, and since when."""
    return [
        line.query(
            "population",
            "select personal_id, full_name, valid_from from persons order by 1",
        ),
        line.query("land", "select holder_id, valid_from from rights order by 1"),
        line.query("business", "select tax_code, name from businesses order by 1"),
    ]


def places(settings: Settings, words: Collection[str] = WORDS) -> dict[str, list[str]]:
    """Where words can be read, by word."""
    found: dict[str, list[str]] = {}
    for where, text in (*_stored(settings), *_recorded(settings)):
        for one in words:
            if one in text:
                found.setdefault(one, []).append(where)
    return found


def _stored(settings: Settings) -> Iterator[tuple[str, str]]:
    """Every object of the store, as plain text."""
    store = objects.client(settings)
    for bucket in store.list_buckets():
        for key in objects.keys(store, bucket.name, ""):
            yield f"{bucket.name}/{key}", _plain(key, objects.get(store, bucket.name, key))


def _recorded(settings: Settings) -> Iterator[tuple[str, str]]:
    """Every row of every database."""
    for engine in [ops.engine(settings), *(databases.engine(settings, one) for one in REGISTERS)]:
        with engine.connect() as connection:
            for table in sa.inspect(connection).get_table_names():
                for row in connection.execute(
                    sa.select(sa.text("t::text")).select_from(sa.text(f"{table} t"))
                ):
                    yield f"{engine.url.database}.{table}", row[0]


def _plain(key: str, data: bytes) -> str:
    if key.endswith(".parquet"):
        return "\n".join(map(str, pq.read_table(io.BytesIO(data)).to_pylist()))
    plain = gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
    return plain.decode(errors="replace") + json.dumps(plain.decode(errors="replace"), ensure_ascii=False)
