"""Sums up a run from what was committed in it, whoever carried it out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from jobs.ops.batches import Batch
from schemas.contract import REGISTERS
from schemas.facts import FACT_DISPOSITIONS
from schemas.types import ROW_DISPOSITIONS

FACTS = ("emitted", *FACT_DISPOSITIONS)
Stages = Mapping[str, tuple[str, Mapping[str, Any]]]


def registers(committed: Iterable[Batch]) -> dict[str, dict[str, Any]]:
    """Rows landed and facts first merged, by register; what older ones became under ``moved``.

    Args:
        committed: The batches that were committed in the run.
    """
    names = [*(register.value for register in REGISTERS), "none"]
    told: dict[str, dict[str, Any]] = {
        name: {"landed": 0, **dict.fromkeys((*ROW_DISPOSITIONS, *FACTS), 0), "moved": {}} for name in names
    }
    for batch in committed:
        receipt = batch.result or {}
        for entry in receipt.get("counts", ()):
            _add(told[entry["register"]], {entry["disposition"]: entry["rows"], "landed": entry["rows"]})
        if batch.register is not None:
            _add(told[batch.register], {name: receipt[name] for name in FACTS})
            _add(told[batch.register]["moved"], receipt["moved"])
    return told


def _add(sums: dict[str, int], numbers: Mapping[str, int]) -> None:
    for name, number in numbers.items():
        sums[name] = sums.get(name, 0) + number


def late(stages: Stages) -> list[dict[str, str]]:
    """Sources that failed in the run and submissions that cannot be read yet, with the reason."""
    ingest, conform = (stages.get(name, ("", {}))[1] for name in ("ingest", "conform"))
    return [*ingest.get("late", []), *conform.get("left_out", [])]
