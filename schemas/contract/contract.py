"""The contract of a dataset: the one place that states its columns, key and rules."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
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


NAME = re.compile("[a-z][a-z0-9_]*")
VERSION = re.compile("[0-9]+[.][0-9]+")
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


class _Body(dict[str, object]):
    """A class body that refuses a second column of one name, where Python would forget the first."""

    def __setitem__(self, name: str, value: object) -> None:
        if isinstance(self.get(name), Field):
            raise TypeError(f"column {name} is declared twice")
        super().__setitem__(name, value)


class _Checked(type):
    @classmethod
    def __prepare__(cls, _name: str, _bases: tuple[type, ...], /, **_: object) -> _Body:
        return _Body()


_NEEDED = {"info": "info", "key": "a key", "__doc__": "a docstring with the grain", "fields": "a column"}


class Contract(metaclass=_Checked):
    """Base of all contracts; a subclass is checked when it is defined.

    Columns that several contracts share stand in a base of their own, and come first.
    """

    info: ClassVar[About]
    key: ClassVar[Key]
    rules: ClassVar[tuple[Rule, ...]] = ()
    example: ClassVar[Mapping[str, str | None]] = MappingProxyType({})
    """Values, by column, in which the sample row differs from the samples of the domain types."""
    fields: ClassVar[tuple[Field, ...]] = ()

    def __init_subclass__(cls) -> None:
        stated = vars(cls)
        told = [item for base in reversed(cls.__mro__) for item in vars(base).items()]
        columns = [(name, value) for name, value in told if isinstance(value, Field)]
        cls.fields = tuple(value for _, value in columns)
        times = Counter(name for name, _ in columns)
        if again := sorted(name for name, number in times.items() if number > 1):
            raise TypeError(f"contract {cls.__name__}: {', '.join(again)} is declared in a base too")
        faults = [f"{what} is missing" for name, what in _NEEDED.items() if not stated.get(name)]
        faults = faults or list(_faults(cls))
        if faults:
            raise TypeError(f"contract {cls.__name__}: {'; '.join(faults)}")

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


def _faults(contract: type[Contract]) -> Iterator[str]:
    """What is wrong with a contract that has an info, a key and columns."""
    names = set(contract.names())
    if any(field not in contract.fields for field in contract.key.fields):
        yield "the key names a column of another contract"
    yield from _faults_of_names(contract)
    for rule in contract.rules:
        if any(column not in contract.fields for column in columns(rule.predicate)):
            yield f"rule {rule.code} reads a column of another contract"
    for field in contract.fields:
        if field.precision is not None and field.precision not in names:
            yield f"column {field.name}: there is no precision column {field.precision}"
    if contract.info.release is Release.OPEN and contract.privacy() >= Privacy.PERSONAL:
        yield "an open dataset may not have a personal column"


def _faults_of_names(contract: type[Contract]) -> Iterator[str]:
    places = [id(field) for field in contract.fields]
    if len(set(places)) != len(places):
        yield "a column has two names"
    if len({rule.code for rule in contract.rules}) != len(contract.rules):
        yield "a rule code is used twice"
    if strange := [name for name in (contract.info.noun, *contract.names()) if NAME.fullmatch(name) is None]:
        yield f"{strange} are no names of tables or columns: lower case, digits, underscores"
    if VERSION.fullmatch(contract.info.version) is None:
        yield f"version {contract.info.version!r} is not written like 1.0"
    if strange := sorted(set(contract.example) - set(contract.names())):
        yield f"the example has unknown columns {strange}"
