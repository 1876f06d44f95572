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


def steps_back(rows: DataFrame, earlier: DataFrame | None) -> DataFrame:
    """Places of rows after an approved version that are neither that nor a withdrawal, with ``goes_back``."""
    mine = _marks(rows, F.col("_is_retracted"), F.struct(*REFERENCE)).where(F.col("dossier_code").isNotNull())
    every = mine
    if earlier is not None:
        dossiers = F.broadcast(mine.select("feed_id", "dossier_code").distinct())
        others = _marks(earlier, F.lit(False), F.lit(None))
        others = others.join(dossiers, ["feed_id", "dossier_code"], "left_semi")
        every = mine.unionByName(others)
    before = (
        Window.partitionBy("feed_id", "dossier_code")
        .orderBy("_order")
        .rangeBetween(Window.unboundedPreceding, -1)
    )
    marked = F.when(F.col("_mark").isNotNull(), F.struct("_order", "_mark"))
    told = every.withColumn("_last", _of_standing(F.max, marked, before))
    is_back = F.col("_mine").isNotNull() & (F.col("_last._mark") == 1) & F.col("_mark").isNull()
    return told.where(is_back).select("_mine.*", F.lit(True).alias("goes_back"))


def _marks(rows: DataFrame, is_retracted: Column, mine: Column) -> DataFrame:
    """Versions in order; the mark is 1 for an approval, 0 for its withdrawal, NULL for anything else."""
    return rows.select(
        "feed_id",
        "dossier_code",
        version_order().alias("_order"),
        F.when(is_withdrawn(), F.lit(0)).when(is_approved(), F.lit(1)).alias("_mark"),
        is_retracted.alias("_is_retracted"),
        mine.alias("_mine"),
    )
