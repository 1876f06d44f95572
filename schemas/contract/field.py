"""A column of a contract."""

from __future__ import annotations

from enum import IntEnum, StrEnum

from schemas.contract.domain import DomainType
from schemas.contract.predicate import Column


class Privacy(IntEnum):
    """How much a column says about a person; a dataset has the highest of its columns.

    Classes follow Luật Bảo vệ dữ liệu cá nhân 91/2025/QH15: basic personal data (PERSONAL,
    and IDENTIFIER where it names the person alone) and sensitive personal data.
    """

    PUBLIC = 0
    INTERNAL = 1
    PERSONAL = 2
    IDENTIFIER = 3
    SENSITIVE = 4


class Survivorship(StrEnum):
    """Which of two assertions of one attribute wins. An absent value never wins."""

    LATEST = "latest"
    """The later decision."""
    FIRST = "first"
    """The earlier decision: values that a later record repeats from memory."""
    PRECISE = "precise"
    """The more precise date; among equals the later decision. Needs ``precision``."""


class Field(Column):
    """One column: its domain type, meaning, presence and privacy class."""

    __slots__ = (
        "correctable",
        "description",
        "domain",
        "precision",
        "privacy",
        "required",
        "survivorship",
    )

    def __init__(
        self,
        domain: DomainType,
        description: str,
        *,
        privacy: Privacy,
        required: bool = False,
        survivorship: Survivorship = Survivorship.LATEST,
        correctable: bool = False,
        precision: str | None = None,
    ) -> None:
        """Declares a column.

        Args:
            domain: What its values are.
            description: Meaning, in one sentence for the data dictionary.
            privacy: Its privacy class.
            required: Whether an accepted row must have it.
            survivorship: Which assertion of it wins.
            correctable: Whether a correction of it carries the old value (``old_<name>``).
            precision: Name of the column that holds the precision of this date.
        """
        if not description:
            raise ValueError("a column needs a description")
        self.domain = domain
        self.description = description
        self.privacy = privacy
        self.required = required
        self.survivorship = survivorship
        self.correctable = correctable
        self.precision = precision
        self.name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"Field({self.name}: {self.domain.name})"
