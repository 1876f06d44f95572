"""Layer ``core``: rows, findings and facts in the lake against landing bytes and receipts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from jobs import session
from jobs.lake import evidence, tables
from jobs.lake.evidence import digest_of
from jobs.lake.rows import rows_of
from jobs.ledger.difference import Audit, Difference, keyed, lost_tables
from schemas.core.dossiers import Dossiers
from schemas.core.findings import Findings
from schemas.core.landed import PLACE
from schemas.derive import python as oracle
from schemas.derive import spark as derive
from schemas.registry import CORE, FOLDED, ROWS
from schemas.types import ROW_DISPOSITIONS

LAYER = "core"
_NOTHING = oracle.digest_of(())
_ROW = ("batch_id", *PLACE)


@dataclass(frozen=True, slots=True)
class Counted:
    """Rows of a batch with one submission, register and disposition."""

    batch_id: int
    submission_id: str
    register: str
    disposition: str
    rows: int
    contents: str
    places: str
    dataset: str
    """That they are rows of."""


def check(audit: Audit) -> Iterator[Difference]:
    """Differences between core, the landing bytes and the receipts of conform batches."""
    spark = session.connect(audit.settings)
    numbers = [batch.batch_id for batch in audit.book.committed("conform")]
    if not numbers:
        return
    yield from lost_tables(spark, LAYER)
    audit.step(LAYER, "rows", 0, 3)
    counted = recount(spark, numbers)
    yield from _landed(audit, counted)
    yield from _equation(audit, counted)
    audit.step(LAYER, "receipts", 1, 3)
    yield from _receipts(audit, counted, evidence.parts(spark, evidence.CORE, numbers))
    audit.step(LAYER, "places", 2, 3)
    yield from _places(spark, numbers)


def recount(spark: SparkSession, batch_ids: Sequence[int]) -> list[Counted]:
    """Rows and digests of conform batches by submission, register and disposition."""
    place = F.concat_ws("/", "object_no", "row_no", "content_digest")
    sums = [
        *_named(derive.digest_sums(F.col("content_digest")), "contents"),
        *_named(derive.digest_sums(F.sha2(place, 256)), "places"),
    ]
    rows = (
        rows_of(spark, batch_ids)
        .groupBy("batch_id", "submission_id", "register_name", "disposition", "dataset")
        .agg(F.count(F.lit(1)).alias("rows"), *sums)
        .orderBy("batch_id", "submission_id", "register_name", "disposition")
    )
    return [
        Counted(
            row["batch_id"],
            row["submission_id"],
            row["register_name"],
            row["disposition"],
            row["rows"],
            digest_of(row, "contents"),
            digest_of(row, "places"),
            row["dataset"],
        )
        for row in rows.toArrow().to_pylist()
    ]


def _named(sums: Sequence[Column], prefix: str) -> list[Column]:
    return [one.alias(f"{prefix}_{place}") for place, one in enumerate(sums)]


def _landed(audit: Audit, counted: Sequence[Counted]) -> Iterator[Difference]:
    """Rows landed = rows of the live batch, in number, content and place, for each submission."""
    live = audit.book.live()
    found: dict[str, list[Counted]] = {name: [] for name in live}
    for one in counted:
        if live.get(one.submission_id) == one.batch_id:
            found[one.submission_id].append(one)
    audit.count(LAYER, "submissions", len(found))
    audit.count(LAYER, "pending submissions", len(set(audit.landed) - set(live)))
    datasets = {name: mine[0].dataset for name, mine in found.items() if mine}
    yield from keyed(
        lambda name: f"{datasets.get(name, Dossiers.dataset())}, batch {live.get(name)}, submission {name}",
        ("rows", "digest of contents", "digest of places"),
        {
            name: (landed.rows, landed.contents, landed.places)
            for name, landed in audit.landed.items()
            if name in live
        },
        {
            name: (
                sum(one.rows for one in mine),
                oracle.digest_of(one.contents for one in mine),
                oracle.digest_of(one.places for one in mine),
            )
            for name, mine in found.items()
        },
    )


def _equation(audit: Audit, counted: Sequence[Counted]) -> Iterator[Difference]:
    """Rows: landed = unreadable + quarantined + duplicate + in_process + no_effect + effective."""
    live = audit.book.live()
    landed: dict[tuple[str, str], int] = {}
    parted: dict[tuple[str, str], int] = {}
    for one in counted:
        if live.get(one.submission_id) == one.batch_id:
            place = one.dataset, one.register
            landed[place] = landed.get(place, 0) + one.rows
            known = one.rows if one.disposition in ROW_DISPOSITIONS else 0
            parted[place] = parted.get(place, 0) + known
            audit.count(LAYER, "rows", one.rows)
            audit.count(LAYER, one.disposition, one.rows)
    for place, rows in sorted(landed.items()):
        if parted[place] != rows:
            yield Difference(f"{place[0]}, register {place[1]}", "rows equation", rows, parted[place])


def _receipts(
    audit: Audit, counted: Sequence[Counted], found: Sequence[evidence.Part]
) -> Iterator[Difference]:
    """What each batch's receipt keeps = what its tables hold."""
    by_batch: dict[int, list[evidence.Part]] = {}
    for part in found:
        by_batch.setdefault(part.batch_id, []).append(part)
        audit.count(LAYER, "facts", part.rows if part.table not in _OWN else 0)
    mine: dict[int, list[Counted]] = {}
    for one in counted:
        mine.setdefault(one.batch_id, []).append(one)
    for batch, result in audit.book.results("conform"):
        audit.count(LAYER, "batches")
        number = batch.batch_id
        yield from parts_kept(number, result.get("evidence", {}), by_batch.get(number, []))
        yield from _counts_kept(number, result, mine.get(number, []), by_batch.get(number, []))


_OWN = tuple(contract.dataset() for contract in CORE)


def parts_kept(number: int, receipt: Any, found: Sequence[evidence.Part]) -> Iterator[Difference]:
    """Rows and digests by table: a batch's receipt against its tables."""

    def named(part: Sequence[Any]) -> str:
        values = ", ".join(str(value) for value in part[1] if value is not None)
        return f"{part[0]}, batch {number}{f', {values}' if values else ''}"

    def told(parts: Sequence[evidence.Part]) -> dict[tuple[str, tuple[str | None, ...]], tuple[int, str]]:
        return {(one.table, one.values): (one.rows, one.digest) for one in parts}

    kept = told(evidence.kept(number, receipt))
    present = told(found)
    whole = dict.fromkeys([*kept, *present], (0, _NOTHING))
    yield from keyed(named, ("rows", "digest of rows"), whole | kept, whole | present)


def _counts_kept(
    number: int, result: Any, counted: Sequence[Counted], found: Sequence[evidence.Part]
) -> Iterator[Difference]:
    """The counts that a receipt shows = the recount."""
    yield from keyed(
        lambda key: f"batches.result of conform batch {number}, {', '.join(key)}",
        ("rows", "digest of contents"),
        {(one.submission_id, one.register, one.disposition): (one.rows, one.contents) for one in counted},
        {
            (entry["submission_id"], entry["register"], entry["disposition"]): (
                entry["rows"],
                entry["digest"],
            )
            for entry in result.get("counts", [])
        },
    )
    names = {contract.dataset("core"): contract.table() for contract in FOLDED}
    facts = {names[t]: (n,) for t, n in evidence.rows_by_table(found).items() if t in names}
    stored = {name: (rows,) for name, rows in result.get("facts", {}).items()}
    yield from keyed(
        lambda name: f"batches.result of conform batch {number}, facts of {name}", ("rows",), facts, stored
    )


def _places(spark: SparkSession, batch_ids: Sequence[int]) -> Iterator[Difference]:
    """Each place holds one row; a stopped row has one finding that says so, an effective row has facts."""
    rows = _all_places(spark, batch_ids).groupBy(*_ROW).agg(*[F.sum(name).alias(name) for name in _MARKS])
    wrong = rows.where(
        (F.col("rows") != 1)
        | (F.col("findings") != F.col("stopped"))
        | ((F.col("facts") > 0) != (F.col("effective") > 0))
    )
    for row in wrong.orderBy(*_ROW).limit(1).toArrow().to_pylist():
        where = f"core, batch {row['batch_id']}, submission {row['submission_id']}"
        where = f"{where}, object {row['object_no']}, row {row['row_no']}"
        if row["rows"] != 1:
            yield Difference(where, "rows at this place", 1, row["rows"])
        elif row["findings"] != row["stopped"]:
            yield Difference(where, "findings that quarantine", row["stopped"], row["findings"])
        else:
            told = ("some", "none") if row["effective"] else ("none", row["facts"])
            yield Difference(where, "facts of the row", *told)


_MARKS = ("rows", "stopped", "effective", "findings", "facts")


def _all_places(spark: SparkSession, batch_ids: Sequence[int]) -> DataFrame:
    def marked(dataset: str, **marks: Column) -> DataFrame:
        table = spark.table(tables.name(dataset)).where(F.col("batch_id").isin(*batch_ids))
        return table.select(*_ROW, *[marks.get(name, F.lit(0)).cast("long").alias(name) for name in _MARKS])

    one, disposition = F.lit(1), F.col("disposition")
    stopped, effective = disposition.isin("quarantined", "unreadable"), disposition == "effective"
    rows = [marked(each.dataset(), rows=one, stopped=stopped, effective=effective) for each in ROWS]
    findings = marked(Findings.dataset(), findings=F.col("effect") == "quarantine")
    facts = [marked(contract.dataset("core"), facts=one) for contract in FOLDED]
    return reduce(DataFrame.unionAll, [*rows, findings, *facts])
