"""A doctor's letter about a source: conclusion and advice first, then what was looked at and found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine

from jobs import ops
from jobs.conform import drifting
from jobs.errors import Refused, Unreachable
from jobs.findings.drifts import recorded, remedy, words
from jobs.landing.fields import Fields, summed
from jobs.landing.shaping import shaped
from jobs.ops import batches, cursors, submissions
from jobs.ops.batches import Batch
from jobs.quality.history import verdicts
from jobs.quality.profiles import ROW_NOUNS
from jobs.settings import Settings
from jobs.sources import drift
from jobs.sources.check import examined
from jobs.sources.examination import Examination, Step
from jobs.sources.freshness import freshness
from jobs.sources.model import Feed, load, one
from jobs.sources.places import unmapped
from schemas import dialect as dialects
from schemas.messages import message

GRADES = ("well", "watch", "held", "down")
"""Nothing to do; served, and a person should look; what it sends is held; it cannot be asked."""
_AT_ONCE = 8
"""Sources that are examined beside each other: one that is down takes a minute."""
_LATELY = 8
"""Newest submissions whose reasons are told."""
_REASONS = 5
_WORDS = {
    "well": "is well",
    "watch": "is served, and should be looked at",
    "held": "sends what is held at the gate",
    "down": "cannot be asked",
}


def letters(
    settings: Settings, feed_ids: Sequence[str], *, at: datetime, names: bool = False
) -> list[dict[str, Any]]:
    """A letter for each feed, all where none is named, in order; with names of files on demand.

    Raises:
        UsageFault: A feed is not known, or its file is wrong.
    """
    chosen = [one(settings, name) for name in feed_ids] or list(load(settings).values())
    engine = ops.engine(settings)
    known = _known(settings, engine, at)

    def letter(feed: Feed) -> dict[str, Any]:
        return _letter(settings, engine, feed, known, at, names=names)

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(pool.map(letter, sorted(chosen, key=lambda feed: feed.feed_id)))


def exit_code(told: Sequence[Mapping[str, Any]]) -> int:
    """0 where every feed is served, else that of the worst: it cannot be asked, or is held."""
    grades = {letter["grade"] for letter in told}
    if "down" in grades:
        return Unreachable.exit_code
    return Refused.exit_code if "held" in grades else 0


@dataclass(frozen=True, slots=True)
class _Known:
    """What ops knows of all feeds, read once."""

    conforms: list[Batch]
    shown: Mapping[str, Sequence[Mapping[str, Any]]]
    """Drifts that go on, by feed."""
    fresh: Mapping[str, Mapping[str, Any]]
    refused: Mapping[str, Mapping[str, Any]]
    """Verdicts that refuse, by submission."""


def _known(settings: Settings, engine: Engine, at: datetime) -> _Known:
    conforms = batches.committed(engine, "conform")
    shown: dict[str, list[Mapping[str, Any]]] = {}
    for entry in recorded(settings, ended=False):
        shown.setdefault(entry["feed_id"], []).append(entry)
    judged = verdicts(conforms)
    return _Known(
        conforms,
        shown,
        {entry["source"]: entry for entry in freshness(settings, at=at)},
        {name: told for name, told in judged.items() if told["verdict"] == "refused"},
    )


def _letter(
    settings: Settings, engine: Engine, feed: Feed, known: _Known, at: datetime, *, names: bool
) -> dict[str, Any]:
    cursor = cursors.get(engine, feed.feed_id)
    found = examined(settings, feed, at=at, since=cursor[0] if cursor else None, names=names)
    drifts = _drifts(feed, known, found)
    fresh, newest = known.fresh.get(feed.feed_id, {}), _newest(engine, feed, cursor)
    every = sorted({name for batch in known.conforms for name in batch.plan["submissions"]})
    mine = [name for name in every if name.rpartition(".")[0] == feed.feed_id]
    held = [name for name in mine[-_LATELY:] if name in known.refused]
    grade = _grade(found, drifts, held, is_late=bool(fresh.get("is_late")))
    return {
        "feed": feed.feed_id,
        "province": feed.province_name,
        "dialect": feed.dialect,
        "kind": feed.kind,
        "grade": grade,
        "conclusion": f"{feed.feed_id} {_WORDS[grade]}.",
        "advice": _advice(found.steps, drifts, held, fresh),
        "steps": [asdict(step) for step in found.steps],
        "newest_seen": found.seen.newest,
        "newest_landed": newest,
        "lag_hours": round((at - newest).total_seconds() / 3600, 1) if newest else None,
        "last_success_at": fresh.get("last_success_at"),
        "drift": drifts,
        "unmapped": _unmapped(feed, found),
        "held": held,
        "quarantined": _reasons(known.conforms, mine[-_LATELY:]),
    }


def _newest(engine: Engine, feed: Feed, cursor: tuple[datetime, str] | None) -> datetime | None:
    """Newest change that was landed; of a folder when the last file came."""
    if cursor is not None:
        return cursor[0]
    mine = [
        entry.received_at for entry in submissions.listed(engine, "sealed") if entry.feed_id == feed.feed_id
    ]
    return max((instant for instant in mine if instant), default=None)


def _drifts(feed: Feed, known: _Known, found: Examination) -> list[dict[str, Any]]:
    """What is recorded and goes on, and what the records that were looked at just now show beside it."""
    told = {
        (e["kind"], e["path"], e["now"]): {**e, "is_recorded": True}
        for e in known.shown.get(feed.feed_id, ())
    }
    if found.seen.records:
        dialect, shape = dialects.load(feed.dialect), _shape(feed, found)
        past = drifting.accepted(known.conforms, feed.feed_id, feed.dialect)
        for one_drift in drift.found(dialect, shape, past, ()):
            entry = {**one_drift.told(), "dialect": feed.dialect, "level": drift.level(feed.drift, one_drift)}
            told.setdefault((entry["kind"], entry["path"], entry["now"]), {**entry, "is_recorded": False})
    return [{**entry, "en": words(entry), "remedy": remedy(entry)} for entry in told.values()]


def _shape(feed: Feed, found: Examination) -> dict[str, Any]:
    """Which fields the records have that were looked at."""
    dialect = dialects.load(feed.dialect)
    fields = Fields(dialect)
    for record in found.seen.records:
        fields.see(shaped(record, dialect.shapings))
    told = fields.told()
    return summed([told] if told else [], dialect) | {"unread": {}, "states": {}}


def _unmapped(feed: Feed, found: Examination) -> list[str]:
    """Fields of those records that no line of the mapping reads."""
    return unmapped(dialects.load(feed.dialect), _shape(feed, found)) if found.seen.records else []


def _grade(
    found: Examination, drifts: Sequence[Mapping[str, Any]], held: Sequence[str], *, is_late: bool
) -> str:
    if not found.is_well:
        return "down"
    levels = {entry["level"] for entry in drifts}
    if held or "refuse" in levels:
        return "held"
    is_odd = is_late or "warn" in levels or any(not step.ok for step in found.steps)
    return "watch" if is_odd else "well"


def _advice(
    steps: Sequence[Step],
    drifts: Sequence[Mapping[str, Any]],
    held: Sequence[str],
    fresh: Mapping[str, Any],
) -> list[str]:
    """What to do, the most urgent first; nothing where there is nothing to do."""
    told = [f"{step.step}: {step.told}. {step.remedy or 'Look at the log.'}" for step in steps if not step.ok]
    order = {"refuse": 0, "warn": 1}
    urgent = sorted((e for e in drifts if e["level"] in order), key=lambda e: order[e["level"]])
    told += [f"{entry['en']} {entry['remedy'][:1].upper()}{entry['remedy'][1:]}" for entry in urgent]
    if held:
        told.append(
            f"{len(held)} of the newest submissions are held. Mend the mapping, then lienthong findings"
            f" replay {' '.join(held)}; when a delivery is right all the same, add --accept-gate."
        )
    if fresh.get("is_late"):
        told.append(f"It is late: {fresh.get('last_error') or 'no success yet'}")
    return told


def _reasons(conforms: Sequence[Batch], mine: Sequence[str]) -> list[dict[str, Any]]:
    """Why rows of some submissions are quarantined, the most frequent reasons first."""
    newest: dict[str, Mapping[str, int]] = {}
    for batch in conforms:
        for profile in (batch.result or {}).get("profiles", ()):
            if profile["dataset"] in ROW_NOUNS and profile["submission_id"] in mine:
                newest[profile["submission_id"]] = profile.get("reasons", {})
    counts: Counter[str] = Counter()
    for reasons in newest.values():
        counts.update(reasons)
    return [
        {"code": code, "rows": rows, "en": message(code).en, "vi": message(code).vi}
        for code, rows in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:_REASONS]
    ]
