"""A marker in every personal column occurs in no page, no result of the gate and no log."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jobs.findings import listing, showing
from jobs.findings.standing import Wanted
from schemas import dialect as dialects
from schemas.contract import Privacy
from schemas.core.dossiers import Dossiers
from schemas.dialect import Dialect, Group
from schemas.procedures import PROCEDURES
from tests.support.dossiers import ndjson, version
from tests.support.line import Line, at_day

MARKER = "Mắcca"
"""Unlike anything that the project or its tools could write by themselves."""


def marked(dialect: Dialect, number: int) -> dict[str, Any]:
    """A dossier of a procedure with the marker in every personal column of its header and form."""
    procedure = [one for one in PROCEDURES if one.effects and not one.is_baseline][number]
    body: dict[str, Any] = {}
    for effect in procedure.effects:
        group = dialect.groups[effect.group]
        body[group.path.rpartition(".")[2]] = [_item(group)]
    row = version(
        f"H26.01.02-261102-{number:04d}",
        1,
        procedure.code,
        form=procedure.form,
        body=body,
        finished="20261102083000",
        number=number,
    )
    for name, mapped in dialect.header.items():
        if Dossiers.field(name).privacy >= Privacy.PERSONAL and "[]" not in mapped.path:
            row[mapped.path] = f"{MARKER} {number}"
    row["DinhDanhCHS"] = [{"LoaiDinhDanh": "1", "SoDinhDanh": MARKER}]
    return row


def _item(group: Group) -> dict[str, str]:
    columns = {field.name: field for field in group.dataset.fields}
    return {
        mapped.path: MARKER
        for name, mapped in group.fields.items()
        if columns.get(name.removeprefix("old_")) is None
        or columns[name.removeprefix("old_")].privacy >= Privacy.PERSONAL
    }


def _texts(folder: Path) -> Iterator[tuple[Path, str]]:
    for path in folder.rglob("*"):
        if path.is_file() and path.suffix in {".html", ".json", ".log", ".js", ".css"}:
            yield path, path.read_text(errors="replace")


def test_no_value_leaks(line: Line, caplog: pytest.LogCaptureFixture, capfd: Any) -> None:
    caplog.set_level(logging.DEBUG)
    line.directory("01")
    dialect = dialects.load("dvcqg")
    effective = [one for one in PROCEDURES if one.effects and not one.is_baseline]
    rows: list[dict[str, Any] | str] = [marked(dialect, number) for number in range(len(effective))]
    rows += [f'{{"MaHoSo": "{MARKER}'] * 3
    (line.inbox("01") / "s1.ndjson.gz").write_bytes(ndjson(rows))
    line.day("01-dossiers", at_day(1))
    answer = str(listing.listed(line.settings, Wanted(), limit=1000))
    assert "POP-" in answer or "persons." in answer
    assert line.rows()[1] > 0
    first = listing.listed(line.settings, Wanted(effect="quarantine"), limit=1)["findings"][0]
    assert MARKER in str(showing.shown(line.settings, reference=first["reference"]))
    pages = dict(_texts(line.settings.home / "docs"))
    assert any(path.suffix == ".html" for path in pages)
    logs = dict(_texts(line.settings.home / "logs"))
    assert any(logs.values())
    out, err = capfd.readouterr()
    told = {**pages, **logs, Path("list"): answer, Path("log"): caplog.text, Path("out"): out + err}
    escaped = MARKER.encode("ascii", "backslashreplace").decode()
    leaking = [path for path, text in told.items() if MARKER in text or escaped in text]
    assert leaking == []
