"""The same dossier in the words of every system: its mapping finds what our own feed's mapping finds."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from infra.sandbox import tables
from infra.sandbox.build import build
from infra.sandbox.divided import formers, place
from infra.sandbox.exports import DROPPED, EXPORTED, SFTP
from infra.sandbox.places import provinces
from infra.sandbox.systems import SYSTEMS, TABLES
from jobs.landing.correcting import at
from jobs.landing.shaping import shaped
from jobs.settings import CHECKOUT, load_settings
from jobs.sources import model
from schemas import dialect as dialects
from schemas.dialect import Dialect
from schemas.reading import Readings

OWN = dialects.load("dvcqg")
STATED = {
    "LIENTHONG_SOURCE_PATHS": str(CHECKOUT / "infra" / "sources"),
    "LIENTHONG_SANDBOX_URL": "http://sandbox.example",
    "LIENTHONG_SANDBOX_SFTP_URL": "sftp://sandbox.example",
    "LIENTHONG_SANDBOX_POSTGRESQL_URL": "postgresql://sandbox.example",
    "LIENTHONG_SANDBOX_MYSQL_URL": "mysql://sandbox.example",
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small world with all its dirt."""
    folder = tmp_path_factory.mktemp("world")
    build(folder, seed="words", scale=0.02, profile="typical", days=3)
    return folder


@pytest.fixture(scope="module")
def items(world: Path) -> list[dict[str, Any]]:
    """Every version of it."""
    with closing(sqlite3.connect(world / "world.sqlite")) as database:
        return [json.loads(body) for (body,) in database.execute("select body from items")]


def texts(record: Mapping[str, Any], fields: Mapping[str, Readings]) -> dict[str, Any]:
    """What stands at the place of every field, where there is anything."""
    found = {name: at(record, [readings[0].path]) for name, readings in fields.items()}
    return {name: value for name, value in found.items() if value is not None}


def forms(dialect: Dialect, record: Mapping[str, Any]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The items of every group of a record's form; a lone object is its only one."""
    for name, group in dialect.groups.items():
        found = at(record, group.path.split("."))
        if found is not None:
            lines = found if isinstance(found, list) else [found]
            yield name, [texts(line, group.fields) for line in lines]


@pytest.mark.parametrize("system", SYSTEMS)
def test_the_form_is_the_same_in_every_system(system: str, items: list[dict[str, Any]]) -> None:
    dialect = dialects.load(system)
    is_flat = any(one.form == "numbered" for one in dialect.shapings)
    seen = 0
    for item in items:
        record = shaped(json.loads(json.dumps(SYSTEMS[system](item))), dialect.shapings)
        wanted, found = dict(forms(OWN, item)), dict(forms(dialect, record))
        if is_flat:  # A table has no empty cell apart from a missing one, nor a line without any cell.
            wanted = {
                name: [{key: value for key, value in line.items() if value != ""} for line in lines]
                for name, lines in wanted.items()
            }
            wanted = {name: kept for name, lines in wanted.items() if (kept := [one for one in lines if one])}
        assert found == wanted
        seen += bool(wanted)
    assert seen > 100


@pytest.mark.parametrize("system", SYSTEMS)
def test_every_column_that_a_system_sends_is_one_that_its_mapping_reads(
    system: str, items: list[dict[str, Any]]
) -> None:
    dialect = dialects.load(system)
    read = {one.path.split(".")[0].removesuffix("[]") for many in dialect.header.values() for one in many}
    read |= {group.path.split(".")[0] for group in dialect.groups.values()}
    read |= {*dialect.layout.delivery}
    sent = {name for item in items for name in shaped(SYSTEMS[system](item), dialect.shapings)}
    assert sent - read <= UNREAD.get(system, set())


UNREAD = {
    "lgsp_en": {"isReturned"},
    "epar": {"C_SPEC_CODE"},
    "hoso2025": {"DongBo4T"},
}
"""What no canonical field asks for: said by the status, by the procedure, or of another exchange."""


def test_every_dialect_has_provinces() -> None:
    """As in life: no system has all provinces, and none has none."""
    feeds = model.load(load_settings(STATED))
    spoken = [feed.dialect for feed in feeds.values() if feed.feed_id.endswith("-dossiers")]
    assert {*spoken} == {*SYSTEMS, "dvcqg"}
    assert len(spoken) == len(provinces())


PLACES = {
    "epar": "/exports/epar/{}",
    SFTP: "sftp://sandbox.example/",
    DROPPED: "s3://inbox/hoso2025/{}",
}


def test_a_merged_province_has_a_feed_for_every_system_that_it_kept() -> None:
    feeds = model.load(load_settings(STATED))
    kept = {one.code: formers(one.code) for one in provinces() if formers(one.code)}
    assert sorted(map(len, kept.values())) == [1, 1, 1, 1, 1, 2]
    for province, mine in kept.items():
        own = feeds[f"{province}-dossiers"].dialect
        assert len({own, *mine.values()}) == 1 + len(mine), "each speaks another dialect"
        for organisation, system in mine.items():
            assert feeds[f"{province}-dossiers_{organisation.lower()}"].dialect == system
    extra = [one for one in feeds if "-dossiers_" in one]
    assert len(extra) == sum(map(len, kept.values()))


def test_a_dossier_lies_with_the_system_of_who_received_it(tmp_path: Path) -> None:
    build(tmp_path, seed="divided", scale=0.05, profile="clean", days=2)
    with closing(sqlite3.connect(tmp_path / "world.sqlite")) as database:
        rows = list(database.execute("select province, json_extract(body, '$.MaHoSo') from items"))
    codes: dict[str, set[str]] = {}
    for where, code in rows:
        province, _, kept = where.partition("/")
        organisation = code.partition(".")[0]
        assert (organisation == kept) if kept else (organisation not in formers(province))
        codes.setdefault(code, set()).add(where)
    assert all(len(places) == 1 for places in codes.values()), "no dossier comes by two systems"
    places = {where for where, _ in rows}
    for province in provinces():
        for organisation, system in formers(province.code).items():
            assert place(province.code, system) == f"{province.code}/{organisation}"
            assert place(province.code, system) in places
            assert place(province.code, "none of its") == province.code


def test_exports_are_read_where_they_are_put() -> None:
    feeds = model.load(load_settings(STATED))
    for system, mine in EXPORTED.items():
        for province in mine:
            assert feeds[f"{province}-dossiers"].dialect == system
            assert feeds[f"{province}-dossiers"].url.endswith(PLACES[system].format(province))


def test_tables_are_read_where_they_are_kept() -> None:
    feeds = model.load(load_settings(STATED))
    for province, kind in TABLES.items():
        feed = feeds[f"{province}-dossiers"]
        assert (feed.kind, feed.dialect, feed.url) == (
            "database",
            tables.SYSTEM,
            f"{kind}://sandbox.example/{tables.SYSTEM}_{province}",
        )


def test_the_mapping_asks_for_the_columns_of_the_table(items: list[dict[str, Any]]) -> None:
    select = dialects.select_of(dialects.load(tables.SYSTEM))
    asked = set(re.findall(r'r\."(\w+)"', select))
    assert asked == {column.name for column in tables.record.columns}
    assert {name for item in items for name in SYSTEMS[tables.SYSTEM](item)} <= asked


def test_versions_of_a_dossier_are_one_row(items: list[dict[str, Any]]) -> None:
    rows = [SYSTEMS[tables.SYSTEM](item) for item in items]
    codes = {row["PK_RECORD"]: row.get("C_RECORD_NO") for row in rows}
    assert len(codes) < len(rows)
    assert {(row["PK_RECORD"], row.get("C_RECORD_NO")) for row in rows} == {*codes.items()}


def test_a_table_does_not_go_back(world: Path) -> None:
    """Rows that are changed in place send no older state: kinds of fault that need one are not put in."""
    with closing(sqlite3.connect(world / "world.sqlite")) as database:
        kinds = database.execute(
            "select kind, province in ('08', '20', '33', '37'), count(*) from faults group by 1, 2"
        ).fetchall()
    in_tables = {kind for kind, is_table, _ in kinds if is_table}
    assert in_tables
    assert not in_tables & {"stale_version", "status_backwards"}
    assert {"stale_version", "status_backwards"} & {kind for kind, is_table, _ in kinds if not is_table}
