"""Builds tables of facts for the fold, and reads its results back as plain rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta, timezone

import pyarrow as pa

from jobs.identity import columns
from jobs.identity.shape import RegisterShape, shape_of
from jobs.identity.stream import fold_batches
from schemas.contract import Register
from schemas.procedures import BY_CODE

KEY = bytes(32)
_HANOI = timezone(timedelta(hours=7))
_numbers: dict[tuple[str, str, int], int] = {}


def instant(text: str) -> datetime:
    """An instant in Ha Noi: ``2026-11-03`` or ``2026-11-03 10:00``."""
    return datetime.fromisoformat(text).replace(tzinfo=_HANOI).astimezone(UTC)


def fact(
    procedure: str,
    effect: int,
    aggregate: str | None,
    payload: Mapping[str, object] | None = None,
    *,
    dossier: str,
    version: int = 1,
    valid: str | None,
    decided: str | None = None,
    row_key: str = "",
    item: int = 0,
    feed: str = "01-dossiers",
    precision: str = "day",
    landed: int | None = None,
    old: Mapping[str, object] | None = None,
) -> dict[str, object]:
    """One fact as a row of the fold's input; the effect of the procedure gives dataset and verb."""
    catalogue = BY_CODE[procedure]
    declared = catalogue.effects[effect]
    shape = shape_of(catalogue.register)
    place = shape.index(declared.dataset.info.noun)
    number = landed or _numbers.setdefault((feed, dossier, version), len(_numbers) + 1)
    row: dict[str, object] = {
        "component": "one",
        "dataset": place,
        "fact_id": f"{dossier}v{version}e{effect}i{item}@{number}",
        "submission_id": f"{feed}.00000001",
        "submission_number": number,
        "object_no": 1,
        "row_no": 1,
        "feed_id": feed,
        "province_code": feed[:2],
        "dossier_code": dossier,
        "version_order": version,
        "procedure_code": procedure,
        "effect_no": effect,
        "item_no": item,
        "verb": declared.verb.value,
        "role": declared.role.value,
        "is_baseline": catalogue.is_baseline,
        "aggregate_key": aggregate,
        "row_key": row_key,
        "valid_from": instant(valid) if valid else None,
        "valid_precision": precision,
        "decided_at": instant(decided or valid or "2026-11-03"),
    }
    dataset = shape.datasets[place]
    for name, value in {**(payload or {}), **(old or {})}.items():
        row[columns.payload(dataset, name)] = date.fromisoformat(value) if _is_date(name) else value
    return row


def _is_date(name: str) -> bool:
    return name.endswith("_date")


def retract(procedure: str, aggregate: str, *, dossier: str, version: int, decided: str) -> dict[str, object]:
    """The fact of a withdrawn approval."""
    row = fact(procedure, 0, aggregate, dossier=dossier, version=version, valid=None, decided=decided)
    return {**row, "verb": "retract", "dataset": 0, "role": "self"}


class State:
    """What the fold gave, in words that a test can state."""

    def __init__(self, register: Register, rows: list[dict[str, object]]) -> None:
        self.shape = shape_of(register)
        self.rows = rows

    def dispositions(self) -> dict[str, tuple[str, str]]:
        """Disposition and codes by fact id up to the landing number."""
        return {
            str(row["fact_id"]).partition("@")[0]: (str(row["disposition"]), str(row["codes"]))
            for row in self.rows
            if row["kind"] == "disposition"
        }

    def counts(self) -> dict[str, int]:
        """Number of facts by disposition."""
        found: dict[str, int] = {}
        for disposition, _ in self.dispositions().values():
            found[disposition] = found.get(disposition, 0) + 1
        return found

    def history(self, noun: str, *names: str) -> list[tuple[object, ...]]:
        """Rows of one dataset: the named payload columns, valid_from, valid_to (Ha Noi time)."""
        place = self.shape.index(noun)
        dataset = self.shape.datasets[place]
        rows = [row for row in self.rows if row["kind"] == "version" and row["dataset"] == place]
        told = [
            (
                *(
                    row["aggregate_key"]
                    if name == dataset.contract.key.names[0]
                    else row[columns.payload(dataset, name)]
                    for name in names
                ),
                _told(row["valid_from"]),
                _told(row["valid_to"]),
            )
            for row in rows
        ]
        return sorted(told, key=lambda row: (str(row[-2]), str(row[:-2])))

    def decisions(self) -> list[tuple[str, str]]:
        """Verdicts with their evidence."""
        return [(str(r["disposition"]), str(r["codes"])) for r in self.rows if r["kind"] == "decision"]


def _told(value: object) -> str | None:
    if not isinstance(value, datetime):
        return None
    local = value.astimezone(_HANOI)
    return local.strftime("%Y-%m-%d" if (local.hour, local.minute) == (0, 0) else "%Y-%m-%d %H:%M")


def table(shape: RegisterShape, rows: Iterable[Mapping[str, object]]) -> pa.Table:
    """Rows as the fold's input table."""
    schema = columns.input_schema(shape)
    return pa.Table.from_pylist(
        [{name: row.get(name) for name in schema.names} for row in rows], schema=schema
    )


def folded(register: Register, rows: Iterable[Mapping[str, object]]) -> State:
    """The state after folding the facts as one component."""
    shape = shape_of(register)
    out = list(fold_batches(shape, KEY, table(shape, rows).to_batches()))
    return State(register, [row for batch in out for row in batch.to_pylist()])
