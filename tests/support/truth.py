"""Compares the registers with the sandbox's truth, entity by entity."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from infra.sandbox import truth
from infra.sandbox.truth import Entity
from jobs.registry import databases
from jobs.settings import Settings
from schemas.contract import REGISTERS, Register
from schemas.derive import sql
from schemas.registry import folded
from schemas.zone import HANOI

State = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Difference:
    """An entity whose golden state is not the true one."""

    register: str
    key: str
    faults: tuple[str, ...]
    is_repairable: bool
    true: State | None
    golden: State | None


@dataclass(slots=True)
class Comparison:
    """What a comparison found; entities that exist nowhere in truth or register do not count."""

    total: int = 0
    untouched: int = 0
    repairable: int = 0
    differences: list[Difference] = field(default_factory=list)

    def wrong(self) -> list[Difference]:
        """Differences that no fault excuses."""
        return [one for one in self.differences if one.is_repairable]


def compare(settings: Settings, folder: Path, *, day: int) -> Comparison:
    """The registers as they stand against the truth on the evening of a day."""
    found = Comparison()
    for register in REGISTERS:
        golden = dict(_golden(settings, register))
        for one in truth.entities(folder, day=day, register=register.value):
            true = stated(register, one)
            known = golden.pop(one.key, None)
            found.total += 1
            found.untouched += not one.faults
            found.repairable += bool(one.faults) and one.is_repairable
            if true != known:
                found.differences.append(
                    Difference(register.value, one.key, one.faults, one.is_repairable, true, known)
                )
        found.differences += [
            Difference(register.value, key, (), True, None, known) for key, known in golden.items()
        ]
    return found


def told(differences: Iterable[Difference]) -> str:
    """Differences by what differs, for the message of a failed test; values stay out."""
    kinds: dict[str, int] = defaultdict(int)
    for one in differences:
        kinds[f"{one.register}: {', '.join(parts(one)) or 'absent or superfluous'}"] += 1
    return json.dumps(kinds, indent=1, ensure_ascii=False)


def parts(one: Difference) -> list[str]:
    """Names of what differs between truth and register."""
    if one.true is None or one.golden is None:
        return ["not in the register" if one.golden is None else "not in truth"]
    names = []
    for noun, true in one.true.items():
        golden = one.golden[noun]
        if true is None or golden is None or noun == _root(one):
            names += [f"{noun}.{n}" for n in true if true[n] != golden[n]]
            continue
        if set(true) != set(golden):
            names.append(f"{noun} (rows)")
        names += sorted(
            {
                f"{noun}.{n}"
                for key in set(true) & set(golden)
                for n in true[key]
                if true[key][n] != golden[key][n]
            }
        )
    return names


def _root(one: Difference) -> str:
    return folded(Register(one.register))[0].info.noun


def _golden(settings: Settings, register: Register) -> Iterator[tuple[str, State]]:
    """Current rows of a register's resolved entities, in the form of truth; only of what truth states."""
    contracts = [contract for contract in folded(register) if contract.info.noun in COMPARED]
    rows: dict[str, dict[str, dict[str, State]]] = defaultdict(lambda: {c.info.noun: {} for c in contracts})
    known = sql.metadata(register)
    with databases.engine(settings, register).connect() as connection:
        for contract in contracts:
            noun = contract.info.noun
            current = known.tables[noun]
            for row in connection.execute(sa.select(current).where(current.c.is_resolved)).mappings():
                rows[row["aggregate_key"]][noun][row["row_key"]] = golden_row(noun, row)
    for key, state in rows.items():
        root = contracts[0].info.noun
        yield key, {**state, root: state[root].get("")}


def golden_row(noun: str, row: Mapping[str, Any]) -> State:
    """A golden row in the words of truth: what truth states, as text."""
    state = {name: _plain(row[name]) for name in COMPARED[noun]}
    if noun in {"residences", "rights"}:
        state["since"] = row["valid_from"].astimezone(HANOI).replace(tzinfo=None).isoformat()
    return state


def _plain(value: object) -> object:
    return value if value is None or isinstance(value, bool) else str(value)


COMPARED = {
    "persons": (
        *("personal_id", "full_name", "birth_date", "birth_precision", "sex", "birth_commune_code"),
        *("father_personal_id", "mother_personal_id", "death_date"),
    ),
    "residences": ("residence_kind", "commune_code", "address_text", "household_head_id"),
    "parcels": (
        *("parcel_id", "commune_code", "map_sheet", "parcel_number", "area_m2", "land_use_code"),
        "address_text",
    ),
    "certificates": ("serial", "register_number", "issue_date", "issuer"),
    "rights": (
        *("holder_id_kind", "holder_id", "holder_name", "share_numerator", "share_denominator"),
        "right_kind",
    ),
    "businesses": (
        *("tax_code", "business_kind", "name", "founded_date", "legal_status_code", "capital_vnd"),
        *("commune_code", "address_text"),
    ),
    "activities": ("vsic_version", "vsic_code", "is_main"),
    "representatives": ("id_kind", "id_number", "full_name", "position"),
}
"""Columns that truth states, by noun."""


def _row(noun: str, values: Mapping[str, Any], **constants: Any) -> State:
    whole = {**values, **constants}
    return {name: _plain(whole.get(name)) for name in COMPARED[noun]}


def _midnight(day: str) -> str:
    return datetime.combine(date.fromisoformat(day), datetime.min.time()).isoformat()


def _person(one: Entity) -> State:
    state = one.state or {}
    return {
        "persons": _row("persons", state["persons"], birth_precision="day"),
        "residences": {
            home["residence_kind"]: {**_row("residences", home), "since": _midnight(home["from_date"])}
            for home in state["residences"].values()
        },
    }


def _parcel(one: Entity) -> State:
    state = one.state or {}
    return {
        "parcels": _row("parcels", state["parcels"]),
        "certificates": {c["serial"]: _row("certificates", c) for c in state["certificates"].values()},
        "rights": {
            f"{held['holder_id_kind']}:{held['holder_id']}": {
                **_row("rights", held, right_kind="use"),
                "since": held.get("since") or _midnight(held["from_date"]),
            }
            for held in state["rights"].values()
        },
    }


def _business(one: Entity) -> State:
    state = one.state or {}
    return {
        "businesses": _row("businesses", state["businesses"]),
        "activities": {
            f"{a['vsic_version']}:{a['vsic_code']}": _row("activities", a)
            for a in state["activities"].values()
        },
        "representatives": {
            f"personal_id:{r['id_number']}": _row("representatives", r, id_kind="personal_id")
            for r in state["representatives"].values()
        },
    }


def stated(register: Register, one: Entity) -> State | None:
    """An entity's true state in the form of the registers; None where no register has it."""
    return _TRUE[register](one) if one.state is not None else None


_TRUE: Mapping[Register, Callable[[Entity], State]] = {
    Register.POPULATION: _person,
    Register.LAND: _parcel,
    Register.BUSINESS: _business,
}
