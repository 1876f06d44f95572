"""Examples in docstrings hold."""

from __future__ import annotations

import doctest
from importlib import import_module
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]
SHOWING = [
    ".".join(path.relative_to(TOP).with_suffix("").parts)
    for package in ("schemas", "expectations", "jobs", "infra")
    for path in sorted((TOP / package).rglob("*.py"))
    if ">>> " in path.read_text()
]


@pytest.mark.parametrize("name", SHOWING)
def test_the_examples_of_a_module_hold(name: str) -> None:
    told = doctest.testmod(import_module(name))
    assert told.attempted
    assert not told.failed
