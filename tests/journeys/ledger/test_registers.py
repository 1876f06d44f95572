"""Tampering with the registers."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from jobs.lake import evidence
from jobs.ledger import registers as in_registers
from jobs.registry import databases
from schemas.contract import Register
from schemas.derive import sql
from schemas.land.rights import Rights
from tests.journeys.ledger.tampering import (
    altered_register,
    difference,
)
from tests.support.line import Line

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
    "a beginning put before our era": (
        "land",
        "rights_history",
        (
            "update rights_history set valid_from = (valid_from::timestamp::text || '+00 BC')::timestamptz "
            "where recorded_to is not null"
        ),
        "version_digest",
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
        found = difference(lived, in_registers.LAYER)
    assert found["where"].startswith(f"{register}.{table}, ")
    assert found["what"] == what
    assert "Lạ" not in str(found)


def test_a_value_of_history_with_its_digest(lived: Line) -> None:
    """The row agrees with itself; the lake's log knows another."""
    history = sql.metadata(Register.LAND).tables["rights_history"]
    own = sql.row_digest(history, evidence.digest_columns(Rights))
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


def test_an_instant_that_no_program_can_read_is_named(lived: Line) -> None:
    statement = "update rights_history set recorded_to = 'infinity' where recorded_to is not null"
    with altered_register(lived, "land", "rights_history", sa.text(statement)):
        found = difference(lived, in_registers.LAYER)
    assert found["what"] in {"value", "digest of rows", "rows"}
