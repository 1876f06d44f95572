"""The worked example with all that is derived lost, and a second home to make it anew in."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from jobs import session
from jobs.findings import replay, retraction
from jobs.rebuild.digests import Digests, digests
from jobs.registry import databases
from jobs.settings import Settings
from schemas.contract import REGISTERS
from tests.journeys import worked_example as w
from tests.support import messages
from tests.support.line import Line, at_day, empty


@pytest.fixture(scope="package")
def lived(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> tuple[Line, Digests]:
    """The worked example, a correction withdrawn, a submission retracted; then all derived is lost."""
    line = empty(settings, tmp_path_factory.mktemp("sources"))
    w.baseline(line)
    for day in (1, 2, 3):
        w.day(line, day)
    number = w.corrected(line, at_day(3) + timedelta(minutes=10))
    at = at_day(3) + timedelta(minutes=20)
    replay.withdraw(line.settings, number, reason="Căn cứ sai", by="steward", at=at)
    replay.replay(line.settings, at=at, submission_ids=[f"{w.FEED}.0000000{n}" for n in (1, 3)])
    line.merge(at)
    retract(line, f"{w.FEED}.00000002", at_day(3) + timedelta(minutes=30))
    documents(line, at_day(3) + timedelta(minutes=40))
    known = digests(line.settings)
    assert known["core.documents"][0] == 2
    lose_what_is_derived(line.settings)
    return line, known


def documents(line: Line, at: datetime) -> None:
    """A document and a status of it, in a feed of their own."""
    folder = line.inbox("02", "documents")
    keys = {"kind": "directory", "dialect": "edxml", "url": str(folder), "patterns": {"*": "documents"}}
    line.source("02", {"documents": keys})
    (folder / "document.edxml").write_bytes(messages.document())
    (folder / "status.edxml").write_bytes(messages.status("03", "2026/11/03 08:00:00"))
    line.day("02-documents", at)


def retract(line: Line, submission_id: str, at: datetime) -> None:
    """Takes a submission back as if it had never been sent, and what follows from that."""
    why = {"reason": "Gửi nhầm", "by": "steward"}
    retraction.retract(line.settings, submission_id=submission_id, at=at, **why)
    line.merge(at)
    assert (line.rows(w.FEED), line.facts(w.FEED)) == ((1, 1, 3, 1, 4, 3), (4, 0, 1, 7, 0))


def lose_what_is_derived(settings: Settings) -> None:
    for register in REGISTERS:
        with databases.engine(settings, register).begin() as connection:
            connection.execute(sa.text("drop schema public cascade; create schema public"))
    spark = session.connect(settings)
    for layer in ("core", "curated"):
        for row in spark.sql(f"show tables in lake.{layer}").collect():
            spark.sql(f"drop table lake.{layer}.{row.tableName} purge")


@pytest.fixture(scope="package")
def home(second_home: Path) -> Path:
    return second_home
