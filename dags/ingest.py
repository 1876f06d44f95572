"""Pulls every due source and seals what it brings.

One task per source. A source that is down fails alone, is named as late, and catches up on the next
run; the others go on. **Form**: `sources` are patterns of feed ids (`01-*`, `*-baseline`), all due
feeds when empty; `since` pulls again from that instant, for a backfill, as new submissions whose known
rows count as duplicates; `at` is the instant of the run, the sources' calendar when empty.
A backfill over dates pulls each of its days again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from airflow.sdk import CronTriggerTimetable, Param, TriggerRule, dag, get_current_context, task

from dags.support.assets import LANDING
from dags.support.policies import DEFAULTS, SOURCES, ZONE, within
from dags.support.run import asked, carry_out, settings


@dag(
    schedule=CronTriggerTimetable("30 23 * * *", timezone=ZONE),
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

        now = asked()
        return extract.due(settings(), at=now.at, patterns=now.params["sources"] or ())

    @task(pool=SOURCES, map_index_template="{{ feed_id }}", execution_timeout=timedelta(minutes=30))
    def pull(feed_id: str) -> dict[str, Any]:
        """One submission of one source."""
        from jobs import extract  # noqa: PLC0415

        context: Any = get_current_context()
        context["feed_id"] = feed_id
        now = asked()
        return extract.pull(settings(), feed_id=feed_id, at=now.at, since=window_start(context, now.params))

    @task(trigger_rule=TriggerRule.ALL_DONE, outlets=[LANDING])
    def landed(feeds: list[str]) -> dict[str, Any]:
        """What the run brought, and who is late."""
        from jobs import extract  # noqa: PLC0415

        return dict(
            carry_out("ingest", lambda s, now: extract.landed(s, feeds=feeds, at=now.at), outlets=[LANDING])
        )

    feeds: Any = due()
    pull.expand(feed_id=feeds) >> landed(feeds)


def window_start(context: Any, params: Mapping[str, Any]) -> datetime | None:
    """From when to pull again: what the form says, or the day before a backfill's own instant."""
    if params.get("since"):
        return datetime.fromisoformat(params["since"])
    run = context["dag_run"]
    if str(run.run_type).endswith("backfill") and run.logical_date is not None:
        day: datetime = run.logical_date
        return day - timedelta(days=1)
    return None


ingest()
