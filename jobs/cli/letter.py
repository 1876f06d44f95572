"""A doctor's letter as lines for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def letter_of(letter: Mapping[str, Any]) -> list[str]:
    """The letter's lines: conclusion, advice, then the findings."""
    return [*_begun(letter), *_looked_at(letter), *_found(letter)]


def _begun(letter: Mapping[str, Any]) -> Iterator[str]:
    yield f"{letter['conclusion']}  ({letter['province']}; {letter['kind']}, dialect {letter['dialect']})"
    for number, text in enumerate(letter["advice"], 1):
        yield f"  {number}. {text}"
    if not letter["advice"]:
        yield "  Nothing is to be done."


def _looked_at(letter: Mapping[str, Any]) -> Iterator[str]:
    yield "  Looked at:"
    for step in letter["steps"]:
        mark = "ok  " if step["ok"] else "FAIL" if step["is_vital"] else "odd "
        yield f"    {mark} {step['step']:<11} {step['told']}"
    for name in ("newest_seen", "newest_landed", "last_success_at"):
        if letter[name] is not None:
            yield f"    {name.replace('_', ' ')}: {letter[name].isoformat(timespec='seconds')}"
    if letter["lag_hours"] is not None:
        yield f"    lag: {letter['lag_hours']} h behind the run's instant"


def _found(letter: Mapping[str, Any]) -> Iterator[str]:
    if letter["drift"]:
        yield "  Sent otherwise than before:"
    for entry in letter["drift"]:
        since = f"since {entry['first_seen']}" if entry["is_recorded"] else "seen just now"
        told = f"{entry['en']} ({entry['rows']} of {entry['of']} records, {since})"
        yield f"    {entry['level']:<6} {entry['kind']:<8} {told}"
    if letter["unmapped"]:
        yield f"  Sent and not read by the mapping: {', '.join(letter['unmapped'])}"
    if letter["quarantined"]:
        yield "  Quarantined lately:"
    for entry in letter["quarantined"]:
        yield f"    {entry['rows']:>6} {entry['code']}  {entry['en']}"
