"""The one way in which a task calls a verb: its settings, its instant, its outcome."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from airflow.sdk import Asset, get_current_context

if TYPE_CHECKING:
    from jobs.settings import Settings

Receipt = Mapping[str, Any]
_HANDED_ON = ("sync", "at", "registers")


@dataclass(frozen=True)
class Asked:
    """What a run was asked: by its form, or by the events that triggered it."""

    run_ids: tuple[str, ...]
    """Syncs that the run belongs to; its own run id where there is none."""
    at: datetime
    registers: tuple[str, ...]
    """Registers to merge; all when empty."""
    params: Mapping[str, Any]

    def handed_on(self) -> dict[str, Any]:
        """What the events of this run tell the next DAG."""
        return {"sync": list(self.run_ids), "at": self.at.isoformat(), "registers": list(self.registers)}


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
    instants = [extra["at"] for extra in events if extra.get("at")]
    named = [set(extra.get("registers") or []) for extra in events] or [set(params.get("registers") or [])]
    return Asked(
        run_ids=tuple(dict.fromkeys(syncs)) or (str(context["dag_run"].run_id),),
        at=_instant(params.get("at") or max(instants, default=None), context["dag_run"]),
        registers=() if set() in named else tuple(sorted(set().union(*named))),
        params=params,
    )


def _instant(stated: str | None, dag_run: Any) -> datetime:
    """The instant that was stated; a backfill's own date; the sources' calendar otherwise."""
    if stated:
        return datetime.fromisoformat(stated)
    if str(dag_run.run_type).endswith("backfill") and dag_run.logical_date is not None:
        found: datetime = dag_run.logical_date
        return found
    from jobs import clock  # noqa: PLC0415

    return clock.now(settings())


def carry_out(stage: str, verb: Callable[[Settings, Asked], Receipt], outlets: list[Asset]) -> Receipt:
    """Calls a verb, notes what became of the stage, and hands on to the assets' readers.

    A fault that is not ours is told without its text, which may hold a record's values.
    """
    from jobs import ops  # noqa: PLC0415
    from jobs.errors import LienthongError  # noqa: PLC0415
    from jobs.faults import StageFailed, told  # noqa: PLC0415
    from jobs.ops import runs  # noqa: PLC0415

    mine, now = settings(), asked()
    engine = ops.engine(mine)

    def note(state: str, body: Receipt) -> None:
        for run_id in now.run_ids:
            runs.note(engine, run_id=run_id, stage=stage, state=state, at=now.at, body=body)

    note("running", {})
    try:
        receipt = verb(mine, now)
    except LienthongError as fault:
        note(_after(final=fault.exit_code != 4), {"error": str(fault)})
        raise
    except Exception as error:  # noqa: BLE001  (told in safe words, and raised)
        message = told(stage, error)
        note(_after(final=False), {"error": message})
        raise StageFailed(message) from None
    note("done", receipt)
    events = get_current_context()["outlet_events"]
    for outlet in outlets:
        events[outlet].extra = now.handed_on()
    return {"stage": stage, "batch_id": receipt.get("batch_id")}


def _after(*, final: bool) -> str:
    """State of a stage after a fault: Airflow may try again unless the fault is final."""
    instance = get_current_context()["ti"]
    tries_left = int(instance.try_number) <= int(instance.max_tries)
    return "retrying" if tries_left and not final else "failed"
