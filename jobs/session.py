"""The only builder of Spark sessions: one connection per process to the resident Connect server."""

from __future__ import annotations

from typing import cast

from pyspark.sql import SparkSession
from pyspark.sql.connect.session import SparkSession as Connection

from jobs.settings import Settings

_connected: dict[str, SparkSession] = {}


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
    _connected[settings.spark_remote] = spark
    return spark


def disconnect() -> None:
    """Closes the process' session, if it has one."""
    while _connected:
        _connected.popitem()[1].stop()
