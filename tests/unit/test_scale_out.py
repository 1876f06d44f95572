"""Where Spark computes is a setting of the home, and what shows that it makes no difference."""

from __future__ import annotations

from pathlib import Path

from infra.embedded.home import prepare
from infra.embedded.spark import spark
from schemas.contract import REGISTERS
from schemas.registry import folded
from tests.scale_out.__main__ import faults


def master(home: Path, told: str | None = None) -> str:
    """The master that the Spark server of a home is started with."""
    command = spark(home, prepare(home, spark_master=told)).command
    return command[command.index("--master") + 1]


def test_a_home_keeps_the_master_that_it_was_told(tmp_path: Path) -> None:
    assert master(tmp_path) == "local[*]"
    assert master(tmp_path, "spark://127.0.0.1:7077") == "spark://127.0.0.1:7077"
    assert master(tmp_path) == "spark://127.0.0.1:7077"
    assert master(tmp_path, "local[*]") == "local[*]"


def test_equal_registers_prove_something_only_when_none_is_empty() -> None:
    full = {contract.info.noun: [("a",)] for register in REGISTERS for contract in folded(register)}
    assert faults(full, full, 2) == []
    assert faults(full, full, 1) == ["fewer than two executors"]
    assert faults(full, full | {"persons": [("b",)]}, 2) == ["persons differs"]
    empty = full | {contract.info.noun: [] for contract in folded(REGISTERS[0])}
    assert faults(empty, empty, 2) == [f"{REGISTERS[0].value} is empty"]
