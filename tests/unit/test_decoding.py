"""The quick look at how deep JSON is nested never says less than the careful one."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from jobs.landing.decoding import MAX_DEPTH, _deep, _is_shallow

TOKENS = st.sampled_from(["[", "]", "{", "}", '"', "\\", '\\"', "[" * 60, "]" * 60, '{"a":' * 40, "}" * 40])
VALUES = st.recursive(st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))


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
