"""A large delivery is landed and read in little memory, whatever its format."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from jobs.settings import Settings
from tests.hostile.large import KINDS
from tests.hostile.memory import LIMIT_MIB

MEGABYTES = 300
"""A file that stood in memory whole could not pass; an archive's child counts whole, and who started it."""


@pytest.mark.long
def test_no_delivery_is_in_memory_whole(settings: Settings) -> None:
    command = [sys.executable, "-m", "tests.hostile.large", str(MEGABYTES)]
    environment = {**os.environ, "LIENTHONG_HOME": str(settings.home)}
    told = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    found = json.loads(told)
    assert set(found) == set(KINDS)
    for part in ("landing_mib", "reading_mib"):
        assert {name: one[part] for name, one in found.items() if one[part] > LIMIT_MIB} == {}
