"""The suite of a whole batch: facts have keys of their own and refer to effective rows."""

from __future__ import annotations

from typing import Any

import great_expectations as gx
import pyarrow as pa
import pytest

from expectations.batch import suite
from expectations.facts import COLUMNS
from jobs.quality.validation import RESULT_FORMAT

FACTS = [("f1", "01-dossiers.00000001/1/1"), ("f2", "01-dossiers.00000001/1/1")]


@pytest.fixture(scope="module")
def source() -> Any:
    return gx.get_context(mode="ephemeral").data_sources.add_pandas("facts")


@pytest.mark.parametrize(
    ("rows", "failing"),
    [
        (FACTS, set()),
        ([*FACTS, ("f1", "01-dossiers.00000001/1/2")], {"expect_column_values_to_be_unique"}),
        ([*FACTS, ("f3", None)], {"expect_column_values_to_not_be_null"}),
        ([*FACTS, (None, "01-dossiers.00000001/1/2")], {"expect_column_values_to_not_be_null"}),
    ],
    ids=["good", "a key twice", "no effective row", "no key"],
)
def test_the_suite(source: Any, rows: list[tuple[str | None, str | None]], failing: set[str]) -> None:
    table = pa.table(dict(zip(COLUMNS, zip(*rows, strict=True), strict=True)))
    asset = source.add_dataframe_asset(f"facts {len(source.assets)}")
    batch = asset.add_batch_definition_whole_dataframe("whole").get_batch({"dataframe": table.to_pandas()})
    result = batch.validate(suite(), result_format=RESULT_FORMAT)
    assert {one.expectation_config.type for one in result.results if not one.success} == failing
