"""The catalogue of reason codes: every code that conform, merge or the gate can give."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

from schemas import dialect as dialects
from schemas.contract import Contract
from schemas.dialect import COMPANIONS
from schemas.facts import old_columns
from schemas.messages import CHECKS, Message, message, rules
from schemas.registry import FOLDED, ROWS


@cache
def catalogue() -> Mapping[str, Message]:
    """Code → its words and effect: rules first, then the checks that follow from types and presence."""
    return {code: message(code) for code in (*rules(), *_checks())}


def _checks() -> Iterator[str]:
    """``dataset.column:check`` for everything that a dialect may send, and ``form.group:parse``."""
    groups = {group for name in dialects.names() for group in dialects.load(name).groups}
    for group in sorted(groups):
        yield f"form.{group}:parse"
    checked: tuple[type[Contract], ...] = (*ROWS, *FOLDED)
    for contract in checked:
        for column in _columns(contract):
            for check in CHECKS:
                yield f"{contract.info.noun}.{column}:{check}"


def _columns(contract: type[Contract]) -> tuple[str, ...]:
    companions = () if contract in ROWS else COMPANIONS
    return (*contract.names(), *old_columns(contract), *companions)
