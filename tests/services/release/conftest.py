"""A line of one province with a closed month, its first candidate, and its first release."""

from __future__ import annotations

from typing import Any

import pytest

from jobs import release
from jobs.settings import Settings
from tests.support.dossiers import ndjson
from tests.support.line import Line, at_day, empty
from tests.support.october import POLICY, ROWS


@pytest.fixture(scope="package")
def told(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Line:
    """A line of one province with a closed month; the open bucket has its policy."""
    line = empty(settings, tmp_path_factory.mktemp("sources"))
    line.directory("01")
    (line.inbox("01") / "s1.ndjson.gz").write_bytes(ndjson(ROWS))
    line.day("01-dossiers", at_day(1))
    assert line.rows() == (0, 0, 0, 0, 45, 4)
    release.open_bucket_policy(line.settings)
    return line


@pytest.fixture(scope="package")
def first(told: Line) -> dict[str, Any]:
    """The first candidate."""
    return release.build(told.settings, at=at_day(1), policy=POLICY)


@pytest.fixture(scope="package")
def published(told: Line, first: dict[str, Any]) -> dict[str, Any]:
    """The first release, approved."""
    return release.approve(told.settings, release_id=first["release_id"], by="Steward", at=at_day(1))
