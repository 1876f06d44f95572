"""Secrets of a home, and the only files that may hold them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from infra.embedded.home import prepare
from tests.support.marks import Mark

NO_SECRETS = ("s3_access_key", "spark_memory", "spark_java", "spark_conf", "spark_master")
"""Values of a home that every request names, or anybody may know; ports too."""
KEEPERS = (
    *("stack.json", "settings.env", "run/*.json", "run/spark.conf"),
    *("airflow/passwords.json", "sandbox/credentials.json", "sandbox/databases.json", "run/mariadb.sql"),
)
"""Files of a home that hold secrets."""


def of(home: Path) -> Iterator[Mark]:
    """Every secret that a home was made with, those of its sandbox among them."""
    for name, value in prepare(home).items():
        if not name.endswith("_port") and name not in NO_SECRETS:
            yield Mark(name, value)
    known = home / "sandbox" / "credentials.json"
    for province, entry in json.loads(known.read_text() if known.exists() else "{}").items():
        yield Mark(f"secret of {province}", entry["secret"])


def keeps(name: str) -> bool:
    """Whether a file of a home, by its name below it, may hold secrets."""
    return any(Path(name).match(pattern) for pattern in KEEPERS)
