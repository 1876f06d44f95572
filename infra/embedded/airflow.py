"""Airflow in four processes with LocalExecutor, its state in PostgreSQL."""

from __future__ import annotations

import json
import subprocess
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from infra.embedded.home import write_private
from infra.embedded.postgres import database

_SIMPLE = "airflow.api_fastapi.auth.managers.simple.simple_auth_manager"
POOLS = {
    "sources": {"slots": 8, "description": "Sources asked at one time.", "include_deferred": False},
    "spark": {"slots": 3, "description": "Tasks that use Spark at one time.", "include_deferred": False},
    "portal": {"slots": 1, "description": "Senders to the portal.", "include_deferred": False},
}
"""Pools that the DAGs name."""
_LOCAL_SETTINGS = """import sys

if "scheduler" in sys.argv[1:2]:
    import dags.support.preload
"""


_ROUTINE = {
    "CORE__EXECUTOR": "LocalExecutor",
    "CORE__PARALLELISM": "8",
    "CORE__MAX_ACTIVE_TASKS_PER_DAG": "16",
    "CORE__LOAD_EXAMPLES": "False",
    "CORE__DAG_DISCOVERY_SAFE_MODE": "False",
    "CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
    "DAG_PROCESSOR__PARSING_PROCESSES": "1",
    "DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "3600",
    "SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.2",
    "SCHEDULER__ENABLE_HEALTH_CHECK": "False",
    # A killed scheduler's or task's work is taken up again within a minute or two, not after five.
    "SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "15",
    "SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "120",
    "USAGE_DATA_COLLECTION__ENABLED": "False",
}
"""Settings that are the same in every home."""


def environment(home: Path, values: Mapping[str, str], checkout: Path) -> dict[str, str]:
    """Settings of every component."""
    url = f"http://127.0.0.1:{values['airflow_port']}"
    stated = _core(home, values, checkout, url) | _api(values, url) | _ROUTINE
    return {
        "AIRFLOW_HOME": str(home / "airflow"),
        "LIENTHONG_HOME": str(home),
        "PYTHONPATH": str(checkout),
        "GX_ANALYTICS_ENABLED": "false",
        **{f"AIRFLOW__{name}": value for name, value in stated.items()},
    }


def _core(home: Path, values: Mapping[str, str], checkout: Path, url: str) -> dict[str, str]:
    database = f"lienthong:{values['postgres_password']}@127.0.0.1:{values['postgres_port']}/airflow"
    bundle = {
        "name": "lienthong",
        "classpath": "airflow.dag_processing.bundles.local.LocalDagBundle",
        "kwargs": {"path": str(checkout / "dags"), "refresh_interval": 3600},
    }
    return {
        "DATABASE__SQL_ALCHEMY_CONN": f"postgresql+psycopg://{database}",
        "DATABASE__SQL_ALCHEMY_CONN_ASYNC": f"postgresql+psycopg://{database}",
        "CORE__DAGS_FOLDER": str(checkout / "dags"),
        "CORE__AUTH_MANAGER": f"{_SIMPLE}.SimpleAuthManager",
        "CORE__SIMPLE_AUTH_MANAGER_USERS": "admin:admin,steward:op",
        "CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(home / "airflow" / "passwords.json"),
        "CORE__EXECUTION_API_SERVER_URL": f"{url}/execution/",
        "CORE__FERNET_KEY": values["airflow_fernet_key"],
        "DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST": json.dumps([bundle]),
        "LOGGING__BASE_LOG_FOLDER": str(home / "logs" / "airflow"),
    }


def _api(values: Mapping[str, str], url: str) -> dict[str, str]:
    return {
        "API__HOST": "127.0.0.1",
        "API__PORT": values["airflow_port"],
        "API__BASE_URL": url,
        "API__SECRET_KEY": values["airflow_api_key"],
        "API__WORKERS": "1",
        "API_AUTH__JWT_SECRET": values["airflow_jwt_key"],
        "API_AUTH__JWT_ISSUER": "lienthong",
    }


def components(
    home: Path, values: Mapping[str, str], binaries: Path, checkout: Path
) -> Iterator[dict[str, Any]]:
    """Parts of the four services."""
    settings = environment(home, values, checkout)
    airflow = str(binaries / "airflow")

    def healthy(part: str) -> bool:
        is_known = part != "dag_processor" or _registered(values) >= _files(checkout)
        return is_known and health(values["airflow_port"]).get(part) == "healthy"

    yield {
        "name": "airflow-api",
        "command": (airflow, "api-server"),
        "environment": settings,
        "ready": lambda: healthy("metadatabase"),
        "prepare": lambda: _prepare(home, values, binaries, settings),
        "after": ("postgres",),
        "patience": 180,
    }
    for name, flags in (
        ("scheduler", ("--skip-serve-logs",)),
        ("dag-processor", ()),
        ("triggerer", ("--skip-serve-logs",)),
    ):
        part = name.replace("-", "_")
        yield {
            "name": f"airflow-{name}",
            "command": (airflow, name, *flags),
            "environment": settings,
            "ready": lambda part=part: healthy(part),
            "after": ("airflow-api",),
            "patience": 180,
        }


def _prepare(home: Path, values: Mapping[str, str], binaries: Path, settings: Mapping[str, str]) -> None:
    """Passwords, local settings, the metadata database and the pools."""
    passwords = {"admin": values["airflow_password"], "steward": values["airflow_password"]}
    write_private(home / "airflow" / "passwords.json", json.dumps(passwords))
    local = home / "airflow" / "config" / "airflow_local_settings.py"
    local.parent.mkdir(exist_ok=True)
    local.write_text(_LOCAL_SETTINGS)
    pools = home / "airflow" / "pools.json"
    pools.write_text(json.dumps(POOLS))
    inherited = {"PATH": f"{binaries}:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(home / "airflow")}
    with (home / "logs" / "airflow-migrate.log").open("ab") as log:
        for command in (["db", "migrate"], ["pools", "import", str(pools)]):
            subprocess.run(
                [str(binaries / "airflow"), *command],
                env={**inherited, **settings},
                check=True,
                stdout=log,
                stderr=log,
                cwd=home,
            )


def _files(checkout: Path) -> set[str]:
    return {file.name for file in (checkout / "dags").glob("*.py") if file.name != "__init__.py"}


def _registered(values: Mapping[str, str]) -> set[str]:
    """Files whose DAGs can be run: before that the API answers that there is no such DAG."""
    with database(values, "airflow") as connection:
        rows = connection.execute(
            "select relative_fileloc from dag where not is_stale "
            "and exists (select from serialized_dag where serialized_dag.dag_id = dag.dag_id)"
        )
        return {str(row[0]) for row in rows}


def health(port: str) -> dict[str, str]:
    """State of each component as the API server tells it; empty when it does not answer."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v2/monitor/health", timeout=5) as response:
            told = json.load(response)
    except OSError:
        return {}
    return {name: str(part.get("status")) for name, part in told.items() if isinstance(part, dict)}
