"""The one way in which a task calls a verb: its settings, its instant, its outcome."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from airflow.sdk import Asset, RetryAction, get_current_context

from dags.support.code import require_current
from dags.support.policies import BY_FAULT

if TYPE_CHECKING:
    from jobs.settings import Settings

Receipt = Mapping[str, Any]
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Asked:
    """What a run was asked: by its form, or by the events that triggered it."""

    run_ids: tuple[str, ...]
    """Syncs that the run belongs to; its own run id where there is none."""
    at: datetime
    """Instant of the run: the same in every task and try of it."""
    stated_at: datetime | None
    """What the form or the events state; None where the run has its own instant."""
    registers: tuple[str, ...]
    """Registers to merge; all when empty."""
    params: Mapping[str, Any]

    def handed_on(self) -> dict[str, Any]:
        """What the events of this run tell the next DAG; a run's own instant stays its own."""
        told: dict[str, Any] = {"sync": list(self.run_ids), "registers": list(self.registers)}
        return told | ({"at": self.stated_at.isoformat()} if self.stated_at else {})


def settings() -> Settings:
    """Settings of the home that the component's environment names."""
    from jobs.settings import load_settings  # noqa: PLC0415

    return load_settings(os.environ)  # noqa: TID251  (a task's edge)


def asked() -> Asked:
    """What the current run was asked."""
    context = get_current_context()
    params: dict[str, Any] = dict(context["params"])
    events = [event.extra for found in context["triggering_asset_events"].values() for event in found]
    syncs = [name for extra in events for name in extra.get("sync", [])]
    if params.get("sync"):
        syncs.append(params["sync"])
    instants = [datetime.fromisoformat(extra["at"]) for extra in events if extra.get("at")]
    if params.get("at"):
        instants = [datetime.fromisoformat(params["at"])]
    stated = max(instants, default=None)
    named = [set(extra.get("registers") or []) for extra in events] or [set(params.get("registers") or [])]
    return Asked(
        run_ids=tuple(dict.fromkeys(syncs)) or (str(context["dag_run"].run_id),),
        at=stated or _begun(context["dag_run"]),
        stated_at=stated,
        registers=() if set() in named else tuple(sorted(set().union(*named))),
        params=params,
    )


def _begun(dag_run: Any) -> datetime:
    """When a run began, in the sources' calendar.

    Airflow keeps the beginning with the run, so every task and every try reads the same. A date that is
    backfilled is no instant of the run: what is pulled for it is received now.
    """
    from jobs import clock  # noqa: PLC0415

    return clock.of(settings(), dag_run.start_date or dag_run.run_after)


@contextmanager
def safely(what: str) -> Iterator[None]:
    """Lets no foreign text out of a task's body into Airflow's log: it may hold a record's values.

    Raises:
        LienthongError: The body's own fault, without what it was raised from.
        StageFailed: In place of a fault that is not ours.
    """
    from jobs.errors import LienthongError  # noqa: PLC0415
    from jobs.faults import StageFailed, told  # noqa: PLC0415

    try:
        yield
    except LienthongError as fault:
        raise fault from None
    except Exception as error:  # noqa: BLE001  (told in safe words)
        raise StageFailed(told(what, error)) from None


def call(
    what: str, verb: Callable[[Settings, Asked], Answer], *, noting_faults_of: str | None = None
) -> Answer:
    """Calls a verb for a task that is a part of a stage, and gives what the verb gives.

    A fault is noted as the stage's where the stage cannot go on without the task.
    """
    from jobs.errors import LienthongError  # noqa: PLC0415

    with safely(what):
        require_current()
        mine, now = settings(), asked()
        try:
            with safely(what):
                return verb(mine, now)
        except LienthongError as fault:
            if noting_faults_of:
                _note(mine, now, noting_faults_of, _after(fault), {"error": str(fault)})
            raise


def carry_out(stage: str, verb: Callable[[Settings, Asked], Receipt], outlets: list[Asset]) -> Receipt:
    """Calls a verb, notes what became of the stage, and hands on to the assets' readers."""

    def noted(mine: Settings, now: Asked) -> Receipt:
        _note(mine, now, stage, "running", {})
        receipt = verb(mine, now)
        _note(mine, now, stage, "done", receipt)
        events = get_current_context()["outlet_events"]
        for outlet in outlets:
            events[outlet].extra = now.handed_on()
        return {"stage": stage, "batch_id": receipt.get("batch_id")}

    return call(stage, noted, noting_faults_of=stage)


def _note(mine: Settings, now: Asked, stage: str, state: str, body: Receipt) -> None:
    from jobs import ops  # noqa: PLC0415
    from jobs.ops import runs  # noqa: PLC0415

    for run_id in now.run_ids:
        runs.note(ops.engine(mine), run_id=run_id, stage=stage, state=state, at=now.at, body=body)


def _after(fault: Exception) -> str:
    """State of a stage after a fault, as the retry policy that Airflow will ask decides it."""
    instance = get_current_context()["ti"]
    tried, most = int(instance.try_number), int(instance.max_tries)
    refused = BY_FAULT.evaluate(fault, tried, most).action is RetryAction.FAIL
    return "failed" if refused or tried > most else "retrying"
