"""Programs that look into files: what is the file's fault refuses it, all else has it looked at again."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from jobs.errors import Unreachable
from jobs.landing import probe
from jobs.landing.containers import judged
from jobs.landing.forms import Unfit
from schemas.layout import USUAL
from tests.support.files import workbook

_PROGRAM = """
import os, resource, signal, sys, time
from jobs.landing import probe

def found():
    {body}

{before}
probe.write(found)
"""


def told(folder: Path, body: str, before: str = "") -> object:
    """What a program of our own says of a file."""
    (folder / "a_program.py").write_text(_PROGRAM.format(body=body, before=before), encoding="utf-8")
    return probe.told("a_program", {}, b"x")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


def test_what_it_finds_is_told(folder: Path) -> None:
    assert told(folder, 'return {"bytes": os.fstat(0).st_size}') == {"bytes": 1}


@pytest.mark.parametrize(
    "body",
    [
        "return {'much': len(bytearray(1 << 30))}",
        "raise MemoryError",
        "os.abort()",
        "os.kill(os.getpid(), signal.SIGSEGV)",
    ],
)
def test_a_file_that_needs_more_memory_than_there_is(folder: Path, body: str) -> None:
    with pytest.raises(Unfit, match=r"too large to unpack\. Remedy: send it in parts"):
        told(folder, body)


def test_a_file_that_takes_for_ever(folder: Path) -> None:
    body = "resource.setrlimit(resource.RLIMIT_CPU, (2, 60))\n    while True: pass"
    with pytest.raises(Unfit, match=r"take more than 3600 seconds to read\. Remedy: "):
        told(folder, body)


@pytest.mark.parametrize(
    ("body", "before", "how"),
    [
        ("return {}", "import nothing_of_that_name", r"exit code 1 \(ModuleNotFoundError\)"),
        ("return {}", "raise MemoryError('no module')", r"exit code 1 \(MemoryError\)"),
        ("return {}", "os.abort()", "SIGABRT"),
        ("raise ValueError('Nguyễn Văn An')", "", r"exit code 1 \(ValueError\)\. "),
        ("os.kill(os.getpid(), signal.SIGKILL)", "", "SIGKILL"),
        ("sys.stdout.write('{'); sys.stdout.flush(); os._exit(0)", "", "no JSON"),
        ("os._exit(0)", "", "no JSON"),
    ],
)
def test_what_is_not_the_files_fault_has_it_looked_at_again(
    folder: Path, body: str, before: str, how: str
) -> None:
    with pytest.raises(Unreachable, match=how) as fault:
        told(folder, body, before)
    assert "Nguyễn" not in str(fault.value)
    assert "looked at again" in fault.value.message


def test_a_program_that_hangs(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe, "_WAITED_SECONDS", 1)
    with pytest.raises(Unreachable, match="TimeoutExpired"):
        told(folder, "time.sleep(60)")


def test_an_interpreter_that_is_gone_refuses_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    good = workbook([["a"], ["1"]])
    assert judged(good, "xlsx", USUAL).refusal is None
    monkeypatch.setattr("sys.executable", os.devnull)
    with pytest.raises(Unreachable, match="PermissionError"):
        judged(good, "xlsx", USUAL)
