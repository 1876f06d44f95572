"""Profiles: what a submission looks like as counts; no record's value but codes of closed lists."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC
from functools import reduce
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.landing.fields import summed
from jobs.ops.submissions import Submission
from jobs.transforms import parsers
from schemas.contract import Contract
from schemas.core.documents import Documents
from schemas.core.dossiers import Dossiers
from schemas.derive import codes
from schemas.dialect import Dialect
from schemas.procedures import PROCEDURES
from schemas.registry import FOLDED, ROWS

ROW_NOUNS: Mapping[str, str] = {contract.info.noun: contract.dataset() for contract in ROWS}
"""Datasets of landed rows, as profiles name them."""
_Lists = Mapping[str, tuple[str, tuple[str, ...]]]
_LISTS: Mapping[type[Contract], _Lists] = {
    Dossiers: {
        "disposition": ("disposition", Dossiers.disposition.domain.values or ()),
        "status": ("status", Dossiers.status.domain.values or ()),
        "channel": ("channel", Dossiers.channel.domain.values or ()),
        "procedure": ("procedure_code", tuple(one.code for one in PROCEDURES)),
    },
    Documents: {
        "disposition": ("disposition", Documents.disposition.domain.values or ()),
        "status": ("status_code", Documents.status_code.domain.values or ()),
    },
}
"""Closed lists of a dataset's rows: the column, and the codes."""
_INSTANT: Mapping[type[Contract], str] = {Dossiers: "updated_at", Documents: "sent_at"}
"""When a row was changed at its source."""
_OTHER = "other"
_QUARANTINED = "disposition:quarantined"
_OF_OTHERS = ("codes", "reasons", "dialect", "_fields")
"""Columns of what is counted beside the totals."""
_DEVIATION = 0.02
"""Of the number of distinct keys: an exact one would make a group of every key."""
Profiles = list[dict[str, Any]]


def profiles(
    rows: DataFrame,
    items: DataFrame,
    members: Iterable[Submission],
    everything: Iterable[Submission],
    spoken: Mapping[str, Dialect],
    contract: type[Contract] = Dossiers,
) -> Profiles:
    """One profile for each submission and dataset, in order; one job over narrow columns.

    Grain: the rows of a submission, and the items that its forms put on each dataset.
    ``unreadable`` counts rows that cannot be read, also repeated ones, ``missing`` rows without their
    key, ``keys`` about how many distinct ones, ``left`` accepted rows that have codes all the same (of
    items: those with codes), ``counts`` the frequencies of closed code lists, zeros left out. Of rows also
    ``reasons``, quarantined rows by code, and ``fields``: by dialect, which fields the rows have.

    Args:
        rows: Conformed rows, each with its own disposition.
        items: Items of rows that may be effective: ``submission_id``, ``dataset``, ``key``,
            ``finished_at``, ``_codes``.
        members: The submissions of the batch.
        everything: All submissions: a folder's new files are those since the one before.
        spoken: The dialects of the rows by name.
        contract: The dataset of the rows.
    """
    whole = _of_rows(rows, contract).unionByName(_of_items(items))
    totals = whole.groupBy("submission_id", "dataset").agg(
        F.count(F.lit(1)).alias("rows"),
        F.count_if("is_unreadable").alias("unreadable"),
        F.count_if(F.col("key").isNull()).alias("missing"),
        F.approx_count_distinct("key", _DEVIATION).alias("keys"),
        F.count_if("has_codes").alias("left"),
        F.min(parsers.within_range(F.col("instant"))).alias("first"),
        F.max(parsers.within_range(F.col("instant"))).alias("last"),
    )
    named = (_listed_codes(_LISTS[contract]).alias("codes"), F.col("_codes").alias("reasons"))
    mixed = rows.groupBy("submission_id", *named).agg(F.count(F.lit(1)).alias("rows"))
    fields = rows.where(F.col("_fields").isNotNull()).select("submission_id", "dialect", "_fields")
    parts = (totals, mixed, fields)
    together = reduce(lambda one, other: one.unionByName(other, allowMissingColumns=True), parts)
    told = together.toArrow().to_pylist()
    known = {one.submission_id: _about(one, everything) for one in members}
    more = _more([row for row in told if row["dataset"] is None], spoken)
    order = [*ROW_NOUNS, *[one.table() for one in FOLDED]]
    every = [row for row in told if row["dataset"] is not None]
    every.sort(key=lambda row: (row["submission_id"], order.index(row["dataset"])))
    return [_plain(row, more[row["submission_id"]]) | known[row["submission_id"]] for row in every]


def _more(told: Sequence[Mapping[str, Any]], spoken: Mapping[str, Dialect]) -> dict[str, dict[str, Any]]:
    """What only profiles of rows have, by submission."""
    mixed = [row for row in told if row["codes"] is not None]
    parts: dict[str, dict[str, list[str]]] = {row["submission_id"]: {} for row in mixed}
    for row in told:
        if row["_fields"] is not None:
            parts[row["submission_id"]].setdefault(row["dialect"], []).append(row["_fields"])
    counts, reasons = _frequencies(mixed, "codes"), _frequencies(mixed, "reasons")
    return {
        name: {
            "counts": counts.get(name, {}),
            "reasons": reasons.get(name, {}),
            "fields": {dialect: summed(mine, spoken[dialect]) for dialect, mine in sorted(found.items())},
        }
        for name, found in parts.items()
    }


def _of_rows(rows: DataFrame, contract: type[Contract]) -> DataFrame:
    accepted = ~F.col("disposition").isin("quarantined", "unreadable", "duplicate")
    return rows.select(
        "submission_id",
        F.lit(contract.info.noun).alias("dataset"),
        F.col("error").isNotNull().alias("is_unreadable"),
        F.col(ROWS[contract]).alias("key"),
        F.col(_INSTANT[contract]).alias("instant"),
        (accepted & (codes.are_there("_codes"))).alias("has_codes"),
    )


def _of_items(items: DataFrame) -> DataFrame:
    return items.select(
        "submission_id",
        "dataset",
        F.lit(False).alias("is_unreadable"),
        "key",
        F.col("finished_at").alias("instant"),
        (codes.are_there("_codes")).alias("has_codes"),
    )


def _listed_codes(lists: _Lists) -> Column:
    """Codes of a row as ``list:code``; anything that is not in its closed list is only ``other``."""
    return F.concat_ws(codes.SEPARATOR, *[_listed(name, *one) for name, one in lists.items()])


def _listed(name: str, column: str, known: Sequence[str]) -> Column:
    value = F.col(column)
    code = F.when(value.isin(*known), value).otherwise(F.lit(_OTHER))
    return F.when(value.isNotNull(), F.concat(F.lit(f"{name}:"), code))


def _frequencies(mixed: Iterable[Mapping[str, Any]], column: str) -> dict[str, dict[str, int]]:
    """How often each code occurs, by submission; a reason only of what is quarantined for it."""
    found: dict[str, Counter[str]] = {}
    for row in mixed:
        mine = found.setdefault(row["submission_id"], Counter())
        if column == "codes" or _QUARANTINED in row["codes"].split(codes.SEPARATOR):
            mine.update(dict.fromkeys(filter(None, row[column].split(codes.SEPARATOR)), row["rows"]))
    return {name: dict(sorted(mine.items())) for name, mine in found.items()}


def _plain(row: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    told = {name: value for name, value in row.items() if name not in _OF_OTHERS}
    for name in ("first", "last"):
        told[name] = told[name].isoformat() if told[name] else None
    return told | (dict(more) if row["dataset"] in ROW_NOUNS else {"counts": {}})


def _about(one: Submission, everything: Iterable[Submission]) -> dict[str, Any]:
    """What a profile needs of its submission to be judged without it."""
    manifest = one.manifest or {}
    start = manifest.get("start_cursor")
    since = start[0] if start else None
    if manifest.get("kind") == "directory":
        before = [_received(other) for other in everything if _precedes(other, one)]
        since = max(before, default=None)
    return {"feed_id": one.feed_id, "sequence": one.sequence, "since": since, "received_at": _received(one)}


def _precedes(other: Submission, one: Submission) -> bool:
    return other.feed_id == one.feed_id and other.sequence < one.sequence


def _received(one: Submission) -> str:
    return (one.received_at or one.opened_at).astimezone(UTC).isoformat()
