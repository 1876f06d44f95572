"""The merge DAG of a register; the three DAG files differ in its name alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import Param, dag, task

from dags.support.assets import facts, golden
from dags.support.policies import DEFAULTS, SPARK, within
from dags.support.run import carry_out
from schemas.contract import Register


def merge_dag(register: Register, doc: str | None) -> Any:
    """A DAG that folds what conform brought a register and loads its database."""
    outlets = golden(register)

    @dag(
        dag_id=f"merge_{register.value}",
        schedule=facts(register),
        catchup=False,
        max_active_runs=1,
        default_args=DEFAULTS,
        doc_md=doc,
        tags=["layer:curated", f"domain:{register.value}", "impact:tier_1"],
        deadline=within(timedelta(hours=2), f"the {register.value} register is loaded"),
        params={
            "at": Param(None, type=["null", "string"], format="date-time", title="Instant of the run"),
            "registers": Param(
                None, type=["null", "array"], items={"type": "string"}, title="Registers to merge"
            ),
            "sync": Param(None, type=["null", "string"], title="Name of the sync"),
        },
    )
    def merging() -> None:
        @task(pool=SPARK, outlets=outlets)
        def merge() -> dict[str, Any]:
            """Facts → golden versions → national database."""
            from jobs.ledger.anchors import anchor  # noqa: PLC0415
            from jobs.merge import run  # noqa: PLC0415

            def verb(settings: Any, now: Any) -> dict[str, Any]:
                if now.registers and register.value not in now.registers:
                    return {"skipped": True, "batch_id": None}
                receipt = run.run(settings, register=register.value, at=now.at)
                anchor(settings, at=now.at)
                return receipt

            return dict(carry_out(f"merge_{register.value}", verb, outlets=outlets))

        merge()

    return merging()
