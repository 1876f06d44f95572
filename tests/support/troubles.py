"""What goes wrong on the walk of the markers, and quotes a value: servers, the portal, registers, workers."""

from __future__ import annotations

import logging.config
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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

from jobs import session
from jobs.errors import Refused, Unreachable
from jobs.faults import told
from jobs.registry import databases
from schemas.contract import Register
from tests.support import civil, told_wrongly
from tests.support.line import Line, at_day
from tests.support.portal import portal
from tests.support.walk import Walk, baseline, lines


def read_a_database(walk: Walk) -> None:
    """A one-stop system's database gives its row, then stumbles over it and says so."""
    line = walk.line
    with told_wrongly.served(line.settings, walk.marks["database"]) as (url, owner):
        keys = {"kind": "database", "dialect": "epar", "url": url, "credentials": "PROVINCE"}
        line.source("58", {"records": keys}, province="01")
        walk.said["receipt of a database"] = str(line.pull("58-records", at_day(2)))
        walk.say("sources", "check", "58-records")
        told_wrongly.spoil(owner)
        walk.say("sources", "check", "58-records")
        walk.say("sources", "missed", "58-records")
        with pytest.raises((Refused, Unreachable)) as stumbled:
            line.pull("58-records", at_day(2))
        walk.said["a database stumbles"] = f"{stumbled.value}\n{told('extract', stumbled.value)}"


def send_back(walk: Walk, folder: Path) -> None:
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


def ask(walk: Walk) -> None:
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


def fail_a_statement(walk: Walk) -> None:
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


def crash(walk: Walk) -> None:
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
