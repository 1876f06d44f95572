"""Which aggregates must be folded together: those that one dossier touches, transitively."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F


def component_map(spark: SparkSession, facts: DataFrame) -> DataFrame | None:
    """Component of every aggregate that shares one with another: ``aggregate_key, component``.

    None when no dossier touches several. Only the few dossiers that touch several aggregates reach
    the driver; a baseline record touches one by its form.
    """
    shared = (
        facts.where(~F.col("is_baseline"))
        .groupBy("feed_id", "dossier_code")
        .agg(F.collect_set("aggregate_key").alias("keys"))
        .where(F.size("keys") > 1)
        .select("keys")
        .toArrow()
    )
    names = components(shared.column("keys").to_pylist())
    if not names:
        return None
    return spark.createDataFrame(list(names.items()), "aggregate_key string, component string")


def components(groups: Iterable[Sequence[str]]) -> dict[str, str]:
    """Smallest member of each connected component, by member (union-find with path halving).

    >>> components([["a", "b"], ["c", "b"], ["x", "y"]])
    {'a': 'a', 'b': 'a', 'c': 'a', 'x': 'x', 'y': 'x'}
    """
    parent: dict[str, str] = {}

    def find(node: str) -> str:
        parent.setdefault(node, node)
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for group in groups:
        for member in group[1:]:
            one, two = sorted((find(group[0]), find(member)))
            parent[two] = one
        find(group[0])
    return {node: find(node) for node in sorted(parent)}
