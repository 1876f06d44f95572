"""Where Spark computes is a setting of the home."""

from __future__ import annotations

from pathlib import Path

from infra.embedded.home import prepare
from infra.embedded.spark import spark


def master(home: Path, told: str | None = None) -> str:
    """The master that the Spark server of a home is started with."""
    command = spark(home, prepare(home, spark_master=told)).command
    return command[command.index("--master") + 1]


def test_a_home_keeps_the_master_that_it_was_told(tmp_path: Path) -> None:
    assert master(tmp_path) == "local[*]"
    assert master(tmp_path, "spark://127.0.0.1:7077") == "spark://127.0.0.1:7077"
    assert master(tmp_path) == "spark://127.0.0.1:7077"
    assert master(tmp_path, "local[*]") == "local[*]"
