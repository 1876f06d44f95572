"""What the line itself shows: records that it stopped with their codes, and golden values by their source."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from pyspark.sql import functions as F

from jobs import ops, session
from jobs.identity.results import winners
from jobs.identity.shape import DatasetShape, shape_of
from jobs.lake import live
from jobs.registry import databases
from jobs.settings import Settings
from jobs.sources import model
from schemas.contract import REGISTERS, Register
from schemas.core.dossiers import Dossiers
from schemas.core.findings import Findings
from schemas.derive import codes, sql
from tests.support.truth import COMPARED, State, golden_row


@dataclass(frozen=True, slots=True)
class Said:
    """Values of a golden row that come from one dossier or baseline record."""

    dossier_code: str
    register: str
    noun: str
    aggregate_key: str | None
    """Key of the aggregate that the record named; None where it named none."""
    row_key: str
    values: Mapping[str, Any]
    row: State
    """The whole golden row."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Findings, values and what was landed."""

    landed: Mapping[str, str]
    """Codes of all landed records, with the dialect that they were told in."""
    stopped: Mapping[str, frozenset[str]]
    """Reason codes of each record that is quarantined or held."""
    said: list[Said]


def gathered(settings: Settings) -> Evidence:
    """The evidence of a line as it stands."""
    stopped: dict[str, set[str]] = defaultdict(set)
    said: list[Said] = []
    spark, engine = session.connect(settings), ops.engine(settings)
    findings = live.conformed(spark, engine, Findings.dataset()).where(F.col("effect") == "quarantine")
    for row in findings.select("dossier_code", "codes").toArrow().to_pylist():
        stopped[row["dossier_code"]].update(row["codes"].split(codes.SEPARATOR))
    for register in REGISTERS:
        facts = live.dispositions(spark, engine, register.value)
        names = ("fact_id", "dossier_code", "aggregate_key", "disposition", "codes")
        rows = {row["fact_id"]: row for row in facts.select(*names).toArrow().to_pylist()}
        for row in rows.values():
            if row["disposition"] == "held":
                stopped[row["dossier_code"]].update(row["codes"].split(codes.SEPARATOR))
        said += _said(settings, register, rows)
    return Evidence(_landed(settings), {code: frozenset(found) for code, found in stopped.items()}, said)


def _landed(settings: Settings) -> dict[str, str]:
    rows = live.conformed(session.connect(settings), ops.engine(settings), Dossiers.dataset())
    found = rows.where(F.col("dossier_code").isNotNull()).select("dossier_code", "feed_id").distinct()
    spoken = {name: feed.dialect for name, feed in model.load(settings).items()}
    return {row["dossier_code"]: spoken[row["feed_id"]] for row in found.toArrow().to_pylist()}


def _said(settings: Settings, register: Register, facts: Mapping[str, Mapping[str, Any]]) -> Iterator[Said]:
    """Golden values of what truth states, by the fact that asserts them."""
    known = sql.metadata(register)
    with databases.engine(settings, register).connect() as connection:
        for shape in shape_of(register).datasets:
            if shape.noun in COMPARED:
                for row in connection.execute(sa.select(known.tables[shape.noun])).mappings():
                    yield from _by_record(register, shape, row, facts)


def _by_record(
    register: Register, shape: DatasetShape, row: Mapping[str, Any], facts: Mapping[str, Mapping[str, Any]]
) -> Iterator[Said]:
    golden = golden_row(shape.noun, row)
    chosen = winners(row["sources"], shape.attributes)
    by_fact: dict[str, dict[str, Any]] = defaultdict(dict)
    for name, value in golden.items():
        fact_id = row["begun_by"] if name == "since" else chosen.get(name)
        if fact_id is not None:
            by_fact[fact_id][name] = value
    for fact_id, values in by_fact.items():
        fact = facts[fact_id]
        key = fact["aggregate_key"]
        named = None if key.startswith("!") else key
        yield Said(fact["dossier_code"], register.value, shape.noun, named, row["row_key"], values, golden)
