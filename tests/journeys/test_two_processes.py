"""Steps of one day in processes that know nothing of each other, as Airflow's tasks are."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from datetime import datetime
from multiprocessing import get_context

from jobs import session
from jobs.conform import run as conforming
from jobs.ledger.verify import verify
from jobs.settings import Settings
from tests.journeys import worked_example as w
from tests.support.line import Line, at_day


def conform(settings: Settings, at: datetime) -> None:
    conforming.run(settings, at=at)
    session.disconnect()


def test_a_session_that_has_read_the_lake_merges_what_another_has_conformed(line: Line) -> None:
    w.baseline(line)
    w.delivered(line, 1)
    line.pull(w.FEED, at_day(1))
    line.merge(at_day(1))
    spark = session.connect(line.settings)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as processes:
        conformed = processes.submit(conform, line.settings, at_day(1))
        while not conformed.done():
            spark.table("lake.core.population_persons").count()
    conformed.result()
    told = line.merge(at_day(1))
    assert sum(one["emitted"] for one in told.values()) == 4
    assert line.facts(w.FEED) == (4, 0, 0, 0, 0)
    assert verify(line.settings)["first_difference"] is None
