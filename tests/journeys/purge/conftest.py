"""The worked example as it was lived, backed up, and erased from."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from jobs.__main__ import main
from jobs.findings.feedback import feedback
from jobs.settings import Settings
from tests.journeys import worked_example as w
from tests.journeys.purge.traces import BASIS, WORDS, environ, places
from tests.support.line import Line, at_day, empty

AT = at_day(4)


@pytest.fixture(scope="package")
def at() -> Iterator[datetime]:
    """Instants after the first erasure, one minute apart."""
    return (AT + timedelta(minutes=minute) for minute in range(10, 100))


@pytest.fixture(scope="package")
def lived(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Line:
    """Days 0 to 3 of the worked example, what the province heard, and the steward's correction."""
    line = empty(settings, tmp_path_factory.mktemp("sources"))
    w.baseline(line)
    for number in (1, 2, 3):
        w.day(line, number)
    feedback(line.settings, at=at_day(3))
    w.corrected(line, at_day(3) + timedelta(minutes=1))
    return line


@pytest.fixture(scope="package")
def kept(lived: Line, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup from before the erasure."""
    folder = tmp_path_factory.mktemp("kept") / "backup"
    assert main(["backup", "--to", str(folder), "--at", AT.isoformat()], environ(lived.settings)) == 0
    return folder


@pytest.fixture(scope="package")
def erased(lived: Line, kept: Path) -> Line:
    """The line after every row of D1 and D3 was erased: An's birth and Dũng's death."""
    assert kept.is_dir()
    before = places(lived.settings)
    assert set(WORDS) <= set(before), "the search can find"
    assert [where for where in before[w.D3] if "_feedback" in where]
    named = ["--dossier", w.D1, "--dossier", w.D3, "--basis", BASIS, "--by", "steward"]
    words = ["purge", *named, "--yes", "--at", AT.isoformat(), "--json"]
    assert main(words, environ(lived.settings)) == 0
    return lived
