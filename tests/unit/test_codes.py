"""The catalogue of codes: whatever a module can give has words in both languages."""

from __future__ import annotations

import ast
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from expectations.thresholds import THRESHOLDS
from schemas import gate, holds, portal, states
from schemas.codes import catalogue
from schemas.contract import Kind, StateRule
from schemas.core.dossiers import Dossiers
from schemas.derive import python as oracle
from schemas.derive import sample
from schemas.messages import CHECKS, message
from schemas.registry import CORE, FOLDED

ROOT = Path(__file__).parents[2]
FAULTS = {
    Kind.TEXT: ("", "\n", "x" * 5000),
    Kind.INTEGER: (-(10**20), 10**20),
    Kind.DECIMAL: (Decimal(-1), Decimal(10**12)),
    Kind.DATE: (date(1, 1, 1), date(9999, 1, 1)),
}


def test_a_group_that_is_no_list_has_words() -> None:
    assert "form.persons:parse" in catalogue()


def test_every_code_has_words_in_both_languages() -> None:
    assert len(catalogue()) > 300
    for code, words in catalogue().items():
        assert words.code == code
        assert words.vi
        assert words.en
        assert words.effect in {"quarantine", "hold", "note"}


@pytest.mark.parametrize("module", [states, holds, gate, portal], ids=lambda module: module.__name__)
def test_state_rules_are_in_the_catalogue(module: object) -> None:
    stated = [value for value in vars(module).values() if isinstance(value, StateRule)]
    assert stated
    for rule in stated:
        assert (catalogue()[rule.code].vi, catalogue()[rule.code].en) == (rule.vi, rule.en)


def test_rules_are_in_the_catalogue() -> None:
    for contract in (*CORE, *FOLDED):
        assert {rule.code for rule in contract.rules} <= catalogue().keys()
    assert {one.rule.code for one in THRESHOLDS} <= catalogue().keys()


@pytest.mark.parametrize("contract", [Dossiers, *FOLDED], ids=lambda contract: contract.table())
def test_checks_of_types_are_in_the_catalogue(contract: type) -> None:
    """The oracle names a check as Spark does; each kind of fault of a type is tried on each column."""
    for field in contract.fields:
        for value in (None, *FAULTS.get(field.domain.kind, ())):
            row = sample.valid(contract) | {field.name: value}
            for code in oracle.domain_faults(contract, row):
                assert f"{contract.info.noun}.{code}" in catalogue()


def test_the_oracle_knows_no_other_check() -> None:
    kinds = {
        node.value.rpartition(":")[2]
        for path in ("schemas/derive/spark.py", "schemas/derive/python.py", "jobs/conform/canonical.py")
        for node in ast.walk(ast.parse((ROOT / path).read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith(":")
    }
    assert kinds - {""} <= CHECKS.keys()
    assert "required" in kinds


def test_an_unknown_code_has_no_words() -> None:
    with pytest.raises(KeyError):
        message("XYZ-000")
