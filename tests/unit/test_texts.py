"""Texts at the places that a mapping names, whatever else is there."""

from __future__ import annotations

import json
import unicodedata
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.conform.sent import GROUPS, Said
from jobs.landing.decoding import canonical_json, decoded
from jobs.landing.texts import Places, clean, composed, is_something, items_of, text_of
from schemas import dialect as dialects

DIALECTS = [dialects.load(name) for name in dialects.names()]
SAID = Said.by(DIALECTS)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("record", "path", "value", "is_misshapen"),
    [
        ({"a": "x"}, "a", "x", False),
        ({"a": {"b": 1}}, "a.b", 1, False),
        ({"a": {"b": 1}}, "a", {"b": 1}, False),
        ({}, "a.b", None, False),
        ({"a": None}, "a.b", None, False),
        ({"a": ""}, "a.b", None, True),
        ({"a": [{"b": 1}]}, "a.b", None, True),
        ({"a": [{"b": 1}, {"b": 2}]}, "a[].b", 1, False),
        ({"a": []}, "a[].b", None, False),
        ({"a": {"b": 1}}, "a[].b", None, True),
        ({"a": ["x"]}, "a[].b", None, True),
        ({"a": ["x", "y"]}, "a[]", "x", False),
        (None, "a.b", None, False),
    ],
)
def test_a_place(record: Any, path: str, value: Any, is_misshapen: bool) -> None:
    places = Places([record])
    assert places.at(path) == [value]
    assert places.is_misshapen == [is_misshapen]


def test_a_record_is_not_marked_for_its_neighbour() -> None:
    places = Places([{"a": {"b": "x"}}, {"a": 7}, {"a": {"b": None}}])
    assert places.at("a.b") == ["x", None, None]
    assert places.is_misshapen == [False, True, False]


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("null", None),
        ('""', ""),
        ('" x "', " x "),
        ("true", "true"),
        ("false", "false"),
        ("0", "0"),
        ("12", "12"),
        ("1.50", "1.50"),
        ("1E2", "1E2"),
        ("0.10000000000000000001", "0.10000000000000000001"),
        ('{"b": 1, "a": [true, null]}', '{"a":[true,null],"b":1}'),
        ('"e\\u0301"', "\u00e9"),
    ],
)
def test_a_value_is_read_as_it_was_written(written: str, text: str | None) -> None:
    assert text_of(decoded(written.encode(), is_page=False)) == text


def test_a_number_of_a_page_is_read_as_its_row_is_kept() -> None:
    """A row of a page is kept in canonical JSON, and read from there once others were erased beside it."""
    sent = decoded(b'{"data": [{"a": 1.50, "b": 1e22}]}', is_page=True)["data"][0]
    kept = decoded(canonical_json(sent).encode(), is_page=False)
    for key in ("a", "b"):
        assert text_of(sent[key]) == text_of(kept[key])


@given(JSON)
def test_any_value_has_a_text(value: Any) -> None:
    text = text_of(value)
    assert (text is None) == (value is None)
    assert text is None or unicodedata.is_normalized("NFC", text)


@pytest.mark.parametrize(
    ("value", "items"),
    [
        ([{"a": 1}], [{"a": 1}]),
        ({"a": 1}, [{"a": 1}]),
        ('[{"a": 1}]', [{"a": 1}]),
        (' {"a": 1} ', [{"a": 1}]),
        ([], []),
        ([None], [{}]),
        ([{"a": 1}, "x"], None),
        ("x", None),
        ("[1", None),
        ('[{"a": 1, "a": 2}]', None),
        ('[{"a": NaN}]', None),
        (7, None),
        (True, None),
    ],
)
def test_items(value: Any, items: Any) -> None:
    assert items_of(value) == items


@pytest.mark.parametrize(
    ("value", "there"), [(None, False), ("", False), ("  ", False), ([], True), (0, True), (" x\n", True)]
)
def test_something(value: Any, there: bool) -> None:
    assert is_something(value) is there


def test_nothing_in_a_form_is_what_is_nothing_in_a_header() -> None:
    texts = ["\n", "\u00a0", " \t\u200b ", "\r\n", *map(chr, [*range(0xD800), *range(0xE000, 0x10000)])]
    told = clean(pa.array(texts, pa.string())).to_pylist()
    assert told[:4] == [None] * 4
    assert [is_something(text) for text in texts] == [text is not None for text in told]
    own = dialects.load("dvcqg")
    sent = [{"form": {"body": {"NguoiDan": text}}} for text in texts[:4]]
    assert not any(Said.by([own]).columns(sent, own)["_unread_persons"].to_pylist())


def test_keys_are_composed() -> None:
    sent = {"Ho\u0323 te\u0302n": {"a": 1}}
    raw = json.dumps(sent, ensure_ascii=False)
    assert composed(sent, raw) == {unicodedata.normalize("NFC", "Ho\u0323 te\u0302n"): {"a": 1}}
    plain = {"a": 1}
    assert composed(plain, json.dumps(plain)) is plain


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda one: one.name)
@given(record=st.dictionaries(st.text(max_size=5), JSON, max_size=4))
def test_any_record_has_its_columns(dialect: dialects.Dialect, record: Any) -> None:
    """Whatever is sent, and whatever other dialects the batch has, every column is there, row by row."""
    keys = [one.path.split(".")[0].removesuffix("[]") for many in dialect.header.values() for one in many]
    sent = [record, None, dict(zip(keys, record.values(), strict=False))]
    told = SAID.columns(sent, dialect)
    assert [*told] == SAID.schema().names
    for field in SAID.schema():
        assert told[field.name].type == field.type
        assert len(told[field.name]) == len(sent)
        assert told[field.name][1].as_py() in (None, False)


def test_a_part_of_a_line() -> None:
    """Paths of items are like those of the header: what is not their shape is told of the record."""
    person = {
        "dataset": "population_persons",
        "full_name": {"path": "name.full", "parser": "name"},
        "personal_id": {"path": "papers[].no", "parser": "personal_id"},
        "birth_date": {"path": "born", "parser": "date"},
    }
    header = {"dossier_code": {"path": "code", "parser": "text"}}
    stated = {"header": header, "items": {"person": person}}
    own = dialects.read("own", {**stated, "groups": {"persons": {"item": "person", "path": "people"}}})
    lines: list[Any] = [
        [{"name": {"full": "A"}, "papers": [{"no": "1"}, {"no": "2"}], "born": "2000"}, {"born": "2001"}],
        None,
        [],
        [{"name": "B"}],
        [{"papers": {"no": "3"}}],
        {"name": {"full": "C"}},
    ]
    told = Said.by([own]).columns([{"people": one} for one in lines], own)
    names = ("_text_full_name", "_text_personal_id", "_text_birth_date")
    read = [one and [tuple(map(line.get, names)) for line in one] for one in told["persons"].to_pylist()]
    nothing = (None, None, None)
    first = [("A", "1", "2000"), (None, None, "2001")]
    assert read == [first, None, [], [nothing], [nothing], [("C", None, None)]]
    assert told["_misshapen"].to_pylist() == [False, False, False, True, True, False]


def test_lines_of_several_records() -> None:
    own = dialects.load("dvcqg")
    group = own.groups["persons"]
    path, key = group.path.split("."), group.fields["full_name"][0].path
    named = [[{key: "A"}, {key: "B"}], None, [], {key: "C"}, "neither"]
    records: list[Any] = []
    for value in named:
        record: Any = value
        for step in reversed(path):
            record = {step: record}
        records.append(record)
    told = Said.by([own]).columns(records, own)
    names = [lines and [line["_text_full_name"] for line in lines] for lines in told["persons"].to_pylist()]
    assert names == [["A", "B"], None, [], ["C"], None]
    assert told["_unread_persons"].to_pylist() == [False, False, False, False, True]
    assert {"persons"} < {*GROUPS}
