"""Spark, PostgreSQL and plain Python give the same digests on generated rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date
from decimal import Decimal

import pyarrow as pa
import pytest
import sqlalchemy as sa
from hypothesis import Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pyspark.sql import functions as F

from jobs import ops, session
from jobs.lake import evidence
from jobs.ledger import landing
from jobs.settings import Settings
from schemas.contract import Contract, DomainType, Kind
from schemas.derive import arrow, python, spark, sql, strategy
from schemas.registry import FOLDED

pytestmark = pytest.mark.usefixtures("compiled")
EVERY_KIND = (
    DomainType("text", Kind.TEXT, "Any text."),
    DomainType("integer", Kind.INTEGER, "A number."),
    DomainType("whole", Kind.DECIMAL, "A decimal without a fraction.", scale=0),
    DomainType("fraction", Kind.DECIMAL, "A decimal with one.", scale=2),
    DomainType("day", Kind.DATE, "A date."),
    DomainType("instant", Kind.INSTANT, "An instant."),
    DomainType("flag", Kind.BOOLEAN, "A flag."),
)
VALUES = {
    Kind.TEXT: st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=12),
    Kind.INTEGER: st.integers(-(2**63), 2**63 - 1),
    Kind.DATE: st.dates(date.min, date.max),
    Kind.INSTANT: st.datetimes(timezones=st.just(UTC)),
    Kind.BOOLEAN: st.booleans(),
}
Row = tuple[object, ...]


def values_of(domain: DomainType) -> st.SearchStrategy[object]:
    if domain.kind is Kind.DECIMAL:
        limit = Decimal(10) ** (18 - domain.scale) - 1
        return st.none() | st.decimals(-limit, limit, places=domain.scale, allow_nan=False)
    return st.none() | VALUES[domain.kind]


def generated(rows: st.SearchStrategy[Row], number: int) -> list[Row]:
    """The same rows in every run."""
    found: list[Row] = []

    @hypothesis_settings(max_examples=number, database=None, derandomize=True, phases=[Phase.generate])
    @given(rows)
    def gather(row: Row) -> None:
        found.append(row)

    gather()
    return found


def by_python(domains: Sequence[DomainType], rows: Sequence[Row]) -> list[str]:
    return [
        python.row_digest(
            (f"c{place}", domain.kind, domain.scale, value)
            for place, (domain, value) in enumerate(zip(domains, row, strict=True))
        )
        for row in rows
    ]


def by_spark(settings: Settings, domains: Sequence[DomainType], rows: Sequence[Row]) -> tuple[list[str], str]:
    """Digests row by row, and the digest of the set."""
    schema = pa.schema([(f"c{place}", arrow.arrow_type(domain)) for place, domain in enumerate(domains)])
    columns = [pa.array([row[place] for row in rows], field.type) for place, field in enumerate(schema)]
    table = pa.Table.from_arrays(columns, schema=schema).append_column(
        "place", pa.array(range(len(rows)), pa.int64())
    )
    connected = session.connect(settings)
    digest = spark.row_digest([(f"c{place}", domain.kind) for place, domain in enumerate(domains)])
    frame = connected.createDataFrame(table).select("place", digest.alias("digest"))
    told = frame.orderBy("place").toArrow().column("digest").to_pylist()
    sums = frame.agg(*spark.digest_sums(F.col("digest"))).collect()[0]
    return told, python.combine(list(sums))


def by_postgres(
    settings: Settings, domains: Sequence[DomainType], rows: Sequence[Row]
) -> tuple[list[str], str]:
    columns = [sa.Column(f"c{place}", sql.sql_type(domain)) for place, domain in enumerate(domains)]
    place = sa.Column("place", sa.Integer)
    table = sa.Table("digested", sa.MetaData(), place, *columns, prefixes=["TEMPORARY"])
    digest = sql.row_digest(table, [(f"c{place}", domain.kind) for place, domain in enumerate(domains)])
    with ops.engine(settings).connect() as connection:
        table.create(connection)
        values = [
            {"place": number, **{f"c{i}": value for i, value in enumerate(row)}}
            for number, row in enumerate(rows)
        ]
        connection.execute(table.insert(), values)
        told = list(connection.scalars(sa.select(digest).order_by(table.c.place)))
        sums = connection.execute(sa.select(*sql.digest_sums(digest))).one()
        connection.rollback()
    return told, python.combine([int(one) for one in sums])


def agree(settings: Settings, domains: Sequence[DomainType], rows: Sequence[Row]) -> None:
    own = by_python(domains, rows)
    whole = python.digest_of(own)
    assert by_spark(settings, domains, rows) == (own, whole)
    assert by_postgres(settings, domains, rows) == (own, whole)
    assert len(set(own)) == len(set(rows))


def test_every_kind_of_value(settings: Settings) -> None:
    rows = generated(st.tuples(*[values_of(domain) for domain in EVERY_KIND]), 300)
    agree(settings, EVERY_KIND, rows)


@pytest.mark.parametrize("contract", FOLDED, ids=lambda contract: contract.table())
def test_rows_of_a_contract(settings: Settings, contract: type[Contract]) -> None:
    domains = [field.domain for field in contract.fields]
    valid = strategy.valid_rows(contract).map(lambda row: tuple(row[name] for name in contract.names()))
    agree(settings, domains, generated(valid, 10))


def test_the_digest_of_nothing_is_the_same(settings: Settings) -> None:
    empty = session.connect(settings).createDataFrame([], "digest string")
    sums = empty.agg(*spark.digest_sums(F.col("digest"))).collect()[0]
    assert python.combine(list(sums)) == python.digest_of([]) == "0" * 32


def test_a_column_without_a_value_changes_no_digest(settings: Settings) -> None:
    """Rows written before a column was added keep the digests that the ledger has of them."""
    before = EVERY_KIND[:2]
    rows: list[Row] = [("a", 1), ("c1:1:1;", None), (None, None)]
    old = by_python(before, rows)
    after = EVERY_KIND[:3]
    wide = [(*row, None) for row in rows]
    agree(settings, after, wide)
    assert by_python(after, wide) == old


def test_a_digest_of_a_set_is_a_sum_and_not_an_exclusive_or() -> None:
    one = python.row_digest([("name", Kind.TEXT, 0, "a")])
    assert python.digest_of([one, one]) != python.digest_of([])
    assert python.digest_of(["f" * 64, "0" * 31 + "1" + "0" * 32]) == "0" * 32


def test_contents_at_their_places(settings: Settings) -> None:
    """The digest that landing gives a row is the one that Spark gives it in core."""
    frame = session.connect(settings).createDataFrame(
        [(3, 14, "ab" * 32)], "object_no bigint, row_no bigint, content_digest string"
    )
    place = F.concat_ws("/", "object_no", "row_no", "content_digest")
    assert frame.select(F.sha2(place, 256)).collect()[0][0] == landing.placed(3, 14, "ab" * 32)


def test_versions_are_digested_without_what_is_not_content() -> None:
    names = {name for name, _ in evidence.digest_columns(FOLDED[0])}
    assert not names & {"batch_id", "operation", "version_digest", "recorded_from"}
