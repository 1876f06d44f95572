"""The sync verb: trigger the first DAG, follow all stages, sum up."""

from __future__ import annotations

import contextlib
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine

from jobs import ops
from jobs.errors import LienthongError, Unreachable
from jobs.ledger import anchors
from jobs.ops import batches, events, outbox, runs
from jobs.portal.status import total as standing
from jobs.settings import Settings
from jobs.sync import summary
from jobs.sync.airflow import Airflow
from schemas.contract import REGISTERS

MERGES = tuple(f"merge_{register.value}" for register in REGISTERS)
STAGES = ("ingest", "conform", *MERGES)
"""Stages of a day and, alike, the DAGs that carry them out."""
AFTERWARDS = ("send_portal",)
"""Stages that follow a day and are shown; a day does not wait for them, nor fail with them."""
_POLL_SECONDS = 0.5
Progress = Callable[[Mapping[str, str]], None]


@dataclass(frozen=True, slots=True)
class Asked:
    """What to sync."""

    at: datetime
    sources: Sequence[str] = ()
    """Patterns of feed ids; every due feed when empty."""
    registers: Sequence[str] = ()
    """Registers to merge; all when empty."""
    since: datetime | None = None
    """Pull again from this instant."""


class SyncFailed(LienthongError):
    """A stage failed; the message says which and what Airflow knows of it."""


def sync(
    settings: Settings, asked: Asked, *, progress: Progress = lambda _: None, patience: float = 3600
) -> dict[str, Any]:
    """Runs a day through Airflow, waits for its end and keeps the head of the event chain outside ops.

    Args:
        settings: Where the services are.
        asked: What to sync.
        progress: Called with the state of each stage whenever one changes.
        patience: Seconds until a day that does not end counts as failed.

    Returns:
        The instant, counts by register of what was committed meanwhile, late sources, how the portal stands
        (what it was not sent yet follows the day), seconds.

    Raises:
        SyncFailed: A stage failed.
        Unreachable: Airflow does not answer, or the day does not end in time.
    """
    begun, airflow, engine = time.monotonic(), Airflow(settings), ops.engine(settings)
    with engine.connect() as connection:
        place, _ = events.head(connection)
    run_id = f"sync-{uuid.uuid4().hex[:12]}"
    conf = {
        "sync": run_id,
        "at": asked.at.isoformat(),
        "sources": list(asked.sources),
        "registers": list(asked.registers),
        "since": asked.since.isoformat() if asked.since else None,
    }
    triggered = datetime.now(UTC)  # noqa: TID251  (Airflow's clock, not the run's instant)
    airflow.trigger("ingest", conf)
    stages = _follow(airflow, engine, run_id, triggered, progress, begun + patience)
    anchors.anchor(settings, at=asked.at)
    return {
        "at": asked.at.isoformat(),
        "run_id": run_id,
        "registers": summary.registers(
            batches.committed_after(engine, place), batches.first_conforms(engine)
        ),
        "late": summary.late(stages),
        "portal": {**standing(outbox.counts(engine)), "state": _state(stages, AFTERWARDS[0])},
        "seconds": round(time.monotonic() - begun, 1),
    }


def _follow(
    airflow: Airflow, engine: Engine, run_id: str, since: datetime, progress: Progress, until: float
) -> summary.Stages:
    """Waits until every stage is done; the receipts."""
    shown: dict[str, str] = {}
    looked = time.monotonic()
    while True:
        stages = runs.stages(engine, run_id)
        every = {name: _state(stages, name) for name in (*STAGES, *AFTERWARDS)}
        if every != shown:
            progress(every)
            shown = every
        states = {name: every[name] for name in STAGES}
        if all(state == "done" for state in states.values()):
            return stages
        _refuse_failed({name: told for name, told in stages.items() if name in STAGES})
        if time.monotonic() - looked > 10 * _POLL_SECONDS:
            # Airflow may be busy for a while; the stages themselves are read from ops.
            with contextlib.suppress(Unreachable):
                _refuse_dead(airflow, stages, states, since)
            looked = time.monotonic()
        if looked > until:
            late = [name for name, state in states.items() if state != "done"]
            raise Unreachable(f"The day does not end: {', '.join(late)}.", "see Airflow's page of the DAG.")
        time.sleep(_POLL_SECONDS)


def _state(stages: summary.Stages, name: str) -> str:
    return stages[name][0] if name in stages else "waiting"


def _refuse_failed(stages: summary.Stages) -> None:
    for name, (state, body) in stages.items():
        if state == "failed":
            raise SyncFailed(f"{name} failed: {body.get('error')}", "mend it and run the sync again.")


def _refuse_dead(
    airflow: Airflow, stages: summary.Stages, states: Mapping[str, str], since: datetime
) -> None:
    """A run that failed without a word of its own: a task that was killed, a DAG that does not load."""
    for name, state in states.items():
        if state == "done":
            continue
        failed = [run for run in airflow.runs(name, since) if run["state"] == "failed"]
        if failed:
            tasks = airflow.tasks(name, failed[0]["dag_run_id"])
            dead = [task["task_id"] for task in tasks if task["state"] == "failed"]
            noted = stages[name][1].get("error") if name in stages else None
            raise SyncFailed(
                f"{name} failed in {', '.join(dead) or 'its DAG'}; run {failed[0]['dag_run_id']}."
                + (f" It said: {noted}" if noted else ""),
                "read the task's log in Airflow, then run the sync again.",
            )
