"""A marker in every personal column, sent by every path, is found nowhere but where values belong."""

from __future__ import annotations

import hashlib
import logging.config
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import sqlalchemy as sa
from defusedxml.ElementTree import fromstring
from pydantic import SecretStr
from pyspark.errors import PySparkException
from pyspark.sql import functions as F
from pytest_httpserver import HTTPServer
from sqlalchemy.exc import IntegrityError
from werkzeug import Request, Response

from jobs import objects, release, session
from jobs.errors import Refused
from jobs.faults import told
from jobs.findings import feedback, listing
from jobs.findings.standing import Wanted
from jobs.registry import databases
from schemas.contract import REGISTERS, Register
from tests.support import civil, october, places
from tests.support import marks as m
from tests.support.dossiers import ndjson
from tests.support.hearing import overheard
from tests.support.line import Line, at_day, empty
from tests.support.portal import portal
from tests.support.walk import Walk, baseline, deliver, lines, odd_fields, others, upload

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
    for feed in ("01-baseline", "01-dossiers", "48-dossiers", "79-dossiers", *more):
        walk.said[f"receipt of {feed}"] = str(line.pull(feed, at_day(1)))
    walk.said["receipt of conform"] = str(line.conform(at_day(1)))
    walk.said["receipts of merges"] = str(line.merge(at_day(1)))
    (line.inbox("48") / "s2.ndjson.gz").write_bytes(ndjson(odd_fields(walk.marks["names and codes"])))
    walk.said["receipt of 48-dossiers"] = str(line.pull("48-dossiers", at_day(2)))
    _send_back(walk, folder)
    _ask(walk)
    _fail_a_statement(walk)
    _crash(walk)
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


def _send_back(walk: Walk, folder: Path) -> None:
    """The portal takes a dossier and refuses another, whose subject it names."""
    with portal(folder) as door:
        walk.environ = door.environ(walk.line.settings)
        for words in (("send",), ("status",), ("reconcile",), ("send", "--refused")):
            walk.say("portal", *words)
        walk.environ = {}
        [(agency, code)] = [name for name in door.holdings() if name[1].endswith("-7001")]
        known = walk.marks["approved"].planted["dossiers.applicant_name"].text
        with sqlite3.connect(folder / "portal.sqlite") as books:
            query = "select body from dossiers where agency = ? and code = ?"
            [(body,)] = books.execute(query, (agency, code))
        assert known in body, "the portal has it"
        assert door.control()["refused"] > 0


def _ask(walk: Walk) -> None:
    """The population database answers a fault, then more than was asked, somebody else, and no XML."""
    marks, line = walk.marks["answer"], walk.line
    number = iter(range(1000))

    def answer(request: Request) -> Response:
        sent = {one.tag.rpartition("}")[2]: one.text or "" for one in fromstring(request.data).iter()}
        birth = sent.get("NgayThangNam") or sent["Nam"]
        asked = civil.Question("", sent["SoDinhDanh"], sent["HoVaTen"], birth)
        more = f"<QueQuan>{marks.words('home')}</QueQuan></CongDan>"
        whole = civil.person(asked).replace("<TonGiao>02", f"<TonGiao>{marks.words('religion')}")
        quoted = f"<faultcode>s:Server</faultcode><faultstring>{marks.words('fault')}</faultstring>"
        other = {"number": "001090999999", "name": f"{marks.words('somebody else')} X"}
        answers = (
            civil.enveloped(f"<s:Fault>{quoted}</s:Fault>"),
            civil.answer(whole.replace("</CongDan>", more)),
            civil.answer(civil.person(asked, **other)),
            f"<{marks.words('no XML')}".encode(),
        )
        return Response(answers[min(next(number), 3)], content_type="text/xml")

    with HTTPServer(port=0) as server:
        server.expect_request(civil.PATH).respond_with_handler(answer)
        line.source("national", {"population": civil.keys(server.url_for("").rstrip("/"))}, province="00")
        known = {"credentials": {"CIVIL": SecretStr(f"{civil.ACCOUNT}:{civil.KEY}")}}
        asking = Line(line.settings.model_copy(update=known), line.folder)
        for time in ("first", "second"):
            try:
                walk.said[f"{time} receipt of answers"] = str(asking.pull(civil.FEED, at_day(1)))
            except Refused as refusal:  # Where several persons are left, none of whom is answered.
                walk.said[f"{time} refusal of answers"] = str(refusal)
            line.conform(at_day(1))
            line.merge(at_day(1))
        assert len(server.log) > 3


def _fail_a_statement(walk: Walk) -> None:
    """A register refuses a row, and says which."""
    marks, line = walk.marks["failing statement"], walk.line
    (line.inbox("48", "baseline") / "persons.ndjson").write_bytes(lines(baseline(marks, 0)))
    line.pull("48-baseline", at_day(2))
    line.conform(at_day(2))
    name = marks.planted["full_name"].text
    with (
        _refusing(line, "persons_history", f"full_name <> '{name}'"),
        pytest.raises(IntegrityError) as refused,
    ):
        line.merge(at_day(2))
    assert name in str(refused.value)
    walk.said["fault of a statement"] = told("merge", refused.value)
    line.merge(at_day(2))


@contextmanager
def _refusing(line: Line, table: str, condition: str) -> Iterator[None]:
    engine = databases.engine(line.settings, Register.POPULATION)
    with engine.begin() as connection:
        connection.execute(sa.text(f"alter table {table} add constraint no_such_row check ({condition})"))
    try:
        yield
    finally:
        with engine.begin() as connection:
            connection.execute(sa.text(f"alter table {table} drop constraint no_such_row"))


def _crash(walk: Walk) -> None:
    """Spark and a Python worker of it stumble over a row, and quote it; logging was configured anew since."""
    spark = session.connect(walk.line.settings)
    logging.config.dictConfig({"version": 1, "disable_existing_loggers": False})
    text = walk.marks["crashed task"].words("persons.full_name")
    rows = spark.createDataFrame([(text,)], "full_name string")

    def stumble(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            raise ValueError(str(batch.to_pylist()))
        yield from ()

    for name, wrong in (
        ("cast", rows.select(F.col("full_name").cast("int"))),
        ("raised", rows.select(F.raise_error(F.col("full_name")))),
        ("Python", rows.mapInArrow(stumble, "full_name string")),
    ):
        with pytest.raises(PySparkException) as crashed:
            wrong.collect()
        assert text in str(crashed.value), name
        walk.said[f"crashed task: {name}"] = told("conform", crashed.value)


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
        if not (name in NAMES_OF_FILES and label.startswith("refused file: name"))
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
        "01": {"quarantined", "unreadable line", "held fact", "other systems"},
        "48": {"names and codes"},
        "79": {"refused at the gate"},
    }
    keys = list(objects.keys(objects.client(settings), settings.landing_bucket, "_feedback/"))
    assert keys
    for name, labels in walk.leaks(places.bucket(settings, settings.landing_bucket, "_feedback/")).items():
        paths = {label.partition(":")[0] for label in labels}
        province = next(code for code in mine if f"/{code}" in name)
        assert paths <= mine[province], name
