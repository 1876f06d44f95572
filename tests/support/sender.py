"""Senders to the portal that are killed, and the portal's holdings against what core says."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from pyspark.sql import functions as F

from jobs import ops, session
from jobs.conform.versions import version_order
from jobs.lake import live
from jobs.ops import outbox
from jobs.portal import status
from jobs.portal.send import send
from jobs.settings import CHECKOUT, Settings
from schemas.core.dossiers import Dossiers
from schemas.ops import portal_steps
from schemas.reference import organisations
from tests.support.portal import Door

FAULTS = ("code_3", "code_-3", "exists", "session", "http_429", "http_500", "http_503", "lost")
HOURS = timedelta(hours=7)
"""Between two runs: longer than any back-off."""
_MOST_RUNS = 60
Dossier = tuple[str, str]


@dataclass(slots=True)
class Course:
    """What it took until nothing was due any more."""

    kills: list[int] = field(default_factory=list)
    """Dossiers that were noted as sent when a sender was killed."""
    runs: int = 0
    seconds: float = 0.0
    last: Mapping[str, Any] = field(default_factory=dict)
    """The indicator at the end."""


def everywhere(rate: float) -> dict[str, float]:
    """Every fault at a rate."""
    return dict.fromkeys(FAULTS, rate)


def noted(settings: Settings) -> int:
    """Dossiers with a step that the outbox knows as accepted."""
    query = sa.select(sa.func.count(portal_steps.c.dossier_key.distinct())).where(
        portal_steps.c.state == "sent"
    )
    with ops.engine(settings).connect() as connection:
        return int(connection.scalar(query) or 0)


def killed(settings: Settings, door: Door, log: Path, *, at: datetime, after: int, pace: int) -> int:
    """Runs ``lienthong portal send`` and ends it with SIGKILL once so many more dossiers are noted.

    Returns:
        How many were noted then.
    """
    begun = noted(settings)
    environ = door.environ(settings) | {"LIENTHONG_PORTAL_REQUESTS_PER_SECOND": str(pace)}
    command = [sys.executable, "-m", "jobs", "portal", "send", "--at", at.isoformat()]
    with log.open("ab") as out:
        process = subprocess.Popen(
            command, cwd=CHECKOUT, env={**os.environ, **environ}, stdout=out, stderr=out
        )
        try:
            until = time.monotonic() + 300
            while (now := noted(settings)) - begun < after:
                assert process.poll() is None, log.read_text()[-2000:]
                assert time.monotonic() < until
                time.sleep(0.02)
        finally:
            process.kill()
            process.wait()
    assert process.returncode == -9
    return now


def course(
    settings: Settings, door: Door, log: Path, *, at: datetime, kills: int, after: int, pace: int
) -> Course:
    """Senders that are killed, then runs until nothing is due; the faults that are set go on all the time.

    The killed ones wait as long as the portal asks for; the runs after them do not, which it does not mind:
    a second at every twentieth call would be a quarter of an hour at 10,000 dossiers.
    """
    found, begun = Course(), time.monotonic()
    for _ in range(kills):
        found.kills.append(killed(settings, door, log, at=at, after=after, pace=pace))
        at += HOURS
    mine = door.settings(settings)
    while status.status(mine)["all"]["pending"] or not found.runs:
        assert found.runs < _MOST_RUNS
        send(mine, at=at, wait=lambda _: None)
        found.runs += 1
        at += HOURS
    found.seconds = round(time.monotonic() - begun, 1)
    found.last = status.status(mine)["all"]
    return found


def ours(settings: Settings) -> dict[Dossier, list[str]]:
    """Statuses of every dossier in core, in the order of its versions: found apart from the outbox."""
    rows = live.conformed(session.connect(settings), ops.engine(settings), Dossiers.dataset()).where(
        F.col("disposition").isin("in_process", "no_effect", "effective")
        & ~F.col("procedure_code").startswith("baseline.")
        & F.col("dossier_code").isNotNull()
    )
    place = F.struct(version_order(), "received_at", "submission_id", "object_no", "row_no")
    versions = rows.groupBy("province_code", "dossier_code").agg(
        F.sort_array(F.collect_list(F.struct(place, "status"))).getField("status").alias("statuses")
    )
    return {
        (organisations()[row.province_code], row.dossier_code): row.statuses for row in versions.collect()
    }


def differences(
    mine: Mapping[Dossier, list[str]],
    theirs: Mapping[Dossier, Mapping[str, Any]],
    wanted: Callable[[Dossier], bool] = lambda _: True,
) -> list[tuple[Dossier, str]]:
    """Dossiers whose last status or steps the portal has otherwise, and what is other."""
    found = []
    for name, statuses in mine.items():
        if not wanted(name):
            continue
        held = theirs.get(name)
        if held is None:
            found.append((name, "absent"))
        elif held["TrangThaiHoSo"] != statuses[-1]:
            found.append((name, f"{held['TrangThaiHoSo']} for {statuses[-1]}"))
    return found + [(name, "nobody sent it") for name in theirs if name not in mine]


def refused(settings: Settings) -> set[Dossier]:
    """Dossiers whose newest version the portal refuses."""
    places = [one[:3] for one in outbox.rejected(ops.engine(settings))]
    spark = session.connect(settings)
    if not places:
        return set()
    names = spark.createDataFrame(places, "submission_id string, object_no bigint, row_no bigint")
    rows = live.conformed(spark, ops.engine(settings), Dossiers.dataset())
    found = rows.join(F.broadcast(names), names.columns, "left_semi").collect()
    return {(organisations()[row.province_code], row.dossier_code) for row in found}
