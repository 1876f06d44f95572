"""What changed between two states of the contracts, and whether their readers must be told by a version.

``python -m schemas.derive.difference tests/golden/contracts.json`` accepts the state of the contracts as
the one that later changes are compared with; it refuses a breaking change without a new major version.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from schemas.contract import Contract, Field
from schemas.registry import CONTRACTS

State = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Change:
    """One difference of a dataset."""

    dataset: str
    what: str
    is_breaking: bool

    def __str__(self) -> str:
        return f"{'breaking' if self.is_breaking else 'additive'}: {self.dataset}: {self.what}"


def state(contracts: Iterable[type[Contract]]) -> dict[str, dict[str, Any]]:
    """The contracts as plain data: what a reader or a sender may rely on, wording left out."""
    return {
        contract.dataset(): {
            "version": contract.info.version,
            "release": contract.info.release.value,
            "key": list(contract.key.names),
            "columns": {field.name: _column(field) for field in contract.fields},
            "rules": {rule.code: {"effect": rule.effect.value} for rule in contract.rules},
        }
        for contract in contracts
    }


def _column(field: Field) -> dict[str, Any]:
    domain = field.domain
    stated = {
        "kind": domain.kind.value,
        "scale": domain.scale or None,
        "unit": domain.unit,
        "pattern": domain.pattern,
        "values": None if domain.values is None else list(domain.values),
        "max_length": domain.max_length,
        "minimum": domain.minimum,
        "maximum": domain.maximum,
        "required": field.required,
        "privacy": field.privacy.name,
    }
    return {name: value for name, value in stated.items() if value is not None and value is not False}


def differences(old: State, new: State) -> list[Change]:
    """Changes from one state to another, dataset by dataset.

    Breaking is what makes a statement that reads or sends the old form wrong: something is gone, is
    called otherwise, means something else, must now be present or may now be absent. A new dataset,
    optional column or rule is additive.
    """
    found = [
        Change(name, "the dataset is gone", is_breaking=True) for name in sorted(old.keys() - new.keys())
    ]
    found += [Change(name, "a new dataset", is_breaking=False) for name in sorted(new.keys() - old.keys())]
    for name in sorted(old.keys() & new.keys()):
        found += [Change(name, what, broken) for what, broken in _of_dataset(old[name], new[name])]
    return found


def _of_dataset(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
    for name in ("key", "release"):
        if old[name] != new[name]:
            yield f"{name}: {old[name]} became {new[name]}", True
    for kind in ("columns", "rules"):
        yield from _of_parts(kind[:-1], old[kind], new[kind])


def _of_parts(kind: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
    for name in sorted(old.keys() - new.keys()):
        yield f"{kind} {name} is gone", True
    for name in sorted(new.keys() - old.keys()):
        yield f"a new {kind} {name}", "required" in new[name]
    for name in sorted(old.keys() & new.keys()):
        before, after = old[name], new[name]
        for part in sorted(before.keys() | after.keys()):
            if before.get(part) != after.get(part):
                yield f"{kind} {name}: {part} {before.get(part)} became {after.get(part)}", True


def unversioned(old: State, new: State) -> list[Change]:
    """Breaking changes of datasets whose major version did not grow; a dataset that is gone needs none."""
    return [
        change
        for change in differences(old, new)
        if change.is_breaking
        and change.dataset in new
        and _major(new[change.dataset]) <= _major(old[change.dataset])
    ]


def _major(dataset: Mapping[str, Any]) -> int:
    return int(str(dataset["version"]).partition(".")[0])


def accept(path: Path) -> int:
    """Writes the contracts' state to the file, unless it breaks the one in it without a new version.

    Returns:
        Exit code: 0, or 3 when it is refused.
    """
    new = state(CONTRACTS)
    refused = unversioned(json.loads(path.read_text(encoding="utf-8")), new) if path.exists() else []
    for change in refused:
        sys.stderr.write(f"{change}. Remedy: raise the major version of the contract.\n")
    if refused:
        return 3
    path.write_text(json.dumps(new, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(accept(Path(sys.argv[1])))
