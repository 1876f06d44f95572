"""The suite that judges a whole conform batch: what no single row or submission can show."""

from __future__ import annotations

import great_expectations as gx
from great_expectations.expectations.core.expect_column_values_to_be_unique import (
    ExpectColumnValuesToBeUnique,
)
from great_expectations.expectations.core.expect_column_values_to_not_be_null import (
    ExpectColumnValuesToNotBeNull,
)
from great_expectations.expectations.core.expect_table_columns_to_match_set import (
    ExpectTableColumnsToMatchSet,
)
from great_expectations.expectations.metadata_types import FailureSeverity

from expectations.facts import COLUMNS

SUITE = "conform_batch"


def suite() -> gx.ExpectationSuite:
    """Facts have keys of their own, and each refers to a dossier row that is effective."""
    return gx.ExpectationSuite(
        name=SUITE,
        expectations=[
            ExpectTableColumnsToMatchSet(
                column_set=list(COLUMNS), exact_match=True, severity=FailureSeverity.CRITICAL
            ),
            ExpectColumnValuesToNotBeNull(column="fact_id", severity=FailureSeverity.CRITICAL),
            ExpectColumnValuesToBeUnique(column="fact_id", severity=FailureSeverity.CRITICAL),
            ExpectColumnValuesToNotBeNull(column="effective_row", severity=FailureSeverity.CRITICAL),
        ],
    )
