"""docs/hostile-input.md from the table of kinds; the measures stand at its end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tests.hostile.files import FILES
from tests.hostile.json_rows import ROWS as OF_JSON
from tests.hostile.kinds import REST, TRANSPORTS
from tests.hostile.memory import LIMIT_MIB
from tests.hostile.pages import PAGES
from tests.hostile.table_rows import CSV, PARQUET

DOCUMENT = Path(__file__).parents[2] / "docs" / "hostile-input.md"
ROWS = (*OF_JSON, *CSV, *PARQUET)

_BEGINNING = """# Hostile input

What sources send and should not, and what becomes of it. Each line is a test (`tests/hostile`): the kinds
are delivered together, among good rows and beside good files, through real services; one pull of each feed,
one conform, one merge. Every good neighbour must load, and `ledger verify` must hold. This page is written
from the table of kinds by `make hostile`.

Through: a `folder`, a `bucket` (`s3://…`), `rest` (pages over HTTP). Formats that no reader knows (tar, xls)
are refused by their names' endings, unopened. Nothing of an archive is ever written under a name of its own,
and no DTD of XML is read; so nothing in them can be followed or resolved.

| through | kinds |
|---|---|
"""
_ROWS = """
## Rows

`quarantined` and `unreadable` rows are kept with all their codes (`lienthong findings list`); `DOS-901`
stands for a row that cannot be read. `effective` rows reach the register, with the values named here, or as
they were sent.

| kind | through | outcome |
|---|---|---|
"""
_FILES = """
## Files

A refused file is kept as it came, below `refused/` of its submission, with one message; the others are
taken.

| kind | file | through | outcome |
|---|---|---|---|
"""
_PAGES = """
## Pages

The first page is good unless the kind is about it. A source that is late is named with the reason by
`status`; what came before is conformed, and the next pull asks again.

| kind | outcome |
|---|---|
"""
_GENERATED = """
## Generated input

Hypothesis writes texts for every parser (`test_parsers.py`: 3 000 in one Spark job, compared with plain
Python where a parser has a counterpart; a text that was sent gives a value or a code), and rows, pages and
files for every reader (`test_readers.py`: each row has its place, the good ones between are read, nothing
is raised).
"""
COSTS = """
## Memory of refusals

"""
_COSTS = """Peak above an idle process that does nothing but refuse, measured by `make hostile`;
`make test` fails from {limit} MiB on. A file of more than 16 MB stands in a file of its own while it is
looked at, and one of more than 2 GB is refused unread. A Parquet file, a workbook and an archive are read by
a process of their own, whose memory is bounded; the largest one so far counts whole, and the one that
started it before it did.

| kind | MiB | what is said |
|---|---:|---|
"""


def kinds() -> str:
    """The document up to the measures."""
    return "".join(
        [
            _BEGINNING,
            *(f"| {transport} | {count} |\n" for transport, count in _counts().items()),
            _ROWS,
            *(_line(kind.name, ", ".join(kind.through), kind.fate.told()) for kind in ROWS),
            _FILES,
            *(_line(kind.name, _code(kind.file), ", ".join(kind.through), kind.told()) for kind in FILES),
            _PAGES,
            *(_line(kind.name, kind.told_in_words()) for kind in PAGES),
            _GENERATED,
        ]
    )


def _counts() -> dict[str, int]:
    of_rows = {transport: sum(transport in kind.through for kind in ROWS) for transport in TRANSPORTS}
    of_others = {t: sum(t in kind.through for kind in FILES) for t in TRANSPORTS} | {REST: len(PAGES)}
    return {transport: of_rows[transport] + of_others[transport] for transport in TRANSPORTS}


def costs(found: Mapping[str, Mapping[str, Any]]) -> str:
    """The measures."""
    rows = (_line(kind, str(one["mib"]), str(one["told"])) for kind, one in found.items())
    return "".join([COSTS, _COSTS.format(limit=LIMIT_MIB), *rows])


def _line(*cells: str) -> str:
    return f"| {' | '.join(_escaped(cells))} |\n"


def _escaped(cells: Iterable[str]) -> Iterable[str]:
    return (cell.replace("|", "\\|") for cell in cells)


def _code(text: str) -> str:
    shown = text if text.isprintable() else text.encode("unicode_escape").decode()
    return f"``{shown}``" if "`" in shown else f"`{shown}`"
