"""A refusal takes little memory, whatever a bomb would unpack to, and is worded as the document has it."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.hostile import document
from tests.hostile.memory import LIMIT_MIB, measured


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    return measured(tmp_path_factory.mktemp("bombs"))


def test_no_refusal_takes_much_memory(found: dict[str, dict[str, Any]]) -> None:
    assert [name for name, one in found.items() if one["told"] == "taken"] == []
    assert {name: one["mib"] for name, one in found.items() if one["mib"] >= LIMIT_MIB} == {}


def test_the_document_says_what_is_said(found: dict[str, dict[str, Any]]) -> None:
    kept = document.DOCUMENT.read_text(encoding="utf-8").partition(document.COSTS)
    assert unmeasured("".join(kept[1:])) == unmeasured(document.costs(found)), "run make hostile"


def unmeasured(text: str) -> str:
    """A table without its figures, which no two runs share."""
    return re.sub(r" \| \d+ \| ", " | ", text)
