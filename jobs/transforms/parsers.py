"""Parsers: from clean text to a typed column. NULL where nothing was sent or nothing could be read.

They take text that ``jobs.landing.texts.clean`` has made, as a column of its own: an expression is copied
wherever it is named, and a plan of copies grows beyond what the optimiser can carry. What was sent and
could not be read is told apart by the caller, who compares text and value. Texts are cut and cast rather
than replaced by patterns, which costs a quarter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce

from pyspark.sql import Column
from pyspark.sql import functions as F

from schemas import types as t
from schemas.reading import ANYTHING
from schemas.zone import ZONE

_DATE = r"\A[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}\z"
_MONTH = r"\A(?:00/)?[0-9]{1,2}/[0-9]{4}\z"
_YEAR = r"\A(?:00/00/)?[0-9]{4}\z"
_COMPACT = r"\A[0-9]{8}(?:[0-9]{6})?\z"
_ISO = r"\A[0-9]{4}[-/][0-9]{2}[-/][0-9]{2}\z"
_TIME = r"[ T][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?\z"
_LONGEST_TIME = len(" 00:00:00.000000")
_CONTROL = r"[\x00-\x1F\x7F-\x9F\u202A-\u202E\u2066-\u2069\uFFFD-\uFFFF]"
"""Commands of terminals and of a text's direction, which let one thing be read as another, and what stands
for a lost letter."""


def plain(text: Column) -> Column:
    """The text itself; NULL where it has control characters, which are no white space.

    They are not cut: in VISCII and TCVN 5712 they are Vietnamese letters, and no register can store U+0000.
    """
    return F.when(~text.rlike(_CONTROL), text)


def date_value(text: Column) -> Column:
    """A date: day, month or year; the rest of a partial date is its first day.

    31/02 and the year 0000, which no calendar has, are unreadable.
    """
    year = F.substring_index(text, "/", -1)
    month = F.substring_index(F.substring_index(text, "/", -2), "/", 1)
    cases = (
        (_DATE, F.concat_ws("-", year, month, F.substring_index(text, "/", 1))),
        (_COMPACT, F.concat_ws("-", text.substr(1, 4), text.substr(5, 2), text.substr(7, 2))),
        (_ISO, F.translate(text, "/", "-")),
        (_MONTH, F.concat_ws("-", year, month, F.lit("01"))),
        (_YEAR, F.concat(year, F.lit("-01-01"))),
    )
    read = _first([(text.rlike(pattern), iso.try_cast("date")) for pattern, iso in cases])
    return F.when(read >= F.lit("0001-01-01").cast("date"), read)


def date_precision(text: Column) -> Column:
    """How precise a date is: day, month or year."""
    return _first(
        [
            (text.rlike(_YEAR), F.lit("year")),
            (text.rlike(_MONTH), F.lit("month")),
            (text.rlike(_DATE) | text.rlike(_COMPACT) | text.rlike(_ISO), F.lit("day")),
        ]
    )


def _first(cases: list[tuple[Column, Column]]) -> Column:
    return F.coalesce(*[F.when(condition, value) for condition, value in cases])


def local_instant(text: Column) -> Column:
    """An instant from ``yyyyMMddHHmmss`` in Viet Nam's time."""
    day = F.concat_ws("-", text.substr(1, 4), text.substr(5, 2), text.substr(7, 2))
    time = F.concat_ws(":", text.substr(9, 2), text.substr(11, 2), text.substr(13, 2))
    iso = F.when(text.rlike(r"\A[0-9]{14}\z"), F.concat_ws(" ", day, time))
    return within_range(F.to_utc_timestamp(iso.try_cast("timestamp"), ZONE))


def local_time(text: Column) -> Column:
    """An instant from ``yyyy-MM-dd HH:mm:ss`` or ``dd/MM/yyyy HH:mm:ss`` in Viet Nam's time.

    The date may be written ``yyyy/MM/dd``. The time may lack its seconds, or have parts of one; ``T`` may
    stand for the space.
    """
    day = F.concat_ws("-", text.substr(7, 4), text.substr(4, 2), text.substr(1, 2))
    cases = (
        (r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}", text),
        (r"\A[0-9]{2}/[0-9]{2}/[0-9]{4}", F.concat(day, text.substr(11, _LONGEST_TIME))),
        (r"\A[0-9]{4}/[0-9]{2}/[0-9]{2}", F.translate(text, "/", "-")),
    )
    iso = _first([(text.rlike(date + _TIME), found) for date, found in cases])
    return within_range(F.to_utc_timestamp(iso.try_cast("timestamp"), ZONE))


def epoch_ms(text: Column) -> Column:
    """An instant from milliseconds since 1970."""
    number = F.when(text.rlike(r"\A-?[0-9]{1,14}\z"), text).try_cast("bigint")
    return within_range(F.timestamp_millis(number))


def local_midnight(text: Column) -> Column:
    """The instant at which a day begins in Viet Nam."""
    return within_range(midnight(date_value(text)))


def midnight(day: Column) -> Column:
    """The instant at which a date begins in Viet Nam."""
    return F.to_utc_timestamp(day.cast("timestamp"), ZONE)


def instant(text: Column) -> Column:
    """An instant from ISO 8601 with an offset."""
    offset = text.rlike(r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(?:Z|[+-][0-9]{2}:[0-9]{2})\z")
    return within_range(F.when(offset, F.try_to_timestamp(text)))


def within_range(instant: Column) -> Column:
    """The instant itself; NULL where its day in Viet Nam is not one that an instant may name."""
    first = midnight(F.lit(t.EARLIEST).cast("date"))
    after = midnight(F.date_add(F.lit(t.LATEST).cast("date"), 1))
    return F.when((instant >= first) & (instant < after), instant)


def integer(text: Column) -> Column:
    """A whole number without separators."""
    return F.when(text.rlike(r"\A-?[0-9]{1,18}\z"), text).try_cast("bigint")


def decimal(text: Column) -> Column:
    """A decimal with comma or point; thousands separators are not guessed."""
    value = F.regexp_replace(text, ",", ".")
    return F.when(value.rlike(r"\A[0-9]{1,12}(\.[0-9]+)?\z"), value).try_cast("decimal(18,1)")


def boolean(text: Column) -> Column:
    """Y or N, 1 or 0, true or false."""
    value = F.lower(text)
    return _first(
        [
            (value.isin("y", "1", "true"), F.lit(True)),
            (value.isin("n", "0", "false"), F.lit(False)),
        ]
    )


def upper(text: Column) -> Column:
    """The text in capitals."""
    return F.upper(plain(text))


def identifier(text: Column) -> Column:
    """An identifier in capitals without white space."""
    return upper(F.regexp_replace(text, r"\s", ""))


def tax_code(text: Column) -> Column:
    """A tax code; 13 digits are a branch and get their hyphen."""
    value = identifier(text)
    return F.when(
        value.rlike(r"\A[0-9]{13}\z"),
        F.concat(value.substr(1, 10), F.lit("-"), value.substr(11, 3)),
    ).otherwise(value)


def serial(text: Column) -> Column:
    """A certificate serial as letters, a space, digits; the OCR prefix "SO" is cut."""
    value = F.regexp_replace(identifier(text), r"\ASO([A-ZĐ]{1,2}[0-9]{6})", "$1")
    pattern = r"\A([A-ZĐ]{1,2})([0-9]{6}(?:[0-9]{2})?)\z"
    return F.when(value.rlike(pattern), F.regexp_replace(value, pattern, "$1 $2"))


def procedure(text: Column) -> Column:
    """The national part of a procedure code; the provincial suffix is cut."""
    return F.regexp_replace(plain(text), r"\A([0-9]\.[0-9]{6})(?:\..*)?\z", "$1")


def parcel_scheme(text: Column) -> Column:
    """The scheme that a parcel id's form belongs to."""
    return F.when(text.rlike(r"\A[^.]{12}\z"), F.lit("geohash")).when(text.contains("."), F.lit("sheet"))


def part(text: Column, pattern: str | None) -> Column:
    """What the pattern's group finds in a text; empty where it finds nothing, the text without a pattern."""
    return text if pattern is None else F.regexp_extract(text, pattern, 1)


def id_kind(text: Column) -> Column:
    """The kind of identifier that a number's form belongs to; NULL where it is none.

    Twelve digits are a personal id, nine a former identity card, ten or thirteen a tax code.
    """
    value = identifier(text)
    return _first(
        [
            (value.rlike(r"\A[0-9]{12}\z"), F.lit("personal_id")),
            (value.rlike(r"\A[0-9]{9}\z"), F.lit("old_id")),
            (value.rlike(r"\A[0-9]{10}(?:-?[0-9]{3})?\z"), F.lit("tax_code")),
        ]
    )


def mapped(text: Column, values: Mapping[str, str]) -> Column:
    """The canonical text of a code list; an empty canonical text means absent."""
    cases = [(text == F.lit(sent), F.lit(meant)) for sent, meant in values.items() if sent != ANYTHING]
    if ANYTHING in values:
        cases.append((text.isNotNull(), F.lit(values[ANYTHING])))
    return F.nullif(_first(cases), F.lit(""))


def is_known(text: Column, values: Mapping[str, str]) -> Column:
    """Whether a code is in its list at all."""
    return F.lit(True) if ANYTHING in values else text.isin(*values)


_PARSERS: dict[str, Callable[[Column], Column]] = {
    "text": plain,
    "name": plain,
    "upper": upper,
    "code": plain,
    "digits": identifier,
    "personal_id": identifier,
    "id_number": identifier,
    "id_kind": id_kind,
    "commune": identifier,
    "integer": integer,
    "decimal": decimal,
    "date": date_value,
    "date_precision": date_precision,
    "local_instant": local_instant,
    "local_time": local_time,
    "epoch_ms": epoch_ms,
    "local_midnight": local_midnight,
    "instant": instant,
    "procedure": procedure,
    "serial": serial,
    "tax_code": tax_code,
    "boolean": boolean,
    "parcel_scheme": parcel_scheme,
}


def known() -> frozenset[str]:
    """Names of the parsers."""
    return frozenset({*_PARSERS, "map"})


def parse(text: Column, parser: str, values: Mapping[str, str]) -> Column:
    """The typed value of a text by the name of its parser."""
    return mapped(text, values) if parser == "map" else _PARSERS[parser](text)


def is_unreadable(text: Column, value: Column, parser: str, values: Mapping[str, str]) -> Column:
    """Whether something was sent that gave no value; never NULL."""
    sent = text.isNotNull()
    return (sent & ~is_known(text, values)) if parser == "map" else (sent & value.isNull())


def all_of(conditions: list[Column]) -> Column:
    """Whether every one holds; true for none."""
    return reduce(lambda a, b: a & b, conditions, F.lit(True))


def any_of(conditions: list[Column]) -> Column:
    """Whether at least one holds; false for none."""
    return reduce(lambda a, b: a | b, conditions, F.lit(False))
