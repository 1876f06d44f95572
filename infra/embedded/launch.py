"""Becomes a service: its command and environment come from a file that only the owner may read.

It ends with its supervisor, also when that one is killed.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
from pathlib import Path

_PR_SET_PDEATHSIG = 1

if __name__ == "__main__":
    start = json.loads(Path(sys.argv[1]).read_text())
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.Signals[start["stop"]])
    os.umask(0o077)
    os.execvpe(start["command"][0], start["command"], start["environment"])  # noqa: S606  (no shell is wanted)
