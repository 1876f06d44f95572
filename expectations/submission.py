"""The suite that judges one submission by its measures."""

from __future__ import annotations

from collections.abc import Collection

import great_expectations as gx
from great_expectations.expectations.core.expect_column_max_to_be_between import ExpectColumnMaxToBeBetween
from great_expectations.expectations.metadata_types import FailureSeverity

from expectations.thresholds import THRESHOLDS, Threshold

SUITE = "submission"


def suite(measured: Collection[str]) -> gx.ExpectationSuite:
    """One expectation for each threshold whose measure there is, on a frame with one row of measures.

    A first submission has no history and a small one no shares: those expectations are left out, and
    the suite's name says so. The largest value of a column with one row is the measure itself, which
    the pages then show beside its limits.
    """
    missing = sorted({one.measure for one in THRESHOLDS} - set(measured))
    stated = [_expectation(one) for one in THRESHOLDS if one.measure in measured]
    name = "-".join([SUITE, "without", *missing]) if missing else SUITE
    return gx.ExpectationSuite(name=name, expectations=stated)


def _expectation(one: Threshold) -> ExpectColumnMaxToBeBetween:
    return ExpectColumnMaxToBeBetween(
        column=one.measure,
        min_value=one.low,
        max_value=one.high,
        severity=FailureSeverity.CRITICAL if one.is_critical else FailureSeverity.WARNING,
        description=f"{one.rule.code}: {one.rule.en}",
        notes=one.reason,
        meta={"rule": one.rule.code},
    )
