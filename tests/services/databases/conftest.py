"""PostgreSQL and MariaDB as one-stop systems have them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support import invented
from tests.support.servers import KINDS, Running, running


@pytest.fixture(scope="module", params=KINDS)
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server of each kind in turn."""
    more = ("--performance-schema=1", "--performance-schema-instrument=wait/lock/metadata/sql/mdl=ON")
    with running(
        request.param, tmp_path_factory.mktemp("server"), more if request.param == "mysql" else ()
    ) as one:
        yield one


@pytest.fixture
def dialect(tmp_path: Path) -> Iterator[Callable[..., str]]:
    """Makes a mapping for a query; its name."""
    with ExitStack() as stack:

        def made(select: str, clock: str = "local") -> str:
            folder = tmp_path / "dialects"
            folder.mkdir()
            stack.enter_context(invented.dialects(folder, invented=invented.table(select, clock)))
            return "invented"

        yield made
