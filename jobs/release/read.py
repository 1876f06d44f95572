"""What the lake knows that may be counted or shown, read with one query for each dataset."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pyarrow as pa
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F
from sqlalchemy import Engine

from jobs.conform.versions import is_approved, is_withdrawn, version_order
from jobs.lake import live
from jobs.ops import submissions
from jobs.release.periods import Period
from jobs.settings import Settings
from jobs.sources import model
from schemas import reference
from schemas.business.activities import Activities
from schemas.business.businesses import Businesses
from schemas.core.dossiers import Dossiers
from schemas.core.landed import PLACE
from schemas.derive import spark as derive
from schemas.open.enterprises import Enterprises
from schemas.open.types import CountedKind, EnterpriseCode
from schemas.reference.procedure_catalogue import catalogue
from schemas.zone import ZONE

_COUNTED = ("in_process", "no_effect", "effective")
_REGISTER = Businesses.info.register.value


def reported_at(settings: Settings, engine: Engine) -> dict[str, datetime]:
    """Newest instant up to which each province's dossiers are landed, by province."""
    feeds = {
        feed_id
        for feed_id, feed in model.load(settings).items()
        if feed.kind == "rest" or "dossiers" in feed.patterns.values()
    }
    found: dict[str, datetime] = {}
    for one in submissions.listed(engine):
        if one.feed_id in feeds and one.state in {"sealed", "empty"} and one.received_at is not None:
            known = found.get(one.province_code, one.received_at)
            found[one.province_code] = max(known, one.received_at)
    return found


def events(spark: SparkSession, engine: Engine) -> list[dict[str, object]]:
    """Number of dossiers by province, field, month and measure.

    A dossier counts once, by the newest of its versions that were accepted; quarantined and
    unreadable rows and rows of retracted submissions count nothing. Each event of it counts in
    the month, in Viet Nam, in which it happened.
    """
    retracted = [one.submission_id for one in submissions.listed(engine, "retracted")]
    rows = live.conformed(spark, engine, Dossiers.dataset()).where(F.col("disposition").isin(*_COUNTED))
    rows = rows.where(~F.col("submission_id").isin(*retracted)) if retracted else rows
    fields = F.create_map(*[F.lit(text) for one in catalogue() for text in (one.code, one.field_code)])
    named = rows.withColumn("field_code", F.element_at(fields, F.col("procedure_code")))
    place = F.struct(version_order(), "received_at", *PLACE)
    newest = (
        named.where(F.col("field_code").isNotNull())
        .groupBy("feed_id", "dossier_code")
        .agg(F.max_by(F.struct(*named.columns), place).alias("row"))
        .select("row.*")
    )
    counted = newest.select(
        "province_code", "field_code", F.explode(F.array_compact(_events())).alias("event")
    )
    sums = counted.groupBy("province_code", "field_code", "event.month", "event.measure").count()
    return list(sums.toArrow().to_pylist())


def _events() -> Column:
    """The events of a dossier as (measure, month); NULL where one did not happen."""
    approved, day, due = is_approved(), _day("finished_at"), _day("due_at")
    return F.array(
        _event("received_count", "accepted_at", F.lit(True)),
        _event("approved_count", "finished_at", approved),
        _event("refused_count", "refused_at", F.lit(True)),
        _event("withdrawn_count", "withdrawn_at", is_withdrawn()),
        _event("on_time_count", "finished_at", approved & (day <= due)),
        _event("late_count", "finished_at", approved & (day > due)),
        _event("without_due_date_count", "finished_at", approved & due.isNull()),
    )


def _event(measure: str, instant: str, happened: Column) -> Column:
    month = F.date_format(F.from_utc_timestamp(instant, ZONE), "yyyy-MM")
    event = F.struct(F.lit(measure).alias("measure"), month.alias("month"))
    return F.when(happened & F.col(instant).isNotNull(), event)


def _day(instant: str) -> Column:
    return F.to_date(F.from_utc_timestamp(instant, ZONE))


def businesses(spark: SparkSession, engine: Engine, periods: Sequence[Period]) -> list[dict[str, object]]:
    """Number of household businesses and sole proprietorships by kind, province and closed month.

    Those count that were in the register's truth at the month's end, as it is known now.
    """
    if not periods:
        return []
    rows = _asserted(spark, engine, Businesses.dataset("curated")).where(
        F.col("business_kind").isin(*(CountedKind.values or ()))
    )
    months = [F.when(_holds(F.lit(period.ends_at)), F.lit(period.month)) for period in periods]
    held = rows.select(
        "aggregate_key",
        "business_kind",
        "commune_code",
        F.explode(F.array_compact(F.array(*months))).alias("month"),
    )
    counted = (
        held.join(F.broadcast(_provinces(spark)), "commune_code")
        .groupBy("business_kind", "province_code", "month")
        .agg(F.countDistinct("aggregate_key").alias("count"))
    )
    return list(counted.toArrow().to_pylist())


def enterprises(spark: SparkSession, engine: Engine, at: datetime) -> pa.Table:
    """Rows of the open enterprises with ``_violations``, in order of their codes.

    Only what the register calls an enterprise and what has a code of 10 digits; nothing of
    households, sole proprietorships or representatives is read.
    """
    instant = F.lit(at)
    rows = _asserted(spark, engine, Businesses.dataset("curated")).where(
        (F.col("business_kind") == "enterprise")
        & F.col("tax_code").rlike(f"\\A{EnterpriseCode.pattern}\\z")
        & _holds(instant)
    )
    industry = F.concat_ws(":", "vsic_version", "vsic_code")
    main = (
        _asserted(spark, engine, Activities.dataset("curated"))
        .where(F.col("is_main") & _holds(instant))
        .groupBy("aggregate_key")
        .agg(F.array_join(F.array_sort(F.collect_set(industry)), ";").alias("main_industry_codes"))
    )
    whole = (
        rows.join(main, "aggregate_key", "left")
        .join(F.broadcast(_provinces(spark)), "commune_code", "left")
        .select(*Enterprises.names())
    )
    checked = whole.withColumn("_violations", derive.violations(derive.checks(Enterprises)))
    return checked.orderBy("tax_code").toArrow()


def _asserted(spark: SparkSession, engine: Engine, dataset: str) -> DataFrame:
    """Golden versions of aggregates with a usable key."""
    return live.assertions(spark, engine, dataset, _REGISTER).where(F.col("is_resolved"))


def _holds(instant: Column) -> Column:
    return (F.col("valid_from") < instant) & (F.col("valid_to").isNull() | (F.col("valid_to") >= instant))


def _provinces(spark: SparkSession) -> DataFrame:
    return spark.createDataFrame(
        list(reference.commune_provinces().items()), "commune_code string, province_code string"
    )
