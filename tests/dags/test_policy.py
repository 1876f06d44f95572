"""Every DAG file: parses alone and fast enough, and keeps the policy."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from airflow.dag_processing.dagbag import DagBag

from dags.support import policies
from dags.support.assets import CONFORMED, LANDING, facts, golden
from schemas.contract import REGISTERS

FOLDER = Path(__file__).resolve().parents[2] / "dags"
NAMES = {
    "ingest",
    "conform",
    "merge_population",
    "merge_land",
    "merge_business",
    "send_portal",
    "publish_open_data",
    "maintain_lake",
    "watch_freshness",
}
OPERATORS = {"_PythonDecoratedOperator", "DecoratedMappedOperator", "MappedOperator", "HITLOperator"}
HEAVY = ("pyspark", "great_expectations", "pandas", "pyarrow", "sqlalchemy", "pyiceberg")


@pytest.fixture(scope="module")
def bag() -> DagBag:
    return DagBag(str(FOLDER), safe_mode=False)


def test_every_file_is_a_dag_of_its_name(bag: DagBag) -> None:
    assert bag.import_errors == {}
    assert set(bag.dags) == NAMES
    for name, dag in bag.dags.items():
        assert Path(dag.fileloc).stem in {name, "merging"}


@pytest.mark.parametrize("name", sorted(NAMES))
def test_policy(bag: DagBag, name: str) -> None:
    dag = bag.dags[name]
    assert dag.tags <= policies.TAGS
    assert {tag.partition(":")[0] for tag in dag.tags} == {"layer", "domain", "impact"}
    assert dag.doc_md
    assert dag.deadline
    assert dag.max_active_runs == 1
    assert dag.catchup is False
    for task in dag.tasks:
        assert task.owner == "data-engineering"
        assert task.retry_policy is policies.BY_FAULT or task.retries == 0
        assert type(task).__name__ in OPERATORS


def test_the_chain_of_assets_closes(bag: DagBag) -> None:
    """What a DAG waits for, another one writes."""
    written = {o.name for dag in bag.dags.values() for task in dag.tasks for o in task.outlets}
    assert LANDING.name in written
    assert {asset.name for asset in CONFORMED} <= written
    for register in REGISTERS:
        assert {asset.name for asset in facts(register)} <= written
        assert {asset.name for asset in golden(register)} <= written


def test_files_import_nothing_heavy_at_the_top() -> None:
    for file in [*FOLDER.glob("*.py"), *(FOLDER / "support").glob("*.py")]:
        for node in ast.parse(file.read_text()).body:
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            assert not [name for name in names if name.partition(".")[0] in (*HEAVY, "jobs")], file.name


def test_tasks_reach_verbs_through_the_wrapper_alone() -> None:
    """Settings and the instant are given to a verb where its faults are told in safe words."""
    for file in FOLDER.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module == "dags.support.run":
                assert {alias.name for alias in node.names} <= {"Asked", "call", "carry_out"}, file.name


def test_parsing_a_file_loads_no_engine() -> None:
    code = f"import sys, dags.ingest; sys.exit(any(name in sys.modules for name in {HEAVY!r}[:2]))"
    assert subprocess.run([sys.executable, "-c", code], cwd=FOLDER.parent, check=False).returncode == 0
