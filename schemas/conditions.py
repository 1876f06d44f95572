"""Conditions that several contracts share: identifiers with their cross-checks, placeholders."""

from __future__ import annotations

from schemas import reference
from schemas.contract import Effect, Rule
from schemas.contract.predicate import Expression, Predicate
from schemas.contract.rule import Row

_TAX_WEIGHTS = (31, 29, 23, 19, 17, 13, 7, 5, 3)
"""Weights of the check digit of a tax code (TT 86/2024/TT-BTC; python-stdnum vn.mst)."""
_NO_OLD_ID = (*(digit * 9 for digit in "0123456789"), "000000001")
"""Repeated digits, and what one export service sends for a missing number."""
_NO_TEXT = (
    ".",
    "-",
    "--",
    "...",
    "0",
    "X",
    "XX",
    "XXX",
    "KHÔNG",
    "KHÔNG CÓ",
    "KHÔNG RÕ",
    "CHƯA CÓ",
    "CHƯA RÕ",
)
_NO_NAME = (*_NO_TEXT, "TEST", "ABC", "NGUYỄN VĂN A", "CÔNG DÂN")


def province_prefix(identifier: Expression) -> Predicate:
    """The first three digits of a personal id are a province of birth registration (NĐ 137/2015 Đ13)."""
    return identifier.substring(1, 3).is_in(*sorted(reference.personal_id_prefixes()))


def personal_id_form(identifier: Expression) -> Predicate:
    """Twelve digits."""
    return identifier.matches("[0-9]{12}")


def old_id_form(identifier: Expression) -> Predicate:
    """Nine digits of the former identity card that are no placeholder."""
    return identifier.matches("[0-9]{9}") & ~identifier.is_in(*_NO_OLD_ID)


def is_male(identifier: Expression) -> Predicate:
    """The fourth digit of a personal id is even for men."""
    return identifier.substring(4, 1).is_in("0", "2")


def is_female(identifier: Expression) -> Predicate:
    """The fourth digit of a personal id is odd for women."""
    return identifier.substring(4, 1).is_in("1", "3")


def tax_check(code: Expression) -> Predicate:
    """The tenth digit of a tax code checks the first nine; a code of another form has no check."""
    terms: list[Expression] = [
        code.substring(place, 1).to_integer().times(weight) for place, weight in enumerate(_TAX_WEIGHTS, 1)
    ]
    while len(terms) > 1:
        pairs = [one.plus(two) for one, two in zip(terms[::2], terms[1::2], strict=False)]
        terms = [*pairs, *terms[2 * len(pairs) :]]
    total = terms[0]
    holds = total.modulo(11).plus(code.substring(10, 1).to_integer()).equals(10)
    return code.matches("[0-9]{10}(-[0-9]{3})?").implies(holds)


def no_placeholder(text: Expression) -> Predicate:
    """Not a word that stands for nothing."""
    return ~text.upper().is_in(*_NO_TEXT)


def real_name(name: Expression) -> Predicate:
    """Not a word that stands for no name."""
    return ~name.upper().is_in(*_NO_NAME)


def note(
    code: str,
    predicate: Predicate,
    vi: str,
    en: str,
    *,
    passes: tuple[Row, ...],
    fails: tuple[Row, ...],
) -> Rule:
    """A rule that is reported and stops nothing."""
    return Rule(code, predicate, vi, en, Effect.NOTE, passes, fails)
