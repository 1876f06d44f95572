"""Turns every sealed submission into dossiers, change facts and findings, and judges each at the gate.

Runs when sources have landed. What is pending is read from the operational database, so a run that was
lost costs nothing. **Form**: `submissions` conforms the named ones again (after a rule, mapping or
reference fix); rows keep their place in the order, and a second replay changes nothing.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import Param, dag, task

from dags.support.assets import CONFORMED, LANDING
from dags.support.policies import DEFAULTS, SPARK, within
from dags.support.run import carry_out


@dag(
    schedule=[LANDING],
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULTS,
    doc_md=__doc__,
    tags=["layer:core", "domain:all", "impact:tier_1"],
    deadline=within(timedelta(hours=2), "everything sealed is conformed"),
    params={
        "submissions": Param(None, type=["null", "array"], items={"type": "string"}, title="Conform again"),
        "at": Param(None, type=["null", "string"], format="date-time", title="Instant of the run"),
        "registers": Param(
            None, type=["null", "array"], items={"type": "string"}, title="Registers to merge"
        ),
        "sync": Param(None, type=["null", "string"], title="Name of the sync"),
    },
)
def conform() -> None:
    """Landing → core."""

    @task(pool=SPARK, outlets=CONFORMED)
    def conform_pending() -> dict[str, Any]:
        """All that is sealed in one batch."""
        from jobs.conform import run  # noqa: PLC0415

        return dict(
            carry_out(
                "conform",
                lambda s, now: run.run(s, at=now.at, submission_ids=now.params["submissions"] or None),
                outlets=CONFORMED,
            )
        )

    conform_pending()


conform()
