"""The suite that judges one submission by its measures."""

from __future__ import annotations

import great_expectations as gx
from great_expectations.expectations.core.expect_column_values_to_be_between import (
    ExpectColumnValuesToBeBetween,
)
from great_expectations.expectations.metadata_types import FailureSeverity

from expectations.thresholds import THRESHOLDS, Threshold

SUITE = "submission"


def suite() -> gx.ExpectationSuite:
    """One expectation for each threshold, on a frame with one row: the submission's measures."""
    return gx.ExpectationSuite(name=SUITE, expectations=[_expectation(one) for one in THRESHOLDS])


def _expectation(one: Threshold) -> ExpectColumnValuesToBeBetween:
    return ExpectColumnValuesToBeBetween(
        column=one.measure,
        min_value=one.low,
        max_value=one.high,
        severity=FailureSeverity.CRITICAL if one.is_critical else FailureSeverity.WARNING,
        description=f"{one.rule.code}: {one.rule.en}",
        notes=one.reason,
        meta={"rule": one.rule.code},
    )
