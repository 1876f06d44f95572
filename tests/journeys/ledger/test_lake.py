"""Tampering with rows and files of the lake."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from jobs import session
from tests.journeys.ledger.tampering import (
    S1,
    S2,
    altered_object,
    altered_table,
    difference,
)
from tests.support.line import Line

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
        found = difference(lived, table.partition(".")[0])
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
