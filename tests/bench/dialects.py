"""Extract and conform of the same dossiers in the words of every system, one dialect at a time.

Each dialect is pulled as its systems are asked: over HTTP where it has an interface, from a folder otherwise.
Each is warmed by a pull and a conform of its own; the medians of the rounds after them are its rates. A round
of conform takes one submission again, so that what it writes and reads back is in the figure. Pulls are
compared within a transport; over HTTP pages are answered as they were in the round that warms.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import statistics
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from infra.sandbox.home import State, configure
from infra.sandbox.systems import SYSTEMS
from jobs import ops
from jobs.ops import cursors
from tests.bench.bench import Bench, timed
from tests.bench.extract import DAY, FEED, PAGE, PROVINCE, serving
from tests.bench.figures import Figure, rate, ratio
from tests.support.dossiers import ndjson
from tests.support.line import Line, at_day, empty

ROWS, ROUNDS, FILES = 20_000, 3, 10
GOAL = 0.5
"""Of the fastest dialect's rate, what the slowest has at least."""
_ASKED = {"dvcqg": "", "opencps": "/opencps", "lgsp_en": "/lgsp_en"}
"""Dialects that the sandbox speaks over HTTP, and below which path."""
_WORLD = 0.7
"""Scale of a world that has that many versions."""


def measured(bench: Bench) -> Iterator[Figure]:
    """Rates of every dialect, and the slowest beside the fastest."""
    folder, bench.population = bench.home / "dialects", None
    shutil.rmtree(folder, ignore_errors=True)
    items = _world(folder, bench)
    pulled: dict[str, float] = {}
    conformed: dict[str, float] = {}
    with serving(folder, ("tests.bench.pages",)) as url:
        for name in ("dvcqg", *SYSTEMS):
            line = empty(bench.settings, folder)
            deliver = _asked(line, name, url) if name in _ASKED else _put_out(line, name, items)
            pulled[name], receipts = _rounds(
                f"{name}, pull", deliver, lambda line=line: line.pull(FEED, at_day(DAY))
            )
            if {one["rows"] for one in receipts} != {len(items)}:
                raise RuntimeError(f"{name}: pulls of {[one['rows'] for one in receipts]} rows")
            first = [receipts[0]["submission_id"]]
            conformed[name], _ = _rounds(
                f"{name}, conform",
                lambda _: None,
                lambda line=line, first=first: line.conform(at_day(DAY), first),
            )
    for stage, times in (("pulled", pulled), ("conformed", conformed)):
        yield from (rate(f"{name}, {stage}", len(items), taken) for name, taken in times.items())
    asked = {name: taken for name, taken in pulled.items() if name in _ASKED}
    put_out = {name: taken for name, taken in pulled.items() if name not in _ASKED}
    for stage, times in (
        ("pulled over HTTP", asked),
        ("pulled from a folder", put_out),
        ("conformed", conformed),
    ):
        share = min(times.values()) / max(times.values())
        yield ratio(f"slowest dialect as a part of the fastest, {stage}", share, at_least=GOAL)
    yield ratio(
        "HTTP as a part of a folder, both at their slowest", max(put_out.values()) / max(asked.values())
    )


def _rounds(
    name: str, prepare: Callable[[int], object], work: Callable[[], dict[str, Any]]
) -> tuple[float, list[dict[str, Any]]]:
    """Seconds of the middle round, after one that warms, and the receipts of all."""
    taken, receipts = [], []
    for number in range(ROUNDS + 1):
        prepare(number)
        with timed(f"{name}{'' if number else ', warming'}") as watch:
            receipts.append(work())
        taken.append(watch.seconds)
    return statistics.median(taken[1:]), receipts


def _world(folder: Path, bench: Bench) -> list[dict[str, Any]]:
    """A sandbox whose only province has so many versions; the versions."""
    scale, number = _WORLD * bench.scale, bench.rows(ROWS)
    configure(folder / "sandbox", seed="bench", scale=scale, profile="typical", day=DAY)
    state = State.load(folder / "sandbox")
    with closing(sqlite3.connect(state.folder / "world.sqlite")) as database:
        database.execute("update items set province = ?", (PROVINCE,))
        database.execute(
            "delete from items where rowid not in (select rowid from items order by updated_at, id limit ?)",
            (number,),
        )
        database.commit()
        return [json.loads(body) for (body,) in database.execute("select body from items")]


def _asked(line: Line, name: str, url: str) -> Callable[[int], object]:
    """A source over HTTP that is asked for everything in every round, as fast as it answers."""
    credentials = f"file:{line.folder}/sandbox/credentials.json#{PROVINCE}"
    root = url.removesuffix(f"/{PROVINCE}")
    feed = {"kind": "rest", "dialect": name, "url": f"{root}{_ASKED[name]}/{PROVINCE}"}
    line.source(
        PROVINCE,
        {"dossiers": {**feed, "credentials": credentials, "page_size": PAGE, "requests_per_second": 10_000}},
        PROVINCE,
    )
    return lambda _: cursors.reset(ops.engine(line.settings), FEED, at_day(DAY))


def _put_out(line: Line, name: str, items: Sequence[dict[str, Any]]) -> Callable[[int], object]:
    """A source that puts out files; in every round under other names, since known ones are left alone."""
    inbox, size = line.inbox(PROVINCE), -(-len(items) // FILES)
    keys = {"kind": "directory", "dialect": name, "url": str(inbox), "patterns": {"*": "dossiers"}}
    line.source(PROVINCE, {"dossiers": keys}, PROVINCE)
    files = [ndjson(map(SYSTEMS[name], items[at : at + size])) for at in range(0, len(items), size)]

    def put(number: int) -> None:
        shutil.rmtree(inbox)
        inbox.mkdir()
        for place, data in enumerate(files):
            (inbox / f"{number}-{place:02d}.ndjson.gz").write_bytes(data)

    return put
