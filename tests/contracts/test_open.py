"""Open and reference contracts: nothing personal in them, and the lists are whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest

from schemas import types as t
from schemas.contract import About, Contract, Field, Key, Privacy, Release
from schemas.derive import python as oracle
from schemas.derive import sample
from schemas.open import administrative_units
from schemas.open.enterprises import Enterprises
from schemas.open.types import EnterpriseCode
from schemas.procedures import PROCEDURES
from schemas.public_field import PublicField
from schemas.reference import communes_2025, procedure_catalogue, provinces_34
from schemas.registry import OPEN, REFERENCE

PUBLIC = (*OPEN, *REFERENCE)
_CATALOGUED = sum(not (one.is_baseline or one.is_verification) for one in PROCEDURES)
LISTS: list[tuple[type[Contract], Callable[[], Iterable[dict[str, object]]], int]] = [
    (provinces_34.Provinces, provinces_34.rows, 34),
    (communes_2025.Communes, communes_2025.rows, 3321),
    (procedure_catalogue.Procedures, procedure_catalogue.rows, _CATALOGUED),
    (administrative_units.AdministrativeUnits, administrative_units.rows, 34 + 3321),
]


def about(release: Release) -> About:
    return About(
        noun="things",
        title_vi="Thử",
        title_en="Things",
        version="1.0",
        owner="x",
        legal_basis="x",
        retention="x",
        layer="open",
        release=release,
    )


@pytest.mark.parametrize("privacy", [Privacy.PERSONAL, Privacy.IDENTIFIER, Privacy.SENSITIVE])
def test_an_open_contract_with_a_personal_column_cannot_be_defined(privacy: Privacy) -> None:
    column = Field(t.PersonName, "Name.", privacy=privacy)
    body = {"__doc__": "Things.", "info": about(Release.OPEN), "name": column, "key": Key((column,))}
    with pytest.raises(TypeError, match="open dataset may not have a personal column"):
        type("Things", (Contract,), body)
    assert type("Things", (Contract,), {**body, "info": about(Release.INTERNAL)})


def test_there_are_open_and_reference_datasets() -> None:
    assert {contract.info.layer for contract in OPEN} == {"open"}
    assert {contract.info.layer for contract in REFERENCE} == {"reference"}
    assert all(contract.info.release is Release.OPEN for contract in OPEN)
    assert len({contract.dataset() for contract in PUBLIC}) == len(PUBLIC) == 8


@pytest.mark.parametrize("contract", PUBLIC, ids=lambda contract: contract.dataset())
def test_every_column_is_public_and_described_in_both_languages(contract: type[Contract]) -> None:
    assert contract.privacy() is Privacy.PUBLIC
    assert all(isinstance(field, PublicField) and field.vi and field.description for field in contract.fields)


@pytest.mark.parametrize("contract", PUBLIC, ids=lambda contract: contract.dataset())
def test_the_sample_row_breaks_nothing(contract: type[Contract]) -> None:
    row = sample.valid(contract)
    broken = [rule.code for rule in contract.rules if oracle.evaluate(rule.predicate, row) is False]
    assert broken + oracle.domain_faults(contract, row) == []


def test_a_rule_rejects_its_examples() -> None:
    rules = [(contract, rule) for contract in OPEN for rule in contract.rules]
    assert rules
    for contract, rule in rules:
        assert all(
            oracle.evaluate(rule.predicate, row) is not False for row in sample.passing(contract, rule)
        )
        assert all(oracle.evaluate(rule.predicate, row) is False for row in sample.failing(contract, rule))


@pytest.mark.parametrize(("contract", "rows", "count"), LISTS)
def test_lists_are_whole_and_keep_their_contract(
    contract: type[Contract], rows: Callable[[], Iterable[dict[str, object]]], count: int
) -> None:
    found = list(rows())
    assert len(found) == count
    assert len({tuple(row[name] for name in contract.key.names) for row in found}) == count
    assert [fault for row in found for fault in oracle.domain_faults(contract, row)] == []
    assert all(tuple(row) == contract.names() for row in found)


@pytest.mark.parametrize("code", ["001075000001", "0100109106-001", "0100109106\n"])
def test_no_code_of_a_person_or_branch_is_an_enterprise(code: str) -> None:
    assert "tax_code:pattern" in oracle.domain_faults(
        Enterprises, sample.over(Enterprises, {"tax_code": code})
    )
    assert Enterprises.tax_code.domain is EnterpriseCode
