"""Kinds of faults that are put into what a system sends, each marked before anybody reads it."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from infra.sandbox import spoil
from infra.sandbox.spoil import Item


@dataclass(frozen=True, slots=True)
class Mark:
    """How a register shows that a row holds what was said and not what is true."""

    noun: str
    column: str
    value: str | None
    hides: tuple[str, ...] = ()
    """Columns of such a row that need not be true."""


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
    codes: tuple[str, ...] = ()
    """Reason codes one of which a finding on the record must have; none where it is to be repaired."""
    marks: tuple[Mark, ...] = ()
    """What shows the fault in a register that keeps the row as it was said."""
    in_baseline: bool = True
    """Whether register extracts have it."""
    may: tuple[str, ...] = ()
    """Codes that a finding on the record may have where the system tells no number of a version, by which
    what is repaired is known: the last good state stays."""


def _repairable(
    name: str,
    weight: int,
    inject: Callable[[Item, random.Random], bool] | None = None,
    *,
    codes: tuple[str, ...] = (),
    may: tuple[str, ...] = (),
    in_baseline: bool = True,
) -> Kind:
    return Kind(name, weight, True, True, inject, codes, in_baseline=in_baseline, may=may)


def _seen(
    name: str,
    weight: int,
    inject: Callable[[Item, random.Random], bool] | None,
    *codes: str,
    marks: tuple[Mark, ...] = (),
    in_baseline: bool = True,
) -> Kind:
    return Kind(name, weight, True, False, inject, codes, marks, in_baseline)


def _unseen(name: str, weight: int, inject: Callable[[Item, random.Random], bool]) -> Kind:
    return Kind(name, weight, False, False, inject)


_OLD_CARD = (
    Mark("rights", "holder_id_kind", "old_id", hides=("holder_id_kind", "holder_id")),
    Mark("representatives", "id_kind", "old_id", hides=("id_kind", "id_number")),
)
_KEYLESS = (Mark("persons", "personal_id", None, hides=("personal_id",)),)
_IDS = ("persons.personal_id:pattern", "residences.personal_id:pattern", "QSD-003", "REP-001")
_DATES = (
    *("persons.birth_date:parse", "persons.death_date:parse", "residences.from_date:parse"),
    *("certificates.issue_date:parse", "businesses.founded_date:parse", "businesses.from_date:parse"),
)
_MISSING = (
    *("residences.residence_kind:required", "parcels.parcel_id:required"),
    *("certificates.parcel_id:required", "certificates.serial:required", "rights.parcel_id:required"),
    *("rights.holder_id:required", "businesses.tax_code:required", "activities.tax_code:required"),
    *("activities.vsic_code:required", "representatives.tax_code:required"),
    "representatives.id_number:required",
)
KINDS = (
    _repairable("resend", 30, in_baseline=False),
    _repairable("stale_version", 10, may=("DOS-903",), in_baseline=False),
    _repairable("status_backwards", 6, codes=("DOS-903",), in_baseline=False),
    _repairable("status_corrected", 6, in_baseline=False),
    _repairable("nfd_text", 14, spoil.decomposed),
    _repairable("spaces", 10, spoil.spaced),
    _repairable("former_commune", 10, spoil.former_commune),
    _repairable("procedure_suffix", 6, spoil.procedure_suffix, in_baseline=False),
    _repairable("lone_item", 4, spoil.lone_item, in_baseline=False),
    _repairable("decimal_point", 3, spoil.decimal_point),
    _repairable("serial_form", 3, spoil.serial_form),
    _seen("divided_commune", 4, spoil.divided_commune, "DOS-905"),
    _seen("contradicting_id", 4, spoil.contradicting_id, "POP-003"),
    _seen("lost_zero", 4, spoil.lost_zero, *_IDS),
    _seen("old_card", 2, spoil.old_card, "LND-901", "MRG-902", marks=_OLD_CARD),
    _seen("no_id", 2, spoil.no_id, "MRG-901", "MRG-904", marks=_KEYLESS),
    _seen("tcvn3_text", 3, spoil.tcvn3, "persons.full_name:pattern"),
    _seen("swapped_fields", 3, spoil.swapped, *_IDS),
    _seen("impossible_date", 3, spoil.impossible_date, *_DATES),
    _seen("excel_date", 2, spoil.excel_date, *_DATES),
    _seen("year_only", 4, spoil.year_only, marks=(Mark("persons", "birth_precision", "year"),)),
    _seen("missing_group", 3, spoil.missing_group, "DOS-904", in_baseline=False),
    _seen("missing_field", 4, spoil.missing_field, *_MISSING),
    _seen("placeholder_id", 4, spoil.placeholder_id, "DOS-013", "DOS-015", in_baseline=False),
    _seen("placeholder_name", 2, spoil.placeholder_name, "POP-014", "QSD-008", "BUS-004", "REP-005"),
    _seen("wrong_check_digit", 2, spoil.wrong_check_digit, "BUS-001", "ACT-003", "REP-006"),
    _seen("status_text", 2, None, "dossiers.status:values", "dossiers.status:parse", in_baseline=False),
    _seen("unmapped_status", 2, None, "dossiers.status:values", "dossiers.status:parse", in_baseline=False),
    _seen("unknown_procedure", 2, spoil.unknown_procedure, "DOS-902", in_baseline=False),
    _unseen("name_typo", 2, spoil.name_typo),
    _unseen("day_month", 2, spoil.day_month),
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
