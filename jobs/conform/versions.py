"""What a row's disposition owes to other rows: earlier deliveries and other versions."""

from __future__ import annotations

from collections.abc import Callable

from pyspark.sql import Column, DataFrame, Window, WindowSpec
from pyspark.sql import functions as F

from schemas import lifecycle
from schemas.core.landed import PLACE
from schemas.lifecycle import APPROVED

ORDER = ("submission_number", "object_no", "row_no")


def is_approved() -> Column:
    """Approved: status 9 or 10 with a finish, a result and no refusal; never NULL."""
    whole = (
        F.col("status").isin(*APPROVED)
        & F.col("finished_at").isNotNull()
        & F.col("result_text").isNotNull()
        & F.col("refused_at").isNull()
    )
    return F.coalesce(whole, F.lit(False))


def is_withdrawn() -> Column:
    """The approval was withdrawn, with a basis."""
    return F.col("withdrawn_at").isNotNull() & F.col("withdrawn_basis").isNotNull()


def is_corrected() -> Column:
    """The status was corrected, with a basis."""
    return F.col("corrected_at").isNotNull() & F.col("correction_basis").isNotNull()


def takes_back() -> Column:
    """An approval, if there was one, is taken back: withdrawn, or corrected to another status; never NULL."""
    is_other = F.coalesce(~F.col("status").isin(*APPROVED), F.lit(False))
    return is_withdrawn() | (is_corrected() & is_other)


def version_order() -> Column:
    """The source's own sequence, else microseconds of the earlier of change and receipt."""
    changed = F.least("updated_at", "received_at")
    return F.coalesce("sequence", F.unix_micros(F.coalesce(changed, "received_at")))


def duplicates(rows: DataFrame, earlier: DataFrame | None) -> DataFrame:
    """``ORDER`` of rows whose feed sent the same content of the same version before, with ``is_duplicate``.

    Args:
        rows: Rows being conformed, with ``_is_retracted``.
        earlier: Rows of other submissions, retracted ones left out; None when there are none.
    """
    mine = rows.select(*_delivery(), "_is_retracted", F.lit(True).alias("_is_mine"))
    every = mine
    if earlier is not None:
        wanted = F.broadcast(mine.select("content_digest"))
        neither = [F.lit(False).alias(name) for name in ("_is_retracted", "_is_mine")]
        others = earlier.select(*_delivery(), *neither)
        every = mine.unionByName(others.join(wanted, "content_digest", "left_semi"))
    same = Window.partitionBy("content_digest", "_feed", "_version")
    told = every.withColumn("_first", _of_standing(F.min, F.col("_place"), same))
    again = told.where(F.col("_is_mine") & (F.col("_first") < F.col("_place")))
    return again.select("_place.*", F.lit(True).alias("is_duplicate"))


def _of_standing(aggregate: Callable[[Column], Column], value: Column, window: WindowSpec) -> Column:
    """An aggregate over the rows that stand; for a retracted row, which keeps its word, over all of them."""
    standing = aggregate(F.when(~F.col("_is_retracted"), value)).over(window)
    return F.when(F.col("_is_retracted"), aggregate(value).over(window)).otherwise(standing)


def _delivery() -> list[Column]:
    """Columns that tell one delivery from another, and its place in the landing order."""
    return [
        F.col("content_digest"),
        F.col("feed_id").alias("_feed"),
        _version().alias("_version"),
        F.struct(*ORDER).alias("_place"),
    ]


def _version() -> Column:
    return F.coalesce(F.col("sequence").cast("string"), F.col("updated_at").cast("string"), F.lit(""))


def odd_versions(rows: DataFrame, earlier: DataFrame | None) -> DataFrame:
    """Places of rows that other versions of their dossier make odd, with what is odd.

    ``goes_back``: its status steps back without a basis (``schemas.lifecycle``), in the order of versions,
    however they arrived. ``is_elsewhere``: another feed of the province has sent the dossier before. Two
    feeds have no common order of versions, so that the one whose row was landed first speaks alone,
    whatever became of that row. ``is_overturned``: a row of ``earlier`` that steps back now and did not,
    or did and does not.

    Args:
        rows: Rows being conformed, with ``_is_retracted``.
        earlier: Live rows of other submissions, retracted ones left out; None when there are none.
    """
    mine = _marks(rows, F.col("_is_retracted"), F.lit(None)).where(F.col("dossier_code").isNotNull())
    every = mine
    if earlier is not None:
        dossiers = F.broadcast(mine.select(*_DOSSIER))
        was_back = F.coalesce("is_step_back", F.lit(False))
        every = mine.unionByName(
            _marks(earlier, F.lit(False), was_back).join(dossiers, list(_DOSSIER), "left_semi")
        )
    one, is_back = F.col("_one"), F.array_contains("_back", F.col("_one._order"))
    is_mine = one["_was_back"].isNull()
    odd = _judged(_several(every)).select(
        one["_reference"].alias("_reference"),
        (is_mine & is_back).alias("goes_back"),
        (is_mine & one["is_elsewhere"]).alias("is_elsewhere"),
        F.coalesce(one["_was_back"] != is_back, F.lit(False)).alias("is_overturned"),
    )
    return odd.where(F.col("goes_back") | F.col("is_elsewhere") | F.col("is_overturned")).select(
        "_reference.*", "goes_back", "is_elsewhere", "is_overturned"
    )


def _several(marked: DataFrame) -> DataFrame:
    """Versions of dossiers that have several and may be odd, with ``is_elsewhere``: not of the first feed.

    Versions of one status that name no withdrawal and no correction cannot step back. A register's extract
    that is delivered again is such versions by the million, and judging them takes as long as finding them.
    """
    # The feed comes last: what is gathered for the province's dossiers is gathered for each feed's.
    whole = Window.partitionBy(*_DOSSIER)
    is_named = F.col("_withdrawn_at").isNotNull() | F.col("_corrected_at").isNotNull()
    is_steady = F.coalesce(F.min("_status").over(whole) == F.max("_status").over(whole), F.lit(True))
    among = marked.withColumns(
        {
            "_number": F.count(F.lit(1)).over(whole),
            "_owner": _of_standing(F.min, F.struct("_at", "feed_id"), whole),
            "_may_step_back": ~is_steady
            | F.max(is_named | F.coalesce("_was_back", F.lit(False))).over(whole),
        }
    )
    is_elsewhere = F.coalesce(F.col("_owner.feed_id") != F.col("feed_id"), F.lit(False))
    several = among.where(F.col("_number") > 1).withColumn("is_elsewhere", is_elsewhere)
    return several.where(F.col("_may_step_back") | F.col("is_elsewhere"))


def _judged(several: DataFrame) -> DataFrame:
    """Every version as ``_one``, with the orders in ``_back`` of those of its feed's that step back.

    A retracted version is judged among all of them, one that stands among those that stand.
    """
    version = F.struct(*_VERSION)
    versions = several.groupBy(*_DOSSIER, "feed_id").agg(
        F.array_sort(F.collect_list(version)).alias("_all"),
        F.array_sort(F.collect_list(F.when(~F.col("_is_retracted"), version))).alias("_standing"),
        F.max("_is_retracted").alias("_has_retracted"),
    )
    judged = versions.select(
        F.explode("_all").alias("_one"),
        _stepping_back("_standing").alias("_back"),
        F.when(F.col("_has_retracted"), _stepping_back("_all")).alias("_back_in_all"),
    )
    back = F.when(F.col("_one._is_retracted"), F.col("_back_in_all")).otherwise(F.col("_back"))
    return judged.select("_one", back.alias("_back"))


_DOSSIER = ("province_code", "dossier_code")
_VERSION = (
    *("_order", "_status", "_decided_at", "_withdrawn_at", "_corrected_at", "_changed_at", "_is_retracted"),
    *("_was_back", "is_elsewhere", "_reference"),
)
"""A version's columns; the first gives their order, and is its own."""
_ORDERS = "struct<version: bigint, submission_number: bigint, object_no: bigint, row_no: bigint>"


def _marks(rows: DataFrame, is_retracted: Column, was_back: Column) -> DataFrame:
    """What the other versions of its dossier ask of a row.

    The status is NULL where it does not count: systems send 9 for what is not decided, without the date or
    the result of a decision.
    """
    is_undecided = F.col("status").isin(*APPROVED) & ~is_approved()
    return rows.select(
        "feed_id",
        *_DOSSIER,
        F.struct(*ORDER).alias("_at"),
        F.struct(version_order().alias("version"), *ORDER).alias("_order"),
        F.when(~is_undecided, F.col("status")).alias("_status"),
        F.col("finished_at").alias("_decided_at"),
        F.when(is_withdrawn(), F.col("withdrawn_at")).alias("_withdrawn_at"),
        F.when(is_corrected(), F.col("corrected_at")).alias("_corrected_at"),
        F.coalesce("updated_at", "received_at").alias("_changed_at"),
        is_retracted.alias("_is_retracted"),
        was_back.cast("boolean").alias("_was_back"),
        F.struct(*PLACE).alias("_reference"),
    )


def _stepping_back(versions: str) -> Column:
    """Orders of the versions in a list that step back: ``schemas.lifecycle.steps_back`` as an expression."""
    known = [f"{one}>{other}" for one, other in sorted(lifecycle.pairs())]

    def passed(sofar: Column, one: Column) -> Column:
        status, state = one["_status"], sofar["state"]
        is_again = status.isin(*APPROVED) & (one["_decided_at"] <= sofar["withdrawn_at"])
        is_known = F.when(state == lifecycle.ANY, ~F.coalesce(is_again, F.lit(False))).otherwise(
            F.concat_ws(">", state, status).isin(*known)
        )
        is_named = one["_withdrawn_at"].isNotNull() | _is_new(one, sofar)
        is_free = is_known | is_named | _is_explained(one, versions, sofar)
        is_taken = status.isNotNull() & is_free
        following = F.when(is_taken, status).otherwise(state)
        back = F.concat(sofar["back"], F.array(one["_order"]))
        return F.struct(
            F.when(one["_withdrawn_at"].isNotNull(), F.lit(lifecycle.ANY))
            .otherwise(following)
            .alias("state"),
            F.coalesce(one["_withdrawn_at"], sofar["withdrawn_at"]).alias("withdrawn_at"),
            F.greatest(one["_corrected_at"], sofar["corrected_at"]).alias("corrected_at"),
            F.when(status.isNotNull() & ~is_free, back).otherwise(sofar["back"]).alias("back"),
        )

    start = F.struct(
        F.lit(lifecycle.ANY).alias("state"),
        F.lit(None).cast("timestamp").alias("withdrawn_at"),
        F.lit(None).cast("timestamp").alias("corrected_at"),
        F.array().cast(f"array<{_ORDERS}>").alias("back"),
    )
    return F.aggregate(versions, start, passed, lambda sofar: sofar["back"])


def _is_new(one: Column, sofar: Column) -> Column:
    """Whether a version names a correction that none before it has named."""
    known = sofar["corrected_at"]
    return one["_corrected_at"].isNotNull() & (known.isNull() | (one["_corrected_at"] > known))


def _is_explained(one: Column, versions: str, sofar: Column) -> Column:
    """Whether a later version names a new correction that was decided before this one was changed."""

    def explains(other: Column) -> Column:
        is_before = other["_corrected_at"] <= one["_changed_at"]
        return (other["_order"] > one["_order"]) & is_before & _is_new(other, sofar)

    return F.coalesce(F.exists(versions, explains), F.lit(False))
