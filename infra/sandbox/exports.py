"""Files that systems without an interface put out every evening: what changed since the evening before."""

from __future__ import annotations

import csv
import gzip
import io
import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from infra.sandbox import documents
from infra.sandbox.cell import DAY_ONE
from infra.sandbox.systems import SYSTEMS

EXPORTED: Mapping[str, tuple[str, ...]] = {
    "epar": ("08", "20", "33", "37"),
    "td": ("04", "19", "40", "75", "86"),
    "hoso2025": ("12", "31", "44", "80", "96"),
}
"""Systems that put out files, and the provinces that use them."""
SFTP, DROPPED = "td", "hoso2025"
"""The one whose files are fetched over SFTP, and the one that puts its files into a bucket; others lie in a
folder that is mounted."""
MARKER = ".done"
"""Ends the name of an empty file that says that the file without it is whole."""
_DECIDED = "9"
_QUERY = """
    select body from items where province = ? and updated_at > ? and updated_at <= ? order by updated_at, id
"""


def write(folder: Path, day: int, seed: str) -> None:
    """Writes every file until the evening of a day that is not there yet; the same world, the same bytes."""
    with closing(sqlite3.connect(f"file:{folder / 'world.sqlite'}?mode=ro", uri=True)) as database:
        for system, provinces in EXPORTED.items():
            encode, suffix = _ENCODERS[system]
            for province in provinces:
                place = folder / "exports" / system / province
                place.mkdir(parents=True, exist_ok=True)
                for evening in range(1, day + 1):
                    path = place / f"hoso-{DAY_ONE + timedelta(days=evening - 1):%Y%m%d}{suffix}"
                    if not path.exists():
                        rows = [SYSTEMS[system](one) for one in _items(database, province, evening)]
                        _whole(path, encode(rows))
                    marker = path.with_name(path.name + MARKER)
                    if system == SFTP and not marker.exists():
                        _whole(marker, b"")
        _write_documents(database, folder / "exports", day, seed)


def _write_documents(database: sqlite3.Connection, exports: Path, day: int, seed: str) -> None:
    for province in documents.PAIRS:
        documents.folder_of(exports, province).mkdir(parents=True, exist_ok=True)
    new = [one for one in range(1, day + 1) if one >= day - 1 or not documents.are_written(exports, one)]
    for evening in new:
        for province in documents.PAIRS:
            decided = [one for one in _items(database, province, evening) if one["TrangThaiHoSo"] == _DECIDED]
            for message in documents.written(seed, evening, province, decided):
                path = documents.folder_of(exports, message.province) / message.name
                if message.evening <= day and not path.exists():
                    _whole(path, message.data)


def _items(database: sqlite3.Connection, province: str, evening: int) -> list[dict[str, Any]]:
    """What changed in a province on an evening; on the first, all before it."""
    since = "" if evening == 1 else _told(evening - 1)
    found = database.execute(_QUERY, (province, since, _told(evening)))
    return [json.loads(body) for (body,) in found]


def _told(evening: int) -> str:
    """The instant of an export as the world writes instants."""
    at = datetime.combine(DAY_ONE, datetime.min.time()) + timedelta(days=evening - 1, hours=23)
    return f"{at:%Y-%m-%dT%H:%M:%S}+07:00"


def _whole(path: Path, data: bytes) -> None:
    draft = path.with_name(f".{path.name}.part")
    draft.write_bytes(data)
    draft.replace(path)


def _lines(rows: Sequence[Mapping[str, Any]]) -> bytes:
    text = "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows)
    return gzip.compress(text.encode(), mtime=0)


def _sheet(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """A table with a column for every field that a row of it has, in the order in which they come up."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO(newline="")
    table = csv.DictWriter(text, names, restval="")
    table.writeheader()
    table.writerows(rows)
    return gzip.compress(text.getvalue().encode("utf-8-sig"), mtime=0)


_ENCODERS: Mapping[str, tuple[Callable[[Sequence[Mapping[str, Any]]], bytes], str]] = {
    "epar": (_lines, ".ndjson.gz"),
    "td": (_sheet, ".csv.gz"),
    "hoso2025": (_lines, ".ndjson.gz"),
}
