"""Provinces and communes of the sandbox, from the public lists."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_LISTS = Path(__file__).resolve().parents[2] / "schemas" / "reference" / "data"


@dataclass(frozen=True, slots=True)
class Province:
    """A province of the list in force since 01/07/2025."""

    code: str
    name: str
    organisation: str
    """Level-one code of its one-stop system."""
    id_prefix: str
    """First digits of personal ids registered there."""
    communes: tuple[str, ...]
    number: int


def _rows(name: str) -> list[dict[str, str]]:
    with (_LISTS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def provinces() -> tuple[Province, ...]:
    """The 34 provinces with their communes."""
    communes: dict[str, list[str]] = {}
    for row in _rows("communes_2025"):
        communes.setdefault(row["province_code"], []).append(row["code"])
    prefixes = {
        row["new_province_code"]: row["personal_id_code_3d"] for row in reversed(_rows("provinces_63"))
    }
    found = []
    for number, row in enumerate(_rows("provinces_34")):
        own = tuple(sorted(communes[row["code"]]))
        organisation = row["surviving_org_id_level1"] or f"H{70 + number}"
        found.append(
            Province(
                row["code"], row["name_from_2025_07_01"], organisation, prefixes[row["code"]], own, number
            )
        )
    return tuple(found)


@cache
def former_codes() -> dict[str, str]:
    """A former code, void now, of communes that took one over whole: what an old system still sends."""
    now = {row["new_ward_code"] for row in _rows("ward_conversion_2025")}
    successors: dict[str, set[str]] = {}
    for row in _rows("ward_conversion_2025"):
        successors.setdefault(row["old_ward_code"], set()).add(row["new_ward_code"])
    whole = {
        next(iter(new)): old for old, new in sorted(successors.items()) if len(new) == 1 and old not in now
    }
    return dict(sorted(whole.items()))


@cache
def divided_codes() -> tuple[str, ...]:
    """Former codes whose communes were divided: nobody can tell which successor is meant."""
    now = {row["new_ward_code"] for row in _rows("ward_conversion_2025")}
    successors: dict[str, set[str]] = {}
    for row in _rows("ward_conversion_2025"):
        successors.setdefault(row["old_ward_code"], set()).add(row["new_ward_code"])
    return tuple(sorted(old for old, new in successors.items() if len(new) > 1 and old not in now))
