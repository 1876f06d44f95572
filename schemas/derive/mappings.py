"""Pages of the dialects from their mapping files: ``python -m schemas.derive.mappings docs/dialects``."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from schemas import dialect as dialects
from schemas.core.landed import UNTOLD
from schemas.dialect import Dialect
from schemas.layout import OF_FILES
from schemas.reading import Reading, Readings


def page(dialect: Dialect) -> str:
    """One dialect as Markdown: what is read where and how, what is done before, how it is asked."""
    return "\n".join([*_head(dialect), *_header(dialect), *_groups(dialect)]) + "\n"


def _head(dialect: Dialect) -> Iterator[str]:
    yield f"# {dialect.name}"
    yield ""
    yield f"Written by `make dictionary` from `schemas/dialects/{dialect.name}.toml`; never edited by hand."
    yield ""
    layout = dialect.layout
    if dialect.file_form is not None:
        dataset = dialect.rows.dataset()
        yield f"* Every file is read as `{dialect.file_form}`; its records are rows of `{dataset}`."
    else:
        yield f"* Items of a page: `{layout.items}`; identity `{layout.identity}`."
        yield f"* Change instant: `{layout.changed}` ({layout.clock})."
    delivery = ", ".join(f"`{key}`" for key in layout.delivery) or "nothing"
    yield f"* Of an item, {delivery} belongs to its delivery and not to its content."
    for key in OF_FILES[1:]:
        if (stated := layout.told().get(key)) is not None:
            yield f"* Files: {key} = `{stated}`."
    for one in dialect.shapings:
        place = f"`{one.path}`" if one.path else "the record"
        yield f"* First, {place} is read as `{one.form}`" + (f": `{one.pattern}`." if one.pattern else ".")
    if dialect.select is not None:
        yield f"* In a database: `{' '.join(dialect.select.split())}`."
    for key, value in dialect.interface.items():
        yield f"* Interface: {key} = `{value}`."
    yield ""


def _header(dialect: Dialect) -> Iterator[str]:
    yield "## Header"
    yield ""
    yield "| canonical | meaning | read from | as | note |"
    yield "|---|---|---|---|---|"
    for name, readings in dialect.header.items():
        yield from _lines(name, dialect.rows.field(name).description, readings)
    told = UNTOLD | dialect.header.keys()
    missing = [field.name for field in dialect.rows.fields if field.name not in told]
    yield ""
    yield f"Not sent: {', '.join(missing)}."
    yield ""


def _groups(dialect: Dialect) -> Iterator[str]:
    if dialect.groups:
        yield "## Form"
    parts: list[list[str]] = []
    for name in dialect.groups:
        alike = next((names for names in parts if _alike(dialect, names[0], name)), None)
        if alike is None:
            parts.append([name])
        else:
            alike.append(name)
    for names in parts:
        group = dialect.groups[names[0]]
        places = ", ".join(f"{name} in `{dialect.groups[name].path}`" for name in names)
        yield ""
        yield f"### {group.dataset.info.noun}: {places}"
        yield ""
        yield "| canonical | meaning | read from | as | note |"
        yield "|---|---|---|---|---|"
        known = {field.name: field.description for field in group.dataset.fields}
        for name, readings in group.fields.items():
            yield from _lines(name, known.get(name, ""), readings)


def _alike(dialect: Dialect, one: str, other: str) -> bool:
    return dialect.groups[one].fields == dialect.groups[other].fields


def _lines(name: str, meaning: str, readings: Readings) -> Iterator[str]:
    for number, one in enumerate(readings):
        first = (name, meaning) if number == 0 else ("", "else")
        yield f"| {first[0]} | {first[1]} | `{one.path}` | {_how(one)} | {one.note} |"


def _how(one: Reading) -> str:
    told = f"`{one.parser}`"
    if one.part:
        told += f" of `{one.part}`".replace("|", "\\|")
    return told + _values(one.values)


def _values(values: Mapping[str, str]) -> str:
    return (
        f": {', '.join(f'{sent} → {meant or chr(8709)}' for sent, meant in values.items())}" if values else ""
    )


def main(folder: Path) -> None:
    """Writes a page for every dialect."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in dialects.names():
        (folder / f"{name}.md").write_text(page(dialects.load(name)), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
