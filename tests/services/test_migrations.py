"""Migrations: from nothing and back, with data, by many at once; drift is seen and can be revised away."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from jobs.errors import IntegrityFault
from jobs.registry import migrations
from jobs.registry.migrations import Target
from jobs.settings import Settings
from schemas import types as t
from schemas.contract import About, Contract, Field, Key, Privacy, Register, Rule
from schemas.derive import access, sql
from tests.support.databases import scratch

NAMES = ("population", "land", "business", "ops")
DAY = datetime(2026, 11, 2, tzinfo=UTC)
ABOUT = About(
    noun="boats",
    title_vi="Tàu",
    title_en="Boats",
    version="1.0",
    owner="Cơ quan thử",
    legal_basis="None: a dataset of the tests.",
    retention="none",
    register=Register.LAND,
    aggregate="boat",
)


class Boats(Contract):
    """Grain: one row per boat."""

    info = ABOUT
    boat_id = Field(t.Code, "Number of the boat.", privacy=Privacy.INTERNAL)
    length_code = Field(t.Code, "Length.", privacy=Privacy.INTERNAL)
    key = Key((boat_id,))
    rules = (
        Rule(
            "BOA-001", boat_id.length() <= 9, "Dài quá.", "Too long.",
            passes=({"boat_id": "1"},), fails=({"boat_id": "1234567890"},),
        ),
    )  # fmt: skip


class BoatsWithColour(Contract):
    """Boats as they are after a change: one column more, one less, a CHECK that reads otherwise."""

    info = ABOUT
    boat_id = Field(t.Code, "Number of the boat.", privacy=Privacy.INTERNAL)
    colour_code = Field(t.Code, "Colour.", privacy=Privacy.INTERNAL)
    key = Key((boat_id,))
    rules = (
        Rule(
            "BOA-001", boat_id.length() <= 12, "Dài quá.", "Too long.",
            passes=({"boat_id": "1"},), fails=({"boat_id": "1234567890123"},),
        ),
    )  # fmt: skip


def target_of(contract: type[Contract], *folders: Path) -> Target:
    objects = access.register_objects(Register.LAND, [contract])
    around = access.register_surroundings(Register.LAND)
    return Target("boats", sql.tables_of([contract]), tuple(objects), tuple(around), folders)


def boat(number: str) -> dict[str, object]:
    technical = dict.fromkeys(("version_digest", "entity_id", "aggregate_key", "begun_by", "sources"), number)
    return {
        **technical,
        "row_key": "",
        "is_resolved": True,
        "valid_from": DAY,
        "valid_precision": "day",
        "recorded_from": DAY,
        "batch_id": 1,
        "boat_id": number,
    }


@pytest.fixture
def empty(settings: Settings) -> Iterator[sa.Engine]:
    with scratch(settings, "migrations_test") as engine:
        yield engine


@pytest.mark.parametrize("name", NAMES)
def test_the_revisions_make_what_the_contracts_state(empty: sa.Engine, name: str) -> None:
    target = migrations.target_of(name)
    assert migrations.upgrade(empty, target)
    assert migrations.drift(empty, target) == []
    migrations.downgrade(empty, target, "base")
    assert sa.inspect(empty).get_table_names() == ["alembic_version"]
    assert migrations.drift(empty, target)[0].startswith("revision None: the newest is ")
    assert migrations.upgrade(empty, target)
    assert migrations.drift(empty, target) == []


def test_a_current_database_has_nothing_to_do(empty: sa.Engine) -> None:
    target = migrations.target_of("land")
    assert migrations.upgrade(empty, target)
    asked: list[str] = []
    sa.event.listen(empty, "before_cursor_execute", lambda *told: asked.append(told[2]))
    assert not migrations.upgrade(empty, target)
    assert 0 < len(asked) < 10


def test_processes_that_migrate_at_once_do_not_meet(empty: sa.Engine) -> None:
    url = empty.url.render_as_string(hide_password=False)
    program = (
        "import sys, sqlalchemy as sa; from jobs.registry import migrations as m;"
        "print(m.upgrade(sa.create_engine(sys.argv[1]), m.target_of('population')))"
    )
    begun = [
        subprocess.Popen([sys.executable, "-c", program, url], stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    told = [process.communicate(timeout=120)[0].strip() for process in begun]
    assert [process.returncode for process in begun] == [0, 0, 0]
    assert sorted(told) == ["False", "False", "True"]
    assert migrations.drift(empty, migrations.target_of("population")) == []


def test_a_changed_contract_is_drift_and_a_revision_takes_the_data_along(
    empty: sa.Engine, tmp_path: Path
) -> None:
    old, new = target_of(Boats, tmp_path), target_of(BoatsWithColour, tmp_path)
    assert migrations.revise(empty, old, "Boats") == tmp_path / "boats_0001.py"
    migrations.upgrade(empty, old)
    assert migrations.drift(empty, old) == []
    assert migrations.revise(empty, old, "Nothing") is None
    history = old.metadata.tables["boats_history"]
    with empty.begin() as connection:
        connection.execute(history.insert(), [boat("1"), boat("2")])

    drift = migrations.drift(empty, new)
    assert "column boats.colour_code: missing" in drift
    assert "column boats.length_code: not stated by any contract" in drift
    assert "constraint boats.ck_boats_boa_001: defined otherwise" in drift
    assert "view v_boats: defined otherwise" in drift
    with pytest.raises(IntegrityFault, match="the first: column boats"):
        migrations.require_no_drift({"boats": drift})

    assert migrations.revise(empty, new, "Colour") == tmp_path / "boats_0002.py"
    migrations.upgrade(empty, new)
    assert migrations.drift(empty, new) == []
    with empty.begin() as connection:
        connection.execute(new.metadata.tables["boats_history"].insert(), [boat("3" * 12)])
        assert connection.scalar(sa.text("select count(*) from boats_history")) == 3
        connection.execute(sa.text("delete from boats_history where length(boat_id) > 9"))

    migrations.downgrade(empty, new, "boats_0001")
    assert migrations.revision_of(empty) == "boats_0001"
    with empty.begin() as connection:
        assert connection.scalar(sa.text("select count(*) from boats_history")) == 2
    migrations.upgrade(empty, new)
    assert migrations.drift(empty, new) == []


def test_what_somebody_changed_by_hand_is_named(empty: sa.Engine) -> None:
    target = migrations.target_of("land")
    migrations.upgrade(empty, target)
    by_hand = {
        "ALTER TABLE rights DROP CONSTRAINT ck_rights_right_kind_values": (
            "constraint rights.ck_rights_right_kind_values: missing"
        ),
        "GRANT SELECT ON rights_history TO reader_land": (
            "grant rights_history to reader_land: not stated by any contract"
        ),
        "DROP VIEW v_rights": "view v_rights: missing",
    }
    for statement, told in by_hand.items():
        with empty.begin() as connection:
            connection.exec_driver_sql(statement)
        assert told in migrations.drift(empty, target)


def test_tables_of_unknown_origin_are_left_alone(empty: sa.Engine) -> None:
    target = migrations.target_of("ops")
    target.metadata.create_all(empty)
    with pytest.raises(IntegrityFault, match="no history of migrations"):
        migrations.upgrade(empty, target)
