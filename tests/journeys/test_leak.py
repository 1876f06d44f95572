"""A marker in every personal column, sent by every path, is found nowhere but where values belong."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from jobs import release
from jobs.findings import feedback, listing
from jobs.findings.standing import Wanted
from schemas.contract import REGISTERS, Register
from tests.support import civil, october, places, told_wrongly, troubles
from tests.support import marks as m
from tests.support.dossiers import ndjson
from tests.support.hearing import overheard
from tests.support.line import at_day, empty
from tests.support.walk import Walk, deliver, odd_fields, others, upload

NAMES_OF_FILES = ("submissions.manifest", "submissions.progress", "events.body")
"""Columns of ops with manifests: a folder's files are known again by the names that they came with."""
_COMMANDS = (
    ("status",),
    ("sync", "--plan"),
    ("sources", "list"),
    ("sources", "show", "01-dossiers"),
    ("sources", "check", "01-dossiers", "48-dossiers"),
    ("sources", "drift", "--ended"),
    ("reconcile",),
    ("findings", "list"),
    ("findings", "feedback"),
    ("ledger", "verify"),
    ("release", "list"),
    ("release", "show", "2026.11.1"),
    ("db", "check"),
)


@pytest.fixture(scope="module")
def walk(settings: Any, tmp_path_factory: pytest.TempPathFactory) -> Walk:
    """Every path, on one line."""
    line = empty(settings, tmp_path_factory.mktemp("sources"))
    walked = Walk(line)
    with overheard() as said:
        _live(walked, tmp_path_factory.mktemp("portal"))
    walked.said["logs and output"] = said.getvalue()
    return walked


def _live(walk: Walk, folder: Path) -> None:
    line = walk.line
    for stem in ("01", "48", "79"):
        line.directory(stem, stem)
    deliver(walk)
    walk.said["receipt of an upload"] = upload(walk, line.inbox("59"))
    more = others(line, walk.marks["other systems"])
    broken = told_wrongly.put(line.inbox("01"), walk.marks["formats"])
    for feed in ("01-baseline", "01-dossiers", "48-dossiers", "79-dossiers", *more):
        receipt = line.pull(feed, at_day(1))
        assert feed != "01-dossiers" or len(receipt["refused"]) >= broken
        walk.said[f"receipt of {feed}"] = str(receipt)
    walk.said["receipt of conform"] = str(line.conform(at_day(1)))
    walk.said["receipts of merges"] = str(line.merge(at_day(1)))
    (line.inbox("48") / "s2.ndjson.gz").write_bytes(ndjson(odd_fields(walk.marks["names and codes"])))
    walk.said["receipt of 48-dossiers"] = str(line.pull("48-dossiers", at_day(2)))
    troubles.read_a_database(walk)
    troubles.send_back(walk, folder)
    troubles.ask(walk)
    troubles.fail_a_statement(walk)
    troubles.crash(walk)
    told_of = release.build(line.settings, at=at_day(2), policy=october.POLICY)
    release.open_bucket_policy(line.settings)
    release.approve(line.settings, release_id=told_of["release_id"], by="Steward", at=at_day(2))
    feedback.feedback(line.settings, at=at_day(2))
    known = walk.marks["accepted"].planted["personal_id"].text
    quarantined = listing.listed(line.settings, Wanted(effect="quarantine"), limit=1)["findings"][0]
    for words in (
        *_COMMANDS,
        ("explain", known),
        ("explain", walk.marks["typed"].words("key")),
        ("explain", walk.marks["other systems"].words("documents.document_id")),
        ("findings", "show", quarantined["reference"]),
    ):
        walk.say(*words)


def test_every_personal_column_was_sent(walk: Walk) -> None:
    sent = {label for marks in walk.marks.values() for label in marks.planted}
    missing = [
        f"{contract.table()}.{column.name}"
        for contract, column in m.columns()
        if f"{contract.table()}.{column.name}" not in sent and not _is_derived(column.name)
    ]
    assert missing == []
    assert len(sent) > 40


def _is_derived(name: str) -> bool:
    """Whether a column is read from what another one is sent as."""
    return name == "birth_precision"


def test_every_path_was_taken(walk: Walk) -> None:
    line = walk.line
    unreadable, quarantined, *_, effective = line.rows()
    assert min(unreadable, quarantined, effective) > 0
    known = listing.listed(line.settings, Wanted(), limit=1000)
    effects = {one["effect"] for one in known["findings"]}
    assert {"quarantine", "hold", "note"} <= effects
    assert "PRT-901" in {code for one in known["findings"] for code in one["codes"]}
    assert [one["submission_id"] for one in known["refused"]] == ["79-dossiers.00000001"]
    assert {"DOC-001", "DOC-901"} <= {one["code"] for one in known["codes"]}
    stood = line.query("population", "select full_name from persons")
    for path in ("accepted", "approved", "failing statement"):
        assert (walk.marks[path].planted["full_name"].text,) in stood
    assert any(name.endswith("status: out") and text for name, text in walk.said.items())


def test_the_searcher_finds_what_is_there(walk: Walk) -> None:
    searcher = walk.searcher
    for marks in walk.marks.values():
        for mark in marks.planted.values():
            hashed = hashlib.sha256(mark.text.encode()).hexdigest()
            for form in (mark.text, hashed):
                assert searcher.found(f"... {form} ...".encode()) == [mark.label]
        for form in next(iter(marks.planted.values())).forms():
            assert searcher.found(b"... " + form + b" ..."), form
    label, mark = next(iter(walk.marks["accepted"].planted.items()))
    assert walk.leaks([("planted", mark.text.encode())]) == {"planted": [f"accepted: {label}"]}
    assert walk.leaks([("clean", b"nothing here")]) == {}


def test_nothing_is_told(walk: Walk) -> None:
    assert len(walk.said["logs and output"]) > 1000
    assert walk.leaks((name, text.encode()) for name, text in walk.said.items()) == {}


def test_a_new_name_is_told_and_one_that_may_be_a_value_is_not(walk: Walk) -> None:
    told = "".join(text for name, text in walk.said.items() if "sources drift" in name)
    assert "MoRong" in told
    assert '"path": "?"' in told


def test_no_file_below_the_home_has_it(walk: Walk) -> None:
    searched = list(places.files(walk.line.settings.home))
    names = {name for name, _ in searched}
    assert {"logs/postgres.log", "logs/spark.log", "logs/store.log", "docs/data/index.html"} <= names
    assert walk.leaks(searched) == {}


def test_ops_has_names_of_files_in_manifests_and_nothing_else(walk: Walk) -> None:
    leaking = {
        (name, label)
        for name, labels in walk.leaks(places.tables(walk.line.settings.ops_url)).items()
        for label in labels
        if not (name in NAMES_OF_FILES and label.startswith(("refused file: name", "formats: name")))
    }
    assert leaking == set()


@pytest.mark.parametrize("register", REGISTERS)
def test_no_register_has_what_was_not_accepted(walk: Walk, register: Register) -> None:
    leaking = walk.leaks(places.tables(walk.line.settings.register_url(register.value)))
    paths = {label.partition(":")[0] for labels in leaking.values() for label in labels}
    assert paths <= {"accepted", "approved", "failing statement"}
    assert not {name for name in leaking if name.startswith(("_loads", "alembic", "pg_stat"))}


def test_nothing_of_an_answer_is_anywhere(walk: Walk) -> None:
    settings = walk.line.settings
    statement = "select count(confirmed_at) from persons"
    assert walk.line.query("population", statement) == [(1,)]
    landed = list(places.bucket(settings, settings.landing_bucket))
    assert any(f"/{civil.FEED}/" in name for name, _ in landed)
    searched = [*landed, *places.tables(settings.ops_url), *places.tables(settings.population_url)]
    found = {label for labels in walk.leaks(searched).values() for label in labels}
    assert {label for label in found if label.startswith("answer: ")} == set()


def test_the_open_bucket_and_the_private_copies_of_it_have_nothing(walk: Walk) -> None:
    settings = walk.line.settings
    opened = list(places.bucket(settings, settings.open_bucket))
    assert any("enterprises" in name for name, _ in opened)
    assert walk.leaks(opened) == {}
    kept = [*places.bucket(settings, settings.landing_bucket, "_releases/")]
    assert walk.leaks([*kept, *places.bucket(settings, settings.landing_bucket, "_ledger/")]) == {}


def test_feedback_has_its_own_provinces_values_alone(walk: Walk) -> None:
    settings = walk.line.settings
    mine = {
        "01": {"quarantined", "unreadable line", "held fact", "other systems", *told_wrongly.PATHS},
        "48": {"names and codes"},
        "79": {"refused at the gate"},
    }
    met: dict[str, set[str]] = {code: set() for code in mine}
    for name, labels in walk.leaks(places.bucket(settings, settings.landing_bucket, "_feedback/")).items():
        province = next(code for code in mine if f"/{code}" in name)
        met[province] |= {label.partition(":")[0] for label in labels}
    assert all(met[code] <= allowed for code, allowed in mine.items()), met
    assert {"quarantined", *told_wrongly.PATHS} <= met["01"]
