"""What every reason code means, in Vietnamese and English: the rules' own words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from schemas import gate, holds, portal, states
from schemas.contract import StateRule
from schemas.registry import CONTRACTS

CHECKS: Mapping[str, tuple[str, str]] = {
    "parse": ("Không đọc được giá trị", "The value cannot be read"),
    "required": ("Thiếu giá trị bắt buộc", "A required value is missing"),
    "pattern": ("Sai định dạng", "The form of the value is wrong"),
    "values": ("Không có trong danh mục", "The value is in no code list"),
    "length": ("Giá trị quá dài", "The value is too long"),
    "range": ("Giá trị ngoài khoảng cho phép", "The value is out of range"),
}
"""Checks that follow from a column's type and presence."""


@dataclass(frozen=True, slots=True)
class Message:
    """A reason code with its words."""

    code: str
    vi: str
    en: str
    effect: str
    """quarantine, hold or note."""


@cache
def message(code: str) -> Message:
    """The words of a code: a rule's own, or those of a check ``dataset.column:check``.

    >>> message("POP-003").en
    'The birth year contradicts the id.'
    >>> message("persons.birth_date:parse").en
    'The value cannot be read: birth_date of persons.'

    Raises:
        KeyError: No rule or check has that code.
    """
    place, colon, check = code.partition(":")
    if not colon:
        return rules()[code]
    dataset, _, column = place.rpartition(".")
    vi, en = CHECKS[check]
    where = f"{column} of {dataset}" if dataset else column
    return Message(code, f"{vi}: {place}.", f"{en}: {where}.", "quarantine")


@cache
def rules() -> Mapping[str, Message]:
    """Every rule's words by its code: of rows, states, merges, the gate, and the portal's refusals."""
    of_rows = [Message(r.code, r.vi, r.en, r.effect.value) for c in CONTRACTS for r in c.rules]
    stated = [value for module in (gate, holds, portal, states) for value in vars(module).values()]
    of_states = [Message(r.code, r.vi, r.en, r.effect.value) for r in stated if isinstance(r, StateRule)]
    return {one.code: one for one in (*of_rows, *of_states)}
