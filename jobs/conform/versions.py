"""What a row's disposition owes to other rows: earlier deliveries and earlier versions."""

from __future__ import annotations

from collections.abc import Callable

from pyspark.sql import Column, DataFrame, Window, WindowSpec
from pyspark.sql import functions as F

from jobs.conform.canonical import REFERENCE

ORDER = ("submission_number", "object_no", "row_no")
APPROVED = ("9", "10")


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


def version_order() -> Column:
    """The source's own sequence, else microseconds of the earlier of change and receipt."""
    changed = F.least("updated_at", "received_at")
    return F.coalesce("sequence", F.unix_micros(F.coalesce(changed, "received_at")))


def duplicates(rows: DataFrame, earlier: DataFrame | None) -> DataFrame:
    """Places of rows whose feed sent the same content of the same version before, with ``is_duplicate``.

    Args:
        rows: Rows being conformed, with ``_is_retracted``.
        earlier: Rows of other submissions, retracted ones left out; None when there are none.
    """
    mine = rows.select(*_delivery(), "_is_retracted", F.struct(*REFERENCE).alias("_mine"))
    every = mine
    if earlier is not None:
        wanted = F.broadcast(mine.select("content_digest").distinct())
        others = earlier.select(*_delivery(), F.lit(False).alias("_is_retracted"), F.lit(None).alias("_mine"))
        every = mine.unionByName(others.join(wanted, "content_digest", "left_semi"))
    same = Window.partitionBy("content_digest", "_feed", "_version")
    told = every.withColumn("_first", _of_standing(F.min, F.col("_place"), same))
    again = told.where(F.col("_mine").isNotNull() & (F.col("_first") < F.col("_place")))
    return again.select("_mine.*", F.lit(True).alias("is_duplicate"))


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

    ``goes_back``: after an approved version, and neither that nor a withdrawal. ``is_elsewhere``: another
    feed of the province has the dossier. Two feeds have no common order of versions, so that one alone
    may speak: whose rows were conformed before and stand, else whose were landed first.
    """
    mine = _marks(rows, F.col("_is_retracted"), F.struct(*REFERENCE)).where(F.col("dossier_code").isNotNull())
    every = mine
    if earlier is not None:
        dossiers = F.broadcast(mine.select(*_DOSSIER).distinct())
        others = _marks(earlier, F.lit(False), F.lit(None)).join(dossiers, list(_DOSSIER), "left_semi")
        every = mine.unionByName(others)
    # The feed comes last: what is gathered for the province's dossiers is gathered for each feed's.
    before = (
        Window.partitionBy(*_DOSSIER, "feed_id").orderBy("_order").rangeBetween(Window.unboundedPreceding, -1)
    )
    marked = F.when(F.col("_mark").isNotNull(), F.struct("_order", "_mark"))
    whose = F.when(F.col("_has_it"), F.struct(F.col("_mine").isNotNull(), "_place", "feed_id"))
    told = every.withColumn("_last", _of_standing(F.max, marked, before)).withColumn(
        "_owner", _of_standing(F.min, whose, Window.partitionBy(*_DOSSIER))
    )
    is_back = F.coalesce((F.col("_last._mark") == 1) & F.col("_mark").isNull(), F.lit(False))
    is_elsewhere = F.coalesce(F.col("_owner.feed_id") != F.col("feed_id"), F.lit(False))
    odd = told.where(F.col("_mine").isNotNull() & (is_back | is_elsewhere))
    return odd.select("_mine.*", is_back.alias("goes_back"), is_elsewhere.alias("is_elsewhere"))


_DOSSIER = ("province_code", "dossier_code")
_NOT_TAKEN = ("quarantined", "unreadable")


def _marks(rows: DataFrame, is_retracted: Column, mine: Column) -> DataFrame:
    """Versions in order; the mark is 1 for an approval, 0 for its withdrawal, NULL for anything else."""
    is_taken = ~F.col("disposition").isin(*_NOT_TAKEN) if "disposition" in rows.columns else F.lit(True)
    return rows.select(
        "feed_id",
        *_DOSSIER,
        F.struct(*ORDER).alias("_place"),
        is_taken.alias("_has_it"),
        version_order().alias("_order"),
        F.when(is_withdrawn(), F.lit(0)).when(is_approved(), F.lit(1)).alias("_mark"),
        is_retracted.alias("_is_retracted"),
        mine.alias("_mine"),
    )
