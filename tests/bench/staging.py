"""Arrow → PostgreSQL staging as a load does it, beside Spark's JDBC writer of the same rows."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from urllib.parse import urlsplit

import numpy as np
import pyarrow as pa
import sqlalchemy as sa
from pyspark.sql import DataFrame

from infra.jars import jars
from jobs import session
from jobs.registry import databases
from jobs.registry.staging import stage
from jobs.settings import Settings
from schemas.contract import Register
from tests.bench.bench import Bench, timed
from tests.bench.figures import Figure, rate, ratio

DRIVER = ("org.postgresql:postgresql:42.7.8",)
"""Of the comparison alone; nothing of the pipeline speaks JDBC."""
ROWS, ROUNDS = 1_000_000, 3
_RATE_GOAL, _JDBC_GOAL = 800_000, 3
_TABLE = "bench_by_jdbc"


def measured(bench: Bench) -> Iterator[Figure]:
    """Rows of eight columns, staged and written in turn; the medians are compared."""
    rows = table(bench.rows(ROWS))
    taken: dict[str, list[float]] = {"copy": [], "jdbc": []}
    spark = session.connect(bench.settings)
    spark.addArtifacts(*(str(jar) for jar in jars(DRIVER)))
    with session.checkpoints():
        frame = session.checkpoint(spark.createDataFrame(rows))
        for _ in range(ROUNDS):
            taken["copy"].append(_copied(bench.settings, rows))
            taken["jdbc"].append(_written(bench.settings, frame))
    copied, written = (statistics.median(times) for times in taken.values())
    yield rate("Arrow → PostgreSQL staging, 8 columns", rows.num_rows, copied, _RATE_GOAL)
    yield rate("Spark JDBC, the same rows", rows.num_rows, written)
    yield ratio("staging as a multiple of Spark JDBC", written / copied, at_least=_JDBC_GOAL)


def table(number: int) -> pa.Table:
    """Persons in eight columns: texts, a date, a number, an instant, a flag."""
    place = np.arange(number)
    texts = [f"{one:012d}" for one in place]
    return pa.table(
        {
            "personal_id": texts,
            "full_name": [f"Nguyễn Văn {text[6:]}" for text in texts],
            "birth_date": pa.array((place % 25_000).astype("int32"), pa.int32()).cast(pa.date32()),
            "sex": np.where(place % 2, "male", "female"),
            "commune_code": [text[7:] for text in texts],
            "version": place,
            "recorded_from": pa.array(place + 1_700_000_000_000_000, pa.timestamp("us", tz="UTC")),
            "is_resolved": place % 7 > 0,
        }
    )


def _copied(settings: Settings, rows: pa.Table) -> float:
    with databases.engine(settings, Register.POPULATION).connect() as connection:
        with timed("staging, binary COPY") as watch:
            staged = stage(connection, "bench_by_copy", rows.schema, rows)
            connection.commit()
        _require(connection, staged, rows.num_rows)
        connection.execute(sa.text(f"DROP TABLE {staged.name}"))
        connection.commit()
    return watch.seconds


def _written(settings: Settings, frame: DataFrame) -> float:
    url = urlsplit(settings.population_url)
    options = {
        "url": f"jdbc:postgresql://{url.hostname}:{url.port}{url.path}?reWriteBatchedInserts=true",
        "user": url.username,
        "password": url.password,
        "driver": "org.postgresql.Driver",
        "dbtable": _TABLE,
        "batchsize": 10_000,
        "truncate": "true",
    }
    with timed("staging, Spark JDBC") as watch:
        frame.write.format("jdbc").options(**options).mode("overwrite").save()
    with databases.engine(settings, Register.POPULATION).begin() as connection:
        _require(connection, sa.table(_TABLE), frame.count())
        connection.execute(sa.text(f"DROP TABLE {_TABLE}"))
    return watch.seconds


def _require(connection: sa.Connection, written: sa.FromClause, rows: int) -> None:
    found = connection.scalar(sa.select(sa.func.count()).select_from(written))
    if found != rows:
        raise RuntimeError(f"{found} of {rows} rows were written")
