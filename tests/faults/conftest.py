"""What the course ends in when nothing disturbs it."""

from __future__ import annotations

import pytest

from jobs.settings import Settings
from tests.faults import checker, course
from tests.support.line import empty


@pytest.fixture(scope="session")
def expected(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> checker.State:
    """The state after the short course, whose ledger verifies."""
    line = empty(settings, tmp_path_factory.mktemp("undisturbed"))
    course.undisturbed(line, course.SHORT)
    found = checker.state(line.settings)
    assert checker.check(line.settings, found) == checker.RIGHT
    return found
