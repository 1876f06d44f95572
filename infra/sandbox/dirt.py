"""Kinds of faults that are put into what a system sends, each marked before anybody reads it."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from infra.sandbox import spoil
from infra.sandbox.spoil import Item


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of fault."""

    name: str
    weight: int
    detectable: bool
    """Whether the data themselves show that something is wrong."""
    repairable: bool
    """Whether the true state follows from the data without a guess."""
    inject: Callable[[Item, random.Random], bool] | None = None
    """Changes an item; false where the item gives no occasion. None for faults of delivery."""
    in_baseline: bool = True
    """Whether register extracts have it."""


def _repairable(
    name: str,
    weight: int,
    inject: Callable[[Item, random.Random], bool] | None = None,
    *,
    in_baseline: bool = True,
) -> Kind:
    return Kind(name, weight, True, True, inject, in_baseline)


def _seen(
    name: str,
    weight: int,
    inject: Callable[[Item, random.Random], bool] | None = None,
    *,
    in_baseline: bool = True,
) -> Kind:
    return Kind(name, weight, True, False, inject, in_baseline)


KINDS = (
    _repairable("resend", 30, in_baseline=False),
    _repairable("stale_version", 10, in_baseline=False),
    _repairable("status_backwards", 6, in_baseline=False),
    _repairable("nfd_text", 14, spoil.decomposed),
    _repairable("spaces", 10, spoil.spaced),
    _repairable("former_commune", 10, spoil.former_commune),
    _repairable("procedure_suffix", 6, spoil.procedure_suffix, in_baseline=False),
    _repairable("lone_item", 4, spoil.lone_item, in_baseline=False),
    _repairable("decimal_point", 3, spoil.decimal_point),
    _repairable("serial_form", 3, spoil.serial_form),
    _seen("divided_commune", 4, spoil.divided_commune),
    _seen("contradicting_id", 4, spoil.contradicting_id),
    _seen("lost_zero", 4, spoil.lost_zero),
    _seen("old_card", 2, spoil.old_card),
    _seen("no_id", 2, spoil.no_id),
    _seen("tcvn3_text", 3, spoil.tcvn3),
    _seen("swapped_fields", 3, spoil.swapped),
    _seen("impossible_date", 3, spoil.impossible_date),
    _seen("excel_date", 2, spoil.excel_date),
    _seen("year_only", 4, spoil.year_only),
    _seen("missing_group", 3, spoil.missing_group, in_baseline=False),
    _seen("missing_field", 4, spoil.missing_field),
    _seen("placeholder_id", 4, spoil.placeholder_id, in_baseline=False),
    _seen("placeholder_name", 2, spoil.placeholder_name),
    _seen("wrong_check_digit", 2, spoil.wrong_check_digit),
    _seen("status_text", 2, in_baseline=False),
    _seen("unknown_procedure", 2, spoil.unknown_procedure, in_baseline=False),
    Kind("name_typo", 2, detectable=False, repairable=False, inject=spoil.name_typo),
    Kind("day_month", 2, detectable=False, repairable=False, inject=spoil.day_month),
)
BY_NAME = {kind.name: kind for kind in KINDS}
PROFILES = {"clean": 0.0, "typical": 0.08, "filthy": 0.3}
"""Share of dossiers that get a fault."""
_BASELINE = tuple(kind for kind in KINDS if kind.in_baseline)
BASELINE_SHARE = 0.3
"""Register extracts have this part of the dossiers' share of faults."""


def draw(rng: random.Random, profile: str, *, baseline: bool) -> Kind | None:
    """The fault that a dossier or a baseline row gets; None for most."""
    share = PROFILES[profile] * (BASELINE_SHARE if baseline else 1)
    if rng.random() >= share:
        return None
    kinds = _BASELINE if baseline else KINDS
    return rng.choices(kinds, [kind.weight for kind in kinds])[0]
