"""Facts of a register in one wide frame, and those that a batch must fold."""

from __future__ import annotations

from dataclasses import dataclass

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from jobs.identity import columns
from jobs.identity.shape import RegisterShape
from jobs.lake import tables
from jobs.merge.components import component_map
from jobs.merge.plan import Scope
from jobs.session import checkpoint
from schemas.contract.effects import Verb
from schemas.facts import FACT

DOSSIER = ["feed_id", "dossier_code"]
FEW = 50_000
"""Up to so many aggregates, they and the ids of their facts are copied to every executor."""


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


def _superseded(scope: Scope) -> Column:
    by_batch: dict[int, list[str]] = {}
    for submission, number in sorted(scope.superseded):
        by_batch.setdefault(number, []).append(submission)
    gone = F.lit(False)
    for number, submissions in sorted(by_batch.items()):
        gone = gone | ((F.col("batch_id") == number) & F.col("submission_id").isin(*submissions))
    return gone


@dataclass(frozen=True, slots=True)
class Compared:
    """The aggregates whose versions a batch compares with what is asserted."""

    aggregates: DataFrame
    """One column, ``aggregate_key``, each once."""
    are_few: bool

    def only(self, rows: DataFrame) -> DataFrame:
        """Rows of the aggregates."""
        return self.among(rows, self.aggregates, "aggregate_key")

    def among(self, rows: DataFrame, chosen: DataFrame, key: str) -> DataFrame:
        """Rows whose key is chosen; what is chosen belongs to the aggregates.

        The planner cannot know how few they are: it is told, or it would sort a register of a million rows,
        payload and all, to find ten thousand.
        """
        return rows.join(F.broadcast(chosen) if self.are_few else chosen, key, "left_semi")


def affected(spark: SparkSession, facts: DataFrame, scope: Scope) -> tuple[DataFrame, Compared | None]:
    """Facts to fold with their component, and the aggregates to compare.

    The aggregates are None when the register is empty and everything is folded. A dossier that
    the batch touches brings all aggregates of all its versions, and those bring their component.
    Who is touched is found on five narrow columns; the payload is read for them alone.
    """
    narrow = checkpoint(live(facts, scope).select(*DOSSIER, *_NARROW))
    targets = _retract_targets(spark, narrow)
    names = component_map(spark, narrow)
    current = _targeted(live(facts, scope), targets)
    if not scope.merged:
        return _placed(current, names), None
    touched = _touched(_targeted(narrow, targets), replaced(facts, scope) if scope.again else None, scope)
    components = _placed(touched, names).select("component").distinct()
    known = _placed(_targeted(narrow, targets).select("aggregate_key").distinct(), names)
    aggregates = checkpoint(
        known.join(F.broadcast(components), "component", "left_semi")
        .select("aggregate_key")
        .union(touched)
        .distinct()
    )
    compared = Compared(aggregates, are_few=aggregates.count() <= FEW)
    return _placed(compared.only(current), names), compared


_NARROW = ("aggregate_key", "verb", "is_baseline", "batch_id")


def _placed(facts: DataFrame, names: DataFrame | None) -> DataFrame:
    """Adds the component: the aggregate itself unless it is linked to others."""
    if names is None:
        return facts.withColumn("component", F.col("aggregate_key"))
    return facts.join(F.broadcast(names), "aggregate_key", "left").withColumn(
        "component", F.coalesce("component", "aggregate_key")
    )


def _touched(current: DataFrame, gone: DataFrame | None, scope: Scope) -> DataFrame:
    """Aggregates of the dossiers that the batch adds to, replaces or takes away."""
    dossiers = current.where(F.col("batch_id").isin(*scope.new)).select(*DOSSIER)
    if gone is not None:
        dossiers = dossiers.union(gone.select(*DOSSIER))
    aggregates = current.join(F.broadcast(dossiers.distinct()), DOSSIER, "left_semi").select("aggregate_key")
    if gone is not None:
        aggregates = aggregates.union(gone.where(F.col("aggregate_key").isNotNull()).select("aggregate_key"))
    return checkpoint(aggregates.distinct())


def _retract_targets(spark: SparkSession, narrow: DataFrame) -> DataFrame | None:
    """An aggregate of each dossier that a retract takes back, so that both are folded together."""
    is_retract = F.col("verb") == Verb.RETRACT.value
    retracts = narrow.where(is_retract).select(*DOSSIER).distinct()
    targets = (
        narrow.where(~is_retract)
        .join(F.broadcast(retracts), DOSSIER, "left_semi")
        .groupBy(*DOSSIER)
        .agg(F.min("aggregate_key").alias("_target"))
    )
    found = retracts.join(targets, DOSSIER, "left").collect()
    if not found:
        return None
    rows = [
        (row.feed_id, row.dossier_code, row["_target"] or f"?{row.feed_id}/{row.dossier_code}")
        for row in found
    ]
    return spark.createDataFrame(rows, "feed_id string, dossier_code string, _target string")


def _targeted(facts: DataFrame, targets: DataFrame | None) -> DataFrame:
    """Gives each retract its aggregate."""
    if targets is None:
        return facts
    is_retract = F.col("verb") == Verb.RETRACT.value
    return (
        facts.join(F.broadcast(targets), DOSSIER, "left")
        .withColumn("aggregate_key", F.when(is_retract, F.col("_target")).otherwise(F.col("aggregate_key")))
        .drop("_target")
    )
