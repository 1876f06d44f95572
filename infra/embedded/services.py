"""The services of the embedded stack, in the order in which they start."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path

from infra.embedded import airflow
from infra.embedded.home import INBOX, WRITER, write_private
from infra.embedded.postgres import postgres
from infra.embedded.service import BIN, CHECKOUT, Service, answers
from infra.embedded.spark import spark
from infra.embedded.store import store


def services(home: Path, values: Mapping[str, str]) -> dict[str, Service]:
    """Every service of a home, in the order in which they start."""
    every = [
        postgres(home, values),
        store(home, values),
        spark(home, values),
        sandbox(home, values),
    ]
    every += [Service(**parts) for parts in airflow.components(home, values, BIN, CHECKOUT)]
    return {one.name: one for one in every}


def sandbox(home: Path, values: Mapping[str, str]) -> Service:
    """The provincial sandbox: the sources of the demo and the tests."""
    command = (
        sys.executable,
        "-m",
        "infra.sandbox",
        "serve",
        "--home",
        str(home),
        *("--port", values["sandbox_port"]),
        *("--sftp-port", values["sandbox_sftp_port"]),
        *("--inbox", str(home / "run" / "inbox.json")),
    )

    def prepare() -> None:
        write_private(home / "run" / "inbox.json", json.dumps(inbox(values)))

    def ready() -> bool:
        return answers(f"http://127.0.0.1:{values['sandbox_port']}/_control/state")

    # A world of millions takes minutes to be made; one that cannot be made ends the process.
    return Service("sandbox", command, {"PYTHONPATH": str(CHECKOUT)}, ready, prepare, patience=3600)


def inbox(values: Mapping[str, str]) -> dict[str, str]:
    """Where the sandbox puts files, and as whom."""
    return {
        "endpoint": f"http://127.0.0.1:{values['s3_port']}",
        "access_key": WRITER,
        "secret_key": values["inbox_writer_key"],
        "bucket": INBOX,
    }
