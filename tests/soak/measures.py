"""What a day left behind: memory of the services, tables and files of the lake, databases, disk."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from functools import reduce
from pathlib import Path
from typing import Any

import psutil
import sqlalchemy as sa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from jobs import ops
from jobs.lake import tables
from jobs.registry import databases
from jobs.settings import Settings
from schemas.contract import REGISTERS

_MIB = 1 << 20
_PROGRAMS = {
    "postgres": "pginstall/bin/postgres",
    "store": "bin/weed",
    "spark": "SparkSubmit",
    "sandbox": "infra.sandbox",
}


def memory(home: Path) -> dict[str, float]:
    """MiB by service with all its processes, shared pages by share; Spark's heap after a collection."""
    supervisor = psutil.Process(int((home / "run" / "supervisord.pid").read_text()))
    found = {"driver": _held(psutil.Process())}
    for child in supervisor.children():
        name = next((name for name, part in _PROGRAMS.items() if part in " ".join(child.cmdline())), None)
        if name == "spark":
            found["spark heap"] = _heap(child)
        if name is not None:
            found[name] = sum(_held(one) for one in (child, *child.children(recursive=True)))
    return {name: round(size, 1) for name, size in sorted(found.items())}


def _held(process: psutil.Process) -> float:
    try:
        return float(process.memory_full_info().pss) / _MIB
    except psutil.NoSuchProcess:
        return 0.0


def _heap(server: psutil.Process) -> float:
    """MiB that are reachable in the heap of Spark's JVM: of a class histogram, which collects first."""
    java = next(one for one in (server, *server.children(recursive=True)) if one.name() == "java")
    told = subprocess.run(
        ["jcmd", str(java.pid), "GC.class_histogram"], check=True, capture_output=True, text=True
    )
    total = re.search(r"^Total\s+\d+\s+(\d+)", told.stdout, re.MULTILINE)
    if total is None:
        raise RuntimeError("jcmd tells no total")
    return int(total[1]) / _MIB


def lake(spark: SparkSession) -> dict[str, dict[str, int]]:
    """Rows, live files, their bytes, the fullest bucket's files, and snapshots of every table."""
    names = sorted(dataset for dataset, _, _ in tables.schemas())
    tables.refresh(spark, names)  # Another process maintains them.
    rows = reduce(DataFrame.unionByName, [_files(spark, name) for name in names]).collect()
    return {row.name: {k: int(v or 0) for k, v in row.asDict().items() if k != "name"} for row in rows}


def _files(spark: SparkSession, name: str) -> DataFrame:
    files = spark.table(f"{tables.name(name)}.files")
    bucket = F.col("partition").cast("string") if "partition" in files.columns else F.lit("")
    by_bucket = files.groupBy(bucket).agg(
        F.sum("record_count").alias("rows"),
        F.count(F.lit(1)).alias("files"),
        F.sum("file_size_in_bytes").alias("bytes"),
    )
    total = by_bucket.agg(
        F.sum("rows").alias("rows"),
        F.sum("files").alias("files"),
        F.sum("bytes").alias("bytes"),
        F.max("files").alias("fullest"),
    )
    held = spark.table(f"{tables.name(name)}.snapshots").agg(F.count(F.lit(1)).alias("snapshots"))
    return total.crossJoin(held).withColumn("name", F.lit(name))


def databases_held(settings: Settings) -> dict[str, dict[str, int]]:
    """Bytes and rows of history by register, and bytes of ops."""
    engines = {one.value: databases.engine(settings, one) for one in REGISTERS}
    engines["ops"] = ops.engine(settings)
    told = {}
    for name, engine in engines.items():
        with engine.connect() as connection:
            size = connection.scalar(sa.text("SELECT pg_database_size(current_database())"))
            nouns = connection.scalars(
                sa.text("SELECT tablename FROM pg_tables WHERE tablename LIKE '%\\_history'")
            ).all()
            rows = [connection.scalar(sa.select(sa.func.count()).select_from(sa.table(n))) for n in nouns]
        told[name] = {"bytes": int(size or 0), "history_rows": sum(int(number or 0) for number in rows)}
    return told


def disk(home: Path) -> dict[str, int]:
    """Bytes of the home's folders."""
    return {folder.name: sum(_sizes(folder)) for folder in sorted(home.iterdir()) if folder.is_dir()}


def _sizes(folder: Path) -> Iterator[int]:
    for path in folder.rglob("*"):
        try:
            if path.is_file():
                yield path.stat().st_blocks * 512
        except FileNotFoundError:
            continue


def everything(settings: Settings, spark: SparkSession) -> dict[str, Any]:
    """All of it, as one document."""
    return {
        "memory": memory(settings.home),
        "lake": lake(spark),
        "databases": databases_held(settings),
        "disk": disk(settings.home),
    }
