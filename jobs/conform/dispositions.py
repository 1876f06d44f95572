"""What becomes of each landed row, and why."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.conform import facts
from jobs.conform.sent import GROUPS
from jobs.conform.versions import ORDER, duplicates, is_approved, is_withdrawn, odd_versions, takes_back
from jobs.landing.records import ERASED
from jobs.session import checkpoint
from schemas import states
from schemas.contract import Contract, Effect, Register
from schemas.core.dossiers import Dossiers
from schemas.core.landed import PLACE
from schemas.derive import codes
from schemas.derive import spark as derive
from schemas.dialect import Dialect
from schemas.lifecycle import ENDED
from schemas.procedures import PROCEDURES
from schemas.registry import FOLDED

_PLANNERS = 3


@dataclass(frozen=True, slots=True)
class Conformed:
    """The frames that a conform batch writes, before the batch number is put on them."""

    contract: type[Contract]
    """The dataset of the rows."""
    rows: DataFrame
    """Every landed row with its disposition, ``_codes`` and ``_notes``."""
    items: Mapping[type[Contract], DataFrame]
    """Items of the rows that may be effective, by dataset."""
    outlines: DataFrame
    """All those items in a few columns: place, ``dataset``, ``key``, ``finished_at``, codes, notes."""
    stopped: DataFrame
    """Places of those rows that are not effective."""
    takes_back: bool
    """Whether a row that may be effective takes an approval back."""
    overturned: tuple[str, ...] = ()
    """Other submissions with rows whose step back these rows explain, or bring to light."""
    refused: tuple[str, ...] = ()
    """Submissions that the gate refused."""


def conformed(
    canonical: DataFrame,
    earlier: DataFrame | None,
    dialects: Sequence[Dialect],
    retracted: Sequence[str] = (),
) -> Conformed:
    """Dispositions of all rows, and the items of those that may be effective.

    Args:
        canonical: Rows from ``jobs.conform.canonical``.
        earlier: Live rows of ``core.dossiers`` of other submissions, with ``submission_number``; None at
            first.
        dialects: Dialects that the rows are in.
        retracted: Submissions that count as if they had never been sent.
    """
    is_retracted = F.col("submission_id").isin(*retracted) if retracted else F.lit(False)
    read = checkpoint(canonical.withColumn("_is_retracted", is_retracted))
    odd = checkpoint(odd_versions(read, earlier))
    told = checkpoint(_told(read, earlier, odd))
    kinds = told.where(_may_be_effective()).select("procedure_code", takes_back().alias("takes_back"))
    found = kinds.distinct().collect()
    present = {row.procedure_code for row in found if not row.takes_back}
    items = _items(told.where(_may_be_effective() & ~takes_back()), dialects, present)
    outlines = checkpoint(outlines_of(told, items))
    whole = told.join(F.broadcast(_problems(outlines)), list(PLACE), "left")
    # Lists of lines have been read into items: what is kept of the rows is shorter without them.
    rows = checkpoint(
        whole.withColumns(
            {name: codes.ordered(codes.joined(name, f"_item{name}")) for name in ("_codes", "_notes")}
        )
        .withColumn("disposition", _disposition())
        .drop("_item_codes", "_item_notes", *GROUPS)
    )
    stopped = rows.where(_may_be_effective() & (F.col("disposition") != "effective")).select(*PLACE)
    overturned = () if earlier is None else _overturned(odd)
    withdraws = any(row.takes_back for row in found)
    return Conformed(Dossiers, rows, items, outlines, stopped, withdraws, overturned)


def _overturned(odd: DataFrame) -> tuple[str, ...]:
    found = odd.where(F.col("is_overturned")).select("submission_id").distinct().collect()
    return tuple(sorted(row.submission_id for row in found))


def _told(read: DataFrame, earlier: DataFrame | None, odd: DataFrame) -> DataFrame:
    """Rows with what the header and the other versions say of them.

    What other rows say is found on narrow columns and brought back by place, so that the rows
    themselves, with their raw text and forms, are never moved.
    """
    again = F.broadcast(duplicates(read, earlier))
    mine = F.broadcast(odd.where(~F.col("is_overturned")).drop("is_overturned"))
    marked = (
        _headed(read)
        .join(again, list(ORDER), "left")
        .join(mine, list(PLACE), "left")
        .fillna(value=False, subset=["is_duplicate", "goes_back", "is_elsewhere"])
    )
    checked = marked.withColumns(
        {"_stops": _violations(Effect.QUARANTINE), "_notes": _violations(Effect.NOTE)}
    )
    told = {"_codes": _of_new(_row_codes()), "is_step_back": F.col("goes_back")}
    return checked.withColumns(told).drop("_stops")


def _items(
    candidates: DataFrame, dialects: Sequence[Dialect], present: Collection[str]
) -> dict[type[Contract], DataFrame]:
    """Items by dataset; in threads, since planning a dataset's checks takes longer than running them."""

    def found(contract: type[Contract]) -> DataFrame | None:
        items = facts.items_of(candidates, contract, dialects, present)
        return None if items is None else checkpoint(items)

    with ThreadPoolExecutor(max_workers=_PLANNERS) as pool:
        frames = dict(zip(FOLDED, pool.map(found, FOLDED), strict=True))
    return {contract: frame for contract, frame in frames.items() if frame is not None}


def without(result: Conformed, refused: Sequence[str]) -> Conformed:
    """The result with submissions refused as a whole: their rows are quarantined and keep every reason.

    Duplicates and unreadable rows keep their word.
    """
    if not refused:
        return result
    mine = F.col("submission_id").isin(*refused)
    reasons = codes.ordered(codes.joined("_codes", F.lit(states.GATE_REFUSED.code)))
    is_worded = F.col("disposition").isin("duplicate", "unreadable")
    rows = result.rows.withColumns(
        {
            "_codes": F.when(mine, reasons).otherwise(F.col("_codes")),
            "disposition": F.when(mine & ~is_worded, F.lit("quarantined")).otherwise(F.col("disposition")),
        }
    )
    return replace(result, rows=rows, refused=tuple(refused))


def emitting(result: Conformed) -> dict[type[Contract], DataFrame]:
    """The items that become facts: those of effective rows."""
    refused = F.col("submission_id").isin(*result.refused) if result.refused else F.lit(False)
    stopped = F.broadcast(result.stopped)
    return {
        contract: items.where(~refused).join(stopped, list(PLACE), "left_anti")
        for contract, items in result.items.items()
    }


def _headed(canonical: DataFrame) -> DataFrame:
    """Rows with their register.

    A procedure is catalogued for baselines or for dossiers, and the dialect says which of them a row is.
    """
    is_baseline = F.col("_is_baseline")
    known = F.coalesce(
        *[
            F.when((F.col("procedure_code") == p.code) & (is_baseline == p.is_baseline), p.register.value)
            for p in PROCEDURES
        ]
    )
    readable = F.col("error").isNull()
    return canonical.withColumns(
        {
            "register_name": F.when(readable, F.coalesce(known, F.lit(Register.NONE.value))).otherwise(
                F.lit(Register.NONE.value)
            ),
            "_is_catalogued": readable & known.isNotNull(),
        }
    )


def _violations(effect: Effect) -> Column:
    """Codes of the header's checks with an effect; ``register_name`` and ``disposition`` are set here."""
    mine = [check for check in derive.checks(Dossiers) if check.effect is effect]
    mine = [check for check in mine if not check.code.startswith(("register_name:", "disposition:"))]
    return _of_new(derive.violations(mine, Dossiers.info.noun))


def _of_new(found: Column) -> Column:
    """Codes of rows that are no duplicates: no finding, profile or disposition asks for the others'."""
    return F.when(F.col("is_duplicate"), F.lit(codes.NONE)).otherwise(found)


def _row_codes() -> Column:
    """Reasons to quarantine a readable row that its header, its versions and its form's shape give."""
    own = codes.where(
        [
            (~F.col("_is_catalogued"), states.UNKNOWN_PROCEDURE.code),
            (F.col("goes_back"), states.STATUS_BACKWARDS.code),
            (F.col("is_elsewhere"), states.OTHER_FEEDS_DOSSIER.code),
            (F.col("dossier_code").isNull(), derive.named("dossier_code:required", Dossiers.info.noun)),
            (_is_effective() & ~takes_back() & F.col("_lacks_part"), states.GROUP_MISSING.code),
        ]
    )
    return (
        F.when(is_erased(), F.lit(codes.NONE))
        .when(F.col("error").isNotNull(), F.lit(states.ROW_UNREADABLE.code))
        .otherwise(codes.joined(own, "_parse", "_stops"))
    )


def is_erased() -> Column:
    """Whether an erasure left the row's place alone."""
    return F.coalesce(F.col("error") == ERASED, F.lit(False))


def _is_effective() -> Column:
    return is_approved() | takes_back() | F.col("_is_baseline")


def _is_settled() -> Column:
    """Whether a dossier that changes nothing, or no more, is at its end."""
    is_at_end = F.col("status").isin(*ENDED)
    return is_approved() | is_withdrawn() | F.col("_is_baseline") | F.coalesce(is_at_end, F.lit(False))


def _has_effects() -> Column:
    return F.coalesce(F.col("procedure_code").isin(*[p.code for p in PROCEDURES if p.effects]), F.lit(False))


def _may_be_effective() -> Column:
    """Whether a row's items are read; those of a retracted one too, since it keeps its reasons."""
    return F.col("error").isNull() & ~F.col("is_duplicate") & _is_effective() & _has_effects()


_OUTLINE = (
    "submission_id string, object_no bigint, row_no bigint, dataset string, key string, "
    "finished_at timestamp, _codes string, _notes string"
)


def outlines_of(rows: DataFrame, items: Mapping[type[Contract], DataFrame]) -> DataFrame:
    """The items of all datasets in the columns that dispositions and profiles need of them."""
    frames = [
        frame.select(
            *PLACE,
            F.lit(contract.table()).alias("dataset"),
            F.col(contract.key.names[0]).alias("key"),
            *("finished_at", "_codes", "_notes"),
        )
        for contract, frame in items.items()
    ]
    nothing = rows.sparkSession.createDataFrame([], _OUTLINE)
    return reduce(DataFrame.unionByName, frames) if frames else nothing


def _problems(outlines: DataFrame) -> DataFrame:
    """Codes and notes of all items of a row."""
    bad = outlines.where(codes.are_there("_codes") | codes.are_there("_notes"))
    return bad.groupBy(*PLACE).agg(
        *[codes.joined_of(name).alias(f"_item{name}") for name in ("_codes", "_notes")]
    )


def _disposition() -> Column:
    return (
        F.when(is_erased(), F.lit("no_effect"))
        .when(F.col("_is_retracted"), _of_retracted())
        .when(F.col("is_duplicate"), F.lit("duplicate"))
        .when(F.col("error").isNotNull(), F.lit("unreadable"))
        .when(codes.are_there("_codes"), F.lit("quarantined"))
        .when(_is_effective() & _has_effects(), F.lit("effective"))
        .when(_is_settled(), F.lit("no_effect"))
        .otherwise(F.lit("in_process"))
    )


def _of_retracted() -> Column:
    """Rows of a retracted submission keep their words, but effective ones lose their effect."""
    return (
        F.when(F.col("is_duplicate"), F.lit("duplicate"))
        .when(F.col("error").isNotNull(), F.lit("unreadable"))
        .when(codes.are_there("_codes"), F.lit("quarantined"))
        .when(_is_effective() | _is_settled(), F.lit("no_effect"))
        .otherwise(F.lit("in_process"))
    )
