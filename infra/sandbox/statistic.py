"""The counts that a province's platform tells of its dossiers (MStatistic, its misspelling kept)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from infra.sandbox.desk import Place, Sandbox, part
from infra.sandbox.systems.words import HANOI

_ALL = 10_000_000
_FIRST: Place = ("", -1)
_SOLVED = ("9", "10")
_GONE = ("3", "7", "8")
"""Refused, taken back by the applicant, stopped: no dossier of the platform's any more."""
_LIES = {"NewReception": 50, "Total": 50, "Pending": 50, "SolvedInTime": 1, "SolvedLate": -1}


def counts(sandbox: Sandbox, province: str, begins: str, until: str) -> dict[str, int]:
    """Dossiers of a period by the newest version of each at its end, as the world has them.

    A fault makes it lie.
    """
    ends = datetime.fromisoformat(until)
    items = [
        json.loads(body)
        for changed, _, body in part(sandbox, "lgsp_en", province, _FIRST, _ALL).rows
        if changed <= until
    ]
    found = _counted(_newest(items).values(), datetime.fromisoformat(begins), ends)
    if sandbox.fault(province) == "lying_statistics":
        return {name: max(number + _LIES.get(name, 0), 0) for name, number in found.items()}
    return found


def _newest(items: Iterable[Mapping[str, Any]]) -> dict[Any, Mapping[str, Any]]:
    """The newest version of each dossier, by its number in the system and not by the order of sending."""
    found: dict[Any, Mapping[str, Any]] = {}
    for one in items:
        key = one.get("MaHoSo") or f"without a code {one['id']}"
        if key not in found or one.get("sequence", 0) >= found[key].get("sequence", 0):
            found[key] = one
    return found


def _counted(items: Iterable[Mapping[str, Any]], begins: datetime, ends: datetime) -> dict[str, int]:
    names = (
        "NewReception",
        "PreExtisting",
        "TotalSolved",
        "SolvedInTime",
        "SolvedLate",
        "Pending",
        "PendingLate",
    )
    told = dict.fromkeys(names, 0)
    for one in items:
        accepted, due, finished = (
            _instant(one.get(n)) for n in ("NgayTiepNhan", "NgayHenTra", "NgayKetThucXuLy")
        )
        is_solved = one.get("TrangThaiHoSo") in _SOLVED and finished is not None
        if accepted is None or one.get("TrangThaiHoSo") in _GONE or accepted > ends:
            continue
        if is_solved and finished is not None and finished < begins:
            continue
        told["NewReception" if accepted >= begins else "PreExtisting"] += 1
        if is_solved and finished is not None and finished <= ends:
            told["TotalSolved"] += 1
            is_late = due is not None and finished.date() > due.date()
            told["SolvedLate" if is_late else "SolvedInTime"] += 1
        else:
            told["Pending"] += 1
            told["PendingLate"] += due is not None and due.date() < ends.date()
    return {**told, "Total": told["NewReception"] + told["PreExtisting"]}


def _instant(text: Any) -> datetime | None:
    try:
        return datetime.strptime(str(text), "%Y%m%d%H%M%S").replace(tzinfo=HANOI)
    except ValueError:
        return None
