"""A standalone Spark cluster on loopback, started from the pyspark wheel."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyspark

from jobs.settings import CHECKOUT

_DEPLOY = "org.apache.spark.deploy"
_PATIENCE = 60
"""Seconds for the workers to register."""


@contextmanager
def cluster(folder: Path, *, workers: int, cores: int = 1, memory: str = "2g") -> Iterator[str]:
    """The master's URL of a cluster that ends with the block.

    Args:
        folder: For logs and the workers' files.
        workers: Their number.
        cores: Of each worker.
        memory: Of each worker.
    """
    folder.mkdir(parents=True, exist_ok=True)
    port, page = _free(), _free()
    url = f"spark://127.0.0.1:{port}"
    started = [
        _start(folder, "master", "master.Master", "--port", str(port), "--webui-port", str(page)),
    ]
    try:
        for number in range(1, workers + 1):
            place = folder / f"worker-{number}"
            options = (
                "--cores",
                str(cores),
                "--memory",
                memory,
                "--work-dir",
                str(place),
                "--webui-port",
                "0",
            )
            started.append(_start(folder, place.name, "worker.Worker", *options, url))
        _until_registered(page, workers)
        yield url
    finally:
        for process in reversed(started):
            process.terminate()
            process.wait(timeout=_PATIENCE)


def _start(folder: Path, name: str, what: str, *options: str) -> subprocess.Popen[bytes]:
    home = Path(pyspark.__file__).parent
    environment = {
        **os.environ,
        "SPARK_HOME": str(home),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "PYSPARK_PYTHON": sys.executable,
        "PYTHONPATH": str(CHECKOUT),
    }
    command = [str(home / "bin" / "spark-class"), f"{_DEPLOY}.{what}", "--host", "127.0.0.1", *options]
    with (folder / f"{name}.log").open("wb") as log:
        return subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT)


def _until_registered(page: int, workers: int) -> None:
    begun = time.monotonic()
    while _registered(page) < workers:
        if time.monotonic() - begun > _PATIENCE:
            raise TimeoutError(f"{workers} workers have not registered within {_PATIENCE} s")
        time.sleep(0.2)


def _registered(page: int) -> int:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{page}/json/", timeout=5) as answer:
            return int(json.load(answer)["aliveworkers"])
    except OSError:
        return 0


def _free() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
