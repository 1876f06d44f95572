"""The contract of a dataset: the one place that states its columns, key and rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import ClassVar

from schemas.contract.field import Field, Privacy
from schemas.contract.predicate import columns
from schemas.contract.rule import Rule


class Register(StrEnum):
    """Where a dataset belongs; NONE holds what no procedure claims."""

    POPULATION = "population"
    LAND = "land"
    BUSINESS = "business"
    NONE = "none"


REGISTERS = (Register.POPULATION, Register.LAND, Register.BUSINESS)


class Release(StrEnum):
    """Who may have a dataset."""

    INTERNAL = "internal"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class About:
    """What a dataset is, apart from its columns."""

    noun: str
    """Table noun in the plural: ``persons``."""
    title_vi: str
    title_en: str
    version: str
    owner: str
    legal_basis: str
    retention: str
    register: Register = Register.NONE
    aggregate: str | None = None
    """Aggregate whose facts these rows are; None for datasets that no merge folds."""
    layer: str = "core"
    release: Release = Release.INTERNAL


@dataclass(frozen=True, slots=True)
class Key:
    """Columns that name a row; the first ``aggregate`` of them name its aggregate."""

    fields: tuple[Field, ...]
    aggregate: int = 1

    @property
    def names(self) -> tuple[str, ...]:
        """Column names in order."""
        return tuple(field.name for field in self.fields)

    @property
    def row_names(self) -> tuple[str, ...]:
        """Columns that tell the rows of one aggregate apart; empty for its root."""
        return self.names[self.aggregate :]


class Contract:
    """Base of all contracts; a subclass is checked when it is defined."""

    info: ClassVar[About]
    key: ClassVar[Key]
    rules: ClassVar[tuple[Rule, ...]] = ()
    example: ClassVar[Mapping[str, str | None]] = MappingProxyType({})
    """Values, by column, in which the sample row differs from the samples of the domain types."""
    fields: ClassVar[tuple[Field, ...]] = ()

    def __init_subclass__(cls) -> None:
        cls.fields = tuple(value for value in vars(cls).values() if isinstance(value, Field))
        names = {field.name for field in cls.fields}
        where = f"contract {cls.__name__}"
        if not cls.fields or "info" not in vars(cls) or "key" not in vars(cls):
            raise TypeError(f"{where}: info, key and at least one column are needed")
        if not cls.__doc__:
            raise TypeError(f"{where}: a docstring with the grain is needed")
        if any(field not in cls.fields for field in cls.key.fields):
            raise TypeError(f"{where}: the key names a column of another contract")
        for rule in cls.rules:
            if strange := set(columns(rule.predicate)) - names:
                raise TypeError(f"{where}: rule {rule.code} reads unknown columns {sorted(strange)}")
        if len({rule.code for rule in cls.rules}) != len(cls.rules):
            raise TypeError(f"{where}: a rule code is used twice")
        if any(field.precision is not None and field.precision not in names for field in cls.fields):
            raise TypeError(f"{where}: a precision column is missing")
        if cls.info.release is Release.OPEN and cls.privacy() >= Privacy.PERSONAL:
            raise TypeError(f"{where}: an open dataset may not have a personal column")

    @classmethod
    def privacy(cls) -> Privacy:
        """Highest privacy class of the columns."""
        return max(field.privacy for field in cls.fields)

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """Column names in contract order."""
        return tuple(field.name for field in cls.fields)

    @classmethod
    def field(cls, name: str) -> Field:
        """The column of that name.

        Raises:
            KeyError: No such column.
        """
        for field in cls.fields:
            if field.name == name:
                return field
        raise KeyError(f"{cls.__name__} has no column {name}")

    @classmethod
    def table(cls) -> str:
        """``register_nouns``, or the noun alone where no register owns it."""
        register = cls.info.register
        return cls.info.noun if register is Register.NONE else f"{register}_{cls.info.noun}"

    @classmethod
    def dataset(cls, layer: str | None = None) -> str:
        """``layer.register_nouns``; the layer is the contract's own unless one is given."""
        return f"{layer or cls.info.layer}.{cls.table()}"
