"""Verification holds after normal days, and names what was tampered with, store by store."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from jobs import objects, ops, session
from jobs.__main__ import main
from jobs.findings import replay
from jobs.ledger import anchors, counts, equations
from jobs.ledger import registers as in_registers
from jobs.ledger.verify import LAYERS, verify
from jobs.merge import changes
from jobs.merge import run as merging
from jobs.merge.plan import pending
from jobs.ops import batches, submissions
from jobs.registry import databases
from schemas import ops as schema
from schemas.contract import REGISTERS, Register
from schemas.derive import sql
from schemas.land.rights import Rights
from schemas.registry import folded
from tests.journeys import worked_example as w
from tests.support.dossiers import ndjson
from tests.support.line import Line, at_day

FEED = "01-dossiers"
S1 = f"{FEED}.00000001"
S2 = f"{FEED}.00000002"


@pytest.fixture(scope="module")
def lived(line: Line) -> Line:
    """Two days of the worked example, a correction and its replay; each with the head of the events kept."""
    line.directory("01")
    baseline = line.inbox("01", "baseline")
    (baseline / "persons.ndjson.gz").write_bytes(ndjson(w.PERSONS))
    (baseline / "parcels.ndjson.gz").write_bytes(ndjson(w.PARCELS))
    (line.inbox("01") / "s0.ndjson.gz").write_bytes(b"no gzip")
    line.day("01-baseline", at_day(0))
    for day, rows in enumerate((w.S1, w.S2), 1):
        (line.inbox("01") / f"s{day}.ndjson.gz").write_bytes(ndjson(rows))
        line.day(FEED, at_day(day))
        anchors.anchor(line.settings, at=at_day(day))
    at = at_day(3)
    replay.correct(
        line.settings,
        content_digest=line.findings(w.D3)[0].content_digest,
        path="dvcqg:persons[0].birth_date",
        new_text="03/04/1980",
        reason="Sai năm sinh",
        basis="Giấy khai sinh số 12",
        by="steward",
        at=at,
    )
    replay.replay(line.settings, at=at, submission_ids=[S1])
    line.merge(at)
    anchors.anchor(line.settings, at=at)
    return line


@pytest.fixture
def verified_again(lived: Line) -> Iterator[None]:
    """After a tampering was undone, everything is as it was."""
    yield
    assert verify(lived.settings)["first_difference"] is None


def difference(line: Line) -> dict[str, Any]:
    told = verify(line.settings)
    assert told["verified"] is False
    found: dict[str, Any] = told["first_difference"]
    return found


def test_everything_holds_after_normal_days(lived: Line) -> None:
    steps: list[str] = []
    told = verify(lived.settings, progress=lambda step: steps.append(step.layer))
    assert (told["verified"], told["first_difference"]) == (True, None)
    assert tuple(dict.fromkeys(steps)) == tuple(told["checked"]) == LAYERS
    checked = told["checked"]
    assert checked["ops"]["submissions"] == checked["landing"]["submissions"] == 3
    assert checked["ops"]["anchors"] == 3
    assert checked["ops"]["corrections"] == 1
    assert (checked["landing"]["rows"], checked["landing"]["refused"]) == (14, 1)
    assert checked["core"]["rows"] == 14
    assert [checked["core"].get(name, 0) for name in counts.ROWS] == list(lived.rows())
    assert [checked["curated"][name] for name in counts.FACTS] == list(lived.facts())
    assert checked["curated"]["pending"] == 0
    assert checked["registers"]["history rows"] == sum(
        len(rows_of(lived, register, f"{contract.info.noun}_history"))
        for register in REGISTERS
        for contract in folded(register)
    )


def rows_of(line: Line, register: Register, table: str) -> Sequence[sa.Row[Any]]:
    with databases.engine(line.settings, register).connect() as connection:
        return connection.execute(sa.select(sql.metadata(register).tables[table])).all()


def test_it_can_be_asked_before_anything_was_merged_or_conformed(lived: Line) -> None:
    (lived.inbox("01") / "s4.ndjson.gz").write_bytes(ndjson([w.S2[4] | {"MaHoSo": w.code(90)}]))
    at = at_day(4)
    lived.pull(FEED, at)
    told = verify(lived.settings)
    assert told["first_difference"] is None
    assert told["checked"]["core"]["pending submissions"] == 1
    lived.conform(at)
    assert verify(lived.settings)["first_difference"] is None
    lived.merge(at)
    assert verify(lived.settings)["first_difference"] is None


def test_the_equations_are_shown(lived: Line) -> None:
    told = equations.equations(lived.settings)
    assert set(told) == {"population", "land", "business", "none"}
    for shown in told.values():
        assert shown["landed"] == sum(shown[name] for name in counts.ROWS)
    merged = [shown for name, shown in told.items() if name != "none"]
    assert all(shown["emitted"] == sum(shown[name] for name in counts.FACTS) for shown in merged)
    assert [sum(shown[name] for shown in merged) for name in counts.FACTS] == list(lived.facts())
    assert all(shown["pending"] == 0 for shown in merged)


def test_the_command_answers_machines_and_gives_an_exit_code(
    lived: Line, capsys: pytest.CaptureFixture[str]
) -> None:
    environ = {"LIENTHONG_HOME": str(lived.settings.home)}
    assert main(["ledger", "verify", "--json"], environ) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["verified"], told["first_difference"]) == (True, None)
    with altered_object(lived, key_of(lived, S1)):
        assert main(["ledger", "verify", "--json"], environ) == 5
        told = json.loads(capsys.readouterr().out)
        assert told["verified"] is False
        assert told["first_difference"]["where"] == f"landing/{key_of(lived, S1)}"
        assert main(["ledger", "verify"], environ) == 5
        assert "NOT verified" in capsys.readouterr().out
    assert main(["ledger", "show", "--json"], environ) == 0
    assert json.loads(capsys.readouterr().out)["none"]["unreadable"] == 1


# Landing


def key_of(line: Line, submission_id: str) -> str:
    known = submissions.get(ops.engine(line.settings), submission_id)
    key: str = known.manifest["objects"][0]["key"]
    return key


@contextmanager
def altered_object(
    line: Line,
    key: str,
    change: Callable[[bytes], bytes | None] = lambda data: data[:-1] + bytes([data[-1] ^ 1]),
) -> Iterator[None]:
    store, bucket = objects.client(line.settings), line.settings.landing_bucket
    data = objects.get(store, bucket, key)
    changed = change(data)
    if changed is None:
        store.remove_object(bucket_name=bucket, object_name=key)
    else:
        objects.put(store, bucket, key, changed)
    try:
        yield
    finally:
        objects.put(store, bucket, key, data)


@pytest.mark.usefixtures("verified_again")
def test_a_landed_objects_bytes(lived: Line) -> None:
    key = key_of(lived, S2)
    with altered_object(lived, key):
        found = difference(lived)
    assert (found["where"], found["what"]) == (f"landing/{key}", "sha256")


def test_a_landed_object_that_is_gone(lived: Line) -> None:
    key = key_of(lived, S1)
    with altered_object(lived, key, lambda _: None):
        assert difference(lived) == {
            "where": f"landing/{key}",
            "what": "object",
            "expected": "present",
            "found": "absent",
        }


def test_a_manifest(lived: Line) -> None:
    key = f"{FEED}/00000001/manifest.json"

    def change(data: bytes) -> bytes:
        manifest = json.loads(data)
        manifest["objects"][0]["rows"] += 1
        return json.dumps(manifest).encode()

    with altered_object(lived, key, change):
        found = difference(lived)
    assert found == {
        "where": f"landing/{key}",
        "what": "manifest.objects[0].rows",
        "expected": 6,
        "found": 7,
    }


def test_two_landed_objects_swapped(lived: Line) -> None:
    store, bucket = objects.client(lived.settings), lived.settings.landing_bucket
    other = objects.get(store, bucket, key_of(lived, S2))
    with altered_object(lived, key_of(lived, S1), lambda _: other):
        found = difference(lived)
    assert (found["where"], found["what"]) == (f"landing/{key_of(lived, S1)}", "bytes")


# Ops


@contextmanager
def altered(engine: sa.Engine, tables: Sequence[sa.Table], *statements: sa.Executable) -> Iterator[None]:
    """Runs statements on a database, and puts the tables back as they were."""
    with engine.connect() as connection:
        before = {table: connection.execute(sa.select(table)).mappings().all() for table in tables}
    with engine.begin() as connection:
        connection.execution_options(preserve_rowcount=True)
        for statement in statements:
            assert connection.execute(statement).rowcount > 0
    try:
        yield
    finally:
        with engine.begin() as connection:
            for table, rows in before.items():
                connection.execute(table.delete())
                for row in rows:
                    values = {name: sa.null() if value is None else value for name, value in row.items()}
                    connection.execute(table.insert().values(values))


@contextmanager
def altered_ops(line: Line, *statements: sa.Executable) -> Iterator[None]:
    with altered(ops.engine(line.settings), schema.metadata.sorted_tables, *statements):
        yield


@pytest.mark.usefixtures("verified_again")
def test_an_events_body(lived: Line) -> None:
    event = schema.events
    changed = event.update().where(event.c.seq == 3).values(body={"feed_id": "02-dossiers"})
    with altered_ops(lived, changed):
        found = difference(lived)
    assert (found["where"], found["what"]) == ("ops.events 3", "hash")


def test_a_cut_tail_of_events(lived: Line) -> None:
    """The rest of the chain holds; the head that is kept outside shows what is missing."""
    last = list(anchors.kept(lived.settings))[-1][1]
    cut = schema.events.delete().where(schema.events.c.seq >= last.seq)
    with altered_ops(lived, cut):
        assert difference(lived) == {
            "where": f"ops.events {last.seq}",
            "what": "anchored hash",
            "expected": last.hash,
            "found": "absent",
        }


def test_an_event_in_the_middle_that_is_gone(lived: Line) -> None:
    with altered_ops(lived, schema.events.delete().where(schema.events.c.seq == 5)):
        assert difference(lived) == {
            "where": "ops.events 5",
            "what": "event",
            "expected": "present",
            "found": "absent",
        }


@pytest.mark.parametrize("data", [b"{", b'{"seq": 2, "hash": "00"}'])
def test_a_kept_head(lived: Line, data: bytes) -> None:
    first = next(anchors.kept(lived.settings))[0]
    with altered_object(lived, first, lambda _: data):
        assert difference(lived)["what"] in {"anchor", "anchored hash"}


def test_a_submissions_row_that_is_gone(lived: Line) -> None:
    mine = schema.submissions.c.submission_id == S2
    with altered_ops(lived, schema.submissions.delete().where(mine)):
        assert difference(lived) == {
            "where": f"ops.submissions {S2}",
            "what": "row",
            "expected": "present",
            "found": "absent",
        }


def test_two_submissions_swapped(lived: Line) -> None:
    """Their landing order decides which row is a duplicate of the other."""
    table = schema.submissions

    def number(submission_id: str, value: int) -> sa.Executable:
        return table.update().where(table.c.submission_id == submission_id).values(number=value)

    known = {one.submission_id: one.number for one in submissions.listed(ops.engine(lived.settings))}
    swap = (number(S1, -1), number(S2, known[S1]), number(S1, known[S2]))
    with altered_ops(lived, *swap):
        found = difference(lived)
    assert found == {
        "where": f"ops.submissions {S1}",
        "what": "number",
        "expected": known[S1],
        "found": known[S2],
    }


def test_a_stored_manifest(lived: Line) -> None:
    table = schema.submissions
    path = sa.literal(["objects", "0", "sha256"], sa.ARRAY(sa.Text))
    changed = sa.func.jsonb_set(table.c.manifest, path, sa.literal("00", JSONB))
    with altered_ops(lived, table.update().where(table.c.submission_id == S1).values(manifest=changed)):
        found = difference(lived)
    assert (found["where"], found["what"]) == (f"ops.submissions {S1}", "manifest.objects[0].sha256")


def test_a_stored_count_of_a_batch(lived: Line) -> None:
    table = schema.batches
    path = sa.literal(["counts", "0", "rows"], sa.ARRAY(sa.Text))
    changed = sa.func.jsonb_set(table.c.result, path, sa.literal(99, JSONB))
    with altered_ops(lived, table.update().where(table.c.batch_id == 1).values(result=changed)):
        assert difference(lived) == {
            "where": "ops.batches 1",
            "what": "result.counts[0].rows",
            "expected": 1,
            "found": 99,
        }


def test_a_corrections_value_is_never_shown(lived: Line) -> None:
    changed = schema.corrections.update().values(new_text="05/06/1970")
    with altered_ops(lived, changed):
        found = difference(lived)
    assert (found["where"], found["what"]) == ("ops.corrections 1", "new_text")
    assert "1970" not in str(found)
    assert "1980" not in str(found)


def test_a_cursor_that_no_pull_moved(lived: Line) -> None:
    invented = schema.cursors.insert().values(feed_id=FEED, updated_at=at_day(9), last_id="9")
    with altered_ops(lived, invented):
        assert difference(lived) == {
            "where": f"ops.cursors {FEED}",
            "what": "row",
            "expected": "absent",
            "found": "present",
        }


# Lake


@contextmanager
def altered_table(line: Line, table: str, statement: str) -> Iterator[None]:
    """Runs a statement on an Iceberg table, and rolls its snapshot back."""
    spark = session.connect(line.settings)

    def snapshot() -> int:
        made = spark.table(f"lake.{table}.history").where("is_current_ancestor").orderBy("made_current_at")
        number: int = made.tail(1)[0].snapshot_id
        return number

    before = snapshot()
    spark.sql(statement.format(table=f"lake.{table}", first=S1, second=S2))
    assert snapshot() != before
    try:
        yield
    finally:
        spark.sql(f"CALL lake.system.rollback_to_snapshot('{table}', {before})")


CORE_TAMPERINGS = {
    "a dossier's row deleted": (
        "core.dossiers",
        "delete from {table} where submission_id = '{second}' and row_no = 5",
        f"submission {S2}",
        "rows",
    ),
    "a dossier's row written twice": (
        "core.dossiers",
        "insert into {table} select * from {table} where submission_id = '{second}' and row_no = 5",
        f"submission {S2}",
        "rows",
    ),
    "two rows' places swapped": (
        "core.dossiers",
        "update {table} set row_no = 6 - row_no where submission_id = '{second}' and row_no in (1, 5)",
        f"submission {S2}",
        "digest of places",
    ),
    "a disposition changed": (
        "core.dossiers",
        "update {table} set disposition = 'effective' where submission_id = '{second}' and row_no = 5",
        f"core.dossiers, batch 9, {S2}",
        "digest of rows",
    ),
    "a typed value changed": (
        "core.dossiers",
        "update {table} set status = '3' where submission_id = '{second}' and row_no = 5",
        f"core.dossiers, batch 9, {S2}",
        "digest of rows",
    ),
    "a finding deleted": (
        "core.findings",
        "delete from {table} where submission_id = '{first}' and row_no = 5",
        f"core.findings, batch 5, {S1}",
        "rows",
    ),
    "a fact changed": (
        "core.land_rights",
        "update {table} set share_denominator = 2 where submission_id = '{second}'",
        f"core.land_rights, batch 9, {S2}",
        "digest of rows",
    ),
    "a fact written twice": (
        "core.land_rights",
        "insert into {table} select * from {table} where submission_id = '{second}' limit 1",
        f"core.land_rights, batch 9, {S2}",
        "rows",
    ),
    "an assertion deleted": (
        "curated.land_rights",
        "delete from {table} where operation = 'assert' and batch_id = 11",
        "curated.land_rights, batch 11, assert",
        "rows",
    ),
    "an assertion changed": (
        "curated.land_rights",
        "update {table} set holder_name = 'X' where operation = 'assert' and batch_id = 11",
        "curated.land_rights, batch 11, entity ",
        "version_digest",
    ),
    "an assertion's instant changed": (
        "curated.land_rights",
        "update {table} set recorded_from = recorded_from + interval 1 hour where batch_id = 11",
        "curated.land_rights, batch 11, assert",
        "digest of rows",
    ),
    "a fact's disposition changed": (
        "curated.land_dispositions",
        "update {table} set disposition = 'inserted' where disposition = 'updated'",
        "curated.land_dispositions, batch 11, ",
        "rows",
    ),
    "an entity deleted": (
        "curated.business_entities",
        "delete from {table}",
        "curated.business_entities, batch 8",
        "rows",
    ),
}


@pytest.mark.parametrize("name", CORE_TAMPERINGS)
def test_rows_of_the_lake(lived: Line, name: str) -> None:
    table, statement, where, what = CORE_TAMPERINGS[name]
    with altered_table(lived, table, statement):
        found = difference(lived)
    assert where in found["where"]
    assert found["what"] == what


FILE_TAMPERINGS: dict[str, tuple[Callable[[bytes], bytes | None], str]] = {
    "gone": (lambda _: None, "{path}"),
    "cut": (lambda data: data[:-9], "{path}"),
    "overwritten": (lambda data: bytes(len(data)), "a data file below curated"),
}


@pytest.mark.parametrize("name", FILE_TAMPERINGS)
def test_a_file_of_the_lake(lived: Line, name: str) -> None:
    change, where = FILE_TAMPERINGS[name]
    spark = session.connect(lived.settings)
    files = spark.table("lake.curated.land_rights.files").select("file_path").orderBy("file_path")
    path: str = files.first().file_path
    bucket, _, key = path.removeprefix("s3://").partition("/")
    lake = lived.settings.model_copy(update={"landing_bucket": bucket})
    with altered_object(Line(lake, lived.folder), key, change):
        assert difference(lived) == {
            "where": where.format(path=path),
            "what": "file",
            "expected": "present",
            "found": "absent or unreadable",
        }


# Registers


@contextmanager
def altered_register(line: Line, register: str, table: str, *statements: sa.Executable) -> Iterator[None]:
    known = sql.metadata(Register(register)).tables[table]
    with altered(databases.engine(line.settings, Register(register)), [known], *statements):
        yield


REGISTER_TAMPERINGS = {
    "a current row changed": (
        "land",
        "rights",
        "update rights set holder_name = 'Hoàng Văn Lạ'",
        "digest of rows",
    ),
    "a current row deleted": ("land", "rights", "delete from rights", "rows"),
    "a current row invented": (
        "land",
        "rights",
        'insert into rights select (jsonb_populate_record(r, \'{"row_key": "1:2"}\')).* from rights r',
        "rows",
    ),
    "a value of history changed": (
        "land",
        "rights_history",
        "update rights_history set holder_name = 'Hoàng Văn Lạ' where recorded_to is not null",
        "version_digest",
    ),
    "a digest of history changed": (
        "land",
        "rights_history",
        "update rights_history set version_digest = repeat('0', 64) where recorded_to is not null",
        "version_digest",
    ),
    "a row of history deleted": (
        "land",
        "rights_history",
        "delete from rights_history where recorded_to is not null and valid_to is null",
        "rows",
    ),
    "a recorded instant changed": (
        "land",
        "rights_history",
        "update rights_history set recorded_to = recorded_to + interval '1 h' where recorded_to is not null",
        "digest of rows",
    ),
    "a load forgotten": ("land", "_loads", "delete from _loads where batch_id = 3", "row"),
    "a load's count changed": (
        "land",
        "_loads",
        "update _loads set counts = jsonb_set(counts, '{rights,assert}', '9') where batch_id = 11",
        "counts.rights.assert",
    ),
    "a load invented": (
        "land",
        "_loads",
        "insert into _loads select 999, recorded_at, counts from _loads limit 1",
        "row",
    ),
}


@pytest.mark.parametrize("name", REGISTER_TAMPERINGS)
def test_rows_of_a_register(lived: Line, name: str) -> None:
    register, table, statement, what = REGISTER_TAMPERINGS[name]
    with altered_register(lived, register, table, sa.text(statement)):
        found = difference(lived)
    assert found["where"].startswith(f"{register}.{table}, ")
    assert found["what"] == what
    assert "Lạ" not in str(found)


def test_a_value_of_history_with_its_digest(lived: Line) -> None:
    """The row agrees with itself; the lake's log knows another."""
    history = sql.metadata(Register.LAND).tables["rights_history"]
    own = sql.row_digest(history, changes.digest_columns(Rights))
    closed = history.update().where(history.c.recorded_to.is_not(None))
    statements = (closed.values(holder_name="Hoàng Văn Lạ"), closed.values(version_digest=own))
    with altered_register(lived, "land", "rights_history", *statements):
        found = difference(lived)
    entity = lived.query("land", "select distinct entity_id from rights_history")[0][0]
    assert found["where"] == f"land.rights_history, batch 3, entity {entity}"
    assert found["what"] == "digest of rows"


def test_open_versions_that_overlap(lived: Line) -> None:
    """The digests of a row written by hand would be wrong before; the query itself is looked at here."""
    engine = databases.engine(lived.settings, Register.LAND)
    with engine.connect() as connection:
        assert list(in_registers.overlaps(connection, Rights)) == []
        connection.exec_driver_sql(
            "update rights_history set recorded_to = null where recorded_to is not null"
        )
        found = list(in_registers.overlaps(connection, Rights))
        connection.rollback()
    assert [(one.what, one.expected) for one in found] == [("open versions that overlap", 0)]


def test_a_batch_that_is_loaded_and_not_committed_yet(lived: Line) -> None:
    """As after a kill between the register's commit and that of ops: nothing differs, it is unfinished."""
    at, engine = at_day(4) + timedelta(minutes=10), ops.engine(lived.settings)
    replay.withdraw(lived.settings, 1, reason="Căn cứ sai", by="steward", at=at)
    replay.replay(lived.settings, at=at, submission_ids=[S1])
    members = pending(engine, "population")
    assert members is not None
    batch = batches.plan(engine, kind="merge", register="population", at=at, members=members)
    merging.carry_out(lived.settings, engine, batch)
    written = "select count(*) from persons_history where batch_id = :batch or recorded_to = :at"
    values = {"batch": batch.batch_id, "at": batch.recorded_at}
    assert lived.query("population", written, **values)[0][0] > 1
    assert verify(lived.settings)["first_difference"] is None
    lived.merge(at)
    assert verify(lived.settings)["first_difference"] is None


def test_a_table_of_the_lake_that_is_gone(lived: Line) -> None:
    """The last test: a dropped table does not come back."""
    session.connect(lived.settings).sql("drop table lake.curated.land_entities")
    assert difference(lived) == {
        "where": "curated.land_entities",
        "what": "table",
        "expected": "present",
        "found": "absent",
    }
