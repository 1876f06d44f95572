"""Builds the world into a folder: feeds in SQLite, register extracts, the truth. Streams cell by cell."""

from __future__ import annotations

import json
import random
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

from infra.sandbox import baseline, dirt, feed, truth
from infra.sandbox.cell import DAY_ONE, Cell
from infra.sandbox.places import Province, provinces

CELLS = 6000
"""Cells of the country at scale 1: about 62 k baseline rows and 32 k dossiers until day one."""
_COMMUNES = 3321
_SCHEMA = "create table items (province text, updated_at text, id integer, body text);"
_INDEXES = "create unique index items_order on items (province, updated_at, id);"


def build(folder: Path, *, seed: str, scale: float, profile: str, days: int) -> None:
    """Writes the world until a day: complete, or not at all. Memory holds one cell."""
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / "draft"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir()
    until = datetime.combine(DAY_ONE + timedelta(days=days), datetime.min.time())
    with (
        closing(sqlite3.connect(draft / "world.sqlite")) as database,
        baseline.Files(draft / "baseline") as files,
    ):
        database.executescript("pragma journal_mode=off; pragma synchronous=off;" + _SCHEMA + truth.SCHEMA)
        for cell in cells(seed, scale):
            _write_cell(database, cell, files, profile, until)
        database.commit()
        database.executescript(_INDEXES + truth.INDEXES)
    shutil.rmtree(folder / "baseline", ignore_errors=True)
    (draft / "baseline").rename(folder / "baseline")
    (draft / "world.sqlite").rename(folder / "world.sqlite")
    draft.rmdir()


def cells(seed: str, scale: float) -> Iterator[Cell]:
    """Every cell of the country."""
    for province, number in places(scale):
        yield Cell(seed, province, number)


def places(scale: float) -> Iterator[tuple[Province, int]]:
    """Province and number of every cell, province by province, by their numbers of communes."""
    for province in provinces():
        for number in range(max(1, round(CELLS * scale * len(province.communes) / _COMMUNES))):
            yield province, number


def _write_cell(
    database: sqlite3.Connection, cell: Cell, files: baseline.Files, profile: str, until: datetime
) -> None:
    rng = random.Random(f"{cell.seed}/dirt/{cell.province.code}/{cell.number}")
    known = truth.Recorder(cell)
    for extract in baseline.extracts(cell):
        kind = dirt.draw(rng, profile, baseline=True)
        done = kind is not None and kind.inject is not None and kind.inject(extract.row, rng)
        known.baseline(kind if done else None, extract.province, extract.row["record_id"], extract.about)
        files.write(extract)
    known.note(0)
    items: list[feed.Version] = []
    by_code = {province.code: province for province in provinces()}
    for lived in cell.live(until, known.note_effect):
        province = by_code[lived.dossier.province]
        code = feed.dossier_code(province, cell, lived)
        versions, fault = feed.versions(cell, lived, province, code, rng, profile)
        items += versions
        known.dossier(lived, province.code, code, (fault.kind, fault.at) if fault else None)
    database.executemany(
        "insert into items values (?, ?, ?, ?)",
        [
            (v.place, v.item["updated_at"], v.item["id"], json.dumps(v.item, ensure_ascii=False))
            for v in items
        ],
    )
    known.write(database)
