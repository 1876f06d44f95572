"""Hypothesis strategies of contracts: rows that break no check, and rows with dirt in them.

Hypothesis is installed for development only; nothing of the pipeline imports this module.
"""

from __future__ import annotations

import string
import unicodedata
from datetime import UTC, date, datetime
from decimal import Decimal

from hypothesis import strategies as st

from schemas.contract import Contract, DomainType, Field, Kind
from schemas.derive import python as oracle
from schemas.derive import sample

Row = dict[str, object]
_BIGINT = (1 << 63) - 1
_DEVANAGARI = str.maketrans(string.digits, "०१२३४५६७८९")
_FULL_WIDTH = str.maketrans(string.digits, "０１２３４５６７８９")
_NUL = "\x00"
"""No column has it: the parsers let no control character pass, and PostgreSQL cannot be asked about it."""
_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters=_NUL), max_size=12)
_ODD = (
    "",
    " ",
    "\n",
    "\t",
    "0",
    "...",
    "null",
    "không rõ",
    "Không",
    "straße",
    "ﬁ",
    "đ",
    "Ð",
    "\N{PILE OF POO}",
)


def valid_values(domain: DomainType) -> st.SearchStrategy[object]:
    """Members of a domain: its samples, and more where the domain says what they look like."""
    samples = st.sampled_from([sample.typed(domain, text) for text in domain.samples] or [None])
    match domain.kind:
        case Kind.TEXT if domain.values is not None:
            return st.sampled_from(domain.values)
        case Kind.TEXT if domain.pattern is not None:
            shape = st.from_regex(domain.pattern, fullmatch=True, alphabet=_alphabet())
            return samples | shape.filter(lambda text: len(text) <= (domain.max_length or len(text)))
        case Kind.INTEGER:
            return samples | st.integers(int(domain.minimum or 0), int(domain.maximum or _BIGINT))
        case Kind.DATE:
            return samples | st.dates(_day(domain.minimum, date.min), _day(domain.maximum, date.max))
        case Kind.INSTANT:
            return samples | _instants()
    return samples


def dirty_values(domain: DomainType) -> st.SearchStrategy[object]:
    """What senders and typing errors make of a value; mostly not in the domain."""
    match domain.kind:
        case Kind.TEXT:
            known = [one for one in (*domain.samples, *(domain.values or ())) if one] or ["x"]
            spoilt = [change(text) for text in known for change in _SPOIL]
            return st.sampled_from([None, *_ODD, *spoilt]) | _TEXT
        case Kind.INTEGER:
            return st.sampled_from([None, -1, 0, 1, _BIGINT]) | st.integers(-(10**6), 10**6)
        case Kind.DECIMAL:
            step = Decimal(1).scaleb(-domain.scale)
            return st.none() | st.integers(-(10**6), 10**12).map(lambda number: number * step)
        case Kind.DATE:
            return st.none() | st.dates()
        case Kind.INSTANT:
            return st.none() | _instants()
    return st.sampled_from([None, True, False])


@st.composite
def valid_rows(draw: st.DrawFn, contract: type[Contract]) -> Row:
    """A row that breaks no check: drawn values are taken one by one while the row stays valid."""
    row = sample.valid(contract)
    for field in draw(_some(contract)):
        value = None if not field.required and draw(st.booleans()) else draw(valid_values(field.domain))
        changed = row | {field.name: value}
        row = row if oracle.violations(contract, changed) else changed
    return row


@st.composite
def dirty_rows(draw: st.DrawFn, contract: type[Contract]) -> Row:
    """A valid row with dirt in one to four columns; it need not break anything."""
    row = draw(valid_rows(contract))
    fields = draw(st.lists(st.sampled_from(contract.fields), min_size=1, max_size=4, unique=True))
    return row | {field.name: draw(dirty_values(field.domain)) for field in fields}


def _some(contract: type[Contract]) -> st.SearchStrategy[list[Field]]:
    return st.lists(st.sampled_from(contract.fields), max_size=6, unique=True)


_SPOIL = (
    lambda text: text + "\n",
    lambda text: f" {text} ",
    lambda text: text.translate(_DEVANAGARI),
    lambda text: text.translate(_FULL_WIDTH),
    lambda text: unicodedata.normalize("NFD", text),
    lambda text: text.swapcase(),
    lambda text: text[:-1],
    lambda text: text * 200,
)


def _alphabet() -> st.SearchStrategy[str]:
    return st.characters(codec="utf-8", exclude_characters=_NUL)


def _instants() -> st.SearchStrategy[datetime]:
    return st.datetimes(datetime(1800, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def _day(bound: int | str | None, otherwise: date) -> date:
    return otherwise if bound is None else date.fromisoformat(str(bound))
