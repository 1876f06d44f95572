"""Which of two assertions of an attribute wins (architecture §6.6)."""

from __future__ import annotations

from collections.abc import Mapping

from jobs.identity.model import Fact, Segment, Values
from jobs.identity.shape import DatasetShape
from schemas.contract import Survivorship

_RANK = {"instant": 3, "day": 2, "month": 1, "year": 0}


def merged(
    shape: DatasetShape, values: Values, live: Segment, fact: Fact, decided: Mapping[int, int]
) -> list[int]:
    """The row that wins each attribute once a second assertion of a live row is heard.

    An absent value never wins; where both say the same the first keeps it. A date and its
    precision go together.

    Args:
        shape: The dataset.
        values: Payload by row number.
        live: The golden row as it stands.
        fact: The second assertion.
        decided: Decision instant by row number.
    """
    rows = list(live.rows)
    for place, rule in enumerate(shape.survivorship):
        said, holder = values.code(fact.dataset, place, fact.row), rows[place]
        if said < 0:
            continue
        if holder < 0:
            rows[place] = fact.row
        elif values.code(fact.dataset, place, holder) != said:
            later = fact.decided_at >= decided[holder]
            if rule is Survivorship.PRECISE:
                column = shape.precision_of[place]
                precision = place if column is None else column
                later = _more_precise(values, fact, precision, holder, later=later)
            if later is not (rule is Survivorship.FIRST):
                rows[place] = fact.row
    return rows


def _more_precise(values: Values, fact: Fact, place: int, holder: int, *, later: bool) -> bool:
    old = _RANK.get(str(values.value(fact.dataset, place, holder)), 2)
    new = _RANK.get(str(values.value(fact.dataset, place, fact.row)), 2)
    return later if old == new else new > old
