"""The only builder of Spark sessions: a connection to the resident Connect server."""

from __future__ import annotations

from pyspark.sql import SparkSession

from jobs.settings import Settings


def connect(settings: Settings, name: str) -> SparkSession:
    """A session of its own on the server.

    Args:
        settings: Names the server.
        name: What the session is for; shown in the server's log.
    """
    spark: SparkSession = SparkSession.builder.remote(f"{settings.spark_remote}/;user_agent={name}").create()
    spark.conf.set("spark.sql.session.timeZone", "UTC")
    return spark
