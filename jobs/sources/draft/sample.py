"""A sample of records as leaves and lists, with the documents and numbered keys found in it."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from jobs.landing.decoding import canonical_json
from jobs.landing.shaping import shaped
from schemas.dialect import Shaping

MOST = 500
"""Records that are looked at."""
_NUMBERED = re.compile(r"(?P<list>[A-Za-z]+)(?P<number>[0-9]+)_(?P<key>.+)")
_CAMEL = re.compile(r"[A-Z]+(?![a-z])|[A-Z][a-z]*")


@dataclass(slots=True)
class Leaf:
    """A place with a value, and the values that it had."""

    path: str
    values: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Sample:
    """What a system sends, shaped."""

    shapings: list[Shaping]
    records: int
    leaves: dict[str, Leaf]
    """Of the record, by path; ``name[].key`` for the first item of a list."""
    lists: dict[str, dict[str, Leaf]]
    """Of each list of objects, by its path: its items' leaves."""


def sample_of(records: Sequence[Mapping[str, Any]]) -> Sample:
    """The leaves of records, after the documents in their texts were read."""
    shapings = list(_documents(records))
    read: Sequence[Mapping[str, Any]] = [shaped(one, shapings) for one in records]
    for base in _objects(read):
        for shaping in _numbered(base, [one for one in (_at(record, base) for record in read) if one]):
            shapings.append(shaping)
            read = [shaped(one, [shaping]) for one in read]
    found = Sample(shapings, len(read), {}, defaultdict(dict))
    for record in read:
        _walk(found, record, "")
    return found


def _at(node: Any, path: str) -> Any:
    for step in path.split(".") if path else ():
        node = node.get(step) if isinstance(node, dict) else None
    return node


def _objects(records: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """The records themselves, and every object that hangs on a key of theirs."""
    yield ""
    names = {key for one in records for key, value in one.items() if isinstance(value, dict)}
    yield from sorted(names)


def _documents(records: Sequence[Mapping[str, Any]]) -> Iterator[Shaping]:
    for name in sorted({key for one in records for key in one}):
        texts = [one[name] for one in records if isinstance(one.get(name), str) and one[name].strip()]
        for form in ("json", "xml_items"):
            tried = Shaping(name, form, None)
            read = [shaped({name: text}, [tried])[name] for text in texts]
            if texts and sum(isinstance(one, dict | list) for one in read) > len(texts) / 2:
                yield tried
                break


def _numbered(base: str, nodes: Sequence[Any]) -> Iterator[Shaping]:
    """A pattern for numbered keys, where many keys follow one."""
    keys = {key for node in nodes if isinstance(node, dict) for key in node}
    if len([key for key in keys if _NUMBERED.fullmatch(key)]) >= 4:
        yield Shaping(base, "numbered", _NUMBERED.pattern)
        return
    ends: Counter[str] = Counter()
    stems = {key.rstrip("0123456789") for key in keys if key[-1:].isdigit()}
    for stem in stems:
        parts = _CAMEL.findall(stem)
        ends.update("".join(parts[-length:]) for length in (1, 2, 3) if length < len(parts))
    lists = [end for end, times in ends.items() if times >= 3 and not _is_covered(end, times, ends)]
    if len(stems) >= 4 and lists:
        named = "|".join(sorted(lists, key=lambda one: (-len(one), one)))
        yield Shaping(base, "numbered", f"(?P<key>.+?)(?P<list>{named})(?P<number>[0-9]+)")


def _is_covered(end: str, times: int, ends: Counter[str]) -> bool:
    """Whether a longer ending stands wherever this one does."""
    return any(other != end and other.endswith(end) and ends[other] >= times for other in ends)


def _walk(found: Sample, node: Any, path: str) -> None:
    for key, value in node.items() if isinstance(node, dict) else ():
        place = f"{path}.{key}" if path else key
        if isinstance(value, dict):
            _walk(found, value, place)
        elif isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
            _note(found.leaves, place, canonical_json(value))
            _walk(found, value[0], f"{place}[]")
            for item in value:
                for name, inner in item.items():
                    _note(found.lists[place], name, inner)
        else:
            _note(found.leaves, place, value)


def _note(leaves: dict[str, Leaf], path: str, value: Any) -> None:
    leaf = leaves.setdefault(path, Leaf(path))
    if value not in (None, "") and not isinstance(value, dict | list) and len(leaf.values) < MOST:
        leaf.values.append(str(value).lower() if isinstance(value, bool) else str(value))
