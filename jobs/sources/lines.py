"""Where a mapping file reads what: the numbers of its lines, for whoever is to mend it."""

from __future__ import annotations

import re
from functools import cache

from jobs.sources.places import above
from schemas import dialect as dialects


def line_of(dialect: str, path: str) -> str:
    """File and lines that name a path of a record, or the canonical field of a code.

    >>> line_of("lgsp_en", "eForm.people[].citizenId").startswith("lgsp_en.toml, line")
    True
    >>> line_of("lgsp_en", "nothing")
    'no line of lgsp_en.toml'
    """
    found = _lines(dialect).get(path, ())
    if not found:
        return f"no line of {dialect}.toml"
    return f"{dialect}.toml, line{'s' * (len(found) > 1)} {', '.join(map(str, found))}"


@cache
def _lines(dialect: str) -> dict[str, tuple[int, ...]]:
    """Lines by path, and by canonical field: of the header its name, of a group ``group.field``."""
    stated = dialects.load(dialect)
    file = dialects.FOLDER / f"{dialect}.toml"
    text = file.read_text(encoding="utf-8").splitlines()
    found: dict[str, set[int]] = {}
    for name, readings in stated.header.items():
        for one in readings:
            for key in (name, one.path, *above(one.path)):
                found.setdefault(key, set()).update(_naming(text, one.path, r"\[header\]"))
    for name, group in stated.groups.items():
        found.setdefault(group.path, set()).update(_naming(text, group.path, r"\[groups\]"))
        for field, readings in group.fields.items():
            for one in readings:
                places = _naming(text, one.path, r"\[items\..+\]", field)
                for key in (f"{name}.{field}", f"{group.path}[].{one.path}"):
                    found.setdefault(key, set()).update(places)
    return {key: tuple(sorted(places)) for key, places in found.items()}


def _naming(text: list[str], path: str, table: str, field: str = "") -> list[int]:
    """Numbers of the lines of a table that name a path; of items, those of one field."""
    wanted = re.compile(rf'\bpath\s*=\s*"{re.escape(path)}"')
    within, numbers = False, []
    for number, line in enumerate(text, 1):
        if re.match(r"\s*\[[^\]\"]+\]\s*(#.*)?$", line):
            within = re.match(table, line.strip()) is not None
        elif within and wanted.search(line) and re.match(rf"\s*{field}\b", line):
            numbers.append(number)
    return numbers
