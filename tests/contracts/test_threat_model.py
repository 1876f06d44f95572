"""The threat model names tests that exist."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from jobs.settings import CHECKOUT

_MODEL = CHECKOUT / "docs" / "threat-model.md"
_NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def rows() -> list[list[str]]:
    """Cells of every threat."""
    lines = [line for line in _MODEL.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]
    return [row for row in cells if row[0] != "threat"]


def functions(file: Path) -> set[str]:
    """Names of the functions of a file."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_every_threat_has_a_control_and_a_test_that_exists() -> None:
    assert len(rows()) > 25
    for row in rows():
        assert len(row) == 3, row[0]
        assert all(row), row[0]
        named = _NAMED.findall(row[2])
        assert named, row[0]
        for path, name in named:
            assert (CHECKOUT / path).is_file(), (row[0], path)
            assert name in functions(CHECKOUT / path), (row[0], path, name)
