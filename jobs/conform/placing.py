"""Where corrected values stand in records: canonical paths as keys and indexes, by a dialect."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from jobs.errors import UsageFault
from jobs.ops.corrections import Correction
from schemas import dialect as dialects
from schemas.dialect import Dialect
from schemas.reading import DialectError

Changes = list[tuple[list[str | int], str | None]]
"""Places in a record, and the texts that belong there."""
_ITEM = re.compile(r"(\w+)(?:\[([0-9]{1,4})\])?")


def places(corrections: Iterable[Correction], used: Sequence[Dialect]) -> dict[str, dict[str, Changes]]:
    """Where corrections stand in the records of some dialects, by dialect and content.

    A correction names a field of its own dialect. One of a dialect that is not among them concerns none of
    their rows. One of a field that its dialect does not have, or has no more, has no place: it changes
    nothing and stops no other; ``explain`` and ``findings show`` tell of it.

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
            place = raw_path(known[name], path)
        except DialectError:
            continue
        found.setdefault(name, {}).setdefault(one.content_digest, []).append((place, one.new_text))
    return found


def check_path(path: str) -> None:
    """Refuses a correction's path that no dialect has.

    Raises:
        UsageFault: The dialect or the field is unknown; the message names it.
    """
    if fault := fault_of(path):
        raise UsageFault(
            f"{path!r} is no place of a value: {fault}",
            "write dialect:group[i].attribute, as findings show prints it.",
        )


def fault_of(path: str) -> str | None:
    """Why a path is no place of a value by the mapping files as they are; None where it is one."""
    name, _, rest = path.partition(":")
    try:
        raw_path(dialects.load(name), rest)
    except DialectError as error:
        return str(error)
    return None


def raw_path(dialect: Dialect, path: str) -> list[str | int]:
    """Where a canonical path stands in a dialect's record.

    ``status`` is a header field; ``persons[0].birth_date`` a field of a group's item.

    Raises:
        DialectError: The dialect has no such field.
    """
    head, dot, attribute = path.partition(".")
    if not dot:
        if head not in dialect.header:
            raise DialectError(f"{dialect.name}: no header field {head}.")
        return _steps(dialect.header[head][0].path)
    item = _ITEM.fullmatch(head)
    group = dialect.groups.get(item[1]) if item else None
    if item is None or group is None or attribute not in group.fields:
        raise DialectError(f"{dialect.name}: no field {path}.")
    return [*_steps(group.path), int(item[2] or 0), *_steps(group.fields[attribute][0].path)]


def _steps(path: str) -> list[str | int]:
    """Keys, and 0 after a list of which a path takes the first item."""
    steps: list[str | int] = []
    for step in path.split("."):
        steps += [step.removesuffix("[]"), 0] if step.endswith("[]") else [step]
    return steps
