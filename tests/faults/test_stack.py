"""The scheduler and the whole supervisor are killed in the middle of a day; nothing is lost or doubled."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

from infra.embedded.home import SPARK_JAVA_IN_HASTE, prepare
from infra.embedded.service import CHECKOUT
from infra.sandbox.home import configure
from jobs import ops, session
from jobs.__main__ import main
from jobs.ledger import counts
from jobs.ops import batches
from jobs.settings import load_settings
from schemas.contract import REGISTERS
from schemas.types import ROW_DISPOSITIONS
from tests.faults.injections import kill
from tests.faults.steps import until

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The whole stack over a small world."""
    folder = tmp_path_factory.mktemp("killed")
    prepare(folder, spark_memory="2g", spark_java=SPARK_JAVA_IN_HASTE)
    configure(folder / "sandbox", seed="killed", scale=0.02, profile="typical")
    session.disconnect()
    assert main(["up"], {"LIENTHONG_HOME": str(folder)}) == 0
    yield folder
    session.disconnect()
    main(["down"], {"LIENTHONG_HOME": str(folder)})


@contextmanager
def syncing(home: Path, *words: str) -> Iterator[subprocess.Popen[str]]:
    """A sync that goes on beside the block."""
    command = [sys.executable, "-m", "jobs", "sync", *words, "--json"]
    environment = {**os.environ, "LIENTHONG_HOME": str(home)}
    with subprocess.Popen(
        command, cwd=CHECKOUT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        yield process


def planned(home: Path, kind: str) -> bool:
    """Whether a batch of a kind is being carried out."""
    engine = ops.engine(load_settings({"LIENTHONG_HOME": str(home)}))
    registers = [None] if kind == "conform" else [one.value for one in REGISTERS]
    return any(batches.planned(engine, kind=kind, register=name) for name in registers)


def summed(told: dict[str, Any], name: str) -> int:
    return sum(register[name] for register in told["registers"].values())


def test_the_scheduler_is_killed_in_a_conform(home: Path) -> None:
    with syncing(home, "--source", "*-baseline") as process:
        until(lambda: planned(home, "conform"), "no conform begins")
        kill(home, "airflow-scheduler")
        out, _ = process.communicate()
    told = json.loads(out)
    assert process.returncode == 0
    assert told["late"] == []
    settings = load_settings({"LIENTHONG_HOME": str(home)})
    found = dict(zip(ROW_DISPOSITIONS, counts.total(counts.rows(settings), ROW_DISPOSITIONS), strict=True))
    assert sum(found.values()) == found["effective"] + found["quarantined"] > 1000
    # A task that outlives its scheduler may work unheard; what was committed counts.
    assert summed(told, "landed") == sum(found.values())


def test_the_supervisor_is_killed_in_a_merge(home: Path) -> None:
    """All services end with it; the command says so, and the same command after ``up`` goes on."""
    url = load_settings({"LIENTHONG_HOME": str(home)}).sandbox_url
    httpx.post(f"{url}/_control/advance", json={"day": 1}, timeout=600).raise_for_status()
    with syncing(home, "--source", "0?-dossiers") as process:
        until(lambda: planned(home, "merge"), "no merge begins")
        kill(home, "supervisor")
        _, error = process.communicate()
    assert process.returncode != 0
    assert "Traceback" not in error
    session.disconnect()
    assert main(["up"], {"LIENTHONG_HOME": str(home)}) == 0
    with syncing(home, "--source", "0?-dossiers") as process:
        told = json.loads(process.communicate()[0])
    assert process.returncode == 0
    assert told["late"] == []


def test_everything_again_is_duplicate(home: Path) -> None:
    assert main(["sources", "reset", "0?-dossiers"], {"LIENTHONG_HOME": str(home)}) == 0
    with syncing(home, "--source", "0?-dossiers") as process:
        told = json.loads(process.communicate()[0])
    assert summed(told, "landed") == summed(told, "duplicate") > 20
    assert summed(told, "inserted") == summed(told, "updated") == 0


def test_the_ledger_verifies(home: Path) -> None:
    assert not planned(home, "conform")
    assert not planned(home, "merge")
    assert main(["ledger", "verify"], {"LIENTHONG_HOME": str(home)}) == 0
