"""Sums up a run from what was committed in it, whoever carried it out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from jobs.ops.batches import Batch
from schemas.contract import REGISTERS
from schemas.facts import FACT_DISPOSITIONS
from schemas.types import ROW_DISPOSITIONS

FACTS = ("emitted", *FACT_DISPOSITIONS)
Stages = Mapping[str, tuple[str, Mapping[str, Any]]]


def registers(committed: Sequence[Batch], firsts: Mapping[str, int]) -> dict[str, dict[str, Any]]:
    """Rows landed and facts first merged, by register; what older ones became under ``moved``.

    A row counts as landed in the run in which it was conformed first, and then once, as it was conformed
    last; later only under ``again``.

    Args:
        committed: The batches that were committed in the run, in order.
        firsts: Number of the batch in which each submission was conformed first.
    """
    names = [*(register.value for register in REGISTERS), "none"]
    told: dict[str, dict[str, Any]] = {
        name: {"landed": 0, "again": 0, **dict.fromkeys((*ROW_DISPOSITIONS, *FACTS), 0), "moved": {}}
        for name in names
    }
    mine = {batch.batch_id: batch.result or {} for batch in committed}
    newest = {name: number for number, receipt in mine.items() for name in receipt.get("submissions", ())}
    for number, receipt in mine.items():
        for entry in receipt.get("counts", ()):
            name, rows = entry["submission_id"], entry["rows"]
            if firsts[name] not in mine:
                _add(told[entry["register"]], {"again": rows})
            elif newest[name] == number:
                _add(told[entry["register"]], {entry["disposition"]: rows, "landed": rows})
    for batch in committed:
        receipt = mine[batch.batch_id]
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
