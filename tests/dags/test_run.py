"""What a task is asked, what is noted of its faults, and what of them may be told."""

from __future__ import annotations

import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from airflow.sdk import RetryAction
from airflow.sdk.api.datamodels._generated import DagRun, DagRunState, DagRunType
from airflow.sdk.execution_time.context import set_current_context

from dags.ingest import window
from dags.publish_open_data import person
from dags.publish_open_data import publish_open_data as publishing
from dags.support.policies import BY_FAULT
from dags.support.run import _after, asked, safely
from jobs.errors import IntegrityFault, LienthongError, Refused, Unreachable
from jobs.faults import StageFailed
from jobs.sources.delivery import Window

EVENING = datetime(2026, 11, 3, 16, 30, tzinfo=UTC)
BEGUN = EVENING + timedelta(days=2, hours=3)
NUMBER = "079123456789"
STATED = "2026-11-04T23:30:00+07:00"


@pytest.fixture(autouse=True)
def _a_home_without_a_sandbox(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LIENTHONG_HOME", str(tmp_path))


@dataclass
class Event:
    extra: dict[str, Any]


@dataclass
class Instance:
    try_number: int = 1
    max_tries: int = 1


@dataclass
class Running:
    """A task under way, as far as it is read."""

    run_type: DagRunType = DagRunType.SCHEDULED
    params: dict[str, Any] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    ti: Instance = field(default_factory=Instance)

    @property
    def dag_run(self) -> DagRun:
        return DagRun(
            dag_id="ingest",
            run_id="one",
            logical_date=EVENING,
            data_interval_start=EVENING,
            data_interval_end=EVENING,
            run_after=EVENING,
            start_date=BEGUN,
            end_date=None,
            run_type=self.run_type,
            state=DagRunState.RUNNING,
            consumed_asset_events=[],
            partition_key=None,
        )

    @contextmanager
    def __call__(self) -> Iterator[None]:
        context: Any = {
            "dag_run": self.dag_run,
            "params": self.params,
            "triggering_asset_events": {"landing": self.events},
            "ti": self.ti,
        }
        with set_current_context(context):
            yield


@pytest.mark.parametrize("run_type", list(DagRunType))
def test_a_runs_own_instant_is_its_beginning(run_type: DagRunType) -> None:
    """Whatever date it is for, and however often it is asked."""
    with Running(run_type)():
        found = {asked().at for _ in range(3)}
    assert found == {BEGUN}


def test_what_the_form_states_holds_and_is_handed_on() -> None:
    with Running(params={"at": STATED, "sync": "s", "registers": ["land"]})():
        now = asked()
    assert now.at == now.stated_at == datetime.fromisoformat(STATED)
    assert now.handed_on() == {"sync": ["s"], "at": STATED, "registers": ["land"]}


def test_of_several_events_the_latest_instant_holds() -> None:
    """Instants are compared, not their texts."""
    events = [Event({"at": "2026-11-04T23:00:00+07:00"}), Event({"at": "2026-11-04T17:00:00+00:00"})]
    with Running(events=events)():
        assert asked().at == datetime(2026, 11, 4, 17, tzinfo=UTC)


def test_a_runs_own_instant_is_not_handed_on() -> None:
    """What follows begins later: it knows nothing at this run's beginning."""
    with Running()():
        assert "at" not in asked().handed_on()


@pytest.mark.parametrize(
    ("run_type", "params", "expected"),
    [
        (DagRunType.SCHEDULED, {}, None),
        (DagRunType.MANUAL, {}, None),
        (DagRunType.MANUAL, {"since": STATED}, Window(since=datetime.fromisoformat(STATED))),
        (DagRunType.BACKFILL, {}, Window(EVENING - timedelta(days=1), EVENING)),
        (DagRunType.BACKFILL, {"since": STATED}, Window(since=datetime.fromisoformat(STATED))),
    ],
)
def test_a_backfill_pulls_the_day_before_its_date(
    run_type: DagRunType, params: Mapping[str, Any], expected: Window | None
) -> None:
    assert window(Running(run_type).dag_run, params) == expected


@pytest.mark.parametrize(
    ("fault", "tried", "state"),
    [
        (Unreachable("silent"), 1, "retrying"),
        (StageFailed("conform: OperationalError"), 1, "retrying"),
        (StageFailed("conform: OperationalError"), 2, "failed"),
        (Refused("no"), 1, "failed"),
        (IntegrityFault("no"), 1, "failed"),
    ],
)
def test_what_is_noted_is_what_airflow_does(fault: LienthongError, tried: int, state: str) -> None:
    decision = BY_FAULT.evaluate(fault, try_number=tried, max_tries=1)
    with Running(ti=Instance(try_number=tried))():
        assert _after(fault) == state
    assert (decision.action is RetryAction.RETRY and tried <= 1) == (state == "retrying")


def test_a_foreign_fault_is_told_without_its_text() -> None:
    with pytest.raises(StageFailed, match="conform: ValueError") as found, safely("conform"):
        raise ValueError(NUMBER)
    assert NUMBER not in "".join(traceback.format_exception(found.value))


def test_our_own_fault_is_told_without_what_it_was_raised_from() -> None:
    fault, cause = Refused("a page is wrong"), ValueError(NUMBER)
    with pytest.raises(Refused) as found, safely("pull"):
        raise fault from cause
    assert NUMBER not in "".join(traceback.format_exception(found.value))


@pytest.mark.parametrize("user", [None, {}, {"id": "7", "name": None}, {"id": "7", "name": " "}])
def test_nothing_is_decided_in_nobodys_name(user: dict[str, Any] | None) -> None:
    answer = {"chosen_options": ["Reject"], "responded_by_user": user, "responded_at": BEGUN}
    decide = publishing().task_dict["decide"].python_callable
    with Running()(), pytest.raises(Refused, match="names no person"):
        decide("2026.11.1", answer)
    assert person({"responded_by_user": {"id": "7", "name": "Lan"}}) == "Lan"
