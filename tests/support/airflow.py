"""Airflow without its services: a database of its own, and runs carried to their end in this process."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from airflow.dag_processing.bundles.manager import DagBundlesManager
from airflow.dag_processing.dagbag import DagBag, sync_bag_to_db
from airflow.models.backfill import Backfill, BackfillDagRun, ReprocessBehavior, _create_backfill
from airflow.models.dagrun import DagRun
from airflow.models.serialized_dag import SerializedDagModel
from airflow.models.taskinstance import TaskInstance
from airflow.sdk import DAG, timezone
from airflow.sdk.definitions.dag import _run_task
from airflow.utils.db import initdb
from airflow.utils.session import create_session
from airflow.utils.state import DagRunState, TaskInstanceState
from airflow.utils.types import DagRunTriggeredByType, DagRunType
from sqlalchemy import select, update

BUNDLE = "dags-folder"


def prepare(folder: Path) -> DagBag:
    """Makes Airflow's database and writes the DAGs of a folder into it."""
    initdb()
    DagBundlesManager().sync_bundles_to_db()
    bag = DagBag(str(folder), bundle_name=BUNDLE, bundle_path=folder, safe_mode=False)
    sync_bag_to_db(bag, BUNDLE, None)
    return bag


def scheduled(dag: DAG, logical_date: datetime, conf: dict[str, Any] | None = None) -> int:
    """A run that the scheduler creates for an instant of the timetable; its number."""
    with create_session() as session:
        serialized = session.scalar(SerializedDagModel.latest_item_select_object(dag.dag_id))
        run = serialized.dag.create_dagrun(
            run_id=f"scheduled__{logical_date.isoformat()}",
            logical_date=logical_date,
            data_interval=(logical_date, logical_date),
            run_after=logical_date,
            run_type=DagRunType.SCHEDULED,
            triggered_by=DagRunTriggeredByType.TIMETABLE,
            state=DagRunState.QUEUED,
            conf=conf,
            session=session,
        )
        session.flush()
        return int(run.id)


def backfilled(dag: DAG, first: datetime, last: datetime, *, anew: bool = False) -> list[int]:
    """The runs that a backfill creates, as the form of Airflow creates it; their numbers in order."""
    backfill: Backfill = _create_backfill(
        dag_id=dag.dag_id,
        from_date=first,
        to_date=last,
        max_active_runs=1,
        reverse=False,
        dag_run_conf=None,
        triggering_user_name="tester",
        reprocess_behavior=ReprocessBehavior.COMPLETED if anew else ReprocessBehavior.NONE,
    )
    mine = select(BackfillDagRun.dag_run_id).where(BackfillDagRun.backfill_id == backfill.id)
    with create_session() as session:
        return list(session.scalars(mine.order_by(BackfillDagRun.sort_ordinal)))


def carry_out(dag: DAG, number: int) -> dict[str, str]:
    """Runs the tasks of a run until it ends, retries at once; states of tasks, mapped ones by their index."""
    with create_session() as session:
        run = session.get_one(DagRun, number)
        run.state, run.start_date = DagRunState.RUNNING, timezone.utcnow()
    while ready := _ready(dag, number):
        for one in ready:
            _run_task(ti=one, task=dag.task_dict[one.task_id])
    with create_session() as session:
        run = session.get_one(DagRun, number)
        mine = update(Backfill).where(Backfill.id == run.backfill_id)
        session.execute(mine.values(completed_at=timezone.utcnow()))  # Another backfill may begin.
        return {_name(one): str(one.state) for one in run.get_task_instances(session=session)}


def _ready(dag: DAG, number: int) -> list[TaskInstance]:
    """Task instances that the scheduler would start now; none when the run has ended."""
    with create_session() as session:
        run = session.get_one(DagRun, number)
        run.dag = session.scalar(SerializedDagModel.latest_item_select_object(dag.dag_id)).dag
        for one in run.get_task_instances(state=[TaskInstanceState.UP_FOR_RETRY], session=session):
            one.end_date = timezone.utcnow() - timedelta(hours=1)  # The delay is over.
        session.flush()
        ready, _ = run.update_state(session=session)
        while run.state == DagRunState.RUNNING and not ready:  # What was skipped may free what follows.
            ready, _ = run.update_state(session=session)
        for one in ready:
            one.try_number += 1
            one.state = TaskInstanceState.SCHEDULED
        session.commit()
        return list(ready)


def _name(instance: Any) -> str:
    return instance.task_id if instance.map_index < 0 else f"{instance.task_id}[{instance.map_index}]"
