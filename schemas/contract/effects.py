"""Effects of procedures, as data: what an approved dossier does to the registers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from schemas.contract.contract import Contract, Register


class Verb(StrEnum):
    """What a fact does to a golden row."""

    BEGIN = "begin"
    CHANGE = "change"
    END = "end"
    SPLIT = "split"
    MERGE = "merge"
    CORRECT = "correct"
    RETRACT = "retract"
    CONFIRM = "confirm"
    """An answer of the register's owner about values that it repeats; it changes none of them."""


class Role(StrEnum):
    """Side of a split or merge that an item stands on."""

    SELF = "self"
    FROM = "from"
    TO = "to"


class Precondition(StrEnum):
    """What the state must satisfy at a fact's own place; the codes are in ``schemas.holds``."""

    HOLDS_SHARE = "holds_share"
    """The row that ends is live with the share that the fact names; a part of it is not enough to say."""
    SHARES_SUM_TO_ONE = "shares_sum_to_one"
    """After the dossier's facts of this aggregate the live shares sum to one."""


@dataclass(frozen=True, slots=True)
class EffectOf:
    """One effect: for each item of a group of the form, one fact on a dataset."""

    dataset: type[Contract]
    verb: Verb
    group: str
    """Group of the canonical form: ``persons``, ``rights_from`` …"""
    valid_from: str | None = None
    """Canonical attribute of the item with the valid date; the decision where absent or None."""
    role: Role = Role.SELF
    required: bool = True
    """Whether an effective dossier must have at least one item."""
    constants: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Attributes that the procedure itself sets."""
    attributes: tuple[str, ...] = ()
    """Attributes that a change or correction may carry; all of the dataset's when empty. Of a confirmation
    those that it sets: whatever else it carries is what was asked."""
    preconditions: tuple[Precondition, ...] = ()


@dataclass(frozen=True, slots=True)
class Procedure:
    """A catalogued procedure; it names one register even when it changes nothing."""

    code: str
    register: Register
    form: str | None
    title_vi: str
    title_en: str
    field_code: str
    effects: tuple[EffectOf, ...] = ()
    is_baseline: bool = False
    """Only dialects that are a baseline send it, and they send no other."""
    is_verification: bool = False
    """An answer to a question of ours: nobody applies for it, and it counts in no statistics."""
