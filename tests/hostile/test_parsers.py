"""Parsers against plain Python, on thousands of generated texts: no fault, no silent NULL."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyspark.sql import functions as F

from jobs import session
from jobs.landing.texts import clean
from jobs.settings import Settings
from jobs.transforms import parsers
from schemas import types as t
from tests.spark.test_parsers import CASES, SEX

pytestmark = pytest.mark.usefixtures("compiled")
EXAMPLES = 3_000
HANOI = timezone(timedelta(hours=7))
_HOSTILE = "\x00\t\n\x0b\x85\u00a0\u00ad\u200b\u200e\u202e\u2028\u2066\u3000\ufeff\ufffd٣３०Оạ\u0323'\"<=;$%"
_ANY = st.characters(exclude_categories=["Cs"])
_SHAPED = st.from_regex(
    r"[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}|[0-9]{2}/[0-9]{4}|[0-9]{4}|[0-9]{8}|[0-9]{14}|[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"|-?[0-9]{1,20}|[0-9]{1,13}[.,][0-9]{1,4}|(0001|1799|2026|9999)-[0-9]{2}-[0-9]{2}T[0-2][0-9]:[0-5][0-9]"
    r"(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-](0[0-9]|14):[0-9]{2})",
    fullmatch=True,
)
_SENT = st.sampled_from(sorted({raw for _, raw, _ in CASES if raw}))


@st.composite
def _spoilt(draw: st.DrawFn) -> str:
    """A text that a sender writes, with a letter put into it, taken out or doubled."""
    text = draw(_SENT | _SHAPED)
    place = draw(st.integers(0, len(text)))
    put, cut = draw(st.sampled_from(_HOSTILE) | _ANY | st.just("")), draw(st.integers(0, 1))
    return text[:place] + put + text[place + cut :]


def generated() -> list[str]:
    """Texts of every kind; the same in every run."""
    found: list[str] = []

    @settings(max_examples=EXAMPLES, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(st.text(_ANY, max_size=40) | _SHAPED | _spoilt())
    def keep(text: str) -> None:
        found.append(text)

    keep()
    return sorted(set(found))


def plain(text: str) -> str | None:
    return None if re.search(parsers._CONTROL, text) else text


def cleaned(text: str) -> str | None:
    visible = re.sub("[\u00ad\u034f\u061c\u180e\u200b-\u200f\u2060-\u2064\ufe00-\ufe0f\ufeff]", "", text)
    white = "[ \t\n\x0b\f\r\u00a0\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+"
    return re.sub(white, " ", visible).strip(" ") or None


def day(text: str) -> date | None:
    """The first day of a full or partial date."""
    shapes = (
        (r"(?:00/00/)?(?P<y>[0-9]{4})", 0),
        (r"(?:00/)?(?P<m>[0-9]{1,2})/(?P<y>[0-9]{4})", 1),
        (r"(?P<d>[0-9]{1,2})/(?P<m>[0-9]{1,2})/(?P<y>[0-9]{4})", 2),
        (r"(?P<y>[0-9]{4})(?P<m>[0-9]{2})(?P<d>[0-9]{2})(?:[0-9]{6})?", 2),
        (r"(?P<y>[0-9]{4})-(?P<m>[0-9]{2})-(?P<d>[0-9]{2})", 2),
    )
    for shape, parts in shapes:
        if found := re.fullmatch(shape, text, re.ASCII):
            named = found.groupdict()
            month, first = (int(named["m"]) if parts else 1), (int(named["d"]) if parts > 1 else 1)
            try:
                return date(int(named["y"]), month, first)
            except ValueError:
                continue
    return None


def integer(text: str) -> int | None:
    return int(text) if re.fullmatch(r"-?[0-9]{1,18}", text) else None


def decimal(text: str) -> Decimal | None:
    value = text.replace(",", ".")
    if not re.fullmatch(r"[0-9]{1,12}(\.[0-9]+)?", value):
        return None
    return Decimal(value).quantize(Decimal("0.1"), ROUND_HALF_UP)


def boolean(text: str) -> bool | None:
    return {"y": True, "1": True, "true": True, "n": False, "0": False, "false": False}.get(text.lower())


def within(instant: datetime) -> datetime | None:
    try:
        is_within = t.EARLIEST <= instant.astimezone(HANOI).date().isoformat() <= t.LATEST
    except OverflowError:
        return None
    return instant.astimezone(UTC).replace(tzinfo=None) if is_within else None


def local_instant(text: str) -> datetime | None:
    if not re.fullmatch(r"[0-9]{14}", text):
        return None
    try:
        read = datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=HANOI)
    except ValueError:
        return None
    return within(read) if read.year >= 1976 else None


COUNTERPARTS: dict[str, Callable[[str], object]] = {
    "text": plain,
    "date": day,
    "integer": integer,
    "decimal": decimal,
    "boolean": boolean,
    "local_instant": local_instant,
}


def test_no_text_is_a_fault_or_a_silent_null(settings: Settings) -> None:
    texts, names = generated(), sorted(parsers.known())
    assert len(texts) > EXAMPLES / 2
    spark = session.connect(settings)
    shown = clean(pa.array(texts)).to_pylist()
    frame = spark.createDataFrame(list(enumerate(shown)), "place int, text string")
    parsed = frame.select(
        "*", *[parsers.parse(F.col("text"), name, SEX).alias(f"as_{name}") for name in names]
    )
    told = parsed.select(
        "*",
        *[
            parsers.is_unreadable(F.col("text"), F.col(f"as_{name}"), name, SEX).alias(f"not_{name}")
            for name in names
        ],
    )
    wrong = []
    for row in told.orderBy("place").collect():
        raw = texts[row.place]
        if row.text != cleaned(raw):
            wrong.append((raw, "clean", row.text))
            continue
        for name in names:
            value, is_unreadable = row[f"as_{name}"], row[f"not_{name}"]
            is_absent = row.text is None or (name == "map" and SEX.get(row.text) == "")
            if (value is None) is not (is_absent or is_unreadable) or (is_absent and is_unreadable):
                wrong.append((raw, name, "silent"))
            if name in COUNTERPARTS and row.text is not None:
                expected = COUNTERPARTS[name](row.text)
                if value != expected and not (name == "local_instant" and expected is None):
                    wrong.append((raw, name, value))
    assert wrong == []
