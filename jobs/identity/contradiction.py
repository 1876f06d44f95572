"""When two records with one key cannot be one person (architecture §6.1)."""

from __future__ import annotations

import unicodedata
from calendar import monthrange
from collections.abc import Iterator
from datetime import date

from jobs.identity.model import Fact, Segment, Values
from jobs.identity.shape import DatasetShape
from schemas import holds

_WIDTH = {"day": 2, "instant": 2, "month": 1, "year": 0}


def contradictions(
    shape: DatasetShape, dataset: int, values: Values, state: Segment, fact: Fact
) -> tuple[str, ...]:
    """Codes of what contradicts between a live root row and a fact that claims to be about it.

    Absent values contradict nothing. A correction is compared by its form's old values.
    """
    if shape.noun != "persons":
        return ()

    def pair(attribute: str) -> tuple[object, object]:
        place = shape.attributes.index(attribute)
        known = values.value(dataset, place, state.rows[place]) if state.rows[place] >= 0 else None
        read = values.old_value if fact.verb == "correct" and shape.old_of[place] else values.value
        return known, read(dataset, place, fact.row)

    return tuple(
        _codes(pair("full_name"), pair("birth_date"), pair("birth_precision"), pair("sex"), fact.verb)
    )


def _codes(
    names: tuple[object, object],
    births: tuple[object, object],
    precisions: tuple[object, object],
    sexes: tuple[object, object],
    verb: str,
) -> Iterator[str]:
    if _both(names) and not _share_a_name(str(names[0]), str(names[1])):
        yield holds.CONTRADICTION_NAME.code
    if _both(births):
        known, said = births
        exact = verb == "correct"
        if not _compatible(known, str(precisions[0]), said, "year" if exact else str(precisions[1])):
            yield holds.CONTRADICTION_BIRTH.code
    if _both(sexes) and sexes[0] != sexes[1]:
        yield holds.CONTRADICTION_SEX.code


def _both(pair: tuple[object, object]) -> bool:
    return pair[0] is not None and pair[1] is not None


def _compatible(left: object, left_precision: str, right: object, right_precision: str) -> bool:
    """Whether two partial dates can be one day."""
    if not isinstance(left, date) or not isinstance(right, date):
        return True
    first, second = _span(left, left_precision), _span(right, right_precision)
    return first[0] <= second[1] and second[0] <= first[1]


def _span(start: date, precision: str) -> tuple[date, date]:
    width = _WIDTH.get(precision, 2)
    if width == 0:
        return date(start.year, 1, 1), date(start.year, 12, 31)
    if width == 1:
        return date(start.year, start.month, 1), date(
            start.year, start.month, monthrange(start.year, start.month)[1]
        )
    return start, start


def _share_a_name(left: str, right: str) -> bool:
    """Whether two unaccented names share the family name (first word) or the given name (last)."""
    one, two = unaccented(left).split(), unaccented(right).split()
    return not one or not two or one[0] == two[0] or one[-1] == two[-1]


def unaccented(text: str) -> str:
    """Lower-case text without tone and vowel marks; đ becomes d.

    >>> unaccented("Nguyễn Văn Đường")
    'nguyen van duong'
    """
    plain = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return plain.casefold().replace("đ", "d")
