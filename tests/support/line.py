"""A whole line for tests: sources written to folders, days run, registers read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from pyspark.sql import Row
from pyspark.sql import functions as F

from jobs import extract, objects, ops, session
from jobs.conform import run as conforming
from jobs.lake import live
from jobs.ledger import counts
from jobs.merge import run as merging
from jobs.registry import databases
from jobs.settings import Settings
from schemas.contract import REGISTERS, Register
from schemas.core.findings import Findings
from schemas.facts import FACT_DISPOSITIONS
from schemas.types import ROW_DISPOSITIONS
from schemas.zone import HANOI


def empty(settings: Settings, folder: Path) -> Line:
    """A line without a submission, a fact or a row in any register; its sources are those of a folder."""
    mine = settings.model_copy(update={"source_paths": str(folder)})
    reset(mine)
    return Line(mine, folder)


def at_day(day: int) -> datetime:
    """Instant of the run of a day of the sandbox's calendar."""
    return datetime(2026, 11, 1, 23, 30, tzinfo=HANOI) + timedelta(days=day)


def reset(settings: Settings) -> None:
    """Empties every store."""
    engines = [databases.engine(settings, register) for register in REGISTERS] + [ops.engine(settings)]
    for engine in engines:
        with engine.begin() as connection:
            connection.execute(sa.text("drop schema public cascade; create schema public"))
    databases.migrate(settings)
    databases.migrate_ops(ops.engine(settings))
    spark = session.connect(settings)
    namespaces = {row[0] for row in spark.sql("show namespaces in lake").collect()}
    for layer in namespaces & {"core", "curated"}:
        for row in spark.sql(f"show tables in lake.{layer}").collect():
            spark.sql(f"drop table lake.{layer}.{row.tableName} purge")
    store = objects.client(settings)
    for bucket in (settings.landing_bucket, settings.open_bucket):
        for key in list(objects.keys(store, bucket, "")):
            store.remove_object(bucket_name=bucket, object_name=key)


class Line:
    """One line and its sources."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self.settings = settings
        self.folder = folder

    def source(self, stem: str, feeds: Mapping[str, Mapping[str, Any]], province: str = "01") -> None:
        """Writes a source file; feeds by name with their keys."""
        lines = [f'province = "{province}"', 'name = "Tỉnh thử"']
        for name, keys in feeds.items():
            lines.append(f"[feeds.{name}]")
            for key, value in keys.items():
                if isinstance(value, dict):
                    inner = ", ".join(f'"{k}" = "{v}"' for k, v in value.items())
                    lines.append(f"{key} = {{ {inner} }}")
                else:
                    lines.append(f'{key} = "{value}"' if isinstance(value, str) else f"{key} = {value}")
        (self.folder / f"{stem}.toml").write_text("\n".join(lines))

    def inbox(self, stem: str, feed: str = "dossiers") -> Path:
        """Folder of a directory feed, made when missing."""
        path = self.folder / f"{stem}-{feed}"
        path.mkdir(exist_ok=True)
        return path

    def directory(self, stem: str, province: str = "01") -> None:
        """A source with two directory feeds: dossiers and a baseline."""
        patterns = {f"{noun}*": f"baseline.{noun}" for noun in ("persons", "parcels", "businesses")}
        feeds = {
            "dossiers": {
                "kind": "directory",
                "dialect": "dvcqg",
                "url": str(self.inbox(stem)),
                "patterns": {"*": "dossiers"},
            },
            "baseline": {
                "kind": "directory",
                "dialect": "baseline",
                "url": str(self.inbox(stem, "baseline")),
                "patterns": patterns,
            },
        }
        self.source(stem, feeds, province)

    def pull(self, feed: str, at: datetime) -> dict[str, Any]:
        """Pulls a feed."""
        return extract.pull(self.settings, feed_id=feed, at=at)

    def conform(self, at: datetime, submissions: Sequence[str] | None = None) -> dict[str, Any]:
        """Conforms what is sealed, or the named submissions again."""
        return conforming.run(self.settings, at=at, submission_ids=submissions)

    def merge(self, at: datetime) -> dict[str, dict[str, Any]]:
        """Merges every register."""
        return {
            register.value: merging.run(self.settings, register=register.value, at=at)
            for register in REGISTERS
        }

    def day(self, feed: str, at: datetime) -> dict[str, dict[str, Any]]:
        """Pulls, conforms and merges."""
        self.pull(feed, at)
        self.conform(at)
        return self.merge(at)

    def rows(self, *feeds: str) -> tuple[int, ...]:
        """Landed rows by disposition over all registers."""
        return counts.total(counts.rows(self.settings, feeds), ROW_DISPOSITIONS)

    def facts(self, *feeds: str) -> tuple[int, ...]:
        """Merged facts by disposition over all registers."""
        return counts.total(counts.facts(self.settings, feeds), FACT_DISPOSITIONS)

    def findings(self, dossier_code: str) -> list[Row]:
        """Live findings on a dossier."""
        rows = live.conformed(session.connect(self.settings), ops.engine(self.settings), Findings.dataset())
        return rows.where(F.col("dossier_code") == dossier_code).collect()

    def query(self, register: str, statement: str, **values: Any) -> list[tuple[Any, ...]]:
        """Rows of a query on a register."""
        with databases.engine(self.settings, Register(register)).connect() as connection:
            return [tuple(row) for row in connection.execute(sa.text(statement), values)]
