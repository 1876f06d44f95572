"""What stands against rows now: quarantined and unreadable ones, held facts, notes, in one form."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import reduce

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F
from sqlalchemy import Engine

from jobs import ops, session
from jobs.conform.canonical import reference_of
from jobs.documents import read as documents
from jobs.errors import UsageFault
from jobs.lake import live
from jobs.ops import outbox, submissions
from jobs.settings import Settings
from jobs.sources import model
from schemas.codes import catalogue
from schemas.contract import REGISTERS
from schemas.core.dossiers import Dossiers
from schemas.core.findings import Findings
from schemas.core.landed import PLACE
from schemas.procedures import BY_CODE
from schemas.reference import senders
from schemas.types import RegisterName

COLUMNS = (
    *("reference", "effect", "province_code", "feed_id", "register_name", "procedure_code", "codes"),
    *("noted_at", "dossier_code", "status_code", *PLACE),
)
EFFECTS = ("quarantine", "hold", "note")
_REGISTERS = RegisterName.values or ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which findings; None and nothing mean all."""

    province: str | None = None
    feed: str | None = None
    code: str | None = None
    register: str | None = None
    effect: str | None = None
    references: Collection[str] = ()

    def __post_init__(self) -> None:
        if self.code is not None and self.code not in catalogue():
            raise UsageFault(f"There is no code {self.code}.", "write it as findings list shows it.")
        if self.effect is not None and self.effect not in EFFECTS:
            raise UsageFault(f"There is no effect {self.effect}.", f"use one of {', '.join(EFFECTS)}.")
        if self.register is not None and self.register not in _REGISTERS:
            raise UsageFault(f"There is no register {self.register}.", f"use one of {', '.join(_REGISTERS)}.")
        require_sender(self.province)


def require_sender(province: str | None) -> None:
    """Looks whether there is a province of that code; none is all of them.

    Raises:
        UsageFault: There is not.
    """
    if province is not None and province not in senders():
        raise UsageFault(
            f"There is no province {province}.", "write its two digits; lienthong status shows them."
        )


def standing(settings: Settings, wanted: Wanted) -> DataFrame:
    """One row for each landed row or fact and effect, with its codes joined by commas.

    The reference is ``submission/object/row``; a fact's is its id. A status of a document that does not count
    is held like a fact. A procedure that is not catalogued is left out: what was sent in its place may be
    anything.

    Raises:
        UsageFault: A feed is wanted of which nothing is known.
    """
    if wanted.feed is not None:
        _require_feed(settings, wanted.feed)
    spark, engine = session.connect(settings), ops.engine(settings)
    frames = [_of_rows(spark, engine), *[_of_facts(spark, engine, one.value) for one in REGISTERS]]
    frames += _refused_by_portal(spark, engine)
    if documents.are_there(engine):
        frames.append(_of_documents(spark, engine))
    return reduce(DataFrame.unionByName, frames).where(_is(wanted))


def _of_rows(spark: SparkSession, engine: Engine) -> DataFrame:
    """Landed rows that have codes of their own."""
    rows = live.conformed(spark, engine, Findings.dataset()).withColumn("noted_at", F.col("received_at"))
    return _told(rows, reference_of(), F.col("effect"), F.col("status_code"))


def _of_facts(spark: SparkSession, engine: Engine, register: str) -> DataFrame:
    """Held facts of a register, and effective ones with notes."""
    facts = live.dispositions(spark, engine, register).where(F.col("codes") != "")
    effect = F.when(F.col("disposition") == "held", F.lit("hold")).otherwise(F.lit("note"))
    named = facts.withColumns({"noted_at": F.col("recorded_at"), "register_name": F.lit(register)})
    return _told(named, F.col("fact_id"), effect)


def _refused_by_portal(spark: SparkSession, engine: Engine) -> list[DataFrame]:
    """A note for each dossier whose newest version the national portal refuses, if it refuses any."""
    refused = outbox.rejected(engine)
    if not refused:
        return []
    names = "submission_id string, object_no bigint, row_no bigint, codes string, noted_at timestamp"
    reasons = F.broadcast(spark.createDataFrame(refused, names))
    rows = live.conformed(spark, engine, Dossiers.dataset()).join(reasons, list(PLACE))
    return [_told(rows, reference_of(), F.lit("note"))]


def _of_documents(spark: SparkSession, engine: Engine) -> DataFrame:
    """Statuses of documents that do not count; a document's id stands for a dossier's code."""
    named = {"noted_at": F.col("received_at"), "dossier_code": F.col("document_id")}
    held = documents.held(spark, engine).withColumns({**named, "procedure_code": F.lit(None).cast("string")})
    return _told(held, reference_of(), F.lit("hold"))


def _told(rows: DataFrame, reference: Column, effect: Column, status: Column | None = None) -> DataFrame:
    """Rows in the one form of ``COLUMNS``."""
    written = {
        "reference": reference,
        "effect": effect,
        "procedure_code": F.when(F.col("procedure_code").isin(*BY_CODE), F.col("procedure_code")),
        "status_code": F.lit(None).cast("string") if status is None else status,
    }
    return rows.select(*[written.get(name, F.col(name)).alias(name) for name in COLUMNS])


def _require_feed(settings: Settings, feed: str) -> None:
    """A feed whose source file is gone keeps its findings."""
    if feed not in {one.feed_id for one in submissions.listed(ops.engine(settings))}:
        model.one(settings, feed)


def _is(wanted: Wanted) -> Column:
    stated = {
        "province_code": wanted.province,
        "feed_id": wanted.feed,
        "register_name": wanted.register,
        "effect": wanted.effect,
    }
    conditions = [F.col(name) == value for name, value in stated.items() if value is not None]
    if wanted.code is not None:
        conditions.append(F.array_contains(F.split("codes", ","), wanted.code))
    if wanted.references:
        conditions.append(F.col("reference").isin(*wanted.references))
    return reduce(lambda a, b: a & b, conditions, F.lit(True))
