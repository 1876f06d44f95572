"""Drift: what a feed sends now against what its mapping reads and what it was accepted with before. Pure.

Only counts of fields are compared (``jobs.landing.fields``). A field is missing where the feed's past lets
expect ``LEAST_ROWS`` values and there is none: at that number chance leaves all of them out once in e²⁰.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from expectations.thresholds import HISTORY, LEAST_ROWS
from jobs.landing.fields import OTHER
from jobs.sources.draft.names import likeness
from jobs.sources.places import Places, Shape, above, base_of, types_at, values_at
from schemas.core.dossiers import Dossiers
from schemas.dialect import Dialect

KINDS = ("added", "renamed", "retyped", "missing", "code")
POLICIES = ("accept", "warn", "refuse")
"""Only noted; told to the data engineers; the submission is held at the gate."""
DEFAULTS = {"added": "accept", "renamed": "refuse", "retyped": "refuse", "missing": "refuse", "code": "warn"}
_NEEDED = ("dossier_code", "procedure_code", "status")
"""Fields without which no row has a meaning: they are missed even in a feed without a past."""
_MOST, _FEW = 0.95, 0.05
_UNREAD = _OFTEN = 0.5
_SAME_SHARE = 0.2
_NAME, _VALUES, _LEAST_SCORE = 0.65, 0.35, 0.35
_SCALARS = frozenset({"text", "number", "boolean"})


@dataclass(frozen=True, slots=True)
class Drift:
    """One difference."""

    kind: str
    path: str
    """Of the mapping, for an added field that of the record; of a code its field."""
    field: str | None
    """Canonical name of what is read there."""
    was: str | None
    now: str | None
    rows: int
    """Records that show it."""
    of: int
    """Records that could."""
    is_read: bool
    """Whether every value is read all the same: such a drift holds nothing up."""
    like: str = ""
    """Of a renamed field, the evidence."""

    def told(self) -> dict[str, Any]:
        """What is recorded: names, types, counts, and short codes."""
        return asdict(self)


def level(policy: Mapping[str, str], one: Drift) -> str:
    """What is done about a drift, by the source's policy for its kind, or for its kind and path."""
    stated = policy.get(f"{one.kind}:{one.path}", policy.get(one.kind, DEFAULTS[one.kind]))
    is_harmless = one.is_read and one.kind in {"missing", "renamed", "retyped"}
    return "warn" if stated == "refuse" and is_harmless else stated


def found(
    dialect: Dialect,
    mine: Shape,
    past: Sequence[Shape],
    still: Sequence[Mapping[str, Any]],
) -> list[Drift]:
    """Every drift that a submission shows, in order of kind and path.

    Args:
        dialect: The mapping.
        mine: What was sent.
        past: What was accepted before, oldest first.
        still: Drifts that the submission before it showed; one that nothing here contradicts goes on.
    """
    known = Places(dialect)
    before = _together(past[-HISTORY:])
    lost = {one.path: one for one in [*_missing(known, mine, before), *_still_missing(known, mine, still)]}
    new = {one.path: one for one in [*_added(known, mine, before), *_still_added(known, mine, still)]}
    pairs = [
        pair
        for one in lost.values()
        for other in new.values()
        if one.path.rpartition(".")[0] == other.path.rpartition(".")[0]
        and (pair := _pair(known, mine, before, one, other, still)) is not None
    ]
    renamed = _likest(pairs)
    for one in renamed:
        lost.pop(one.path, None)
        new.pop(str(one.now), None)
    every = [*lost.values(), *new.values(), *renamed, *_retyped(known, mine, before, still)]
    every += _codes(mine, still)
    return sorted(every, key=lambda one: (KINDS.index(one.kind), one.path, one.now or ""))


def _together(shapes: Sequence[Shape]) -> dict[str, Any]:
    told: dict[str, Any] = {"rows": 0, "paths": {}, "codes": {}, "unread": {}, "states": {}}
    for one in shapes:
        told["rows"] += one["rows"]
        for part in ("paths", "codes", "unread", "states"):
            for name, number in one[part].items():
                told[part][name] = told[part].get(name, 0) + number
    return told


def _usual_share(known: Places, before: Shape, path: str) -> float:
    """Share of the records that could have a value and had one."""
    base = known.base(before, path)
    return min(values_at(before, path) / base, 1.0) if base else 0.0


def _missing(known: Places, mine: Shape, before: Shape) -> Iterator[Drift]:
    for path in sorted({*known.fields, *known.containers}):
        if values_at(mine, path):
            continue
        expected = known.base(mine, path) * _usual_share(known, before, path)
        if expected >= LEAST_ROWS or _is_needed(known, path, mine, before):
            yield _lost(known, path, mine, before)


def _is_needed(known: Places, path: str, mine: Shape, before: Shape) -> bool:
    names = [name for name, noun in known.fields.get(path, ()) if noun == Dossiers.info.noun]
    is_first = not before["rows"] and not known.dialect.is_baseline and mine["rows"] >= LEAST_ROWS
    return is_first and bool({*names} & {*_NEEDED}) and not known.is_read(path, mine)


def _lost(known: Places, path: str, mine: Shape, before: Shape) -> Drift:
    """A missing field; what only some items of a form have may be a matter of procedures."""
    base, was = known.base(mine, path), _main(before, path)
    now = "empty" if f"{path}:empty" in mine["paths"] else None
    is_rare = known.is_in_form(path) and _usual_share(known, before, path) < _OFTEN
    is_read = is_rare or known.is_read(path, mine)
    return Drift("missing", path, known.names(path), was, now, base, base, is_read)


def _main(shape: Shape, path: str) -> str | None:
    types = types_at(shape, path)
    return max(types, key=lambda kind: (types[kind], kind)) if types else None


def _still_missing(known: Places, mine: Shape, still: Sequence[Mapping[str, Any]]) -> Iterator[Drift]:
    for one in still:
        path = one["path"]
        is_mapped = path in known.fields or path in known.containers
        if one["kind"] in {"missing", "renamed"} and is_mapped and not values_at(mine, path):
            rows = base_of(mine, path)
            was = one["was"] if one["kind"] == "missing" else None
            is_read = known.is_read(path, mine) or (one["kind"] == "missing" and one["is_read"])
            yield Drift("missing", path, known.names(path), was, None, rows, rows, is_read)


def _added(known: Places, mine: Shape, before: Shape) -> Iterator[Drift]:
    if not before["rows"]:
        return
    old = {name.rpartition(":")[0].removesuffix("[]") for name in before["paths"]}
    told: set[str] = set()
    for path in sorted({name.rpartition(":")[0] for name in mine["paths"]}):
        name = path.removesuffix("[]")
        is_known = name in {*old, *known.fields, *known.containers, *known.forms}
        if is_known or {name, *above(path)} & {*told, *known.fields}:
            continue
        if (rows := values_at(mine, path)) >= LEAST_ROWS:
            told.add(name)
            yield Drift("added", path, None, None, _main(mine, path), rows, base_of(mine, path), is_read=True)


def _still_added(known: Places, mine: Shape, still: Sequence[Mapping[str, Any]]) -> Iterator[Drift]:
    for one in still:
        path = one["path"] if one["kind"] == "added" else one["now"]
        if one["kind"] not in {"added", "renamed"} or path in known.fields or path in known.containers:
            continue
        rows, of = values_at(mine, path), base_of(mine, path)
        if rows:
            yield Drift("added", path, None, None, _main(mine, path), rows, of, is_read=True)
        elif one["kind"] == "added" and of * one["rows"] < LEAST_ROWS * max(one["of"], 1):
            yield Drift("added", path, None, None, one["now"], one["rows"], one["of"], is_read=True)


def _likest(pairs: Sequence[tuple[float, Drift]]) -> list[Drift]:
    """The pairs of a lost and a new field, each in one pair, the likest first."""
    taken: set[str] = set()
    chosen = []
    for _, one in sorted(pairs, key=lambda pair: (-pair[0], pair[1].path, str(pair[1].now))):
        if not {one.path, str(one.now)} & taken:
            taken |= {one.path, str(one.now)}
            chosen.append(one)
    return chosen


def _pair(
    known: Places,
    mine: Shape,
    before: Shape,
    one: Drift,
    other: Drift,
    still: Sequence[Mapping[str, Any]],
) -> tuple[float, Drift] | None:
    """How alike a lost and a new field are by name, type and share, as the drafting of mappings reckons."""
    stated = [e for e in still if e["kind"] == "renamed" and (e["path"], e["now"]) == (one.path, other.path)]
    is_read = known.is_read(one.path, mine)
    made = replace(one, kind="renamed", now=other.path, rows=other.rows, of=other.of, is_read=is_read)
    if stated:
        return 1.0, replace(made, was=stated[0]["was"], like=stated[0]["like"])
    old, latest = (path.rpartition(".")[2] for path in (one.path, other.path))
    name, _ = likeness(latest, {old, *(canonical for canonical, _ in known.fields.get(one.path, ()))})
    base = base_of(before, one.path)
    shares = (values_at(before, one.path) / base if base else 0.0, other.rows / max(other.of, 1))
    is_alike = one.was == other.now and abs(shares[0] - shares[1]) <= _SAME_SHARE
    score = _NAME * name + _VALUES * is_alike
    if score < _LEAST_SCORE:
        return None
    told = (
        f"name {name:.2f}; {one.was} in {shares[0]:.0%} of the records before, {other.now} in {shares[1]:.0%}"
    )
    return score, replace(made, like=told)


def _retyped(
    known: Places, mine: Shape, before: Shape, still: Sequence[Mapping[str, Any]]
) -> Iterator[Drift]:
    """Fields whose values are of another type, or can no longer be read."""
    open_ones = {one["path"]: one for one in still if one["kind"] == "retyped"}
    for path in sorted({*known.fields, *known.containers}):
        types, values, told = types_at(mine, path), values_at(mine, path), open_ones.get(path)
        was = told["was"] if told else _usual(before, path)
        if was is None or (values < LEAST_ROWS and told is None):
            continue
        is_unread = values > 0 and _unread(known, mine, path) >= _UNREAD * values
        was_unread = told is None and _unread(known, before, path) > _FEW * values_at(before, path)
        if values and types.get(was, 0) <= _FEW * values:
            now = _main(mine, path)
            is_read = {was, now} <= _SCALARS and not is_unread
        elif is_unread and not was_unread:
            now, is_read = "unreadable", False
        elif told is not None and not values:
            now, is_read = told["now"], bool(told["is_read"])
        else:
            continue
        yield Drift("retyped", path, known.names(path), was, now, values, base_of(mine, path), is_read)


def _unread(known: Places, shape: Shape, path: str) -> int:
    """Values of the field that were read at a path and could not be, at the most."""
    codes = [f"{noun}.{name}:parse" for name, noun in known.fields.get(path, ())]
    return max((shape["unread"].get(code, 0) for code in codes), default=0)


def _usual(before: Shape, path: str) -> str | None:
    """The one type that a field had; None where it had several, or few values."""
    main, values = _main(before, path), values_at(before, path)
    is_one = main is not None and types_at(before, path)[main] >= _MOST * values
    return main if is_one and values >= LEAST_ROWS else None


def _codes(mine: Shape, still: Sequence[Mapping[str, Any]]) -> Iterator[Drift]:
    """Codes that no list of the mapping has; one that the submission is too small to show goes on."""
    seen = set()
    for label, times in mine["codes"].items():
        name, _, code = label.partition("=")
        if code != OTHER:
            seen.add((name, code))
            yield Drift("code", name, name, None, code, times, mine["rows"], is_read=True)
    for one in still:
        is_small = mine["rows"] * one["rows"] < LEAST_ROWS * max(one["of"], 1)
        if one["kind"] == "code" and (one["path"], one["now"]) not in seen and is_small:
            name, code = one["path"], one["now"]
            yield Drift("code", name, name, None, code, one["rows"], one["of"], is_read=True)
