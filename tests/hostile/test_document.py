"""The committed document says what the table of kinds says."""

from __future__ import annotations

from tests.hostile import document
from tests.hostile.files import FILES
from tests.hostile.json_rows import ROWS
from tests.hostile.pages import PAGES


def test_the_document_is_current() -> None:
    kinds, _, costs = document.DOCUMENT.read_text(encoding="utf-8").partition(document.COSTS)
    assert kinds == document.kinds(), "run make hostile"
    bombs = [kind.name for kind in (*FILES, *ROWS, *PAGES) if kind.is_bomb]
    assert [line.split(" | ")[0].removeprefix("| ") for line in costs.splitlines() if " | " in line][
        1:
    ] == bombs


def test_no_two_kinds_share_a_name() -> None:
    names = [kind.name for kind in (*FILES, *ROWS, *PAGES)]
    assert len(names) == len(set(names))
