"""Files that are looked at by a process whose memory has an end: what they state of themselves may lie."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from jobs.landing.content import Content, Data

_ENVIRONMENT = {"ARROW_DEFAULT_MEMORY_POOL": "system"}
"""Arrow's own pool would reserve a gigabyte at once."""
_SPARE_BYTES = 128 << 20


def told(module: str, asked: Mapping[str, Any], data: Data) -> dict[str, Any] | None:
    """What a module's program writes as JSON of a file that it reads; None where its memory did not suffice.

    Args:
        module: One of ours; its program calls ``end_memory`` before it reads.
        asked: What it is told, as JSON in its only argument.
        data: The file, which stands at its input.
    """
    file = data if isinstance(data, Content) else Content.of([data])
    command = [sys.executable, "-P", "-m", module, json.dumps(asked)]
    environment = {**_ENVIRONMENT, "PYTHONPATH": ":".join(sys.path)}
    # The program and what it is told are our own; the file comes by its input.
    found = subprocess.run(  # noqa: S603
        command, stdin=file.fileno(), env=environment, capture_output=True, check=False
    )
    answer: dict[str, Any] | None = json.loads(found.stdout) if found.stdout else None
    return answer


def end_memory() -> None:
    """Lets the process have little more than it has now; threads would ask for more."""
    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    status = Path("/proc/self/status").read_text(encoding="ascii")
    used = int(status.partition("VmData:")[2].split()[0]) * 1024
    resource.setrlimit(resource.RLIMIT_DATA, (used + _SPARE_BYTES, used + _SPARE_BYTES))
