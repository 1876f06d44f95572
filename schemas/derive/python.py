"""Contracts in plain Python: the oracle of the other compilers, and the digest's definition.

Canonical bytes of a row: for each column that has a value, by name, the name, a colon, the byte
length of the value's text, a colon, the text, a semicolon. A column without a value adds nothing,
so that a new column leaves the digests of the rows before it as they were. A row's digest is
SHA-256 of them; the digest of a set is the sum of the first 128 bits of its rows' digests modulo
2^128, whatever their order.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal

from schemas.contract import Contract, Field, Kind
from schemas.contract import predicate as p
from schemas.zone import HANOI

Row = Mapping[str, object]
Truth = bool | None
_WORDS = 4


def evaluate(node: p.Predicate, row: Row) -> Truth:
    """Truth of a predicate on a row; None where it is unknown."""
    match node:
        case p.Compare(operator, left, right):
            return _compare(operator, value(left, row), value(right, row))
        case p.IsNull(of):
            return value(of, row) is None
        case p.IsIn(of, values):
            found = value(of, row)
            return None if found is None else found in values
        case p.Matches(of, pattern):
            found = value(of, row)
            return None if found is None else re.fullmatch(pattern, str(found)) is not None
        case p.Not(of):
            inner = evaluate(of, row)
            return None if inner is None else not inner
        case p.And(left, right):
            return _both(evaluate(left, row), evaluate(right, row), stops=False)
        case p.Or(left, right):
            return _both(evaluate(left, row), evaluate(right, row), stops=True)
    raise TypeError(f"not a predicate: {node!r}")


def _both(left: Truth, right: Truth, *, stops: bool) -> Truth:
    if left is stops or right is stops:
        return stops
    return None if left is None or right is None else not stops


_COMPARISONS: Mapping[str, Callable[[object, object], bool]] = {
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,  # type: ignore[operator]
    "<=": lambda a, b: a <= b,  # type: ignore[operator]
    ">": lambda a, b: a > b,  # type: ignore[operator]
    ">=": lambda a, b: a >= b,  # type: ignore[operator]
}


def _compare(operator: str, left: object, right: object) -> Truth:
    if left is None or right is None:
        return None
    if isinstance(left, date) and isinstance(right, str):
        right = date.fromisoformat(right)
    if isinstance(left, Decimal) and isinstance(right, str):
        right = Decimal(right)
    return _COMPARISONS[operator](left, right)


def value(node: p.Expression, row: Row) -> object:
    """Value of an expression on a row; None where absent or where an argument is."""
    match node:
        case p.Const(constant):
            return constant
        case p.Column():
            return row.get(node.name)
        case p.Call(function, arguments):
            values = [value(argument, row) for argument in arguments]
            return None if None in values else _FUNCTIONS[function](*values)
    raise TypeError(f"not an expression: {node!r}")


def _to_integer(text: object) -> int | None:
    return int(str(text)) if re.fullmatch("[0-9]{1,18}", str(text)) else None


def _date_of(instant: object) -> date:
    if not isinstance(instant, datetime):
        raise TypeError("date_of takes an instant")
    return instant.astimezone(HANOI).date()


_FUNCTIONS: Mapping[str, Callable[..., object]] = {
    "substring": lambda text, start, length: text[start - 1 : start - 1 + length],
    "to_integer": _to_integer,
    "year": lambda day: day.year,
    "length": len,
    "upper": str.upper,
    "add": lambda a, b: a + b,
    "multiply": lambda a, b: a * b,
    "modulo": lambda a, b: a % b,
    "date_of": _date_of,
}


def text_of(kind: Kind, found: object, scale: int = 0) -> str:
    """Canonical text of a value."""
    match kind, found:
        case Kind.BOOLEAN, _:
            return "t" if found else "f"
        case Kind.DECIMAL, Decimal():
            return f"{found or 0:.{scale}f}"
        case Kind.DATE, date():
            return found.isoformat()
        case Kind.INSTANT, datetime():
            return found.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
    return str(found)


def row_digest(values: Iterable[tuple[str, Kind, int, object]]) -> str:
    """SHA-256 of a row's canonical bytes, from (name, kind, scale, value) in any order."""
    parts = []
    for name, kind, scale, found in sorted(values, key=lambda one: one[0]):
        if found is not None:
            data = text_of(kind, found, scale).encode()
            parts.append(b"%b:%d:%b;" % (name.encode(), len(data), data))
    return hashlib.sha256(b"".join(parts)).hexdigest()


def words(digest: str) -> tuple[int, int, int, int]:
    """The first 128 bits of a digest as four 32-bit words."""
    one, two, three, four = (int(digest[8 * i : 8 * i + 8], 16) for i in range(_WORDS))
    return one, two, three, four


def combine(sums: Sequence[int | None]) -> str:
    """The digest of a set from the sums of its rows' words; 32 hexadecimal digits."""
    total = sum((int(word or 0)) << (32 * (_WORDS - 1 - place)) for place, word in enumerate(sums))
    return f"{total % (1 << 128):032x}"


def digest_of(digests: Iterable[str]) -> str:
    """The digest of a set of rows from their digests."""
    return f"{sum(int(digest[:32], 16) for digest in digests) % (1 << 128):032x}"


def digest_less(whole: str, part: str) -> str:
    """The digest of what remains of a set without some of its rows."""
    return f"{(int(whole, 16) - int(part, 16)) % (1 << 128):032x}"


def violations(contract: type[Contract], row: Row) -> list[str]:
    """Codes of the checks that a row breaks, in the order of ``spark.checks``."""
    broken = [rule.code for rule in contract.rules if evaluate(rule.predicate, row) is False]
    return domain_faults(contract, row) + broken


def domain_faults(contract: type[Contract], row: Row) -> list[str]:
    """Codes of the checks that a row's types and presence break, as the other compilers name them."""
    return [
        f"{field.name}:{name}" for field in contract.fields for name in _faults_of(field, row.get(field.name))
    ]


def _faults_of(field: Field, found: object) -> Iterator[str]:
    domain = field.domain
    if found is None:
        if field.required:
            yield "required"
        return
    if domain.pattern is not None and re.fullmatch(domain.pattern, str(found)) is None:
        yield "pattern"
    if domain.values is not None and found not in domain.values:
        yield "values"
    if domain.max_length is not None and isinstance(found, str) and len(found) > domain.max_length:
        yield "length"
    bounds = [("<", domain.minimum), (">", domain.maximum)]
    if any(bound is not None and _compare(operator, found, bound) for operator, bound in bounds):
        yield "range"
