"""Pulls every due source and seals what it brings.

One task per source. A source that is down fails alone, is named as late, and catches up on the next
run; the others go on. **Form**: `sources` are patterns of feed ids (`01-*`, `*-baseline`), all due
feeds when empty; `since` pulls again from that instant, as new submissions whose known rows count as
duplicates; `at` is the instant that the run is recorded under, its own beginning when empty.

A pull takes what the source has now, and is received now, whatever `at` and whatever date a run is for.
A backfill over dates pulls the day before each date again, to the page that passes it. Airflow does not
apply this DAG's limit of one run to a backfill: give it `Max Active Runs` 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import CronTriggerTimetable, Param, TriggerRule, dag, get_current_context, task

from dags.support.assets import LANDING
from dags.support.policies import DEFAULTS, SOURCES, within
from dags.support.run import Asked, call, carry_out
from schemas.zone import ZONE

if TYPE_CHECKING:
    from jobs.settings import Settings
    from jobs.sources.delivery import Window


@dag(
    # False would still run a new home's missed evening for a tenth of the day.
    schedule=CronTriggerTimetable("30 23 * * *", timezone=ZONE, run_immediately=timedelta(0)),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULTS,
    doc_md=__doc__,
    tags=["layer:landing", "domain:all", "impact:tier_1"],
    deadline=within(timedelta(hours=2), "every source was asked"),
    params={
        "sources": Param(
            None, type=["null", "array"], items={"type": "string"}, title="Sources (feed id patterns)"
        ),
        "since": Param(None, type=["null", "string"], format="date-time", title="Pull again since"),
        "at": Param(None, type=["null", "string"], format="date-time", title="Instant of the run"),
        "registers": Param(
            None, type=["null", "array"], items={"type": "string"}, title="Registers to merge"
        ),
        "sync": Param(None, type=["null", "string"], title="Name of the sync"),
    },
)
def ingest() -> None:
    """Sources → landing."""

    @task
    def due() -> list[str]:
        """Feeds to pull in this run."""
        from jobs import extract  # noqa: PLC0415

        return call(
            "due",
            lambda s, now: extract.due(s, patterns=now.params["sources"] or ()),
            noting_faults_of="ingest",
        )

    @task(pool=SOURCES, map_index_template="{{ feed_id }}", execution_timeout=timedelta(minutes=30))
    def pull(feed_id: str) -> dict[str, Any]:
        """One submission of one source."""
        context: Any = get_current_context()
        context["feed_id"] = feed_id
        return call(feed_id, lambda s, now: pulled(s, now, feed_id, context["dag_run"]))

    @task(trigger_rule=TriggerRule.ALL_DONE, outlets=[LANDING])
    def landed(feeds: list[str] | None, ended: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """What the run brought, and who is late."""
        from jobs import extract  # noqa: PLC0415
        from jobs.errors import Refused  # noqa: PLC0415

        if feeds is None:
            raise Refused("It was not decided which sources to pull.", "the task due says why.")

        def verb(settings: Any, now: Any) -> dict[str, Any]:
            found = {one["feed_id"]: one["submission_id"] for one in ended[:]}  # In one request.
            return extract.landed(settings, feeds=feeds, pulled=found, at=now.at)

        return dict(carry_out("ingest", verb, outlets=[LANDING]))

    feeds: Any = due()
    ended: Any = pull.expand(feed_id=feeds)
    landed(feeds, ended)


def pulled(settings: Settings, now: Asked, feed_id: str, dag_run: Any) -> dict[str, Any]:
    """What a pull hands on: the feed and the id of what it sealed, None when nothing was new."""
    from jobs import clock, extract  # noqa: PLC0415

    receipt = extract.pull(
        settings,
        feed_id=feed_id,
        at=now.at,
        again=window(dag_run, now.params),
        received=lambda: clock.now(settings),
    )
    return {"feed_id": feed_id, "submission_id": receipt["submission_id"]}


def window(dag_run: Any, params: Mapping[str, Any]) -> Window | None:
    """What to pull again: what the form says, or the day that ends with a backfill's date; else None."""
    from jobs.sources.delivery import Window  # noqa: PLC0415

    if params.get("since"):
        return Window(since=datetime.fromisoformat(params["since"]))
    if dag_run.run_type == "backfill" and dag_run.logical_date is not None:
        return Window(since=dag_run.logical_date - timedelta(days=1), until=dag_run.logical_date)
    return None


ingest()
