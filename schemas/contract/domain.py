"""Domain types: what a value is, stated once and compiled to every target."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """Physical kinds that exist in every target (Spark, Arrow, Iceberg, SQL, Python)."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    DATE = "date"
    INSTANT = "instant"
    BOOLEAN = "boolean"


@dataclass(frozen=True, slots=True)
class DomainType:
    r"""A named set of values with the rule that decides membership.

    Patterns are unanchored bodies in the subset that Java, Python and PostgreSQL read alike
    (``[0-9]``, never ``\d``); every compiler anchors them itself.
    """

    name: str
    kind: Kind
    description: str
    pattern: str | None = None
    values: tuple[str, ...] | None = None
    max_length: int | None = None
    minimum: int | str | None = None
    """Smallest value allowed; ISO text for dates."""
    maximum: int | str | None = None
    scale: int = 0
    """Decimal places; only for DECIMAL, which has 18 digits in all."""
    unit: str | None = None
    source: str | None = None
    """Law, standard or catalogue that the rule comes from."""
    samples: tuple[str, ...] = ()
    """Valid values as text, used for sample rows and strategies."""

    def __post_init__(self) -> None:
        if not self.description:
            raise ValueError(f"domain type {self.name}: a description is missing")
        if self.pattern is not None and self.kind is not Kind.TEXT:
            raise ValueError(f"domain type {self.name}: only text has a pattern")
        if self.pattern is not None and ("\\d" in self.pattern or self.pattern.startswith("^")):
            raise ValueError(f"domain type {self.name}: use [0-9] and leave the anchors out")
