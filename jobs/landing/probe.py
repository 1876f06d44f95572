"""Files that are looked at by a process whose memory and time have an end: what they state may lie."""

from __future__ import annotations

import json
import re
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from jobs.errors import Unreachable
from jobs.landing.content import Content, Data
from jobs.landing.forms import IN_PARTS, Unfit

MOST_SECONDS = 3_600
"""Of a processor; by the rate of smaller ones, a workbook as large as may be unpacked takes a third."""
_WAITED_SECONDS = MOST_SECONDS + 1_800
_ENVIRONMENT = {"ARROW_DEFAULT_MEMORY_POOL": "system"}
"""Arrow's own pool would reserve a gigabyte at once."""
_SPARE_BYTES = 128 << 20
_BEGUN = b"begun\n"
"""What a program writes before it reads: from there on it is the file that ends its memory or its time."""
_NO_MEMORY = 97
_REFUSALS = {
    **dict.fromkeys(
        (_NO_MEMORY, -signal.SIGABRT, -signal.SIGSEGV, -signal.SIGBUS),
        f"its rows are too large to unpack. {IN_PARTS}",
    ),
    -signal.SIGXCPU: f"its rows take more than {MOST_SECONDS} seconds to read. {IN_PARTS}",
}
"""How a program ends whose file is too much for it: by its own code, or where a library goes on without the
memory that it did not get. What is killed from outside (SIGKILL) says nothing of its file."""


def told(module: str, asked: Mapping[str, Any], data: Data) -> dict[str, Any]:
    """What a module's program writes as JSON of a file that it reads.

    Args:
        module: One of ours; its program calls ``write``.
        asked: What it is told, as JSON in its only argument.
        data: The file, which stands at its input.

    Raises:
        Unfit: Its memory or its time did not suffice for the file.
        Unreachable: The program failed, whatever the file is.
    """
    file = data if isinstance(data, Content) else Content.of([data])
    command = [sys.executable, "-P", "-m", module, json.dumps(asked)]
    environment = {**_ENVIRONMENT, "PYTHONPATH": ":".join(sys.path)}
    try:
        # The program and what it is told are our own; the file comes by its input.
        found = subprocess.run(  # noqa: S603
            command,
            stdin=file.fileno(),
            env=environment,
            capture_output=True,
            check=False,
            timeout=_WAITED_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise _failed(module, type(error).__name__) from error
    has_begun = found.stdout.startswith(_BEGUN)
    if has_begun and found.returncode in _REFUSALS:
        raise Unfit(_REFUSALS[found.returncode])
    if found.returncode != 0:
        raise _failed(module, f"{_ending(found.returncode)}{_kind(found.stderr)}")
    try:
        answer: dict[str, Any] = json.loads(found.stdout.removeprefix(_BEGUN))
    except ValueError as error:
        raise _failed(module, "it answers with no JSON") from error
    return answer


def _failed(module: str, how: str) -> Unreachable:
    return Unreachable(
        f"{module}, which looks into files, failed: {how}. The file is looked at again.",
        "see that the machine has memory to spare and that python -m of it runs, then repeat.",
    )


def _ending(code: int) -> str:
    """How a program ended, in words."""
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"


def _kind(stderr: bytes) -> str:
    """The kind of the fault that ended a program; its text may quote a file and is not told."""
    lines = stderr.decode(errors="replace").strip().splitlines()
    found = re.match(r"[\w.]+(?=:|$)", lines[-1]) if lines else None
    return f" ({found[0]})" if found else ""


def write(found: Callable[[], Mapping[str, Any]]) -> None:
    """Writes what a function finds of the file at the input, with little more memory than there is now."""
    _confine()
    sys.stdout.write(_BEGUN.decode())
    sys.stdout.flush()
    try:
        text = json.dumps(found())
    except MemoryError:
        sys.exit(_NO_MEMORY)
    sys.stdout.write(text)


def _confine() -> None:
    """Ends the process's memory and time, and leaves no core behind; threads would ask for more memory."""
    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    status = Path("/proc/self/status").read_text(encoding="ascii")
    used = int(status.partition("VmData:")[2].split()[0]) * 1024
    resource.setrlimit(resource.RLIMIT_DATA, (used + _SPARE_BYTES, used + _SPARE_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS + 60))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
