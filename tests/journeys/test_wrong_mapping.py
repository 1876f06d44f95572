"""A wrong line in one system's mapping stops no other, and no batch that was planned with it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pytest

from jobs import ops
from jobs.conform import run
from jobs.ops import batches
from schemas import dialect as dialects
from tests.journeys.test_new_source import birth
from tests.support import invented
from tests.support.line import Line, at_day, reset

RIGHT = (dialects.FOLDER / "dvcqg.toml").read_text(encoding="utf-8")
DATE = 'birth_date = { path = "NgaySinh", parser = "date"'
WRONG = RIGHT.replace(DATE, DATE.replace('"date"', '"text"'))
OWN, OTHER = "H26.01.02-261102-0002", "H26.01.02-261102-0001"
BORN = "select personal_id, birth_date::text from persons order by 1"


@pytest.fixture
def folder(line: Line, tmp_path: Path) -> Iterator[Path]:
    """Two systems, each with a birth that is landed; the mapping of the second may be rewritten."""
    reset(line.settings)
    people = (("01", "dvcqg", OTHER, "001090000011"), ("01b", "wrong", OWN, "001090000012"))
    with invented.dialects(tmp_path, wrong=RIGHT):
        for stem, dialect, code, person in people:
            url = str(line.inbox(stem))
            keys = {"kind": "directory", "dialect": dialect, "url": url, "patterns": {"*": "dossiers"}}
            line.source(stem, {"dossiers": keys})
            text = json.dumps(birth(code, person), ensure_ascii=False)
            (line.inbox(stem) / "a.ndjson").write_text(text + "\n", encoding="utf-8")
            line.pull(f"{stem}-dossiers", at_day(1))
        yield tmp_path


def rewrite(folder: Path, text: str) -> None:
    (folder / "wrong.toml").write_text(text, encoding="utf-8")
    dialects.load.cache_clear()


def test_a_system_whose_mapping_is_refused_waits_alone(line: Line, folder: Path) -> None:
    rewrite(folder, WRONG)
    (left,) = line.conform(at_day(1))["left_out"]
    assert left["source"].startswith("01b-dossiers")
    assert "wrong.toml: [items.person] birth_date: parser: 'text' gives text" in left["reason"]
    line.merge(at_day(1))
    assert line.query("population", BORN) == [("001090000011", "1990-10-05")]
    rewrite(folder, RIGHT)
    assert line.conform(at_day(2))["left_out"] == []
    line.merge(at_day(2))
    assert line.query("population", BORN) == [("001090000011", "1990-10-05"), ("001090000012", "1990-10-05")]


def test_a_batch_that_was_planned_with_it_is_finished_and_the_mended_mapping_reads_again(
    line: Line, folder: Path
) -> None:
    engine = ops.engine(line.settings)
    rewrite(folder, WRONG)
    with mock.patch.object(dialects, "_require_fitting"):
        chosen, _ = run.pending(line.settings, engine, None)
        members = run._members(line.settings, engine, chosen, at_day(1))
    batches.plan(engine, kind="conform", register=None, at=at_day(1), members=members)
    dialects.load.cache_clear()
    line.conform(at_day(1))
    line.merge(at_day(1))
    assert line.query("population", BORN) == [("001090000011", "1990-10-05")]
    assert {one.codes for one in line.findings(OWN)} == {"persons.birth_date:parse"}
    rewrite(folder, RIGHT)
    line.conform(at_day(2), [name for name in chosen if name.startswith("01b")])
    line.merge(at_day(2))
    assert line.query("population", BORN)[1:] == [("001090000012", "1990-10-05")]
