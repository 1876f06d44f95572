"""Documents in texts and numbered keys: what can be read becomes objects, all else stays what it is."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.landing.shaping import MAX_ITEMS, shaped
from schemas.dialect import Shaping

JSON, XML = Shaping("form", "json", None), Shaping("form", "xml_items", None)
NUMBERED = Shaping("", "numbered", "(?P<list>[A-Z]+)(?P<number>[0-9]+)_(?P<key>.+)")
BOMB = (
    "<!DOCTYPE a [<!ENTITY b 'bbbb'><!ENTITY c '&b;&b;&b;'>]>"
    "<data><item id='a'><value>&c;</value></item></data>"
)


def item(name: str, value: str) -> str:
    return f'<item id="{name}"><value><![CDATA[{value}]]></value></item>'


@pytest.mark.parametrize(
    ("shaping", "sent", "read"),
    [
        (JSON, '{"a": [1]}', {"a": [1]}),
        (JSON, "no JSON", "no JSON"),
        (JSON, '{"a": NaN}', '{"a": NaN}'),
        (JSON, '{"a": 1, "a": 2}', '{"a": 1, "a": 2}'),
        (JSON, "[" * 5000, "[" * 5000),
        (JSON, '{"a": "\\ud800"}', '{"a": "\\ud800"}'),
        (JSON, '\u00a0{"a": 1} ', {"a": 1}),
        (JSON, "null", None),
        (JSON, " ", None),
        (JSON, "\u200b\n", None),
        (JSON, None, None),
        (XML, f"<data>{item('txtName', 'Nguyễn & <A>')}</data>", {"txtName": "Nguyễn & <A>"}),
        (XML, "<data></data>", {}),
        (XML, "<data><item id='a'/></data>", {"a": None}),
        (XML, "", None),
        (
            XML,
            f"<data>{item('a', '1')}{item('a', '2')}</data>",
            f"<data>{item('a', '1')}{item('a', '2')}</data>",
        ),
        (XML, "<data><item><value>1</value></item></data>", "<data><item><value>1</value></item></data>"),
        (
            XML,
            "<data><item id='a'><value>1</value><value>2</value></item></data>",
            "<data><item id='a'><value>1</value><value>2</value></item></data>",
        ),
        (XML, "<data>", "<data>"),
        (XML, "<data>\x00</data>", "<data>\x00</data>"),
        (XML, BOMB, BOMB),
    ],
)
def test_a_text_that_is_a_document(shaping: Shaping, sent: Any, read: Any) -> None:
    assert shaped({"form": sent, "other": "1"}, [shaping]) == {"form": read, "other": "1"}


def test_documents_in_a_list_and_below_a_path() -> None:
    found = shaped({"a": [{"b": "[1]"}, {"b": "["}, {"c": 1}, 2]}, [Shaping("a.b", "json", None)])
    assert found == {"a": [{"b": [1]}, {"b": "["}, {"c": 1}, 2]}


def test_numbered_keys_are_lists_in_the_order_of_their_numbers() -> None:
    sent = {
        "TD2_area": "2",
        "TD1_area": "1",
        "TD10_area": "10",
        "CD1_name": "A",
        "plain": "x",
        "CD2_name": "",
    }
    found = shaped(sent, [NUMBERED])
    assert found == {
        "plain": "x",
        "TD": [{"area": "1"}, {"area": "2"}, {"area": "10"}],
        "CD": [{"name": "A"}],
    }


@pytest.mark.parametrize(
    "sent",
    [
        {f"TD{MAX_ITEMS + 1}_area": "1"},
        {"TD0_area": "2"},
        {f"TD{'9' * 5000}_area": "2"},
        {"TD1_area": "1", "TD01_area": "2"},
        {"TD": "taken", "TD1_area": "A"},
    ],
)
def test_numbered_keys_that_are_no_list_are_seen_as_none(sent: dict[str, Any]) -> None:
    assert shaped(sent, [NUMBERED]) == {"TD": "numbered keys that are no list"}


@given(
    st.dictionaries(st.text(max_size=8), st.text(max_size=40) | st.integers() | st.none(), max_size=6),
    st.sampled_from([JSON, XML, NUMBERED]),
)
def test_nothing_raises_and_nothing_is_changed(record: dict[str, Any], shaping: Shaping) -> None:
    before = copy.deepcopy(record)
    shaped(record, [shaping])
    assert record == before
