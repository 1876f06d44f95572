"""Answers of the command line to people."""

from __future__ import annotations

import pytest

from jobs.cli import call

HOSTILE = "[/b] \x1b[2J \u202eabc"
SHOWN = "[/b] \\x1b[2J \\u202eabc"


def test_a_table_shows_what_a_value_holds(capsys: pytest.CaptureFixture[str]) -> None:
    """Neither markup nor a terminal's commands in a province's values are obeyed."""
    call.table("Values", ("path", "value"), [("a", HOSTILE), (None, 3)])
    assert SHOWN in capsys.readouterr().out


def test_a_line_shows_what_a_value_holds(capsys: pytest.CaptureFixture[str]) -> None:
    call.line(HOSTILE)
    assert capsys.readouterr().out == f"{SHOWN}\n"


def test_no_cell_is_cut_short_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    long = "x" * 300
    call.table("Values", ("path", "value"), [("a", long)])
    assert long in capsys.readouterr().out
