"""What each role may do with each object of the three databases, asked of PostgreSQL itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pyarrow as pa
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, ProgrammingError

from jobs.registry import databases, load, migrations
from jobs.settings import Settings
from schemas import ops as ops_schema
from schemas.contract import REGISTERS, Register
from schemas.derive import arrow
from schemas.registry import folded
from tests.support.databases import scratch

VERBS = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER", "MAINTAIN")
NOTHING: frozenset[str] = frozenset()
READ = frozenset({"SELECT"})
CLOSED = {"42501", "42P01", "42883"}
"""SQLSTATEs of a missing privilege, and of what a role cannot see in a schema that is closed to it."""
AT = datetime(2026, 11, 2, tzinfo=UTC)


@pytest.fixture(scope="module")
def roles(settings: Settings) -> None:
    """Roles belong to the server: those of every register are there, whichever is looked at."""
    databases.migrate(settings)


@pytest.fixture(scope="module", params=REGISTERS, ids=lambda register: register.value)
def migrated(
    request: pytest.FixtureRequest, settings: Settings, roles: None
) -> Iterator[tuple[Register, sa.Engine]]:
    del roles
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


def attempts(engine: sa.Engine, name: str, *, is_view: bool) -> dict[str, str]:
    """A statement for each verb, which touches no row where it is let through."""
    column = sa.inspect(engine).get_columns(name)[0]["name"]
    told = {
        "SELECT": f"SELECT FROM {name} LIMIT 0",
        "INSERT": f"INSERT INTO {name} DEFAULT VALUES",
        "UPDATE": f"UPDATE {name} SET {column} = NULL WHERE false",
        "DELETE": f"DELETE FROM {name} WHERE false",
    }
    return told if is_view else told | {"TRUNCATE": f"TRUNCATE {name}"}


def is_let(connection: sa.Connection, role: str, statement: str) -> bool:
    """Whether a role may; a row that a constraint refuses was let through."""
    connection.rollback()
    with connection.begin() as transaction:
        connection.exec_driver_sql(f"SET LOCAL ROLE {role}")
        try:
            connection.exec_driver_sql(statement)
        except DBAPIError as error:
            return getattr(error.orig, "sqlstate", None) not in CLOSED
        finally:
            transaction.rollback()
        return True


def test_what_is_granted_is_what_is_let(migrated: tuple[Register, sa.Engine]) -> None:
    register, engine = migrated
    views = sa.inspect(engine).get_view_names()
    own = ("ingest", "auditor", f"reader_{register.value}")
    foreign = tuple(f"reader_{one.value}" for one in REGISTERS if one is not register)
    with engine.connect() as connection:
        for name in [*sa.inspect(engine).get_table_names(), *views]:
            for verb, statement in attempts(engine, name, is_view=name in views).items():
                for role in own:
                    expected = verb in allowed(name, role)
                    assert is_let(connection, role, statement) is expected, (role, name, verb)
                for role in foreign:
                    assert not is_let(connection, role, statement), (role, name, verb)


def test_every_function_is_the_auditors_alone(migrated: tuple[Register, sa.Engine]) -> None:
    register, engine = migrated
    every = "select oid::regprocedure::text from pg_proc where pronamespace = 'public'::regnamespace"
    with engine.connect() as connection:
        names = connection.scalars(sa.text(every)).all()
        assert len(names) == len(folded(register))
        for name in names:
            for role in ("public", "ingest", "auditor", *(f"reader_{one.value}" for one in REGISTERS)):
                may = sa.select(sa.func.has_function_privilege(role, name, "EXECUTE"))
                assert connection.scalar(may) is (role == "auditor"), (role, name)
        noun = folded(register)[0].info.noun
        call = f"SELECT FROM {noun}_as_known_on(date '2026-11-02')"
        assert is_let(connection, "auditor", call)
        assert not is_let(connection, "ingest", call)


@pytest.fixture(scope="module")
def operational(settings: Settings) -> Iterator[sa.Engine]:
    with scratch(settings, "roles_ops") as engine:
        migrations.upgrade(engine, migrations.target_of("ops"))
        yield engine


def test_ops_is_read_by_the_auditor_and_by_nobody_else(operational: sa.Engine) -> None:
    names = sa.inspect(operational).get_table_names()
    assert set(ops_schema.metadata.tables) < set(names)
    roles = ("ingest", "auditor", *(f"reader_{one.value}" for one in REGISTERS))
    with operational.connect() as connection:
        for name in names:
            for verb, statement in attempts(operational, name, is_view=False).items():
                for role in roles:
                    expected = role == "auditor" and verb == "SELECT" and name != "alembic_version"
                    assert is_let(connection, role, statement) is expected, (role, name, verb)
            for verb in VERBS:
                granted = sa.select(sa.func.has_table_privilege("public", f"public.{name}", verb))
                assert connection.scalar(granted) is False, (name, verb)
        for role in ("public", "ingest", *(f"reader_{one.value}" for one in REGISTERS)):
            may = sa.select(sa.func.has_database_privilege(role, sa.func.current_database(), "CONNECT"))
            assert connection.scalar(may) is False, role
        sequences = "select oid::regclass::text from pg_class where relkind = 'S'"
        for name in connection.scalars(sa.text(sequences)).all():
            for role in ("public", *roles):
                may = sa.select(sa.func.has_sequence_privilege(role, name, "USAGE, SELECT, UPDATE"))
                assert connection.scalar(may) is False, (role, name)


def test_no_role_can_log_in_or_rise(migrated: tuple[Register, sa.Engine]) -> None:
    _, engine = migrated
    roles = ["ingest", "auditor", *(f"reader_{one.value}" for one in REGISTERS)]
    powers = ("canlogin", "super", "createrole", "createdb", "replication", "bypassrls")
    known = sa.table("pg_roles", sa.column("rolname"), *[sa.column(f"rol{power}") for power in powers])
    risen = sa.or_(*[known.c[f"rol{power}"] for power in powers])
    with engine.connect() as connection:
        assert set(connection.scalars(sa.select(known.c.rolname)).all()) >= set(roles)
        query = sa.select(known.c.rolname).where(known.c.rolname.in_(roles), risen)
        assert connection.scalars(query).all() == []
