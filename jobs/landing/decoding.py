"""JSON as senders write it, decoded within limits: a fault stays with the row that has it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from functools import partial
from typing import Any, Self

import msgspec

MAX_DEPTH = 100
"""Of JSON in JSON. Far below what the interpreter's stack bears, so that no reader's own depth decides."""
MAX_VALUES = 1_000_000
"""Commas and brackets of a page or a line: 5 000 dossiers have half as many, and each may cost 100 bytes."""
_MAX_DIGITS = 400
"""More than any number has that is not infinite as a double."""
_NEITHER = bytes(set(range(256)) - set(b'"[]{}'))
_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[\]{}]', re.DOTALL)
"""Possessive, so that an unclosed text is read once, and in no memory of its own."""


class Twice:
    """An object that names a key twice: which of the values is meant is not guessed."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        self._pairs = pairs

    def __repr__(self) -> str:
        return repr(self._pairs)


class Number(float):
    """A number that is not whole, or none at all (NaN); nothing that is decoded has a plain float."""


class Written(Number):
    """A number of a line, with the text that it was written as."""

    text: str

    def __new__(cls, text: str) -> Self:
        """The number that a text of JSON stands for."""
        number = super().__new__(cls, text)
        number.text = text
        return number


class NamedTwice(ValueError):
    """A key is named twice in what is to be written as JSON."""


def decoded(data: bytes, *, is_page: bool) -> Any:
    """The value that JSON bytes stand for.

    In a page, what no row may have (NaN, a number without end, a key twice, a nest too deep) is kept as
    something that ``canonical_json`` refuses, so that it is its row's fault and not the page's. A lone
    surrogate is kept too.

    Raises:
        ValueError: It is not JSON; a line is not UTF-8 or nested too deep; there are too many values.
    """
    text = data.decode(json.detect_encoding(data), "surrogatepass") if is_page else data.decode()
    if (brackets := text.count("[") + text.count("{")) + text.count(",") > MAX_VALUES:
        raise ValueError(f"JSON of more than {MAX_VALUES} values")
    deep = [] if brackets <= MAX_DEPTH or _is_shallow(text) else list(_deep(text))
    if deep and not is_page:
        raise ValueError(f"JSON that is nested deeper than {MAX_DEPTH}")
    text = _without(text, deep) if deep else text
    try:
        return _quickly(text, is_page=is_page)
    except (ValueError, RecursionError):  # The careful ones keep what it refuses, and tell of keys.
        pass
    try:
        return (_DECODER if is_page else _LINE_DECODER).decode(text)
    except ValueError:  # Either it is not JSON, or an integer is longer than the interpreter reads.
        return _PATIENT_DECODER.decode(text)


def _quickly(text: str, *, is_page: bool) -> Any:
    r"""The value of JSON by a decoder that keeps the last of two equal keys and says nothing.

    So ``":`` is counted, in the text and in the value written anew: each key has one, a text in quotes may
    have more, and both are written alike, so that the counts differ where a key was dropped. Not so where
    white space stands before a colon, or a quote or a colon is written as ``\uXXXX``: there it is not sure.

    Raises:
        ValueError: It is not sure, or not JSON.
    """
    if "\\u" in text and any(number in text for number in _QUOTES_AND_COLONS):
        raise ValueError("a text may have a quote or a colon as a number")
    found = (_QUICK_DECODER if is_page else _QUICK_LINE_DECODER).decode(text)
    ends = text.count('":')
    if ends != text.count(":") and any(blank in text for blank in _BEFORE_COLONS):
        raise ValueError("white space may stand before a key's colon")
    if ends != _COUNTED.encode(found).count(b'":'):
        raise ValueError("a key is named twice")
    return found


def _is_shallow(text: str) -> bool:
    """Whether a text is surely nested no deeper than any may be; a tenth of the time of looking where it is.

    Only brackets and quotes are kept, then texts taken out and innermost pairs, level by level. A text with
    a bracket in it, or brackets that do not match, are for ``_deep``.
    """
    plain = text.replace("\\\\", "").replace('\\"', "") if "\\" in text else text
    left = plain.encode("utf-8", "surrogatepass").translate(None, _NEITHER).replace(b'""', b"")
    for _ in range(MAX_DEPTH // 2):  # Both kinds are taken out at each turn: two levels at most.
        left = left.replace(b"[]", b"").replace(b"{}", b"")
        if not left:
            return True
    return False


def _deep(text: str) -> Iterator[tuple[int, int]]:
    """Where the parts begin and end that are nested deeper than any may be."""
    depth = begun = 0
    for token in _TOKEN.finditer(text):
        if token[0] in "[{":
            depth += 1
            if depth == MAX_DEPTH + 1:
                begun = token.start()
        elif token[0] in "]}":
            depth -= 1
            if depth == MAX_DEPTH:
                yield begun, token.end()
    if depth > MAX_DEPTH:
        yield begun, len(text)


def _without(text: str, deep: list[tuple[int, int]]) -> str:
    """The text with NaN and a digest in place of each deep part; they differ where these do."""
    parts, read = [], 0
    for begin, end in deep:
        digest = hashlib.sha256(text[begin:end].encode(errors="surrogatepass")).hexdigest()
        parts += [text[read:begin], f'["{digest}",NaN]']
        read = end
    return "".join([*parts, text[read:]])


def canonical_json(item: object) -> str:
    """JSON with sorted keys and no spaces.

    Raises:
        NamedTwice: It holds an object that names a key twice.
        ValueError: It holds a number that is none.
    """
    return _ENCODER.encode(item)


def written_anew(value: object) -> str:
    """``canonical_json`` of what ``decoded`` gave, sooner where every number in it is whole.

    Only for that: a plain float or a date would be written in other bytes without a fault, and a row's digest
    is its identity for ever.

    Raises:
        NamedTwice: It holds an object that names a key twice.
        ValueError: It holds a number that is none.
    """
    try:
        return _QUICK_ENCODER.encode(value).decode()
    except (TypeError, ValueError):  # A ``Number``, which the encoders write differently, or a fault.
        return canonical_json(value)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any] | Twice:
    found = dict(pairs)
    return found if len(found) == len(pairs) else Twice(pairs)


def _whole(text: str) -> int | float:
    return int(text) if len(text) <= _MAX_DIGITS else Number("inf")


def _text_of(value: object) -> str:
    if isinstance(value, Twice):
        raise NamedTwice("a key is named twice")
    return str(value)


_Decoder = partial(json.JSONDecoder, object_pairs_hook=_object, parse_constant=Number)
_DECODER = _Decoder(parse_float=Number)
_LINE_DECODER = _Decoder(parse_float=Written)
"""A line is kept as it was written; a page's items are written anew, and their numbers with them."""
_PATIENT_DECODER = _Decoder(parse_float=Number, parse_int=_whole)
_QUICK_DECODER = msgspec.json.Decoder(float_hook=Number)
_QUICK_LINE_DECODER = msgspec.json.Decoder(float_hook=Written)
_QUICK_ENCODER = msgspec.json.Encoder(order="sorted")
_COUNTED = msgspec.json.Encoder(enc_hook=lambda _: 0)
"""Writes a ``Number`` as anything that has no quote."""
_BEFORE_COLONS = (" :", "\t:", "\n:", "\r:")
_QUOTES_AND_COLONS = ("\\u002", "\\u003")
r"""Beginnings of ``\u0022`` and ``\u003a``; others that begin so only cost time."""
_ENCODER = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_text_of, allow_nan=False
)
