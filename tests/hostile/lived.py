"""Every kind delivered: one line, a feed for each transport, one conform, one merge; and what came of it."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pyspark.sql import functions as F

from jobs import objects, ops, session
from jobs.errors import LienthongError
from jobs.lake import live
from jobs.ops import submissions
from schemas.core.dossiers import Dossiers
from schemas.core.findings import Findings
from schemas.core.landed import PLACE
from tests.hostile import table_rows
from tests.hostile.json_rows import ROWS
from tests.hostile.kinds import (
    BUCKET,
    FOLDER,
    OWN,
    REST,
    TRANSPORTS,
    RowKind,
    birth,
    effective,
    id_of,
    text_of,
)
from tests.hostile.pages import PAGES, page_of
from tests.support.line import Line, at_day

AT = at_day(1)
STORE = "hostile"
"""Bucket of the sources, which is none of the line's."""
PER_PAGE = 25
PROVINCES: Mapping[str, str] = dict(zip(TRANSPORTS, ("01", "04", "08"), strict=True))
"""Each transport is another province's: they send dossiers with the same codes."""
FEEDS: Mapping[str, str] = {transport: f"{PROVINCES[transport]}-{transport}" for transport in TRANSPORTS}
_SERIALS: Mapping[str, int] = {transport: 10_000 * n for n, transport in enumerate(TRANSPORTS, 1)}
TABLE_FEEDS: Mapping[str, str] = {FOLDER: f"03-{FOLDER}", BUCKET: f"05-{BUCKET}"}
PAGE_FEEDS: Mapping[str, str] = {kind.name: f"02-p{place:02d}" for place, kind in enumerate(PAGES, 1)}
Place = tuple[int, int]
"""Number of the object and of the row in it."""


@dataclass(frozen=True, slots=True)
class Sent:
    """One row as it was sent, with what it would have been."""

    kind: RowKind | None
    """None for a good neighbour."""
    own: Mapping[str, str]
    """Id of its person and code of the dossier, had it been good."""
    text: str | bytes


def sent(transport: str) -> list[Sent]:
    """Every kind of a transport, each with a good neighbour."""
    rows = []
    for number, kind in enumerate((kind for kind in ROWS if transport in kind.through), 1):
        for one, place in ((kind, 2 * number - 1), (None, 2 * number)):
            good = birth(place, _SERIALS[transport] + place)
            own = {"personal_id": id_of(good), "dossier_code": good["MaHoSo"]}
            own |= {"province_code": PROVINCES[transport]}
            rows.append(Sent(one, own, one.text(good) if one else text_of(good)))
    return rows


def extracts(transport: str) -> dict[str, list[Sent]]:
    """Rows by file: a spreadsheet with good rows between its kinds, and a table for each other kind."""
    files: dict[str, list[Sent]] = {"persons.csv": []}
    kinds = [kind for kind in (*table_rows.CSV, *table_rows.PARQUET) if transport in kind.through]
    for number, kind in enumerate(kinds, 1):
        for one, place in ((kind, 2 * number - 1), (None, 2 * number)):
            good = table_rows.extract(place, _SERIALS[transport] + place)
            own = {"personal_id": good["NguoiDan.SoDinhDanh"], "dossier_code": good["record_id"]}
            text = one.text(good) if one else table_rows.line(good)
            name = "persons.csv" if isinstance(text, str) else f"persons-{number}.parquet"
            files.setdefault(name, []).append(Sent(one, own, text))
    return files


def spreadsheet(rows: Sequence[Sent]) -> bytes:
    """The rows as CSV."""
    return "\n".join([",".join(table_rows.extract(0, 0)), *(str(row.text) for row in rows)]).encode()


def lines(rows: Sequence[Sent]) -> bytes:
    """The rows as NDJSON."""
    return b"\n".join(row.text.encode() if isinstance(row.text, str) else row.text for row in rows)


def paged(rows: Sequence[Sent]) -> list[bytes]:
    """The rows as pages that name each other by their numbers from 0."""
    chunks = [rows[start : start + PER_PAGE] for start in range(0, len(rows), PER_PAGE)]
    return [
        page_of([str(row.text) for row in chunk], str(number) if number < len(chunks) else None)
        for number, chunk in enumerate(chunks, 1)
    ]


@dataclass(slots=True)
class Lived:
    """A line that had every kind delivered."""

    line: Line
    told: dict[str, str | None] = field(default_factory=dict)
    """By feed, why its pull failed."""
    rows: dict[str, dict[Place, dict[str, Any]]] = field(default_factory=dict)
    """By feed and place, a row of core with its codes and its person."""
    digests: dict[str, str] = field(default_factory=dict)
    """By file, SHA-256 of its bytes."""

    def pull(self, feed: str) -> None:
        """Pulls a feed and keeps what it says."""
        try:
            self.line.pull(feed, AT)
        except LienthongError as error:
            self.told[feed] = str(error)
        else:
            self.told[feed] = None

    def manifest(self, feed: str) -> Mapping[str, Any]:
        """The manifest of a feed's only submission."""
        (one,) = [s for s in submissions.listed(ops.engine(self.line.settings)) if s.feed_id == feed]
        return one.manifest or {"objects": [], "refused": []}

    def read(self) -> None:
        """What core holds, findings and facts with it."""
        spark, engine = session.connect(self.line.settings), ops.engine(self.line.settings)
        persons = live.conformed(spark, engine, "core.population_persons").select(
            *PLACE, *("personal_id", "full_name", "birth_date")
        )
        findings = live.conformed(spark, engine, Findings.dataset())
        codes = findings.where(F.col("effect") == "quarantine").select(*PLACE, "codes")
        dossiers = live.conformed(spark, engine, Dossiers.dataset())
        whole = dossiers.join(persons, list(PLACE), "left").join(codes, list(PLACE), "left")
        self.rows = {}
        for row in whole.collect():
            mine = self.rows.setdefault(row.feed_id, {})
            mine[row.object_no, row.row_no] = row.asDict()

    def placed(self, transport: str) -> Iterator[tuple[Sent, dict[str, Any]]]:
        """Every row that was sent through a transport, with what core says of its place."""
        rows, core = sent(transport), self.rows[FEEDS[transport]]
        if transport == REST:
            for place, row in enumerate(rows):
                yield row, core[place // PER_PAGE + 1, place % PER_PAGE + 1]
        else:
            yield from self._of_file(FEEDS[transport], "rows.", rows)
            for name, rows in extracts(transport).items():
                yield from self._of_file(TABLE_FEEDS[transport], name, rows)

    def _of_file(self, feed: str, name: str, rows: Sequence[Sent]) -> Iterator[tuple[Sent, dict[str, Any]]]:
        (number,) = [
            entry["no"] for entry in self.manifest(feed)["objects"] if entry["name"].startswith(name)
        ]
        for place, row in enumerate(rows, 1):
            yield row, self.rows[feed][number, place]


def wrong(lived: Lived, transport: str) -> list[str]:
    """Kinds whose fate is another than was declared, and good rows without effect."""
    found = []
    for row, core in lived.placed(transport):
        fate = row.kind.fate if row.kind else effective(personal_id=OWN)
        codes = frozenset(filter(None, (core["codes"] or "").split(",")))
        kept = {name: row.own[name] if value == OWN else value for name, value in fate.kept.items()}
        values = {name: None if core[name] is None else str(core[name]) for name in kept}
        if (core["disposition"], codes, values) != (fate.disposition, fate.codes, kept):
            name = row.kind.name if row.kind else f"the good row {row.own['dossier_code']}"
            found.append(f"{name}: {core['disposition']} {sorted(codes)} {values}")
    return found


def put(lived: Lived, name: str, data: bytes, below: str = "inbox") -> None:
    """Writes an object into the sources' bucket."""
    store, key = objects.client(lived.line.settings), f"{below}/{name}"
    store.put_object(bucket_name=STORE, object_name=key, data=io.BytesIO(data), length=len(data))


def emptied(lived: Lived) -> None:
    """The sources' bucket without an object."""
    store = objects.client(lived.line.settings)
    if not store.bucket_exists(bucket_name=STORE):
        store.make_bucket(bucket_name=STORE)
    for key in list(objects.keys(store, STORE, "")):
        store.remove_object(bucket_name=STORE, object_name=key)
