"""The gate: every submission of a conform batch judged by its profile and its feed's history."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from importlib import import_module
from typing import TYPE_CHECKING, Any

import sqlalchemy.orm  # noqa: F401  (two threads that are the first to import it meet a half of it)

from expectations.measures import measures
from expectations.thresholds import THRESHOLDS
from jobs.errors import IntegrityFault
from jobs.ops.batches import Batch
from jobs.quality.history import history, of_submission
from jobs.quality.profiles import ROW_NOUNS, Profiles
from jobs.settings import Settings

if TYPE_CHECKING:
    from types import ModuleType

    from pyspark.sql import DataFrame

    from jobs.quality.validation import Validation

CRITICAL = frozenset(one.rule.code for one in THRESHOLDS if one.is_critical)
Verdicts = list[dict[str, Any]]


class Gate:
    """The gate of one conform batch."""

    def __init__(self, settings: Settings, batch: Batch) -> None:
        """Begins to load Great Expectations, which takes seconds, while Spark works."""
        self._folder = settings.home / "docs"
        self._batch = batch
        self._pool = ThreadPoolExecutor(max_workers=1)
        self._module: Future[ModuleType] = self._pool.submit(import_module, "jobs.quality.validation")
        self._validation: Validation | None = None

    def judge(
        self, profiles: Profiles, conforms: Sequence[Batch], drifts: Sequence[Mapping[str, Any]]
    ) -> Verdicts:
        """The verdict on each submission, with the code and the measure of every failed expectation.

        A pure function of the profiles, of those that earlier batches committed, of the drifts, and of the
        plan's overrules. A retracted submission is not judged: nothing of it has an effect.

        Args:
            profiles: Profiles of the batch's submissions.
            conforms: Committed conform batches.
            drifts: What the submissions send otherwise than before, each with what is done about it.
        """
        retracted = set(self._batch.plan.get("retracted", ()))
        known = history(conforms, before=self._batch.batch_id, retracted=retracted)
        mine = [one for one in profiles if one["dataset"] in ROW_NOUNS]
        judged = [one for one in mine if one["submission_id"] not in retracted]
        overruled = set(self._batch.plan.get("overruled", ()))
        levels: dict[str, list[str]] = {one["submission_id"]: [] for one in judged}
        for one in drifts:
            levels[one["submission_id"]].append(one["level"])
        return [
            self._verdict(one, of_submission(known, one), levels[one["submission_id"]], overruled)
            for one in judged
        ]

    def _verdict(
        self,
        profile: Mapping[str, Any],
        earlier: Sequence[Mapping[str, Any]],
        levels: Sequence[str],
        overruled: Collection[str],
    ) -> dict[str, Any]:
        name = profile["submission_id"]
        measured = measures(profile, earlier, levels)
        failed = self._validations().of_submission(name, measured)
        of = {one.rule.code: one.measure for one in THRESHOLDS}
        verdict = "accepted"
        if CRITICAL & set(failed):
            verdict = "overruled" if name in overruled else "refused"
        told = [
            {"code": code, "measure": of[code], "observed": round(measured[of[code]] or 0.0, 4)}
            for code in failed
        ]
        return {"submission_id": name, "verdict": verdict, "failed": told}

    def check_batch(self, facts: DataFrame) -> Future[None]:
        """Checks on Spark what no submission can show, then builds the pages, in the background.

        The result raises IntegrityFault where two facts share a key, or one refers to no effective row.
        """
        checks = self._pool.submit(self._check, facts)
        self._pool.shutdown(wait=False)
        return checks

    def _check(self, facts: DataFrame) -> None:
        failed = self._validations().of_batch(facts)
        self._validations().publish()
        if failed:
            raise IntegrityFault(
                f"conform batch {self._batch.batch_id}: the facts fail {', '.join(failed)}.",
                "nothing of the batch is read; keep the lake and report it.",
            )

    def _validations(self) -> Validation:
        if self._validation is None:
            run = f"conform-{self._batch.batch_id:06d}"
            self._validation = self._module.result().Validation(self._folder, run=run, at=self._batch.at)
        return self._validation


def refused(verdicts: Verdicts) -> list[str]:
    """Submissions that are refused as a whole."""
    return [one["submission_id"] for one in verdicts if one["verdict"] == "refused"]
