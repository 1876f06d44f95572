"""Contracts on Spark: schemas, checks as column expressions, digests."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import reduce

from pyspark.sql import Column
from pyspark.sql import functions as F
from pyspark.sql import types as T

from schemas.contract import Contract, DomainType, Effect, Field, Kind
from schemas.contract import predicate as p
from schemas.derive import codes
from schemas.facts import Column as Technical
from schemas.zone import ZONE

_TYPES: dict[Kind, T.DataType] = {
    Kind.TEXT: T.StringType(),
    Kind.INTEGER: T.LongType(),
    Kind.DATE: T.DateType(),
    Kind.INSTANT: T.TimestampType(),
    Kind.BOOLEAN: T.BooleanType(),
}
_PRECISION = 18


def spark_type(domain: DomainType) -> T.DataType:
    """Spark type of a domain; decimals have 18 digits."""
    return T.DecimalType(_PRECISION, domain.scale) if domain.kind is Kind.DECIMAL else _TYPES[domain.kind]


def schema(contract: type[Contract]) -> T.StructType:
    """Columns of a contract in order, all nullable as frames are; comment and privacy in the metadata."""
    return T.StructType(
        [
            T.StructField(
                field.name,
                spark_type(field.domain),
                metadata={"comment": field.description, "privacy": field.privacy.name},
            )
            for field in contract.fields
        ]
    )


def technical(columns: Iterable[Technical]) -> T.StructType:
    """Technical columns as a schema."""
    return T.StructType(
        [T.StructField(c.name, spark_type(c.domain), metadata={"comment": c.description}) for c in columns]
    )


@dataclass(frozen=True, slots=True)
class Check:
    """One check: ``violated`` is true where a row breaks it, and never NULL."""

    code: str
    violated: Column
    effect: Effect


def checks(contract: type[Contract], column: Callable[[str], Column] = F.col) -> list[Check]:
    """Every check of a contract: those of its types and presence, then its rules."""
    found = [check for field in contract.fields for check in _field_checks(field, column(field.name))]
    found += [
        Check(rule.code, _violated(compile_predicate(rule.predicate, column)), rule.effect)
        for rule in contract.rules
    ]
    return found


def violations(found: Iterable[Check], noun: str | None = None) -> Column:
    """Codes of the violated checks in order, joined by commas; empty where there is none.

    Args:
        found: The checks; one expression however many there are.
        noun: The dataset's, to name the codes of types and presence after it; a rule's code is its own.
    """
    return codes.where((check.violated, named(check.code, noun)) for check in found)


def named(code: str, noun: str | None) -> str:
    """A code of a type or of presence under its dataset's noun."""
    return f"{noun}.{code}" if noun and ":" in code else code


def _violated(holds: Column) -> Column:
    return F.coalesce(~holds, F.lit(False))


def _field_checks(field: Field, value: Column) -> list[Check]:
    found = domain_checks(field.name, field.domain, value)
    if field.required:
        found.insert(0, Check(f"{field.name}:required", value.isNull(), Effect.QUARANTINE))
    return found


def domain_checks(name: str, domain: DomainType, value: Column) -> list[Check]:
    """The checks of a value's type, under the name of its column; NULL breaks none."""
    found = []

    def add(check: str, holds: Column) -> None:
        found.append(Check(f"{name}:{check}", _violated(holds), Effect.QUARANTINE))

    if domain.pattern is not None:
        add("pattern", value.rlike(anchored(domain.pattern)))
    if domain.values is not None:
        add("values", value.isin(*domain.values))
    if domain.max_length is not None and domain.kind is Kind.TEXT:
        add("length", F.length(value) <= domain.max_length)
    bounds = [
        value >= F.lit(domain.minimum).cast(spark_type(domain)) if domain.minimum is not None else None,
        value <= F.lit(domain.maximum).cast(spark_type(domain)) if domain.maximum is not None else None,
    ]
    if limits := [bound for bound in bounds if bound is not None]:
        add("range", reduce(lambda a, b: a & b, limits))
    return found


def anchored(pattern: str) -> str:
    """The pattern for a whole text; ``$`` would accept a trailing newline."""
    return rf"\A(?:{pattern})\z"


def compile_predicate(node: p.Predicate, column: Callable[[str], Column] = F.col) -> Column:
    """A predicate as a column expression."""
    match node:
        case p.Compare(operator, left, right):
            return _COMPARISONS[operator](_value(left, column), _value(right, column))
        case p.IsNull(of):
            return _value(of, column).isNull()
        case p.IsIn(of, values):
            return _value(of, column).isin(*values)
        case p.Matches(of, pattern):
            return _value(of, column).rlike(anchored(pattern))
        case p.Not(of):
            return ~compile_predicate(of, column)
        case p.And(left, right):
            return compile_predicate(left, column) & compile_predicate(right, column)
        case p.Or(left, right):
            return compile_predicate(left, column) | compile_predicate(right, column)
    raise TypeError(f"not a predicate: {node!r}")


_COMPARISONS: dict[str, Callable[[Column, Column], Column]] = {
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def _value(node: p.Expression, column: Callable[[str], Column]) -> Column:
    match node:
        case p.Const(constant):
            return F.lit(constant)
        case p.Column():
            return column(node.name)
        case p.Call(function, arguments):
            return _FUNCTIONS[function](*[_value(argument, column) for argument in arguments])
    raise TypeError(f"not an expression: {node!r}")


def _to_integer(text: Column) -> Column:
    return F.when(text.rlike(anchored("[0-9]{1,18}")), text).try_cast("bigint")


_FUNCTIONS: dict[str, Callable[..., Column]] = {
    "substring": lambda text, start, length: text.substr(start, length),
    "to_integer": _to_integer,
    "year": F.year,
    "length": F.length,
    "upper": F.upper,
    "add": lambda a, b: a + b,
    "multiply": lambda a, b: a * b,
    "modulo": lambda a, b: a % b,
    "date_of": lambda instant: F.to_date(F.from_utc_timestamp(instant, ZONE)),
}


def row_digest(columns: Sequence[tuple[str, Kind]]) -> Column:
    """SHA-256 of a row's canonical bytes (``schemas.derive.python``), in hexadecimal."""
    return F.sha2(F.concat_ws("", *[_canonical(name, kind) for name, kind in sorted(columns)]), 256)


def _canonical(name: str, kind: Kind) -> Column:
    """A column's part of the canonical bytes; NULL, which leaves it out, where the value is."""
    value = F.col(name)
    match kind:
        case Kind.BOOLEAN:
            text = F.when(value, F.lit("t")).when(~value, F.lit("f"))
        case Kind.INSTANT:
            text = F.date_format(value, "yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'")
        case _:
            text = value.cast("string")
    length = F.octet_length(text).cast("string")
    return F.concat(F.lit(f"{name}:"), length, F.lit(":"), text, F.lit(";"))


def digest_sums(digest: Column) -> list[Column]:
    """The four sums that ``python.combine`` makes the digest of a set of."""
    return [
        F.sum(F.conv(F.substring(digest, 8 * place + 1, 8), 16, 10).cast("bigint")).alias(f"digest_{place}")
        for place in range(4)
    ]
