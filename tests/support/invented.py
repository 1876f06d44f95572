"""Mapping files of a test's own, beside the project's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

from schemas import dialect

_HEAD = """
[layout]
identity = "ma"
changed = "sua"
clock = "{clock}"
delivery = ["ma", "sua"]

[table]
select = '''{select}'''

[header]
dossier_code = {{ path = "ma", parser = "text" }}

[items.person]
dataset = "population_persons"
full_name = {{ path = "ten", parser = "name" }}

[groups]
persons = {{ item = "person", path = "nguoi" }}
"""


def table(select: str, clock: str = "local") -> str:
    """A mapping file for a query with the columns ``ma`` (identity) and ``sua`` (changed)."""
    return _HEAD.format(select=select, clock=clock)


@contextmanager
def dialects(folder: Path, **files: str) -> Iterator[None]:
    """The project's mapping files and those that are given by name."""
    for file in dialect.FOLDER.glob("*.toml"):
        (folder / file.name).write_bytes(file.read_bytes())
    for name, text in files.items():
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    with mock.patch.object(dialect, "FOLDER", folder):
        dialect.load.cache_clear()
        try:
            yield
        finally:
            dialect.load.cache_clear()
