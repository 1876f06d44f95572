"""Suites from contracts: they pass on the sample row and fail on each mutation, by its code."""

from __future__ import annotations

from typing import Any

import great_expectations as gx
import pyarrow as pa
import pytest

from expectations.from_contract import VIOLATIONS, suite
from jobs.quality.validation import RESULT_FORMAT
from schemas.contract import Contract
from schemas.derive import arrow, sample
from schemas.derive import python as oracle
from schemas.registry import CORE, FOLDED

CONTRACTS = pytest.mark.parametrize("contract", [*CORE, *FOLDED], ids=lambda contract: contract.table())


@pytest.fixture(scope="module")
def source() -> Any:
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    return context.data_sources.add_pandas("samples")


def frame(contract: type[Contract], rows: list[dict[str, Any]]) -> pa.Table:
    """Rows with the codes of the checks that they violate."""
    schema = pa.schema([field.with_nullable(True) for field in arrow.schema(contract)])
    codes = [",".join(violated(contract, row)) for row in rows]
    return pa.Table.from_pylist(rows, schema=schema).append_column(VIOLATIONS, pa.array(codes, pa.string()))


def violated(contract: type[Contract], row: dict[str, Any]) -> list[str]:
    rules = [rule.code for rule in contract.rules if oracle.evaluate(rule.predicate, row) is False]
    return [*oracle.domain_faults(contract, row), *rules]


def failed(source: Any, contract: type[Contract], table: pa.Table) -> set[str]:
    asset = source.add_dataframe_asset(f"{contract.table()} {len(source.assets)}")
    batch = asset.add_batch_definition_whole_dataframe("whole").get_batch({"dataframe": table.to_pandas()})
    result = batch.validate(suite(contract), result_format=RESULT_FORMAT)
    configured = [one.expectation_config for one in result.results if not one.success]
    return {(one.meta or {}).get("rule", one.type) for one in configured}


@CONTRACTS
def test_the_sample_row_passes(source: Any, contract: type[Contract]) -> None:
    assert failed(source, contract, frame(contract, [sample.valid(contract)])) == set()


@CONTRACTS
def test_each_rule_fails_on_its_examples(source: Any, contract: type[Contract]) -> None:
    rows = [row for rule in contract.rules for row in sample.failing(contract, rule)]
    if rows:
        codes = {rule.code for rule in contract.rules}
        assert failed(source, contract, frame(contract, rows)) == codes


@CONTRACTS
def test_a_missing_value_fails(source: Any, contract: type[Contract]) -> None:
    required = [field.name for field in contract.fields if field.required]
    rows = [sample.valid(contract) | {name: None} for name in required]
    if rows:
        found = failed(source, contract, frame(contract, rows))
        assert {f"{name}:required" for name in required} <= found
        assert "expect_column_values_to_not_match_regex" in found


@CONTRACTS
def test_another_set_of_columns_fails(source: Any, contract: type[Contract]) -> None:
    table = frame(contract, [sample.valid(contract)]).append_column("strange", pa.array(["x"]))
    assert failed(source, contract, table) == {"expect_table_columns_to_match_set"}
