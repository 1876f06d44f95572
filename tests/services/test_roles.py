"""What each role may do with each object of the three databases, asked of PostgreSQL itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pyarrow as pa
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import ProgrammingError

from jobs.registry import load, migrations
from jobs.settings import Settings
from schemas.contract import REGISTERS, Register
from schemas.derive import arrow
from schemas.registry import folded
from tests.support.databases import scratch

VERBS = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER", "MAINTAIN")
NOTHING: frozenset[str] = frozenset()
READ = frozenset({"SELECT"})
AT = datetime(2026, 11, 2, tzinfo=UTC)


@pytest.fixture(scope="module", params=REGISTERS, ids=lambda register: register.value)
def migrated(request: pytest.FixtureRequest, settings: Settings) -> Iterator[tuple[Register, sa.Engine]]:
    with scratch(settings, f"roles_{request.param.value}") as engine:
        migrations.upgrade(engine, migrations.target_of(request.param.value))
        yield request.param, engine


def allowed(name: str, role: str) -> frozenset[str]:
    """What a role should be allowed on a table or view."""
    if role == "auditor":
        return NOTHING if name == "alembic_version" else READ
    if role.startswith("reader_"):
        return READ if name.startswith("v_") else NOTHING
    if role == "ingest":
        if name == "_loads":
            return READ | {"INSERT"}
        if name.endswith("_history"):
            return READ | {"INSERT", "MAINTAIN"}
        return NOTHING if name.startswith("v_") or name == "alembic_version" else READ | {"INSERT", "DELETE"}
    return NOTHING


def test_role_by_object_by_verb(migrated: tuple[Register, sa.Engine]) -> None:
    register, engine = migrated
    roles = ("ingest", "auditor", *(f"reader_{one.value}" for one in REGISTERS), "public")
    inspector = sa.inspect(engine)
    names = [*inspector.get_table_names(), *inspector.get_view_names()]
    assert len(names) == 2 + 3 * len(folded(register))
    with engine.connect() as connection:
        for role in roles:
            foreign = role.startswith("reader_") and role != f"reader_{register.value}"
            for name in names:
                found = frozenset(
                    verb
                    for verb in VERBS
                    if connection.scalar(sa.select(sa.func.has_table_privilege(role, f"public.{name}", verb)))
                )
                assert found == (NOTHING if foreign else allowed(name, role)), (role, name)


def test_columns_functions_schema_and_database(migrated: tuple[Register, sa.Engine]) -> None:
    register, engine = migrated
    noun = folded(register)[0].info.noun
    reader = f"reader_{register.value}"
    expected = {
        "has_column_privilege('ingest', '{0}_history', 'recorded_to', 'UPDATE')": True,
        "has_column_privilege('ingest', '{0}_history', 'entity_id', 'UPDATE')": False,
        "has_function_privilege('auditor', '{0}_as_known_on(date)', 'EXECUTE')": True,
        "has_function_privilege('public', '{0}_as_known_on(date)', 'EXECUTE')": False,
        f"has_function_privilege('{reader}', '{{0}}_as_known_on(date)', 'EXECUTE')": False,
        "has_schema_privilege('public', 'public', 'USAGE')": False,
        "has_schema_privilege('ingest', 'public', 'CREATE')": False,
        "has_database_privilege('public', current_database(), 'CONNECT')": False,
        "has_database_privilege('public', current_database(), 'TEMPORARY')": False,
        "has_database_privilege('ingest', current_database(), 'TEMPORARY')": True,
        f"has_database_privilege('{reader}', current_database(), 'TEMPORARY')": False,
        f"has_database_privilege('{reader}', current_database(), 'CONNECT')": True,
    }
    with engine.connect() as connection:
        for question, answer in expected.items():
            assert connection.scalar(sa.text(f"SELECT {question.format(noun)}")) is answer, question


@pytest.mark.parametrize(
    "statement", ["DROP TABLE {0}", "TRUNCATE {0}_history", "CREATE TABLE mine (one int)"]
)
def test_ingest_cannot_drop(migrated: tuple[Register, sa.Engine], statement: str) -> None:
    register, engine = migrated
    with engine.connect() as connection:
        connection.exec_driver_sql("SET LOCAL ROLE ingest")
        with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"):
            connection.exec_driver_sql(statement.format(folded(register)[0].info.noun))


def test_a_load_needs_no_more_than_ingest_has(
    migrated: tuple[Register, sa.Engine], settings: Settings
) -> None:
    register, engine = migrated
    mine = settings.model_copy(
        update={
            f"{register.value}_url": engine.url.set(drivername="postgresql").render_as_string(
                hide_password=False
            )
        }
    )
    contracts = folded(register)
    tables = {one.info.noun: arrow.version_schema(one).empty_table() for one in contracts}
    root = contracts[0]
    row = dict.fromkeys(("version_digest", "entity_id", "aggregate_key", "begun_by", "sources"), "x")
    row |= {"operation": "assert", "row_key": "", "valid_precision": "day"}
    typed = {"batch_id": 1, "is_resolved": False, "valid_from": AT, "recorded_from": AT}
    tables[root.info.noun] = pa.Table.from_pylist([row | typed], arrow.version_schema(root))
    nothing = {one.info.noun: {"assert": 0, "withdraw": 0} for one in contracts}
    told = load(
        mine,
        register=register.value,
        batch_id=1,
        recorded_at=AT,
        tables=tables,
        expected=nothing | {root.info.noun: {"assert": 1, "withdraw": 0}},
    )
    assert told[root.info.noun] == {"assert": 1, "withdraw": 0, "current": 1}
