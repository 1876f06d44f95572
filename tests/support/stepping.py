"""Two hundred dossiers of two provinces, each with a chain of statuses."""

from __future__ import annotations

from typing import Any

from tests.support.dossiers import version

PROCEDURE = "2.000815"
CHAINS = (("2",), ("2", "4"), ("2", "4", "9"), ("2", "5", "9", "10"), ("2", "3"))
PROVINCES = {"01": "H26.01.02", "79": "H29.01.02"}
NUMBER = 200


def code(number: int) -> str:
    return f"{PROVINCES['79' if number % 4 == 0 else '01']}-261102-{number:04d}"


def item(number: int, sequence: int, status_code: str, **more: Any) -> dict[str, Any]:
    """A version of a dossier; it ends in the afternoon."""
    told: dict[str, Any] = {"status": status_code, "number": number * 10 + sequence}
    told["updated"] = f"2026-11-02T{8 + sequence:02d}:30:00+07:00"
    if status_code in {"9", "10"}:
        told["finished"] = "20261102110000"
    if status_code == "10":
        told["NgayTra"] = "20261102113000"
    if status_code == "3":
        told["NgayTuChoi"] = "20261102103000"
    return version(code(number), sequence, PROCEDURE, **{**told, **more})


def chain(number: int) -> tuple[str, ...]:
    return CHAINS[number % len(CHAINS)]
