"""Texts, instants, numbers: types of every domain."""

from __future__ import annotations

from schemas.contract import DomainType, Kind

EARLIEST, LATEST = "1800-01-01", "2200-12-31"
"""First and last day, in Viet Nam, of what a date or an instant may name. Every paper and appointment lies
within, and so no engine meets the end of its calendar: Python has the years 1 to 9999, in UTC too, where
the "no date" of many systems, 0001-01-01 in Viet Nam, is the year 0."""
Text = DomainType("text", Kind.TEXT, "Free text in NFC.", max_length=2000, samples=("Thôn 3",))
ShortText = DomainType(
    "short_text", Kind.TEXT, "Short free text in NFC.", max_length=200, samples=("Giám đốc",)
)
Code = DomainType(
    "code",
    Kind.TEXT,
    "Code as sent.",
    pattern=r"[0-9A-Za-zĐđ._/:\-]+",
    max_length=60,
    samples=("A1",),
)
Date = DomainType(
    "date",
    Kind.DATE,
    "Calendar date in Viet Nam.",
    minimum=EARLIEST,
    maximum=LATEST,
    samples=("1990-05-17", "2024-02-29"),
)
Precision = DomainType(
    "precision",
    Kind.TEXT,
    "Precision of a date: the rest of a partial date is its first day.",
    values=("day", "month", "year", "instant"),
    max_length=8,
    samples=("day",),
)
Instant = DomainType(
    "instant", Kind.INSTANT, "Instant in UTC, microseconds.", samples=("2026-11-02T01:15:00Z",)
)
"""Its day in Viet Nam is from ``EARLIEST`` to ``LATEST``; parsers read no other, so no check is derived."""
Flag = DomainType("flag", Kind.BOOLEAN, "Yes or no.", samples=("true", "false"))
Count = DomainType("count", Kind.INTEGER, "Number of things.", minimum=0, samples=("0", "12"))
