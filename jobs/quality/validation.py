"""Great Expectations, wrapped: one context per conform batch, results without values, pages.

Importing it takes seconds; only ``jobs.quality.gate`` does, and late.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import great_expectations as gx
import pyarrow as pa
from great_expectations.core.expectation_validation_result import ExpectationSuiteValidationResult
from great_expectations.core.run_identifier import RunIdentifier
from great_expectations.data_context.types.base import (
    DataContextConfig,
    InMemoryStoreBackendDefaults,
    ProgressBarsConfig,
)
from great_expectations.data_context.types.resource_identifiers import ExpectationSuiteIdentifier
from great_expectations.datasource.fluent.pandas_datasource import PandasDatasource
from great_expectations.datasource.fluent.spark_datasource import SparkDatasource
from pyspark.sql import DataFrame

from expectations import batch, submission
from jobs.errors import IntegrityFault

RESULT_FORMAT = {"result_format": "BASIC", "partial_unexpected_count": 0}
"""The only format without offending values."""
RUNS_KEPT = 8
"""Newest runs that the pages show; the index reads every result it lists."""
_STORE = "validation_results_store"
_SITE = "data"


class Validation:
    """The validations of one conform batch, shown together as one run."""

    def __init__(self, folder: Path, *, run: str, at: datetime) -> None:
        """An ephemeral context whose results are kept in a folder, so that the pages show earlier runs.

        Args:
            folder: Where results and pages are kept.
            run: Name of the run.
            at: Instant of the batch.
        """
        logging.getLogger("great_expectations").setLevel(logging.ERROR)
        self._context = gx.get_context(mode="ephemeral", project_config=_configuration(folder))
        self._run = RunIdentifier(run_name=run, run_time=at)
        self._suites: dict[frozenset[str], gx.ExpectationSuite] = {}
        self._profiles = self._context.data_sources.add_pandas("profiles")

    def of_submission(self, submission_id: str, measures: Mapping[str, float | None]) -> list[str]:
        """Codes of the expectations that a submission's measures fail; its batch is one row in memory."""
        known = {name: value for name, value in measures.items() if value is not None}
        frame = pa.table({name: pa.array([value], pa.float64()) for name, value in known.items()})
        measured = frozenset(known)
        if measured not in self._suites:
            self._suites[measured] = self._context.suites.add(submission.suite(measured))
        suite = self._suites[measured]
        return _failed(self._validated(self._profiles, submission_id, suite, frame.to_pandas()))

    def of_batch(self, facts: DataFrame) -> list[str]:
        """Names of the whole-batch expectations that the batch's facts fail, checked on Spark."""
        suite = self._context.suites.add(batch.suite())
        lake = self._context.data_sources.add_spark("lake")
        return _failed(self._validated(lake, "facts", suite, facts))

    def publish(self) -> None:
        """Builds the pages of this run and the index; runs older than the newest few are dropped."""
        self._forget_old_runs()
        mine = [key for key in self._keys() if key.run_id.run_name == self._run.run_name]
        suites = [ExpectationSuiteIdentifier(one.name) for one in self._context.suites.all()]
        self._context.build_data_docs(site_names=[_SITE], resource_identifiers=[*mine, *suites])

    def _validated(
        self,
        source: PandasDatasource | SparkDatasource,
        asset: str,
        suite: gx.ExpectationSuite,
        frame: object,
    ) -> ExpectationSuiteValidationResult:
        chosen = source.add_dataframe_asset(asset).add_batch_definition_whole_dataframe("whole")
        definition = gx.ValidationDefinition(name=f"{suite.name} {asset}", data=chosen, suite=suite)
        return definition.run(
            batch_parameters={"dataframe": frame}, result_format=RESULT_FORMAT, run_id=self._run
        )

    def _keys(self) -> list[Any]:
        return list(self._context.stores[_STORE].list_keys())

    def _forget_old_runs(self) -> None:
        keys = self._keys()
        kept = sorted({(key.run_id.run_time, key.run_id.run_name) for key in keys})[-RUNS_KEPT:]
        for key in keys:
            if (key.run_id.run_time, key.run_id.run_name) not in kept:
                self._context.stores[_STORE].remove_key(key)


def _failed(result: ExpectationSuiteValidationResult) -> list[str]:
    failed = [one for one in result.results if not one.success]
    for one in failed:
        if one.exception_info and one.exception_info.get("raised_exception", False):
            told = one.expectation_config.type if one.expectation_config else "an expectation"
            raise IntegrityFault(
                f"Gate: {told} could not be evaluated.", "see lienthong status, then conform again."
            )
    configured = [one.expectation_config for one in failed if one.expectation_config]
    return sorted({str((one.meta or {}).get("rule", one.type)) for one in configured})


def _configuration(folder: Path) -> DataContextConfig:
    defaults = InMemoryStoreBackendDefaults()
    defaults.stores[_STORE]["store_backend"] = _files(folder / "results")
    site = {
        "class_name": "SiteBuilder",
        "site_name": "Liên thông",
        "show_how_to_buttons": False,
        "store_backend": _files(folder / "data"),
        "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
    }
    return DataContextConfig(
        store_backend_defaults=defaults,
        data_docs_sites={_SITE: site},
        analytics_enabled=False,
        progress_bars=ProgressBarsConfig(globally=False, metric_calculations=False),
    )


def _files(folder: Path) -> dict[str, str]:
    return {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(folder)}
