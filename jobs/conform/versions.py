"""What a row's disposition owes to other rows: earlier deliveries and earlier versions."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

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


def with_duplicates(rows: DataFrame, earlier: DataFrame | None) -> DataFrame:
    """Marks ``is_duplicate``: the same feed sent the same content of the same version before.

    Args:
        rows: Rows being conformed.
        earlier: Rows of other submissions with the columns of ``delivery``; None when there are none.
    """
    mine = rows.select(*delivery(rows))
    all_rows = mine if earlier is None else mine.unionByName(known_content(earlier, mine))
    first = all_rows.groupBy("content_digest", "_feed", "_version").agg(F.min("_place").alias("_first"))
    named = rows.withColumns(
        {
            "_feed": F.col("feed_id"),
            "_version": _version(),
            "_place": F.struct(*ORDER),
        }
    )
    return (
        named.join(first, ["content_digest", "_feed", "_version"], "left")
        .withColumn("is_duplicate", F.coalesce(F.col("_first") < F.col("_place"), F.lit(False)))
        .drop("_feed", "_version", "_place", "_first")
    )


def delivery(rows: DataFrame) -> list[Column]:
    """Columns that tell one delivery from another."""
    del rows
    return [
        F.col("content_digest"),
        F.col("feed_id").alias("_feed"),
        _version().alias("_version"),
        F.struct(*ORDER).alias("_place"),
    ]


def known_content(earlier: DataFrame, mine: DataFrame) -> DataFrame:
    """Deliveries of other submissions whose content is among the rows'."""
    wanted = mine.select("content_digest").distinct()
    return earlier.select(*delivery(earlier)).join(F.broadcast(wanted), "content_digest", "left_semi")


def _version() -> Column:
    return F.coalesce(F.col("sequence").cast("string"), F.col("updated_at").cast("string"), F.lit(""))


def with_steps_back(rows: DataFrame, earlier: DataFrame | None) -> DataFrame:
    """Marks ``goes_back``: the version before was approved, this one is neither that nor a withdrawal."""
    told = [
        F.col("feed_id"),
        F.col("dossier_code"),
        version_order().alias("_order"),
        F.when(is_withdrawn(), F.lit(0)).when(is_approved(), F.lit(1)).alias("_mark"),
    ]
    mine = rows.where(F.col("dossier_code").isNotNull()).select(*told)
    marks = mine
    if earlier is not None:
        dossiers = mine.select("feed_id", "dossier_code").distinct()
        others = earlier.select(*told).join(F.broadcast(dossiers), ["feed_id", "dossier_code"], "left_semi")
        marks = mine.unionByName(others)
    before = (
        Window.partitionBy("feed_id", "dossier_code")
        .orderBy("_order")
        .rangeBetween(Window.unboundedPreceding, -1)
    )
    last = marks.withColumn(
        "_last", F.max(F.when(F.col("_mark").isNotNull(), F.struct("_order", "_mark"))).over(before)
    )
    back = (
        last.where((F.col("_last._mark") == 1) & F.col("_mark").isNull())
        .select("feed_id", "dossier_code", "_order")
        .distinct()
        .withColumn("goes_back", F.lit(True))
    )
    return (
        rows.withColumn("_order", version_order())
        .join(back, ["feed_id", "dossier_code", "_order"], "left")
        .withColumn("goes_back", F.coalesce("goes_back", F.lit(False)))
        .drop("_order")
    )
