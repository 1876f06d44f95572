"""Reference data, read once from files with named sources."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path

_DATA = Path(__file__).parent / "data"


def _rows(name: str) -> list[dict[str, str]]:
    with (_DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def provinces() -> Mapping[str, str]:
    """The 34 provinces since 01/07/2025: name by code."""
    return {row["code"]: row["name_from_2025_07_01"] for row in _rows("provinces_34")}


@cache
def organisations() -> Mapping[str, str]:
    """Level-one electronic id of each province's people's committee (QĐ 20/2020/QĐ-TTg), by province."""
    return {row["code"]: row["surviving_org_id_level1"] for row in _rows("provinces_34")}


@cache
def portal_fields() -> Mapping[str, bool]:
    """Fields of the national portal's messages, and whether every client sends them."""
    return {row["field"]: row["always_sent_by_clients"] == "1" for row in _rows("portal_fields")}


@cache
def personal_id_prefixes() -> frozenset[str]:
    """First three digits of personal ids: the 63 provinces before the merger, which stay valid."""
    return frozenset(row["personal_id_code_3d"] for row in _rows("provinces_63"))


@cache
def commune_successors() -> Mapping[str, tuple[str, ...]]:
    """Communes that took over each former commune; several where it was divided."""
    found: dict[str, list[str]] = {}
    for row in _rows("ward_conversion_2025"):
        successors = found.setdefault(row["old_ward_code"], [])
        if row["new_ward_code"] not in successors:
            successors.append(row["new_ward_code"])
    return {old: tuple(sorted(new)) for old, new in found.items()}


@cache
def communes() -> frozenset[str]:
    """Codes of the 3,321 communes since 01/07/2025."""
    merged = {new for successors in commune_successors().values() for new in successors}
    return frozenset(merged | {row["new_commune_code"] for row in _rows("island_districts_2025")})


@cache
def commune_list() -> tuple[Mapping[str, str], ...]:
    """The 3,321 communes with name and province, in order of their codes."""
    return tuple(sorted(_rows("communes_2025"), key=lambda row: row["code"]))


@cache
def commune_provinces() -> Mapping[str, str]:
    """Province of each commune."""
    return {row["code"]: row["province_code"] for row in commune_list()}


@cache
def land_use_codes() -> frozenset[str]:
    """Land use codes in force and before."""
    return frozenset(row["code"] for row in _rows("land_use_codes"))


@cache
def dossier_statuses() -> tuple[Mapping[str, str], ...]:
    """The portal's statuses: code, name, OpenCPS's words for it, whether it ends a dossier."""
    return tuple(_rows("dossier_statuses"))


@cache
def status_names() -> Mapping[str, str]:
    """The portal's statuses: name by code."""
    return {row["dvcqg_code"]: row["name_vi"] for row in dossier_statuses()}


@cache
def dossier_steps() -> tuple[Mapping[str, str], ...]:
    """Of each status those that may follow it, joined by semicolons, with the source."""
    return tuple(_rows("dossier_steps"))


@cache
def document_statuses() -> Mapping[str, int | None]:
    """Statuses of a document with their step at a receiver; None for those that stand outside the order."""
    return {row["code"]: int(row["step"]) if row["step"] else None for row in _rows("edxml_statuses")}
