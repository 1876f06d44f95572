"""Migrations of the four databases: Alembic for tables, an idempotent step for roles, views and grants.

A database's state is one digest in the comment of its schema: of the newest revision and of the
statements that follow it. Whoever finds it current has nothing to do; everybody else waits for an
advisory lock, looks again, and does all in one transaction.
"""

from __future__ import annotations

import hashlib
from argparse import Namespace
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import Script, ScriptDirectory

from jobs import ops
from jobs.errors import IntegrityFault, UsageFault
from jobs.registry import catalogue, databases
from jobs.registry.rendering import directives, rendered
from jobs.settings import Settings
from schemas import ops as ops_schema
from schemas.contract import REGISTERS, Register
from schemas.derive import access, sql
from schemas.registry import folded

FOLDER = Path(__file__).resolve().parents[2] / "schemas" / "migrations"
DATABASES = (*(register.value for register in REGISTERS), "ops")
_LOCK = 7_001
_PLUGINS = ("alembic.autogenerate.*", "alembic.ext.checkconstraint_byname")


@dataclass(frozen=True, slots=True)
class Target:
    """What a database should hold."""

    name: str
    metadata: sa.MetaData
    objects: tuple[str, ...]
    """Statements for views, functions and grants."""
    surroundings: tuple[str, ...]
    """Statements for roles and for rights on schema and database."""
    versions: tuple[Path, ...]
    """Folders of the revisions; a new one is written into the last."""


def target_of(name: str) -> Target:
    """The target of that name: a register, or ``ops``.

    Raises:
        UsageFault: There is no such database.
    """
    versions = (FOLDER / "versions" / name,)
    if name == "ops":
        objects = access.ops_objects(sorted(ops_schema.metadata.tables))
        around = access.surroundings((access.AUDITOR,), loads=False)
        return Target(name, ops_schema.metadata, tuple(objects), tuple(around), versions)
    if name not in DATABASES:
        raise UsageFault(f"There is no database {name}.", f"name one of {', '.join(DATABASES)}.")
    register = Register(name)
    objects = access.register_objects(register, folded(register))
    around = access.register_surroundings(register)
    return Target(name, sql.metadata(register), tuple(objects), tuple(around), versions)


def opened(settings: Settings, names: Iterable[str] | None = None) -> list[tuple[sa.Engine, Target]]:
    """Engines and targets of the named databases; of all four when none is named.

    Raises:
        UsageFault: There is no such database.
    """
    targets = [target_of(name) for name in names or DATABASES]
    return [
        (ops.engine(settings) if one.name == "ops" else databases.engine(settings, Register(one.name)), one)
        for one in targets
    ]


def upgrade(engine: sa.Engine, target: Target, *, again: bool = False) -> bool:
    """Brings a database to the newest revision; safe to repeat and to call at once from many processes.

    Args:
        engine: The database.
        target: What it should hold.
        again: Whether views and grants are made again where nothing new is known of: somebody changed them.

    Returns:
        Whether anything had to be done.

    Raises:
        IntegrityFault: The database has tables and no history of migrations.
    """
    wanted = _digest(target)
    with engine.connect() as connection:
        if _noted(connection) == wanted and not again:
            return False
    with engine.begin() as connection:
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        if _noted(connection) == wanted and not again:
            return False
        _refuse_strange(connection, target)
        catalogue.drop_objects(connection)
        command.upgrade(_config(target, connection), "head")
        for statement in (*target.surroundings, *target.objects):
            connection.exec_driver_sql(statement)
        _note(connection, wanted)
    return True


def downgrade(engine: sa.Engine, target: Target, revision: str) -> None:
    """Takes a database back to a revision, ``base`` for none; the next upgrade brings views and grants."""
    with engine.begin() as connection:
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        catalogue.drop_objects(connection)
        command.downgrade(_config(target, connection), revision)
        _note(connection, f"at {revision}")


def revision_of(engine: sa.Engine) -> str | None:
    """The revision that a database is at; None before the first."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def drift(engine: sa.Engine, target: Target) -> list[str]:
    """Where a database differs from the contracts: columns, CHECKs, indexes, comments, views, grants."""
    with engine.connect() as connection:
        head = ScriptDirectory.from_config(_config(target, None)).get_current_head()
        at = MigrationContext.configure(connection).get_current_revision()
        found = catalogue.described(connection, "public")
        wanted = catalogue.expected(connection, target.metadata, target.objects)
        connection.rollback()
    behind = [] if at == head else [f"revision {at}: the newest is {head}"]
    return behind + catalogue.differences(found, wanted)


def revise(engine: sa.Engine, target: Target, message: str) -> Path | None:
    """Writes the revision that turns the database, which is at the newest one, into what the contracts state.

    Returns:
        The new file; None when no table differs.
    """
    number = len(list(ScriptDirectory.from_config(_config(target, None)).walk_revisions())) + 1
    with engine.connect() as connection:
        found = catalogue.described(connection, "public")
        wanted = catalogue.expected(connection, target.metadata, ())
        connection.exec_driver_sql("SET LOCAL search_path TO public")
        script = command.revision(
            _config(target, connection, process_revision_directives=directives(found, wanted)),
            message,
            autogenerate=True,
            rev_id=f"{target.name}_{number:04d}",
            version_path=str(target.versions[-1]),
        )
        connection.rollback()
    return Path(script.path) if isinstance(script, Script) else None


def require_no_drift(found: Mapping[str, Sequence[str]]) -> None:
    """Raises what ``drift`` told of any database.

    Raises:
        IntegrityFault: A database differs from the contracts.
    """
    for name, told in found.items():
        if told:
            raise IntegrityFault(
                f"{name}: {len(told)} differences from the contracts, the first: {told[0]}.",
                "lienthong db upgrade runs new revisions and makes views and grants again; a changed "
                "contract needs lienthong db revision first; what was done to a table by hand, undo by hand.",
            )


def _refuse_strange(connection: sa.Connection, target: Target) -> None:
    present = set(sa.inspect(connection).get_table_names()) & set(target.metadata.tables)
    if present and MigrationContext.configure(connection).get_current_revision() is None:
        raise IntegrityFault(
            f"{target.name}: there are tables and no history of migrations.",
            "use an empty database; the registers are filled again by lienthong rebuild.",
        )


def _config(target: Target, connection: sa.Connection | None, **more: object) -> Config:
    config = Config(cmd_opts=Namespace(quiet=True))
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("version_locations", "\n".join(_escaped(target.versions)))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("file_template", "%%(rev)s")
    config.attributes["configuration"] = {
        "connection": connection,
        "target_metadata": target.metadata,
        "autogenerate_plugins": _PLUGINS,
        "render_item": rendered,
        **more,
    }
    return config


def _escaped(paths: Iterable[Path]) -> list[str]:
    return [str(path).replace("%", "%%") for path in paths]


def _digest(target: Target) -> str:
    head = ScriptDirectory.from_config(_config(target, None)).get_current_head()
    told = "\n".join([str(head), *target.surroundings, *target.objects])
    return f"migrated {hashlib.sha256(told.encode()).hexdigest()}"


def _noted(connection: sa.Connection) -> str | None:
    told: str | None = connection.scalar(
        sa.text("SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = 'public'")
    )
    return told


def _note(connection: sa.Connection, text: str) -> None:
    connection.exec_driver_sql(f"COMMENT ON SCHEMA public IS '{text}'")
