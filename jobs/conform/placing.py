"""Where corrected values stand in records: canonical paths as keys and indexes, by a dialect."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from jobs.errors import UsageFault
from jobs.landing.correcting import at, has_place
from jobs.landing.texts import cleaned, is_something
from jobs.ops.corrections import Correction
from schemas import dialect as dialects
from schemas.dialect import Dialect
from schemas.reading import ANYTHING, DialectError, Reading, Readings

Changes = list[tuple[list[str | int], str | None]]
"""Places in a record, and the texts that belong there."""
_ITEM = re.compile(r"(\w+)(?:\[([0-9]{1,4})\])?")


def places(corrections: Iterable[Correction], used: Sequence[Dialect]) -> dict[str, dict[str, Changes]]:
    """Where corrections stand in the records of some dialects, by dialect and content.

    A correction names a field of its own dialect. One of a dialect that is not among them concerns none of
    their rows. One of a field that its dialect does not have, or has no more, or of a value that none of
    the field's places can have, has no place: it changes nothing and stops no other; ``explain`` and
    ``findings show`` tell of it.

    Args:
        corrections: In the order they were made.
        used: As the rows are read, whatever their files say by now.
    """
    known = {one.name: one for one in used}
    found: dict[str, dict[str, Changes]] = {}
    for one in corrections:
        name, _, path = one.path.partition(":")
        if name not in known:
            continue
        try:
            changes = changes_of(known[name], path, one.new_text)
        except DialectError:
            continue
        found.setdefault(name, {}).setdefault(one.content_digest, []).extend(changes)
    return found


def require_place(path: str, text: str | None) -> None:
    """Refuses a correction that has no place in any record.

    Raises:
        UsageFault: The dialect or the field is unknown, or no place of it can have the text; it says which.
    """
    if fault := fault_of(path, text):
        raise refused(path, fault)


def refused(path: str, fault: str) -> UsageFault:
    """The refusal of a correction that would have no effect."""
    return UsageFault(
        f"{path!r} is no place of a value: {fault}",
        "write dialect:group[i].attribute, as findings show prints it, and what the source writes.",
    )


def fault_of(path: str, text: str | None, record: Mapping[str, Any] | None = None) -> str | None:
    """Why a correction has no effect by the mapping files as they are; None where it has one.

    Args:
        path: What it corrects.
        text: What it puts there; None for nothing.
        record: The record that it is for, shaped, where that is at hand.
    """
    name, _, rest = path.partition(":")
    try:
        changes = changes_of(dialects.load(name), rest, text)
    except DialectError as error:
        return str(error)
    if record is None or has_place(record, changes[-1][0]):
        return None
    return "the record has no such item, nor is it the next one."


def changes_of(dialect: Dialect, path: str, text: str | None) -> Changes:
    """What a correction of a field changes in a dialect's record, so that the field has that value.

    ``status`` is a header field; ``persons[0].birth_date`` a field of a group's item. Of a field with several
    places, the first that can have the text gets it, and those before it are emptied: else they would
    speak first. A field that has no value has none at any of its places.

    Raises:
        DialectError: The dialect has no such field, or none of its several places can have the text.
    """
    above, readings = _field(dialect, path)
    steps = [[*above, *_steps(one.path)] for one in readings]
    if text is None:
        return [(one, None) for one in steps]
    able = [place for place, one in enumerate(readings) if len(readings) == 1 or _can_have(one, text)]
    if not able:
        known = "; ".join(_told(one) for one in readings)
        raise DialectError(f"{dialect.name}: no place of {path} reads that text. It reads {known}.")
    return [*((one, None) for one in steps[: able[0]]), (steps[able[0]], text)]


def value_of(dialect: Dialect, path: str, record: Mapping[str, Any]) -> Any:
    """What a record has for a field: at the first of its places that gives a value, else at the first.

    None where there is nothing, or the dialect has no such field.
    """
    try:
        above, readings = _field(dialect, path)
    except DialectError:
        return None
    found = [at(record, [*above, *_steps(one.path)]) for one in readings]
    return next((value for one, value in zip(readings, found, strict=True) if _speaks(one, value)), found[0])


def _field(dialect: Dialect, path: str) -> tuple[list[str | int], Readings]:
    """The object in which a field is, and its places there."""
    head, dot, attribute = path.partition(".")
    if not dot:
        if head not in dialect.header:
            raise DialectError(f"{dialect.name}: no header field {head}.")
        return [], dialect.header[head]
    item = _ITEM.fullmatch(head)
    group = dialect.groups.get(item[1]) if item else None
    if item is None or group is None or attribute not in group.fields:
        raise DialectError(f"{dialect.name}: no field {path}.")
    return [*_steps(group.path), int(item[2] or 0)], group.fields[attribute]


def _can_have(one: Reading, text: str) -> bool:
    """Whether a text is one that a place is for: of a code list, one that it names."""
    return one.parser != "map" or _code(one, text) in one.values.keys() - {ANYTHING}


def _speaks(one: Reading, value: Any) -> bool:
    """Whether a place gives a value, or one that cannot be read."""
    if one.parser != "map" or not is_something(value):
        return is_something(value)
    otherwise = one.values.get(ANYTHING, "?")  # A code that no list has is a fault, and stands as one.
    return one.values.get(_code(one, value), otherwise) != ""


def _code(one: Reading, value: Any) -> str:
    """What is looked up in a code list."""
    text = cleaned(value) or ""
    if one.part is None:
        return text
    found = re.search(one.part, text)
    return (found[1] or "") if found else ""


def _told(one: Reading) -> str:
    """What a place can have, in words."""
    codes = ", ".join(code for code in one.values if code != ANYTHING) or "no text that is given"
    return f"at {one.path} {codes}" + (f" (as {one.part} finds it)" if one.part else "")


def _steps(path: str) -> list[str | int]:
    """Keys, and 0 after a list of which a path takes the first item."""
    steps: list[str | int] = []
    for step in path.split("."):
        steps += [step.removesuffix("[]"), 0] if step.endswith("[]") else [step]
    return steps
