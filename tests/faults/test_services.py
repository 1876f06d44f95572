"""Services killed, connections and answers lost, two schedulers, a full disk, a deadlock, no connection left:
the state is as undisturbed."""

from __future__ import annotations

import os
import pwd
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from jobs import faults
from jobs.registry import databases
from schemas.contract import Register
from tests.faults import checker, course, steps
from tests.faults.injections import SNAPSHOT, Injection, inject
from tests.faults.points import point
from tests.support import disks
from tests.support.line import Line
from tests.support.proxy import Toxic

_APPENDING = point("jobs.lake.tables:append:before")
INJECTIONS = {
    0: Injection("service", point("jobs.objects:put:after"), "store"),
    1: Injection("twins"),
    2: Injection("cut off", _APPENDING),
    3: Injection("wire", service="register", toxic=Toxic("drop", rb"COMMIT")),
    4: Injection("service", point("jobs.registry.load:_load_dataset:after"), "postgres"),
    5: Injection("wire", service="catalog_uri", toxic=Toxic("repeat", SNAPSHOT)),
    6: Injection("thrice"),
    7: Injection("wire", service="catalog_uri", toxic=Toxic("drop", SNAPSHOT, first=2)),
    8: Injection("wire", service="register", toxic=Toxic("cut", rb"COPY")),
    9: Injection("service", point("jobs.lake.tables:append:after"), "spark"),
    10: Injection("twins"),
}
"""By number of the step of the short course."""


def test_a_course_through_every_trouble(line: Line, expected: checker.State) -> None:
    for number, step in enumerate(course.walked(line, course.SHORT)):
        injection = INJECTIONS[number]
        assert inject(line.settings, step, injection), f"{step}: {injection} did not come to pass"
        if number == 8:
            _refused_for_want_of_room(line, step)
            _refused_for_want_of_connections(line, step)
            _deadlocked(line, step)
        steps.carry_out(line.settings, step)
    assert checker.check(line.settings, expected) == checker.RIGHT


def _refused_for_want_of_room(line: Line, step: steps.Step) -> None:
    """A full disk: a clean failure with its remedy, and what was loaded is still served."""
    engine = databases.engine(line.settings, Register(step.subject))
    held = "select count(*) from persons"
    before = line.query(step.subject, held)
    place = Path(line.folder) / "small"
    with disks.small(place, "64k") as is_there:
        if not is_there:
            warnings.warn("No disk can be made here: a full one was not tried.", stacklevel=1)
            return
        with staging_on(line, step.subject, place), disks.filled(place):
            engine.dispose()
            with pytest.raises(sa.exc.OperationalError) as failed:
                steps.carry_out(line.settings, step)
    assert "disk is full" in faults.told(str(step), failed.value)
    assert line.query(step.subject, held) == before
    engine.dispose()


def _refused_for_want_of_connections(line: Line, step: steps.Step) -> None:
    """Others have every connection of the server: a clean failure with its remedy."""
    engine = databases.engine(line.settings, Register(step.subject))
    engine.dispose()
    with ExitStack() as held:
        with pytest.raises(sa.exc.OperationalError):
            _take_all(engine.url, held)
        with pytest.raises(sa.exc.OperationalError) as failed:
            steps.carry_out(line.settings, step)
    assert "too many clients" in str(failed.value)
    assert "no connection left" in faults.told(str(step), failed.value)


def _take_all(url: sa.URL, held: ExitStack) -> None:
    """Opens connections until there is none left, and then raises."""
    source = sa.create_engine(url, poolclass=sa.NullPool)
    while True:
        held.enter_context(source.connect())


def _deadlocked(line: Line, step: steps.Step) -> None:
    """An operator holds what the load wants next, and wants what it holds: the server ends the load."""
    engine = databases.engine(line.settings, Register(step.subject))
    with engine.connect() as patient:
        # Whoever has waited this long looks for a deadlock, and is the one that gives way.
        patient.execute(sa.text("set deadlock_timeout = '60s'"))
        patient.execute(sa.text("lock table persons"))
        loading = steps.begin(line.settings, step)
        steps.until(lambda: _waits(engine), "the load does not come to the table")
        patient.execute(sa.text("lock table persons_history"))
        patient.rollback()
    assert steps.end(loading) == 1


def _waits(engine: sa.Engine) -> bool:
    """Whether somebody waits for a lock on the table of persons."""
    with engine.connect() as connection:
        waiting = "select count(*) from pg_locks where relation = 'persons'::regclass and not granted"
        return bool(connection.scalar(sa.text(waiting)))


@contextmanager
def staging_on(line: Line, register: str, place: Path) -> Iterator[None]:
    """The database's staging tables on a disk."""
    url = databases.engine(line.settings, Register(register)).url
    user = pwd.getpwnam("nobody")
    os.chown(place, user.pw_uid, user.pw_gid)
    server = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with server.connect() as connection:
        connection.execute(sa.text(f"create tablespace small location '{place}'"))
        connection.execute(sa.text("grant create on tablespace small to public"))
        connection.execute(sa.text(f"alter database {url.database} set temp_tablespaces = small"))
    try:
        yield
    finally:
        databases.engine(line.settings, Register(register)).dispose()
        with server.connect() as connection:
            connection.execute(sa.text(f"alter database {url.database} reset temp_tablespaces"))
            connection.execute(sa.text("drop tablespace if exists small"))
