"""Spark, PostgreSQL and plain Python name the same broken checks, in the same order, on the same rows."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings

from jobs import ops, session
from jobs.settings import Settings
from schemas.contract import Contract
from schemas.derive import arrow, python, sample, spark, sql, strategy
from schemas.registry import CONTRACTS

pytestmark = pytest.mark.usefixtures("compiled")
Row = dict[str, object]
GENERATED = 25


def generated(contract: type[Contract]) -> list[Row]:
    """The same rows in every run: for each valid one, one with dirt."""
    rows: list[Row] = []

    @hypothesis_settings(
        max_examples=GENERATED,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy.valid_rows(contract), strategy.dirty_rows(contract))
    def gather(clean: Row, dirty: Row) -> None:
        assert python.violations(contract, clean) == []
        rows.extend((clean, dirty))

    gather()
    return rows


def examples(contract: type[Contract]) -> Iterator[tuple[Row, list[str]]]:
    """Rows whose verdict the contract itself states."""
    yield sample.valid(contract), []
    for rule in contract.rules:
        yield from ((row, []) for row in sample.passing(contract, rule))
        yield from ((row, [rule.code]) for row in sample.failing(contract, rule))


def table_of(contract: type[Contract], rows: list[Row]) -> pa.Table:
    schema = pa.schema([field.with_nullable(True) for field in arrow.schema(contract)])
    return pa.Table.from_pylist(rows, schema).append_column("place", pa.array(range(len(rows)), pa.int64()))


def by_spark(settings: Settings, contract: type[Contract], rows: list[Row]) -> list[list[str]]:
    frame = session.connect(settings).createDataFrame(table_of(contract, rows))
    told = frame.select("place", spark.violations(spark.checks(contract)).alias("codes")).toArrow()
    found = [codes for _, codes in sorted(zip(*told.to_pydict().values(), strict=True))]
    return [codes.split(",") if codes else [] for codes in found]


def by_postgres(settings: Settings, contract: type[Contract], rows: list[Row]) -> list[list[str]]:
    columns = [sa.Column(field.name, sql.sql_type(field.domain)) for field in contract.fields]
    table = sa.Table(
        "checked", sa.MetaData(), sa.Column("place", sa.Integer), *columns, prefixes=["TEMPORARY"]
    )
    broken = [sa.case((condition, code)) for code, condition in sql.checks(contract)]
    select = sa.select(*broken).select_from(table).order_by(table.c.place)
    with ops.engine(settings).connect() as connection:
        table.create(connection)
        connection.execute(table.insert(), [{"place": place, **row} for place, row in enumerate(rows)])
        found = connection.execute(select).all()
        connection.rollback()
    return [[code for code in row if code is not None] for row in found]


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.dataset())
def test_the_engines_agree(settings: Settings, contract: type[Contract]) -> None:
    stated = list(examples(contract))
    rows = [row for row, _ in stated] + generated(contract)
    expected = [python.violations(contract, row) for row in rows]
    assert expected[: len(stated)] == [codes for _, codes in stated]
    assert any(expected[len(stated) :]), "the generated rows break nothing"
    for engine in (by_postgres, by_spark):
        told = engine(settings, contract, rows)
        differing = [(row, a, b) for row, a, b in zip(rows, expected, told, strict=True) if a != b]
        assert differing == [], f"{engine.__name__}: {len(differing)} of {len(rows)} rows"
