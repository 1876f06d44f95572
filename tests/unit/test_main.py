"""How the command line says that a command failed: to people, to machines, and without what was typed."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from jobs import purge
from jobs.__main__ import main
from jobs.cli import call
from jobs.errors import UsageFault

PERSON = "001090000001"


def failing(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    """Lets whatever a command does first end in an error."""

    def fail(_: object) -> None:
        raise error

    monkeypatch.setattr(call, "load_settings", fail)


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (RuntimeError(PERSON), 1, "Fault: explain: RuntimeError at "),
        (KeyboardInterrupt(), 130, "Interrupted: Stopped. Remedy: run the same command again"),
        (UsageFault("No [/] key.", "name one."), 2, "UsageFault: No [/] key. Remedy: name one."),
    ],
)
def test_a_failure_is_told_and_what_was_typed_is_not(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: BaseException,
    code: int,
    said: str,
) -> None:
    failing(monkeypatch, error)
    assert main(["explain", PERSON, "--json"], {}) == code
    told = capsys.readouterr()
    assert " ".join(told.err.split()).startswith(said)
    assert PERSON not in told.err + told.out
    answer: dict[str, Any] = json.loads(told.out)
    assert (set(answer), answer["exit_code"]) == ({"error", "remedy", "exit_code"}, code)


def test_what_cannot_be_understood_is_told_to_machines_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status", "--json", "--nonsense"], {}) == UsageFault.exit_code
    assert "--nonsense" in json.loads(capsys.readouterr().out)["error"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["status", "--at", "0001-01-01T00:00:00+14:00"], "not an instant"),
        (["status", "--at", "9999-12-31T23:59:59-12:00"], "not an instant"),
        (["findings", "show", "\udcff"], "An argument is not UTF-8"),
        (["explain", "\udcff"], "An argument is not UTF-8"),
        (["findings", "withdraw", "99999999999999999999", "--reason", "x"], "should be less than"),
        (["findings", "withdraw", "1", "--reason", " "], "--reason is blank"),
        (["findings", "correct", "S/1/1", "td:x", "--reason", "", "--basis", "x", "--absent"], "--reason is"),
        (["findings", "correct", "S/1/1", "td:x", "--reason", "x", "--basis", "", "--absent"], "--basis is"),
        (["findings", "replay", "S", "--accept-gate", "--reason", ""], "--reason is blank"),
        (["retract", "--submission", "S", "--reason", "\t"], "--reason is blank"),
        (["release", "reject", "2026.11.1", "--reason", ""], "--reason is blank"),
        (["reconcile", "--province", "999"], "There is no province 999"),
    ],
)
def test_a_wrong_argument_is_told_in_words(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, words: list[str], said: str
) -> None:
    assert main(words, {"LIENTHONG_HOME": str(tmp_path)}) == UsageFault.exit_code
    assert said in " ".join(capsys.readouterr().err.split())


def test_no_is_an_answer(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(purge, "places_of", lambda *_, **__: {})
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    words = ["purge", "--basis", "Law 91", "--dossier", "H26.01.02-261102-0001"]
    assert main(words, {"LIENTHONG_HOME": str(tmp_path)}) == 1
    told = capsys.readouterr().err
    assert "Stopped: The answer was not yes; nothing was done." in told
    assert "Fault" not in told


def test_all_of_a_foreign_fault_is_shown_on_request(monkeypatch: pytest.MonkeyPatch) -> None:
    failing(monkeypatch, RuntimeError("whole"))
    with pytest.raises(RuntimeError, match="whole"):
        main(["explain", PERSON], {"LIENTHONG_DEBUG": "1"})
