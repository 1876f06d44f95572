"""Every rule: its examples, each tripping it alone."""

from __future__ import annotations

import pytest

from schemas.contract import Rule
from schemas.derive import python as oracle
from schemas.derive import sample
from schemas.registry import CONTRACTS

RULES = [pytest.param(contract, rule, id=rule.code) for contract in CONTRACTS for rule in contract.rules]


def test_at_least_sixty_rules_with_codes_of_their_own() -> None:
    codes = [rule.code for contract in CONTRACTS for rule in contract.rules]
    assert len(codes) >= 60
    assert len(set(codes)) == len(codes)


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.dataset())
def test_the_sample_row_breaks_nothing(contract: type) -> None:
    assert oracle.violations(contract, sample.valid(contract)) == []


@pytest.mark.parametrize(("contract", "rule"), RULES)
def test_a_rules_examples(contract: type, rule: Rule) -> None:
    for row in sample.passing(contract, rule):
        assert oracle.violations(contract, row) == [], row
    for row in sample.failing(contract, rule):
        assert oracle.violations(contract, row) == [rule.code], row


@pytest.mark.parametrize(("contract", "rule"), RULES)
def test_a_rule_says_nothing_about_an_empty_row(contract: type, rule: Rule) -> None:
    empty: dict[str, object] = dict.fromkeys(contract.names())
    assert oracle.evaluate(rule.predicate, empty) is not False
