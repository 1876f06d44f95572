"""Working days of the one-stop counters, which is when rows can be expected."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from schemas.zone import HANOI

_HOLIDAYS = frozenset({(1, 1), (4, 30), (5, 1), (9, 1), (9, 2), (9, 3)})
"""Holidays of the solar calendar (Bộ luật Lao động 45/2019/QH14 Đ112), both neighbours of 2 September too."""
_LUNAR = frozenset(
    date(year, month, day)
    for year, month, days in (
        (2026, 2, range(14, 23)),
        (2026, 4, (26,)),
        (2027, 2, range(4, 13)),
        (2027, 4, (16,)),
    )
    for day in days
)
"""Tết and the day of the Hùng kings; a year that is missing here has none, so its quiet days are judged."""


def working_days(after: datetime, until: datetime) -> int:
    """Working days in Viet Nam after the day of one instant, up to and with the day of another.

    >>> from datetime import UTC
    >>> working_days(datetime(2026, 11, 6, 16, 30, tzinfo=UTC), datetime(2026, 11, 9, 16, 30, tzinfo=UTC))
    1
    """
    first, last = after.astimezone(HANOI).date(), until.astimezone(HANOI).date()
    return sum(_is_working(first + timedelta(days=n)) for n in range(1, (last - first).days + 1))


def _is_working(day: date) -> bool:
    return day.weekday() < 5 and (day.month, day.day) not in _HOLIDAYS and day not in _LUNAR
