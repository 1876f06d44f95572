"""Merged provinces that still run the systems of former ones: whose dossiers each system keeps.

Since 01/07/2025 a province may have two or three former provinces' systems, of different makers. A dossier
stays with the system of the former province whose organisation received it, which its code names.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

from infra.sandbox.places import Province

_TABLE = Path(__file__).with_name("data") / "divided.csv"


@cache
def formers(province: str) -> dict[str, str]:
    """Former provinces with a system of their own, by level-one organisation: the dialect that it speaks."""
    with _TABLE.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["province"] == province]
    return {row["organisation"]: row["system"] for row in rows}


def organisation(province: Province, cell: int) -> str:
    """Level-one code of the organisation that receives a cell's dossiers; its own where none was merged."""
    mine = (province.organisation, *formers(province.code))
    return mine[cell % len(mine)]


def place_of(province: str, organisation: str) -> str:
    """Where the world keeps what an organisation of a province received: by province, or apart."""
    return f"{province}/{organisation}" if organisation in formers(province) else province


def place(province: str, system: str) -> str:
    """Where the world keeps what a province's system of that dialect shows."""
    found = (one for one, spoken in formers(province).items() if spoken == system)
    return place_of(province, next(found, ""))
