"""Contract → suite: what a frame of accepted rows must satisfy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import great_expectations as gx
from great_expectations.expectations.core.expect_column_values_to_not_be_null import (
    ExpectColumnValuesToNotBeNull,
)
from great_expectations.expectations.core.expect_column_values_to_not_match_regex import (
    ExpectColumnValuesToNotMatchRegex,
)
from great_expectations.expectations.core.expect_table_columns_to_match_set import (
    ExpectTableColumnsToMatchSet,
)
from great_expectations.expectations.metadata_types import FailureSeverity

from schemas.contract import Contract, Effect

if TYPE_CHECKING:
    from great_expectations.expectations.expectation import Expectation

VIOLATIONS = "_violations"
"""Column with the codes of a row's violated checks, joined by commas."""


def suite(contract: type[Contract]) -> gx.ExpectationSuite:
    """The columns, the presence of what is required, and no rule left violated, of one contract.

    A rule is not stated again: the frame brings ``_violations``, which the contract's own checks
    wrote, and each expectation bears its rule's code in ``meta``.
    """
    return gx.ExpectationSuite(name=contract.table(), expectations=list(_expectations(contract)))


def _expectations(contract: type[Contract]) -> Iterator[Expectation]:
    yield ExpectTableColumnsToMatchSet(
        column_set=[*contract.names(), VIOLATIONS], exact_match=True, severity=FailureSeverity.CRITICAL
    )
    for field in contract.fields:
        if field.required:
            yield ExpectColumnValuesToNotBeNull(
                column=field.name, severity=FailureSeverity.CRITICAL, meta={"rule": f"{field.name}:required"}
            )
    for rule in contract.rules:
        yield ExpectColumnValuesToNotMatchRegex(
            column=VIOLATIONS,
            regex=rf"(?:^|,){rule.code}(?:,|$)",
            severity=FailureSeverity.WARNING if rule.effect is Effect.NOTE else FailureSeverity.CRITICAL,
            description=f"{rule.code}: {rule.en}",
            meta={"rule": rule.code},
        )
    yield ExpectColumnValuesToNotMatchRegex(
        column=VIOLATIONS,
        regex=":",
        severity=FailureSeverity.CRITICAL,
        description="No check of a type is violated.",
    )
