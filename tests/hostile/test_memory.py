"""A refusal takes little memory, whatever a bomb would unpack to."""

from __future__ import annotations

from pathlib import Path

from tests.hostile.memory import LIMIT_MIB, measured


def test_no_refusal_takes_much_memory(tmp_path: Path) -> None:
    found = measured(tmp_path)
    assert [name for name, one in found.items() if one["told"] == "taken"] == []
    assert {name: one["mib"] for name, one in found.items() if one["mib"] >= LIMIT_MIB} == {}
