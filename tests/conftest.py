"""The real services, started once for a test run in a home of its own."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings
from xdist.remote import Producer

from infra.embedded import down, up
from infra.embedded.home import SPARK_CONF_IN_HASTE, SPARK_JAVA_IN_HASTE, prepare
from jobs import session
from jobs.settings import Settings, load_settings
from tests.support.apart import BySetUp
from tests.support.compiled import compiling
from tests.support.line import Line, empty

os.environ["AIRFLOW_HOME"] = tempfile.mkdtemp(prefix="airflow-")
"""Importing Airflow writes a configuration; each process' own is not the user's."""
hypothesis_settings.register_profile("unhurried", deadline=None)
hypothesis_settings.load_profile("unhurried")
"""How long an example takes says something of the machine, and of what else it does."""
_SPARK_MEMORY = "2g"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> BySetUp:
    """How tests are handed out to processes."""
    return BySetUp(config, log)


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Settings of a running PostgreSQL, object store and Spark."""
    given, worker = os.environ.get("LIENTHONG_TEST_HOME"), os.environ.get("PYTEST_XDIST_WORKER", "")
    home = Path(given) / worker if given else tmp_path_factory.mktemp("home")
    prepare(home, spark_memory=_SPARK_MEMORY, spark_java=SPARK_JAVA_IN_HASTE, spark_conf=SPARK_CONF_IN_HASTE)
    up(home, ("postgres", "store", "spark"))
    yield load_settings({"LIENTHONG_HOME": str(home)})
    session.disconnect()
    if not given:
        down(home)


@pytest.fixture(scope="module")
def compiled(settings: Settings) -> Iterator[None]:
    """The module's queries are compiled, as on a user's server."""
    with compiling(settings):
        yield


@pytest.fixture(scope="session")
def second_home() -> Iterator[Path]:
    """A folder for another home, whose services are stopped at the end; what a test leaves there stays."""
    with tempfile.TemporaryDirectory(prefix="second-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)
        session.disconnect()
        down(Path(folder))


@pytest.fixture(scope="module")
def line(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Line:
    """An empty line: no submission, no fact, no row in any register; sources of the test alone."""
    return empty(settings, tmp_path_factory.mktemp("sources"))
