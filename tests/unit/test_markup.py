"""Items of XML files: what stands in them is a record, what is beyond any limit stops the file."""

from __future__ import annotations

import io
import tracemalloc
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.landing.forms import Unfit
from jobs.landing.markup import longest, xml_rows
from schemas.layout import USUAL, Layout
from tests.support.files import elements

PLAIN = replace(USUAL, delivery=())
NIL = 'xmlns:x="http://www.w3.org/2001/XMLSchema-instance" x:nil="true"'


def records(text: str | bytes, layout: Layout = PLAIN) -> list[Any]:
    data = text.encode() if isinstance(text, str) else text
    return [row.record for row in xml_rows(io.BytesIO(data), layout)]


def at(items: str) -> Layout:
    return replace(USUAL, items=items, delivery=())


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ("<a>1</a>", {"a": "1"}),
        ("<a> ạ </a><b/>", {"a": " ạ ", "b": ""}),
        ("<a>1</a><b>2</b><a>3</a>", {"a": ["1", "3"], "b": "2"}),
        ("<a><b>1</b></a>", {"a": {"b": "1"}}),
        ("<a><b>1</b></a><a><b>2</b></a>", {"a": [{"b": "1"}, {"b": "2"}]}),
        ('<a k="1">2</a>', {"a": {"@k": "1", "#text": "2"}}),
        ("<a>x<b>1</b>y</a>", {"a": {"b": "1", "#text": "xy"}}),
        (f"<a {NIL}/>", {"a": None}),
        ('<n:a xmlns:n="urn:x">1</n:a>', {"a": "1"}),
        ("<a><![CDATA[<b>&amp;]]></a>", {"a": "<b>&amp;"}),
        ("<a>&#x1ea1;&lt;</a><!-- c --><?p?>", {"a": "ạ<"}),
    ],
)
def test_what_an_item_stands_for(item: str, expected: Any) -> None:
    assert records(f"<r><head/><data>{item}</data><data><z>1</z></data></r>") == [expected, {"z": "1"}]


@pytest.mark.parametrize(
    ("items", "found"),
    [("b.c", ["1", "2", "4"]), ("b", 2), ("", 3), ("x.c", ["3"])],
)
def test_where_the_items_are(items: str, found: Any) -> None:
    text = (
        "<r><b><c><i>1</i></c><c><i>2</i></c></b><x><b><c/></b><c><i>3</i></c></x><b><c><i>4</i></c></b></r>"
    )
    told = records(text, at(items))
    assert (len(told) if isinstance(found, int) else [one["i"] for one in told]) == found


@given(
    st.recursive(
        st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=5),
        lambda inner: st.dictionaries(
            st.sampled_from("abc"), inner | st.lists(inner, min_size=2, max_size=3), min_size=1
        ),
    ).filter(lambda one: isinstance(one, dict))
)
def test_what_was_written_is_read(record: dict[str, Any]) -> None:
    assert records(f"<r>{elements('data', [record, record])}</r>") == [record, record]


@pytest.mark.parametrize(
    "head",
    [b'<?xml version="1.0" encoding="UTF-16"?>', b"", b'<?xml version="1.0" encoding="windows-1258"?>'],
)
def test_an_encoding_is_declared_in_the_file(head: bytes) -> None:
    name = "utf-16" if b"16" in head else "cp1258" if b"1258" in head else "utf-8-sig"
    data = f"{head.decode()}<r><data><a>Đ</a></data></r>".encode(name)
    assert records(data) == [{"a": "Đ"}]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "line 1: not well-formed XML"),
        ("<r><data></r>", "line 1: not well-formed XML"),
        ("<r>\n<data>&b;</data></r>", "line 2: not well-formed XML"),
        ('<r><data a="1" a="2"/></r>', "not well-formed XML"),
        ("<r><b/></r>", "no element at the path 'data' below the root. Remedy: state items in the [layout]"),
        ('<?xml version="1.0" encoding="none"?><r/>', "in an encoding that is not known"),
        ('<!DOCTYPE a SYSTEM "http://127.0.0.1/a.dtd"><a/>', "it declares a DTD"),
        ('<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>', "it declares a DTD"),
        ('<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;">]><a>&c;</a>', "it declares a DTD"),
        (f"<r><data>{'<a>' * 200}{'</a>' * 200}</data></r>", "nested deeper than 100"),
        ("<a>" * 100_000, "nested deeper than 100"),
        (f"<r><data>{'x' * 12_000_001}</data></r>", "an item of more than 12000000 characters"),
        (f"<r><data>{'<a/>' * 1_000_001}</data></r>", "or 1000000 values"),
        (f'<r><data a="{"x" * 13_000_000}', "a tag or comment of more than 12000000 bytes"),
        (f"<r><!--{'x' * 13_000_000}", "a tag or comment of more than 12000000 bytes"),
    ],
    ids=lambda value: value[:20],
)
def test_what_is_not_taken(text: str, told: str) -> None:
    with pytest.raises(Unfit, match="Remedy: ") as fault:
        records(text)
    assert told in str(fault.value)


def test_a_list_of_one_is_a_list_where_a_mapping_says_so() -> None:
    text = "<r><data><a><b>1</b><c>2</c></a><b>3</b></data></r>"
    layout = replace(PLAIN, lists=("a.b", "d"))
    assert records(text, layout) == [{"a": {"b": ["1"], "c": "2"}, "b": "3"}]
    assert Layout.of(layout.told()) == layout


def test_a_document_without_items_has_no_rows() -> None:
    assert records("<r/>") == []
    assert records("<r><b/></r>", at("b.c")) == []


def test_a_long_document_is_read_item_by_item() -> None:
    item = b"<data><a>" + b"x" * 900 + b"</a></data>"
    data = b"<r>" + item * 30_000 + b"</r>"
    tracemalloc.start()
    assert sum(1 for _ in xml_rows(io.BytesIO(data), USUAL)) == 30_000
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 5_000_000


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("<r><m><n/><n/></m><b><c><i/><i/><i/></c><c/><c/><c/></b></r>", "b.c"),
        ("<r><hs><ma/><nd/><nd/><nd/></hs><hs><ma/><nd/></hs></r>", "hs"),
        ("<r><h><id/><day/></h><l><hs><nd/><nd/><nd/></hs><hs/></l></r>", "l.hs"),
        ("<r><hs><ma>1</ma></hs></r>", "hs"),
        ("<r><hs><ma>1</ma><nd><a/></nd><nd><a/></nd></hs></r>", "hs"),
        ("<r><d><hs><ma>1</ma><nd><a/></nd></hs></d></r>", "d.hs"),
        ("<r><a><b><c><d><e/><e/></d></c></b></a></r>", "a.b.c"),
        ("<r>1</r>", ""),
        ("<r/>", ""),
    ],
)
def test_the_items_of_an_unknown_document_are_what_repeats_outermost(text: str, path: str) -> None:
    assert longest(io.BytesIO(text.encode())) == path
