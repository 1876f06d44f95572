"""The only builder of Spark sessions: one connection per process to the resident Connect server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from pyspark.logger import PySparkLogger
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.connect.plan import CachedRemoteRelation
from pyspark.sql.connect.session import SparkSession as Connection

from jobs.settings import Settings

_TELLTALES = ("DataFrameQueryContextLogger", "SQLQueryContextLogger", "pyspark.sql.connect.logging")
"""Loggers with which PySpark writes an error's whole text, a row's value in it."""
_connected: dict[str, SparkSession] = {}
_kept: list[CachedRemoteRelation] = []
_stopped: list[SparkSession] = []
"""Sessions that ended, kept as long as the process: the collector would close them again, which waits for the
threads of the session at work, from within a call that those threads wait for."""


def connect(settings: Settings) -> SparkSession:
    """The process' session on the server that the settings name.

    A checkpointed frame belongs to the process' active session, so there is never a second one:
    another server's session is closed first.
    """
    known = _connected.get(settings.spark_remote)
    if known is not None and not cast("Connection", known).is_stopped:
        return known
    disconnect()
    spark: SparkSession = SparkSession.builder.remote(settings.spark_remote).getOrCreate()
    spark.conf.set("spark.sql.session.timeZone", "UTC")
    for name in _TELLTALES:
        PySparkLogger.getLogger(name).addFilter(_nothing)
    _connected[settings.spark_remote] = spark
    return spark


def _nothing(record: object) -> bool:  # noqa: ARG001
    """A filter that lets nothing pass; whoever configures logging anew enables loggers, and keeps filters."""
    return False


def disconnect() -> None:
    """Closes the process' session, if it has one."""
    _forget(0)
    while _connected:
        _, spark = _connected.popitem()
        spark.stop()
        _stopped.append(spark)


def checkpoint(frame: DataFrame) -> DataFrame:
    """The frame computed once and kept on the server until ``checkpoints`` or the session ends.

    The client's own way is to ask the server in a finaliser. The collector may run that anywhere,
    also within a call to the server, and then both wait for each other for ever.
    """
    found = frame.localCheckpoint()
    _kept.append(cast("CachedRemoteRelation", found._plan))  # noqa: SLF001
    return found


@contextmanager
def checkpoints() -> Iterator[None]:
    """Lets go of what was checkpointed in the block; after a fault the server does, with the session."""
    first = len(_kept)
    try:
        yield
        for relation in _kept[first:]:
            relation.__del__()
    finally:
        _forget(first)


def _forget(first: int) -> None:
    """Takes the finaliser's work from it."""
    for relation in _kept[first:]:
        relation._relation_id = None  # type: ignore[assignment]  # noqa: SLF001
    del _kept[first:]
