"""The tables of a release, in contract order and in the order of their keys."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from jobs.errors import IntegrityFault
from jobs.release import blocks
from jobs.release.disclosure import COUNTRY
from jobs.release.periods import Period, Policy
from schemas.contract import Contract
from schemas.derive import arrow
from schemas.open import administrative_units
from schemas.open.business_counts import BusinessCounts
from schemas.open.dossier_counts import DossierCounts
from schemas.open.types import CountedKind
from schemas.reference import procedure_catalogue

Key = tuple[str, str]
"""Field or kind, and month: what names a block."""
Blocks = Mapping[Key, blocks.Shown]
Row = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Earlier:
    """A release that was public once."""

    version: str
    stands: bool
    blocks: Mapping[type[Contract], Blocks]
    province_counts: Mapping[Key, int]


@dataclass
class Restated:
    """What became of the blocks that an earlier release held, by dataset."""

    changed: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """Shown anew."""
    waiting: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """Changed by too little to be shown: what stood before stands on, or the block is left out."""


def dossier_counts(
    events: Iterable[Row],
    periods: Sequence[Period],
    policy: Policy,
    earlier: Sequence[Earlier],
    restated: Restated,
) -> pa.Table:
    """Blocks of dossiers for every field and closed month."""
    counts: dict[tuple[object, ...], int] = {
        (one["field_code"], one["month"], one["province_code"], one["measure"]): int(str(one["count"]))
        for one in events
    }
    found: list[dict[str, object]] = []
    for name in procedure_catalogue.field_codes():
        for period in periods:
            key = (name, period.month)
            areas = {
                area: {m: counts.get((*key, area, m), 0) for m in blocks.MEASURES}
                for area in sorted(period.provinces)
            }
            before = _versions(DossierCounts, key, earlier)
            new = blocks.dossiers(areas, policy.minimum, before)
            shown = _chosen(DossierCounts, key, new, policy, earlier, restated)
            provinces = len(areas) if shown is new else _province_count(key, earlier)
            found += _rows(shown, {"field_code": name, "month": period.month, "province_count": provinces})
    return table(DossierCounts, found)


def business_counts(
    counted: Iterable[Row],
    periods: Sequence[Period],
    areas: Iterable[str],
    policy: Policy,
    earlier: Sequence[Earlier],
    restated: Restated,
) -> pa.Table:
    """Blocks of businesses for every kind that is a person and every closed month."""
    counts = {
        (one["business_kind"], one["month"], one["province_code"]): int(str(one["count"])) for one in counted
    }
    every = sorted(areas)
    found: list[dict[str, object]] = []
    for kind in CountedKind.values or ():
        for period in periods:
            key = (kind, period.month)
            before = _versions(BusinessCounts, key, earlier)
            new = blocks.businesses(
                {area: counts.get((*key, area), 0) for area in every}, policy.minimum, before
            )
            shown = _chosen(BusinessCounts, key, new, policy, earlier, restated)
            found += _rows(shown, {"business_kind": kind, "month": period.month})
    return table(BusinessCounts, found)


def _versions(contract: type[Contract], key: Key, earlier: Sequence[Earlier]) -> list[blocks.Shown]:
    return [release.blocks[contract][key] for release in earlier if key in release.blocks[contract]]


def _chosen(
    contract: type[Contract],
    key: Key,
    new: blocks.Shown,
    policy: Policy,
    earlier: Sequence[Earlier],
    restated: Restated,
) -> blocks.Shown | None:
    before = _versions(contract, key, earlier)
    standing = _versions(contract, key, [release for release in earlier if release.stands])
    shown = blocks.chosen(new, before, standing[-1] if standing else None, policy.minimum)
    if before and shown is not new:
        restated.waiting[contract.table()].append(" ".join(key))
    elif before and new != before[-1]:
        restated.changed[contract.table()].append(" ".join(key))
    return shown


def _province_count(key: Key, earlier: Sequence[Earlier]) -> int:
    counts = [
        release.province_counts[key]
        for release in earlier
        if release.stands and key in release.province_counts
    ]
    return counts[-1] if counts else 0


def _rows(shown: blocks.Shown | None, more: Mapping[str, object]) -> list[dict[str, object]]:
    return [
        {**more, **row, "area_code": area, "is_suppressed": None in row.values()}
        for area, row in (shown or {}).items()
    ]


def blocks_of(contract: type[Contract], rows: Iterable[Row]) -> Blocks:
    """The blocks that a released table holds."""
    name, _ = _naming(contract)
    measures = blocks.MEASURES if contract is DossierCounts else (blocks.BUSINESSES,)
    found: dict[Key, dict[str, dict[str, int | None]]] = defaultdict(dict)
    for row in rows:
        measured = {m: None if row[m] is None else int(str(row[m])) for m in measures}
        found[str(row[name]), str(row["month"])][str(row["area_code"])] = measured
    return found


def _naming(contract: type[Contract]) -> tuple[str, str]:
    return ("field_code", "month") if contract is DossierCounts else ("business_kind", "month")


def province_counts(rows: Iterable[Row]) -> dict[Key, int]:
    """Provinces behind each block of a released table of dossiers."""
    return {
        (str(row["field_code"]), str(row["month"])): int(str(row["province_count"]))
        for row in rows
        if row["area_code"] == COUNTRY
    }


def administrative_unit_rows() -> pa.Table:
    """Provinces and communes."""
    return table(administrative_units.AdministrativeUnits, administrative_units.rows())


def table(contract: type[Contract], rows: Iterable[Row]) -> pa.Table:
    """Rows as a table of a contract, in the order of its key."""
    ordered = sorted(rows, key=lambda row: tuple(str(row[name]) for name in contract.key.names))
    return pa.Table.from_pylist([dict(row) for row in ordered], schema=arrow.schema(contract))


def checked(contract: type[Contract], rows: pa.Table) -> pa.Table:
    """Rows that came with ``_violations``, without it.

    Raises:
        IntegrityFault: A row breaks a check of the contract; the message names the checks only.
    """
    found = {codes for codes in rows.column("_violations").to_pylist() if codes}
    broken = sorted({code for codes in found for code in codes.split(",")})
    if broken:
        raise IntegrityFault(
            f"{contract.dataset()}: rows break {', '.join(broken)}; nothing was built.",
            "correct the rows at their source or the contract.",
        )
    return pa.Table.from_batches(
        rows.drop_columns(["_violations"]).cast(arrow.schema(contract)).to_batches(),
        schema=arrow.schema(contract),
    )
