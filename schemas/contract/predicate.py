"""Predicates over columns: a small tree that Spark, SQL and Python compile alike.

Three-valued logic as in SQL: a predicate over NULL is unknown, and unknown passes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

FUNCTIONS = frozenset(
    {
        "substring",
        "to_integer",
        "year",
        "length",
        "add",
        "multiply",
        "modulo",
        "upper",
        "date_of",
    }
)


class Predicate:
    """A condition; combine with ``&``, ``|`` and ``~``."""

    __slots__ = ()

    def __and__(self, other: Predicate) -> And:
        return And(self, other)

    def __or__(self, other: Predicate) -> Or:
        return Or(self, other)

    def __invert__(self) -> Not:
        return Not(self)

    def implies(self, other: Predicate) -> Or:
        """The condition that holds unless this one holds and the other does not."""
        return Or(Not(self), other)


class Expression:
    """A value computed from a row; comparisons make predicates of it."""

    __slots__ = ()

    def __lt__(self, other: Operand) -> Compare:
        return Compare("<", self, operand(other))

    def __le__(self, other: Operand) -> Compare:
        return Compare("<=", self, operand(other))

    def __gt__(self, other: Operand) -> Compare:
        return Compare(">", self, operand(other))

    def __ge__(self, other: Operand) -> Compare:
        return Compare(">=", self, operand(other))

    def equals(self, other: Operand) -> Compare:
        """Equal; a method, since overloading ``==`` would break hashing and ``in``."""
        return Compare("=", self, operand(other))

    def differs(self, other: Operand) -> Compare:
        """Not equal."""
        return Compare("!=", self, operand(other))

    def is_null(self) -> IsNull:
        """Absent."""
        return IsNull(self)

    def is_present(self) -> Not:
        """Not absent."""
        return Not(IsNull(self))

    def is_in(self, *values: str | int) -> IsIn:
        """One of the listed values."""
        return IsIn(self, values)

    def matches(self, pattern: str) -> Matches:
        """The whole text matches the unanchored pattern body."""
        return Matches(self, pattern)

    def substring(self, start: int, length: int) -> Call:
        """Characters from ``start`` (counted from 1)."""
        return Call("substring", (self, Const(start), Const(length)))

    def to_integer(self) -> Call:
        """The number that decimal digits write; NULL when the text is anything else."""
        return Call("to_integer", (self,))

    def year(self) -> Call:
        """Calendar year of a date."""
        return Call("year", (self,))

    def length(self) -> Call:
        """Number of characters."""
        return Call("length", (self,))

    def upper(self) -> Call:
        """Upper-case text."""
        return Call("upper", (self,))

    def date_of(self) -> Call:
        """Date of an instant in Viet Nam (UTC+7, no daylight saving)."""
        return Call("date_of", (self,))

    def plus(self, other: Operand) -> Call:
        """Sum of whole numbers."""
        return Call("add", (self, operand(other)))

    def times(self, other: Operand) -> Call:
        """Product of whole numbers."""
        return Call("multiply", (self, operand(other)))

    def modulo(self, other: Operand) -> Call:
        """Remainder of whole, non-negative numbers."""
        return Call("modulo", (self, operand(other)))


class Column(Expression):
    """The value of a column; it learns its name from the contract."""

    __slots__ = ("name",)
    name: str


@dataclass(frozen=True, slots=True)
class Const(Expression):
    """A literal."""

    value: str | int


@dataclass(frozen=True, slots=True)
class Call(Expression):
    """One of the closed set of functions."""

    function: str
    arguments: tuple[Expression, ...]

    def __post_init__(self) -> None:
        if self.function not in FUNCTIONS:
            raise ValueError(f"unknown function {self.function}")


@dataclass(frozen=True, slots=True)
class Compare(Predicate):
    """A comparison; ``operator`` is one of ``< <= > >= = !=``."""

    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class IsNull(Predicate):
    """Absent; never unknown itself."""

    of: Expression


@dataclass(frozen=True, slots=True)
class IsIn(Predicate):
    """Member of a list."""

    of: Expression
    values: tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Matches(Predicate):
    """Whole-text match."""

    of: Expression
    pattern: str


@dataclass(frozen=True, slots=True)
class And(Predicate):
    """Both hold."""

    left: Predicate
    right: Predicate


@dataclass(frozen=True, slots=True)
class Or(Predicate):
    """At least one holds."""

    left: Predicate
    right: Predicate


@dataclass(frozen=True, slots=True)
class Not(Predicate):
    """The opposite; unknown stays unknown."""

    of: Predicate


Operand: TypeAlias = Expression | str | int


def operand(value: Operand) -> Expression:
    """The value as an expression; a field stands for its column, whose name it learns later."""
    return value if isinstance(value, Expression) else Const(value)


def columns(node: Predicate | Expression) -> Iterator[Column]:
    """Columns that a tree reads, with repetitions."""
    match node:
        case Const():
            return
        case Column():
            yield node
        case Call(_, arguments):
            for argument in arguments:
                yield from columns(argument)
        case Compare(_, left, right) | And(left, right) | Or(left, right):
            yield from columns(left)
            yield from columns(right)
        case IsNull(of) | IsIn(of, _) | Matches(of, _) | Not(of):
            yield from columns(of)
        case _:
            raise TypeError(f"not a predicate or expression: {node!r}")
