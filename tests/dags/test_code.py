"""A scheduler that imported its code before it was changed does no work with it."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from dags.support import code
from jobs.errors import Refused


def test_the_fingerprint_follows_what_files_hold(tmp_path: Path) -> None:
    for package in ("dags", "jobs", "expectations", "schemas"):
        (tmp_path / package).mkdir()
    rule = tmp_path / "schemas" / "rules.py"
    rule.write_text("a = 1")
    before = code.fingerprint(tmp_path)
    rule.touch()
    (tmp_path / "schemas" / "rules.pyc").write_text("x")
    assert code.fingerprint(tmp_path) == before
    rule.write_text("a = 2")
    assert code.fingerprint(tmp_path) != before


def test_old_code_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "dags.support.preload", SimpleNamespace(CODE="before"))
    with pytest.raises(Refused, match="restart it"):
        code.require_current()
    monkeypatch.setitem(sys.modules, "dags.support.preload", SimpleNamespace(CODE=code.fingerprint()))
    code.require_current()
