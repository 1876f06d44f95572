"""What the fold must know of a register, derived from its contracts and procedures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from schemas.contract import Contract, Effect, Register, Rule, Survivorship, predicate
from schemas.contract.effects import EffectOf, Verb
from schemas.procedures import PROCEDURES, effects_on
from schemas.registry import folded


@dataclass(frozen=True, slots=True)
class DatasetShape:
    """One dataset of a register as the fold sees it."""

    noun: str
    contract: type[Contract]
    is_root: bool
    attributes: tuple[str, ...]
    """Columns apart from the aggregate's key, in contract order."""
    survivorship: tuple[Survivorship, ...]
    precision_of: tuple[int | None, ...]
    """Per attribute, the place of its precision column."""
    old_of: tuple[str | None, ...]
    """Per attribute, its ``old_`` column where it is correctable."""
    dated_by: int | None
    """Attribute whose date is the row's valid_from, so that correcting it moves the row."""
    joint_rules: tuple[tuple[Rule, tuple[int, ...]], ...]
    """Quarantine rules over several attributes, with the places of these."""

    def place(self, attribute: str) -> int | None:
        """Place of an attribute, None where the dataset lacks it."""
        return self.attributes.index(attribute) if attribute in self.attributes else None


@dataclass(frozen=True, slots=True)
class RegisterShape:
    """A register: its datasets, the root first, and the effects that its facts come from."""

    register: Register
    datasets: tuple[DatasetShape, ...]
    effects: dict[tuple[str, int], EffectOf]
    """(procedure code, effect number) → effect."""

    def index(self, noun: str) -> int:
        """Place of a dataset by its noun."""
        return [dataset.noun for dataset in self.datasets].index(noun)


@cache
def shape_of(register: Register) -> RegisterShape:
    """The shape of a register."""
    contracts = folded(register)
    effects = {
        (procedure.code, ordinal): effect
        for procedure in PROCEDURES
        if procedure.register is register
        for ordinal, effect in enumerate(procedure.effects)
    }
    return RegisterShape(
        register,
        tuple(_dataset(contract, is_root=contract is contracts[0]) for contract in contracts),
        effects,
    )


def _dataset(contract: type[Contract], *, is_root: bool) -> DatasetShape:
    fields = [
        field for field in contract.fields if field.name not in contract.key.names[: contract.key.aggregate]
    ]
    names = tuple(field.name for field in fields)
    dates = sorted(
        effect.valid_from
        for _, _, effect in effects_on(contract)
        if effect.verb is Verb.BEGIN and effect.valid_from in names
    )
    return DatasetShape(
        noun=contract.info.noun,
        contract=contract,
        is_root=is_root,
        attributes=names,
        survivorship=tuple(field.survivorship for field in fields),
        precision_of=tuple(names.index(field.precision) if field.precision else None for field in fields),
        old_of=tuple(f"old_{field.name}" if field.correctable else None for field in fields),
        dated_by=names.index(dates[0]) if dates else None,
        joint_rules=tuple(_joint_rules(contract, names)),
    )


def _joint_rules(contract: type[Contract], names: tuple[str, ...]) -> Iterator[tuple[Rule, tuple[int, ...]]]:
    for rule in contract.rules:
        read = {column.name for column in predicate.columns(rule.predicate)}
        places = tuple(place for place, name in enumerate(names) if name in read)
        if rule.effect is Effect.QUARANTINE and len(places) > 1:
            yield rule, places
