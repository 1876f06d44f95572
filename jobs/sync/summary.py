"""Sums up a run from the receipts of its stages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from schemas.contract import REGISTERS
from schemas.facts import FACT_DISPOSITIONS
from schemas.types import ROW_DISPOSITIONS

FACTS = ("emitted", *FACT_DISPOSITIONS)
Stages = Mapping[str, tuple[str, Mapping[str, Any]]]


def registers(stages: Stages) -> dict[str, dict[str, Any]]:
    """Rows landed and facts first merged in the run, by register; what older ones became under ``moved``."""
    told: dict[str, dict[str, Any]] = {}
    conformed = stages.get("conform", ("", {}))[1].get("counts", [])
    for name in [*(register.value for register in REGISTERS), "none"]:
        rows = dict.fromkeys(ROW_DISPOSITIONS, 0)
        for entry in conformed:
            if entry["register"] == name:
                rows[entry["disposition"]] += entry["rows"]
        merged = stages.get(f"merge_{name}", ("", {}))[1]
        facts = {key: int(merged.get(key, 0)) for key in FACTS}
        told[name] = {"landed": sum(rows.values()), **rows, **facts, "moved": dict(merged.get("moved", {}))}
    return told


def late(stages: Stages) -> list[dict[str, str]]:
    """Sources that failed in the run and submissions that cannot be read yet, with the reason."""
    ingest, conform = (stages.get(name, ("", {}))[1] for name in ("ingest", "conform"))
    return [*ingest.get("late", []), *conform.get("left_out", [])]
