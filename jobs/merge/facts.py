"""Facts of a register in one wide frame, and those that a batch must fold."""

from __future__ import annotations

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from jobs.identity import columns
from jobs.identity.shape import RegisterShape
from jobs.lake import tables
from jobs.merge.components import component_map
from jobs.merge.plan import Scope
from schemas.contract.effects import Verb
from schemas.facts import FACT

DOSSIER = ["feed_id", "dossier_code"]


def wide(spark: SparkSession, shape: RegisterShape) -> DataFrame:
    """Every fact of a register ever written: technical columns and the payload of all datasets."""
    technical = [F.col(column.name) for column in FACT]
    frames = []
    for place, dataset in enumerate(shape.datasets):
        names = [*dataset.attributes, *(old for old in dataset.old_of if old)]
        payload = [F.col(name).alias(columns.payload(dataset, name)) for name in names]
        table = spark.table(tables.name(dataset.contract.dataset("core")))
        frames.append(table.select(F.lit(place).alias("dataset"), *technical, *payload))
    whole = frames[0]
    for frame in frames[1:]:
        whole = whole.unionByName(frame, allowMissingColumns=True)
    return whole


def live(facts: DataFrame, scope: Scope) -> DataFrame:
    """Facts of committed conform batches that no later conform of their submission replaced."""
    readable = facts.where(F.col("batch_id") <= scope.upto)
    if scope.unreadable:
        readable = readable.where(~F.col("batch_id").isin(*scope.unreadable))
    return readable.where(~_superseded(scope)) if scope.superseded else readable


def replaced(facts: DataFrame, scope: Scope) -> DataFrame:
    """Facts that stood before a submission of this batch was conformed again."""
    return facts.where(_superseded(scope) & F.col("submission_id").isin(*scope.again))


def _superseded(scope: Scope) -> F.Column:
    by_batch: dict[int, list[str]] = {}
    for submission, number in sorted(scope.superseded):
        by_batch.setdefault(number, []).append(submission)
    gone = F.lit(False)
    for number, submissions in sorted(by_batch.items()):
        gone = gone | ((F.col("batch_id") == number) & F.col("submission_id").isin(*submissions))
    return gone


def affected(
    spark: SparkSession, facts: DataFrame, scope: Scope
) -> tuple[DataFrame, DataFrame | None]:
    """Facts to fold with their component, and the aggregates to compare.

    The aggregates are None when the register is empty and everything is folded. A dossier that
    the batch touches brings all aggregates of all its versions, and those bring their component.
    """
    current = _with_retracts(live(facts, scope))
    components = component_map(spark, current)
    placed = current.join(F.broadcast(components), "aggregate_key", "left").withColumn(
        "component", F.coalesce("component", "aggregate_key")
    )
    if not scope.merged:
        return placed, None
    touched = current.where(F.col("batch_id").isin(*scope.new))
    gone = replaced(facts, scope) if scope.again else None
    dossiers = touched.select(*DOSSIER)
    if gone is not None:
        dossiers = dossiers.union(gone.select(*DOSSIER))
    aggregates = current.join(F.broadcast(dossiers.distinct()), DOSSIER, "left_semi").select(
        "aggregate_key"
    )
    if gone is not None:
        aggregates = aggregates.union(
            gone.where(F.col("aggregate_key").isNotNull()).select("aggregate_key")
        )
    wanted = (
        aggregates
        .distinct()
        .join(F.broadcast(components), "aggregate_key", "left")
        .select("aggregate_key", F.coalesce("component", "aggregate_key").alias("component"))
    )
    folding = placed.join(wanted.select("component").distinct(), "component", "left_semi")
    compared = folding.select("aggregate_key").union(wanted.select("aggregate_key")).distinct()
    return folding, compared


def _with_retracts(facts: DataFrame) -> DataFrame:
    """Gives each retract an aggregate of the dossier it takes back, so that both are folded together."""
    is_retract = F.col("verb") == Verb.RETRACT.value
    retracts = facts.where(is_retract).select(*DOSSIER).distinct()
    targets = (
        facts
        .where(~is_retract)
        .join(F.broadcast(retracts), DOSSIER, "left_semi")
        .groupBy(*DOSSIER)
        .agg(F.min("aggregate_key").alias("_target"))
    )
    nowhere = F.concat(F.lit("?"), F.sha2(F.concat_ws("|", *DOSSIER), 256))
    return (
        facts
        .join(F.broadcast(targets), DOSSIER, "left")
        .withColumn(
            "aggregate_key",
            F.when(is_retract, F.coalesce("_target", nowhere)).otherwise(F.col("aggregate_key")),
        )
        .drop("_target")
    )
