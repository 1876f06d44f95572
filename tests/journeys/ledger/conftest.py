"""One line for all tamperings; each is undone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from jobs.ledger.verify import verify
from jobs.settings import Settings
from tests.journeys.ledger.tampering import lived_days
from tests.support.line import Line, empty


@pytest.fixture(scope="package")
def lived(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Line:
    """Two days of the worked example, a correction and its replay."""
    return lived_days(empty(settings, tmp_path_factory.mktemp("sources")))


@pytest.fixture
def verified_again(lived: Line) -> Iterator[None]:
    """After a tampering was undone, everything is as it was."""
    yield
    assert verify(lived.settings)["first_difference"] is None
