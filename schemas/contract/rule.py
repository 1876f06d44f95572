"""Rules: permanent code, predicate, messages for the sender, effect, examples."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from schemas.contract.predicate import Predicate

CODE = re.compile(r"[A-Z]{3,4}-[0-9]{3}")
Row = Mapping[str, object]


class Effect(StrEnum):
    """What a violation does."""

    QUARANTINE = "quarantine"
    """The dossier version is kept aside with all its reasons."""
    HOLD = "hold"
    """The facts wait in merge until the state allows them."""
    NOTE = "note"
    """Reported to the sender; nothing is stopped."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A record rule: the predicate states what a good row satisfies."""

    code: str
    predicate: Predicate
    vi: str
    en: str
    effect: Effect = Effect.QUARANTINE
    passes: tuple[Row, ...] = ()
    """Values, by column, to lay over the sample row so that the rule holds."""
    fails: tuple[Row, ...] = ()
    """Values to lay over the sample row so that this rule alone is violated."""

    def __post_init__(self) -> None:
        _check_code(self.code, self.vi, self.en)
        if not self.passes or not self.fails:
            raise ValueError(f"rule {self.code}: give examples that pass and that fail")


@dataclass(frozen=True, slots=True)
class StateRule:
    """A rule that code checks against a state (order of versions, golden rows, a whole batch)."""

    code: str
    vi: str
    en: str
    effect: Effect

    def __post_init__(self) -> None:
        _check_code(self.code, self.vi, self.en)


def _check_code(code: str, vi: str, en: str) -> None:
    if CODE.fullmatch(code) is None:
        raise ValueError(f"rule code {code!r}: three or four capitals, a hyphen, three digits")
    if not vi or not en:
        raise ValueError(f"rule {code}: a message is missing")
