"""The pinned Spark jars, fetched once by Spark itself and shared by every home of a checkout."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

PACKAGES = (
    "org.apache.iceberg:iceberg-spark-runtime-4.1_2.13:1.12.0",
    "org.apache.iceberg:iceberg-aws-bundle:1.12.0",
)
FOLDER = Path(__file__).resolve().parents[1] / ".cache" / "ivy"
_RESOLVE = "from pyspark.sql import SparkSession; SparkSession.builder.getOrCreate().stop()"


def jars(packages: Sequence[str] = PACKAGES) -> list[Path]:
    """Paths of the jars; they are fetched when they are missing.

    Args:
        packages: Their Maven coordinates, ``group:name:version``.

    Raises:
        RuntimeError: They cannot be fetched.
    """
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if len(found := _present(packages)) < len(packages):
            _fetch(packages)
            found = _present(packages)
    if len(found) < len(packages):
        raise RuntimeError(
            "The Spark jars cannot be fetched. Remedy: see that Maven Central is reached, then try again."
        )
    return found


def _present(packages: Sequence[str]) -> list[Path]:
    names = [f"{group}_{name}-{version}.jar" for group, name, version in (p.split(":") for p in packages)]
    return [path for name in names if (path := FOLDER / "jars" / name).exists()]


def _fetch(packages: Sequence[str]) -> None:
    submit = (
        f"--master local[1] --conf spark.ui.enabled=false --conf spark.jars.ivy={FOLDER} "
        f"--packages {','.join(packages)} pyspark-shell"
    )
    # Proxies and JAVA_HOME reach the resolver; what a Connect client leaves in its environment must not.
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("SPARK_")}  # noqa: TID251
    environment = inherited | {
        "PYSPARK_SUBMIT_ARGS": submit,
        "SPARK_LOCAL_IP": "127.0.0.1",
    }
    environment["PYSPARK_PYTHON"] = sys.executable
    subprocess.run([sys.executable, "-c", _RESOLVE], env=environment, check=False, capture_output=True)


if __name__ == "__main__":
    for jar in jars():
        sys.stdout.write(f"{jar.name}\n")
