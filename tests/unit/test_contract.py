"""A contract that is wrong does not come into being, and says why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from schemas import types as t
from schemas.contract import About, Contract, DomainType, Field, Key, Kind, Privacy, Release, Rule
from schemas.contract.predicate import Call, columns
from schemas.core.landed import PLACE
from schemas.registry import ROWS

ABOUT = About(
    noun="boats",
    title_vi="Tàu",
    title_en="Boats",
    version="1.0",
    owner="Cơ quan thử",
    legal_basis="None: a dataset of the tests.",
    retention="none",
)


def code(privacy: Privacy = Privacy.INTERNAL) -> Field:
    return Field(t.Code, "A code.", privacy=privacy)


class Ports(Contract):
    """Grain: one row per port."""

    info = replace(ABOUT, noun="ports")
    port_code = code()
    key = Key((port_code,))


def rule_on(field: Field, number: str = "BOA-001") -> Rule:
    return Rule(number, field.is_present(), "Thiếu.", "Missing.", passes=({"a": "1"},), fails=({"a": None},))


def two_columns_of_one_name() -> None:
    class Boats(Contract):
        """Grain: one row per boat."""

        info = ABOUT
        boat_code = code()
        boat_code = code()  # noqa: PIE794
        key = Key((boat_code,))


def one_column_of_two_names() -> None:
    class Boats(Contract):
        """Grain: one row per boat."""

        info = ABOUT
        boat_code = other_code = code()
        key = Key((boat_code,))


class Moored:
    berth_no = code()


def a_column_of_a_base_again() -> None:
    class Boats(Moored, Contract):
        """Grain: one row per boat."""

        info = ABOUT
        berth_no = code()
        key = Key((berth_no,))


def test_columns_of_a_base_come_first() -> None:
    class Boats(Moored, Contract):
        """Grain: one row per boat."""

        info = ABOUT
        boat_code = code()
        key = Key((boat_code, Moored.berth_no))

    assert Boats.names() == ("berth_no", "boat_code")


def no_docstring() -> None:
    class Boats(Contract):
        info = ABOUT
        boat_code = code()
        key = Key((boat_code,))


def no_key() -> None:
    class Boats(Contract):
        """Grain: one row per boat."""

        info = ABOUT
        boat_code = code()


def no_column() -> None:
    class Boats(Contract):
        """Grain: one row per boat."""

        info = ABOUT
        key = Key((Ports.port_code,))


def key_of_another_contract() -> None:
    class Boats(Contract):
        """Grain: one row per boat."""

        info = ABOUT
        port_code = code()
        key = Key((Ports.port_code,))


def rule_on_another_contract() -> None:
    class Boats(Contract):
        """Grain: one row per boat."""

        info = ABOUT
        port_code = code()
        key = Key((port_code,))
        rules = (rule_on(Ports.port_code),)


def one_rule_code_twice() -> None:
    class Boats(Contract):
        """Grain: one row per boat."""

        info = ABOUT
        boat_code = code()
        key = Key((boat_code,))
        rules = (rule_on(boat_code), rule_on(boat_code))


def no_precision_column() -> None:
    class Boats(Contract):
        """Grain: one row per boat."""

        info = ABOUT
        built_date = Field(t.Date, "Built.", privacy=Privacy.INTERNAL, precision="built_precision")
        key = Key((built_date,))


def open_with_a_personal_column() -> None:
    class Boats(Contract):
        """Grain: one row per boat."""

        info = replace(ABOUT, release=Release.OPEN)
        owner_name = code(Privacy.PERSONAL)
        key = Key((owner_name,))


def no_version() -> None:
    class Boats(Contract):
        """Grain: one row per boat."""

        info = replace(ABOUT, version="new")
        boat_code = code()
        key = Key((boat_code,))


def name_in_capitals() -> None:
    class Boats(Contract):
        """Grain: one row per boat."""

        info = ABOUT
        BoatCode = code()
        key = Key((BoatCode,))


def example_of_an_unknown_column() -> None:
    class Boats(Contract):
        """Grain: one row per boat."""

        info = ABOUT
        boat_code = code()
        key = Key((boat_code,))
        example = {"port_code": "1"}


@pytest.mark.parametrize(
    ("define", "told"),
    [
        (two_columns_of_one_name, "column boat_code is declared twice"),
        (one_column_of_two_names, "a column has two names"),
        (a_column_of_a_base_again, "contract Boats: berth_no is declared in a base too"),
        (no_docstring, "contract Boats: a docstring with the grain is missing"),
        (no_key, "contract Boats: a key is missing"),
        (no_column, "contract Boats: a column is missing"),
        (key_of_another_contract, "the key names a column of another contract"),
        (rule_on_another_contract, "rule BOA-001 reads a column of another contract"),
        (one_rule_code_twice, "a rule code is used twice"),
        (no_precision_column, "column built_date: there is no precision column built_precision"),
        (open_with_a_personal_column, "an open dataset may not have a personal column"),
        (no_version, "version 'new' is not written like 1.0"),
        (name_in_capitals, "are no names of tables or columns"),
        (example_of_an_unknown_column, "the example has unknown columns"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_wrong_contract_fails_where_it_is_defined(define: Callable[[], None], told: str) -> None:
    with pytest.raises(TypeError, match=told):
        define()


def test_a_column_needs_a_description() -> None:
    with pytest.raises(ValueError, match="a column needs a description"):
        Field(t.Code, "", privacy=Privacy.INTERNAL)


@pytest.mark.parametrize(
    ("number", "vi", "told"),
    [("BOAT-1", "Sai.", "three or four capitals"), ("BOA-001", "", "a message is missing")],
)
def test_a_rule_needs_a_code_and_both_messages(number: str, vi: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        Rule(number, Ports.port_code.is_present(), vi, "Wrong.", passes=({},), fails=({},))


def test_a_rule_needs_examples() -> None:
    with pytest.raises(ValueError, match="examples that pass and that fail"):
        Rule("BOA-001", Ports.port_code.is_present(), "Sai.", "Wrong.", passes=({},))


@pytest.mark.parametrize("pattern", [r"\d+", "^a"])
def test_a_pattern_stays_in_the_shared_subset(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"use \[0-9\] and leave the anchors out"):
        DomainType("wrong", Kind.TEXT, "Wrong.", pattern=pattern)


def test_only_known_functions() -> None:
    with pytest.raises(ValueError, match="unknown function random"):
        Call("random", ())


def test_columns_of_a_predicate() -> None:
    field = Ports.port_code
    node = (field.length().plus(1) > 3) & ~(field.is_in("A") | field.matches("B").implies(field.is_null()))
    assert list(columns(node)) == [field] * 4


def test_what_a_contract_answers() -> None:
    assert Ports.names() == ("port_code",)
    assert Ports.dataset() == "core.ports"
    assert Ports.dataset("curated") == "curated.ports"
    assert Ports.privacy() is Privacy.INTERNAL
    assert Ports.field("port_code") is Ports.port_code
    with pytest.raises(KeyError, match="Ports has no column name"):
        Ports.field("name")


@pytest.mark.parametrize("contract", ROWS)
def test_a_landed_row_is_named_by_its_place(contract: type[Contract]) -> None:
    assert contract.key.names == PLACE
