"""A mapping drafted for a system whose own is hidden: how much of it is proposed rightly, and with what."""

from __future__ import annotations

import json
import sqlite3
import tomllib
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from infra.sandbox.build import build
from infra.sandbox.systems import SYSTEMS
from jobs.errors import UsageFault
from jobs.settings import Settings
from jobs.sources.draft.run import draft, read
from schemas import dialect as dialects

pytestmark = pytest.mark.usefixtures("compiled")
LEAST = 0.75
"""Share of the header fields that a sample has, and of the fields of its forms, that must be right."""


@pytest.fixture(scope="module")
def items(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    folder = tmp_path_factory.mktemp("world")
    build(folder, seed="draft", scale=0.02, profile="typical", days=3)
    with closing(sqlite3.connect(folder / "world.sqlite")) as database:
        return [json.loads(body) for (body,) in database.execute("select body from items limit 400")]


def page(system: str, items: list[dict[str, Any]]) -> bytes:
    return json.dumps({"answer": {"rows": [SYSTEMS[system](item) for item in items]}, "n": [1]}).encode()


def rightly(system: str, told: dict[str, Any]) -> tuple[set[str], set[str], set[str], set[str]]:
    """Header fields and form fields that can be found in the sample, and those that were proposed rightly."""
    truth = dialects.load(system)
    header = {one["canonical"]: one["path"] for one in told["header"]}
    wanted = {
        name: {one.path for one in many}
        for name, many in truth.header.items()
        if not name.endswith("_precision") and name != "result_text"
    }
    good = {name for name, path in header.items() if path in wanted.get(name, set())}
    fields = {
        f"{name}.{field}": {one.path for one in many}
        for name, group in truth.groups.items()
        for field, many in group.fields.items()
        if not field.endswith(("_precision", "_scheme"))
    }
    proposed = {
        f"{group['group']}.{one['canonical']}": one["path"]
        for group in told["groups"]
        for one in group["fields"]
    }
    return (
        {*wanted},
        good,
        {*fields},
        {name for name, path in proposed.items() if path in fields.get(name, set())},
    )


@pytest.mark.parametrize("system", ["hoso2025", "lgsp_en"])
def test_most_of_a_hidden_mapping_is_proposed_rightly(
    settings: Settings, system: str, items: list[dict[str, Any]]
) -> None:
    told = draft(settings, name="new", data=page(system, items), form="json", but=[system])
    assert told["records"] == len(items)
    assert tomllib.loads(told["file"])["layout"]["items"] == "answer.rows"
    assert dialects.read("new", tomllib.loads(told["file"])).groups.keys() == {
        one["group"] for one in told["groups"]
    }
    sent = {path for item in items for path in _paths(SYSTEMS[system](item))}
    truth = dialects.load(system)
    wanted, good, fields, right = rightly(system, told)
    seen = {name for name in wanted if {one.path for one in truth.header[name]} & sent}
    shown = {name for name in fields if _is_shown(truth, name, items, system)}
    assert len(good & seen) >= LEAST * len(seen), sorted(seen - good)
    assert len(right & shown) >= LEAST * len(shown), sorted(shown - right)


def _paths(node: Any, path: str = "") -> set[str]:
    found = {path}
    for key, value in node.items() if isinstance(node, dict) else ():
        found |= _paths(value, f"{path}.{key}" if path else key)
    return found


def _is_shown(truth: dialects.Dialect, name: str, items: list[dict[str, Any]], system: str) -> bool:
    group, _, field = name.partition(".")
    places = {one.path for one in truth.groups[group].fields[field]}
    steps = truth.groups[group].path.split(".")
    for item in items:
        node: Any = SYSTEMS[system](item)
        for step in steps:
            node = node.get(step, {}) if isinstance(node, dict) else {}
        lines = node if isinstance(node, list) else [node]
        if any(places & {*line} for line in lines if isinstance(line, dict)):
            return True
    return False


def test_a_draft_shows_no_value(settings: Settings, items: list[dict[str, Any]]) -> None:
    told = json.dumps(
        draft(settings, name="new", data=page("hoso2025", items), form="json"), ensure_ascii=False
    )
    for item in items:
        assert item["ChuHoSo"] not in told
        assert item["MaHoSo"] not in told


def test_what_has_no_record_or_no_format_is_said(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "dossiers.docx").write_bytes(b"")
    with pytest.raises(UsageFault, match="no record in it"):
        draft(settings, name="new", data=b'{"a": 1}', form="json")
    with pytest.raises(UsageFault, match=r"has no known format\. Remedy: give a file"):
        read(str(tmp_path / "dossiers.docx"))
    with pytest.raises(UsageFault, match="There is no file"):
        read("/nowhere/at/all.json")
