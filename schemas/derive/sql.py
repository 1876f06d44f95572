"""The registers' databases: SQLAlchemy tables derived from contracts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache, reduce
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, BIT, JSONB

from schemas.contract import Contract, DomainType, Effect, Kind, Register
from schemas.contract import predicate as p
from schemas.facts import VERSION
from schemas.registry import folded
from schemas.zone import ZONE

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "pk": "pk_%(table_name)s",
}
_UPPER = "pg_unicode_fast"
"""Collation whose upper case is Unicode's in full, as in Spark and Python, whatever the database's own is."""
_LAKE_ONLY = ("operation", "batch_id", "recorded_from")
HISTORY_TECHNICAL = tuple(column for column in VERSION if column.name not in _LAKE_ONLY)
"""Technical columns that history has in common with the lake's log."""


def sql_type(domain: DomainType) -> sa.types.TypeEngine[Any]:
    """Column type of a domain; text carries no length, its CHECK does."""
    types: Mapping[Kind, sa.types.TypeEngine[Any]] = {
        Kind.TEXT: sa.Text(),
        Kind.INTEGER: sa.BigInteger(),
        Kind.DECIMAL: sa.Numeric(18, domain.scale),
        Kind.DATE: sa.Date(),
        Kind.INSTANT: sa.DateTime(timezone=True),
        Kind.BOOLEAN: sa.Boolean(),
    }
    return types[domain.kind]


@cache
def metadata(register: Register) -> sa.MetaData:
    """Every table of a register's database: current, history and loads."""
    return tables_of(folded(register))


def tables_of(contracts: Iterable[type[Contract]]) -> sa.MetaData:
    """Current and history of each dataset, and the loads, in one catalogue."""
    tables = sa.MetaData(naming_convention=NAMING)
    for contract in contracts:
        _history(contract, tables)
        _current(contract, tables)
    sa.Table(
        "_loads",
        tables,
        sa.Column("batch_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("counts", JSONB, nullable=False),
        comment="One row per merge batch, written with its data in one transaction.",
    )
    return tables


def _history(contract: type[Contract], tables: sa.MetaData) -> sa.Table:
    noun = contract.info.noun
    return sa.Table(
        f"{noun}_history",
        tables,
        *_technical(),
        *_payload(contract),
        sa.Column("recorded_from", sa.DateTime(timezone=True), nullable=False, comment="Known to us from."),
        sa.Column("recorded_to", sa.DateTime(timezone=True), comment="Known to us until, exclusive."),
        sa.Column("batch_id", sa.BigInteger, nullable=False, comment="Merge batch that asserted it."),
        *_constraints(contract),
        sa.CheckConstraint("valid_to is null or valid_to >= valid_from", name="valid_period"),
        sa.CheckConstraint("recorded_to is null or recorded_to > recorded_from", name="recorded_period"),
        sa.Index(None, "entity_id"),
        sa.Index(None, "aggregate_key"),
        sa.Index(
            f"uq_{noun}_history_open",
            "version_digest",
            unique=True,
            postgresql_where=sa.text("recorded_to is null"),
        ),
        comment=f"{contract.info.title_en}: every version ever asserted. {contract.info.title_vi}.",
        info={"dataset": contract.dataset("curated")},
    )


def _current(contract: type[Contract], tables: sa.MetaData) -> sa.Table:
    technical = [column for column in _technical() if column.name != "valid_to"]
    return sa.Table(
        contract.info.noun,
        tables,
        *technical,
        *_payload(contract),
        sa.PrimaryKeyConstraint("entity_id", "row_key"),
        *_constraints(contract),
        sa.Index(None, "aggregate_key"),
        comment=f"{contract.info.title_en}: what holds now. {contract.info.title_vi}.",
        info={"dataset": contract.dataset("curated")},
    )


def _technical() -> list[sa.Column[object]]:
    return [
        sa.Column(
            column.name,
            sql_type(column.domain),
            nullable=column.nullable,
            comment=column.description,
        )
        for column in HISTORY_TECHNICAL
    ]


def _payload(contract: type[Contract]) -> list[sa.Column[object]]:
    key = contract.key.names[: contract.key.aggregate]
    return [
        sa.Column(
            field.name,
            sql_type(field.domain),
            nullable=not field.required or field.name in key,
            comment=field.description,
            info={"privacy": field.privacy.name},
        )
        for field in contract.fields
    ]


def _constraints(contract: type[Contract]) -> list[sa.CheckConstraint]:
    """CHECKs of types and rules: the alarm behind conform's filter."""
    found = [
        sa.CheckConstraint(condition, name=f"{field.name}_{name}")
        for field in contract.fields
        for name, condition in _domain_conditions(field.name, field.domain)
    ]
    found += [
        sa.CheckConstraint(
            compile_predicate(rule.predicate, sa.column), name=rule.code.lower().replace("-", "_")
        )
        for rule in contract.rules
        if rule.effect is Effect.QUARANTINE
    ]
    return found


def checks(contract: type[Contract]) -> list[tuple[str, sa.ColumnElement[bool]]]:
    """Every check of a contract in the order of ``spark.checks``: code, and true where a row breaks it."""
    found: list[tuple[str, sa.ColumnElement[bool]]] = []
    for field in contract.fields:
        if field.required:
            found.append((f"{field.name}:required", sa.column(field.name).is_(None)))
        found += [
            (f"{field.name}:{name}", _violated(condition))
            for name, condition in _domain_conditions(field.name, field.domain)
        ]
    found += [(rule.code, _violated(compile_predicate(rule.predicate, sa.column))) for rule in contract.rules]
    return found


def _violated(holds: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    return sa.func.coalesce(sa.not_(holds.self_group()), sa.false())


def _domain_conditions(name: str, domain: DomainType) -> Iterator[tuple[str, sa.ColumnElement[bool]]]:
    value: sa.ColumnElement[Any] = sa.column(name, sql_type(domain))
    if domain.pattern is not None:
        yield "pattern", _matches(value, domain.pattern)
    if domain.values is not None:
        yield "values", value.in_([_literal(one) for one in domain.values])
    if domain.max_length is not None and domain.kind is Kind.TEXT:
        yield "length", sa.func.char_length(value) <= _literal(domain.max_length)
    limits = []
    if domain.minimum is not None:
        limits.append(value >= _bound(domain, domain.minimum))
    if domain.maximum is not None:
        limits.append(value <= _bound(domain, domain.maximum))
    if limits:
        yield "range", reduce(sa.and_, limits)


def _bound(domain: DomainType, bound: int | str) -> sa.ColumnElement[object]:
    text = f"date '{bound}'" if domain.kind is Kind.DATE else str(bound)
    return sa.literal_column(text)


def _matches(value: sa.ColumnElement[Any], pattern: str) -> sa.ColumnElement[bool]:
    return value.bool_op("~")(_literal(f"^(?:{pattern})$"))


def compile_predicate(
    node: p.Predicate, column: Callable[[str], sa.ColumnElement[object]]
) -> sa.ColumnElement[bool]:
    """A predicate as a condition for PostgreSQL."""
    match node:
        case p.Compare(operator, left, right):
            return _value(left, column).bool_op("<>" if operator == "!=" else operator)(_value(right, column))
        case p.IsNull(of):
            return _value(of, column).is_(None)
        case p.IsIn(of, values):
            return _value(of, column).in_([_literal(value) for value in values])
        case p.Matches(of, pattern):
            return _matches(_value(of, column), pattern)
        case p.Not(of):
            return sa.not_(compile_predicate(of, column))
        case p.And(left, right):
            return sa.and_(compile_predicate(left, column), compile_predicate(right, column))
        case p.Or(left, right):
            return sa.or_(compile_predicate(left, column), compile_predicate(right, column))
    raise TypeError(f"not a predicate: {node!r}")


def _literal(value: str | int) -> sa.ColumnElement[object]:
    return sa.literal_column(str(value) if isinstance(value, int) else "'" + value.replace("'", "''") + "'")


def _value(node: p.Expression, column: Callable[[str], sa.ColumnElement[object]]) -> sa.ColumnElement[object]:
    match node:
        case p.Const(constant):
            return _literal(constant)
        case p.Column():
            return column(node.name)
        case p.Call(function, arguments):
            return _FUNCTIONS[function](*[_value(argument, column) for argument in arguments])
    raise TypeError(f"not an expression: {node!r}")


def _to_integer(text: sa.ColumnElement[object]) -> sa.ColumnElement[object]:
    return sa.case((_matches(text, "[0-9]{1,18}"), sa.cast(text, sa.BigInteger)), else_=sa.null())


_FUNCTIONS: dict[str, Callable[..., sa.ColumnElement[Any]]] = {
    "substring": sa.func.substr,
    "to_integer": _to_integer,
    "year": lambda day: sa.cast(sa.extract("year", day), sa.BigInteger),
    "length": sa.func.char_length,
    "upper": lambda text: sa.func.upper(sa.collate(text, _UPPER)),
    "add": lambda a, b: a.op("+")(b).self_group(),
    "multiply": lambda a, b: a.op("*")(b).self_group(),
    "modulo": sa.func.mod,
    "date_of": lambda instant: sa.cast(sa.func.timezone(sa.literal_column(f"'{ZONE}'"), instant), sa.Date),
}


def among(column: sa.ColumnElement[str], texts: Collection[str]) -> sa.ColumnElement[bool]:
    """Whether a column has one of some texts, however many: they are one parameter, ``IN`` has one for each.

    A statement of PostgreSQL has no more than 65 535 parameters.
    """
    return column == sa.any_(sa.literal(list(texts), ARRAY(sa.Text)))


def row_digest(rows: sa.FromClause, columns: Sequence[tuple[str, Kind]]) -> sa.ColumnElement[str]:
    """SHA-256 of a row's canonical bytes (``schemas.derive.python``), in hexadecimal."""
    parts = [_canonical(name, rows.c[name], kind) for name, kind in sorted(columns)]
    whole = reduce(lambda a, b: a.concat(b), parts)
    return sa.func.encode(sa.func.sha256(sa.func.convert_to(whole, "UTF8")), "hex")


def _canonical(name: str, value: sa.ColumnElement[object], kind: Kind) -> sa.ColumnElement[str]:
    match kind:
        case Kind.BOOLEAN:
            text: sa.ColumnElement[str] = sa.case((value, "t"), else_="f")
        case Kind.INSTANT:
            told = sa.func.to_char(sa.func.timezone("UTC", value), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
            text = _of_our_era(value, told)
        case Kind.DATE:
            text = _of_our_era(value, sa.func.to_char(value, "YYYY-MM-DD"))
        case _:
            text = sa.cast(value, sa.Text)
    size = sa.cast(sa.func.octet_length(text), sa.Text)
    whole = sa.literal(f"{name}:").concat(size).concat(":").concat(text).concat(";")
    return sa.case((value.is_(None), ""), else_=whole)


def _of_our_era(value: sa.ColumnElement[object], told: sa.ColumnElement[str]) -> sa.ColumnElement[str]:
    """A day's or instant's text; PostgreSQL's own where a year before Christ or infinity would look alike."""
    begins: sa.ColumnElement[object] = sa.literal_column("'0001-01-01'::date")
    return sa.case((sa.and_(sa.func.isfinite(value), value >= begins), told), else_=sa.cast(value, sa.Text))


def digest_sums(digest: sa.ColumnElement[str]) -> list[sa.ColumnElement[object]]:
    """The four sums that ``python.combine`` makes the digest of a set of."""
    words = [sa.func.substr(digest, 8 * place + 1, 8) for place in range(4)]
    return [
        sa.func.sum(sa.cast(sa.cast(sa.literal("x").concat(word), BIT(32)), sa.BigInteger)) for word in words
    ]
