"""Changes of contracts: which are additive, which break readers, and that breaking needs a new version."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from schemas.derive import difference
from schemas.registry import CONTRACTS

GOLDEN = Path(__file__).parents[1] / "golden" / "contracts.json"
NAME = "core.population_persons"
State = dict[str, dict[str, Any]]


def test_the_accepted_state_is_that_of_the_contracts() -> None:
    accepted = json.loads(GOLDEN.read_text(encoding="utf-8"))
    now = difference.state(CONTRACTS)
    assert [str(change) for change in difference.unversioned(accepted, now)] == []
    assert [str(change) for change in difference.differences(accepted, now)] == [], (
        "python -m schemas.derive.difference tests/golden/contracts.json accepts the change"
    )
    assert {name: one["version"] for name, one in accepted.items()} == {
        name: one["version"] for name, one in now.items()
    }


ADDITIVE: dict[str, Callable[[State], object]] = {
    "an optional column": lambda s: s[NAME]["columns"].update(
        nickname={"kind": "text", "privacy": "PERSONAL"}
    ),
    "a rule": lambda s: s[NAME]["rules"].update({"POP-999": {"effect": "note"}}),
    "a dataset": lambda s: s.update({"core.boats": copy.deepcopy(s[NAME])}),
}
BREAKING: dict[str, Callable[[State], object]] = {
    "a required column": lambda s: s[NAME]["columns"].update(nickname={"kind": "text", "required": True}),
    "a column that is gone": lambda s: s[NAME]["columns"].pop("sex"),
    "another type": lambda s: s[NAME]["columns"]["birth_date"].update(kind="text"),
    "presence": lambda s: s[NAME]["columns"]["full_name"].update(required=True),
    "fewer values": lambda s: s[NAME]["columns"]["sex"].update(values=["male"]),
    "another pattern": lambda s: s[NAME]["columns"]["personal_id"].update(pattern="[0-9]{13}"),
    "another privacy class": lambda s: s[NAME]["columns"]["full_name"].update(privacy="PUBLIC"),
    "another key": lambda s: s[NAME].update(key=["full_name"]),
    "a rule that is gone": lambda s: s[NAME]["rules"].pop("POP-001"),
    "another effect": lambda s: s[NAME]["rules"]["POP-001"].update(effect="note"),
}


@pytest.mark.parametrize("change", ADDITIVE.values(), ids=ADDITIVE)
def test_additive(change: Callable[[State], object]) -> None:
    old = difference.state(CONTRACTS)
    new = copy.deepcopy(old)
    change(new)
    assert [one.is_breaking for one in difference.differences(old, new)] == [False]
    assert difference.unversioned(old, new) == []


@pytest.mark.parametrize("change", BREAKING.values(), ids=BREAKING)
def test_breaking_needs_a_major_version(change: Callable[[State], object]) -> None:
    old = difference.state(CONTRACTS)
    new = copy.deepcopy(old)
    change(new)
    assert [one.is_breaking for one in difference.differences(old, new)] == [True]
    assert len(difference.unversioned(old, new)) == 1
    new[NAME]["version"] = "1.1"
    assert len(difference.unversioned(old, new)) == 1
    new[NAME]["version"] = "2.0"
    assert difference.unversioned(old, new) == []


def test_a_breaking_change_is_not_accepted_without_a_version(tmp_path: Path) -> None:
    path = tmp_path / "contracts.json"
    old = difference.state(CONTRACTS)
    old[NAME]["columns"]["nickname"] = {"kind": "text"}
    path.write_text(json.dumps(old), encoding="utf-8")
    assert difference.accept(path) == 3
    assert json.loads(path.read_text(encoding="utf-8")) == old
    old[NAME]["version"] = "0.9"
    path.write_text(json.dumps(old), encoding="utf-8")
    assert difference.accept(path) == 0
    assert json.loads(path.read_text(encoding="utf-8")) == difference.state(CONTRACTS)
