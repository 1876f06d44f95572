"""The quick ways with JSON never say anything else than the careful ones."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.landing import decoding
from jobs.landing.decoding import MAX_DEPTH, Number, _deep, _is_shallow, canonical_json, decoded, written_anew

TOKENS = st.sampled_from(["[", "]", "{", "}", '"', "\\", '\\"', "[" * 60, "]" * 60, '{"a":' * 40, "}" * 40])
VALUES = st.recursive(st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))
TEXTS = st.sampled_from(
    ['"a"', '"à😀"', '":"', '"\\":"', '" :"', '"\\u0022:"', '"\\u003A"', '"\\u00e0"', '"\\\\"']
)
ODD = st.sampled_from(
    ['"\\ud800"', '"\x01"', '"\udfff"', "01", "1.", "NaN", "-Infinity", "\ufeff", "'a'", ","]
)
NUMBERS = st.sampled_from(
    ["0", "-0", "12", "1.50", "1E2", "1e22", "1e-7", "-0.0", "1e400", "9" * 25, "9" * 401, "9" * 5000]
)
BLANKS = st.sampled_from(["", "", "", " ", "\n", "\t ", "\r"])


def _object_of(pairs: list[tuple[str, str, str]]) -> str:
    return f"{{{','.join(f'{key}{blank}:{value}' for key, blank, value in pairs)}}}"


WRITTEN = st.recursive(
    st.one_of(TEXTS, NUMBERS, st.sampled_from(["true", "null"]), ODD),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
        st.lists(st.tuples(TEXTS, BLANKS, inner), max_size=3).map(_object_of),
    ),
    max_leaves=8,
)
"""JSON, and what is nearly that: keys named twice, numbers that are none, texts that are not Unicode."""


@given(WRITTEN, st.booleans())
def test_what_is_decoded_quickly_is_what_it_is(text: str, is_page: bool) -> None:
    try:
        quick = decoding._quickly(text, is_page=is_page)
    except ValueError:
        return
    careful = (decoding._DECODER if is_page else decoding._LINE_DECODER).decode(text)
    assert _told(quick) == _told(careful)


@pytest.mark.parametrize(
    "text",
    ['{"a":1,"b":"x:y"}', '{"a": 1.5, "b": "10:30"}', '[{"a\\"":{"b":":"}}]', '{"\\u00e0":"\\u0061"}', "{}"],
)
def test_what_senders_write_is_decoded_quickly(text: str) -> None:
    assert decoding._quickly(text, is_page=False) == json.loads(text)


@pytest.mark.parametrize(
    "text",
    [
        '{"a":1,"a":2}',
        '{"a":1,"b":{"c":1,"c":1}}',
        '[{"a":1},{"a":1, "a":1}]',
        '{"a":":","a":1}',
        '{"a" :1,"a":2,"b":"\\":"}',
        '{"a":1,"a":2,"b":"\\u0022:"}',
        '{"a":1,"a":2,"b":"\\"\\u003a"}',
    ],
)
@pytest.mark.parametrize("is_page", [False, True])
def test_a_key_that_is_named_twice_is_told_of(text: str, is_page: bool) -> None:
    for writing in (canonical_json, written_anew):
        assert _outcome(writing, decoded(text.encode(), is_page=is_page)) is decoding.NamedTwice


@given(WRITTEN, st.booleans())
def test_what_was_decoded_is_written_anew_as_canonical_json(text: str, is_page: bool) -> None:
    try:
        value = decoded(text.encode("utf-8", "surrogatepass"), is_page=is_page)
    except ValueError:
        return
    assert _outcome(written_anew, value) == _outcome(canonical_json, value)


@given(st.dictionaries(st.text(), st.text(), max_size=5))
def test_texts_and_keys_are_written_quickly_as_canonical_json(value: dict[str, str]) -> None:
    assert decoding._QUICK_ENCODER.encode(value).decode() == canonical_json(value)


@pytest.mark.parametrize("text", ["1e22", "1.5", "0.0", "NaN"])
@pytest.mark.parametrize("is_page", [False, True])
def test_the_quick_encoder_knows_no_number_that_is_not_whole(text: str, is_page: bool) -> None:
    with pytest.raises(TypeError):
        decoding._QUICK_ENCODER.encode([decoded(text.encode(), is_page=is_page)])


@pytest.mark.parametrize("text", ["NaN", "1.5", "1e400", "-Infinity", "9" * 5000])
@pytest.mark.parametrize("is_page", [False, True])
def test_no_number_is_a_plain_float(text: str, is_page: bool) -> None:
    assert isinstance(decoded(text.encode(), is_page=is_page), Number)


def _told(value: Any) -> Any:
    """A value with its kinds; equal for what is written alike."""
    if isinstance(value, dict):
        return [(key, _told(one)) for key, one in value.items()]
    if isinstance(value, list):
        return [list, *map(_told, value)]
    return type(value), getattr(value, "text", repr(value))


def _outcome(writing: Callable[[Any], str], value: Any) -> Any:
    """The bytes that are written, or why there are none."""
    try:
        return writing(value).encode()
    except (ValueError, TypeError) as error:
        return type(error)


@given(st.lists(TOKENS, max_size=40).map("".join))
def test_what_it_calls_shallow_has_no_deep_part(text: str) -> None:
    assert not (_is_shallow(text) and list(_deep(text)))


@given(VALUES.map(json.dumps))
def test_json_without_brackets_in_its_texts_is_seen_to_be_shallow(text: str) -> None:
    whole = f"[{text}]"
    if not any(bracket in part for part in _texts(json.loads(text)) for bracket in "[]{}"):
        assert _is_shallow(whole)


def test_at_the_limit() -> None:
    lists, mixed = "[" * MAX_DEPTH + "]" * MAX_DEPTH, '{"a":[' * 50 + "1" + "]}" * 50
    assert not list(_deep(lists))
    assert not list(_deep(mixed))
    assert _is_shallow(mixed)
    assert not _is_shallow(f"[{lists}]")


def _texts(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for key, inner in value.items() for text in (key, *_texts(inner))]
    if isinstance(value, list):
        return [text for inner in value for text in _texts(inner)]
    return [str(value)]
