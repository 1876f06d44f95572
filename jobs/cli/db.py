"""``lienthong db``: the databases' migrations, and whether they still are what the contracts state."""

from __future__ import annotations

from typing import Annotated

import typer

from jobs.cli.call import Json, call_of, emit, line

app = typer.Typer(no_args_is_help=True, help="Migrate the databases, and compare them with the contracts.")
Databases = Annotated[
    list[str] | None, typer.Argument(help="population, land, business or ops; all when none is named.")
]
Database = Annotated[str, typer.Argument(help="population, land, business or ops.")]


@app.command()
def upgrade(ctx: typer.Context, databases: Databases = None, as_json: Json = False) -> None:
    """Bring databases to the newest revision, with roles, views and grants; safe to repeat."""
    from jobs.registry import migrations  # noqa: PLC0415  (Alembic loads slowly)

    told = {
        target.name: "upgraded"
        if migrations.upgrade(engine, target)
        or (migrations.drift(engine, target) and migrations.upgrade(engine, target, again=True))
        else "current"
        for engine, target in migrations.opened(call_of(ctx).settings, databases)
    }
    emit(told, as_json=as_json, told=lambda: _told(told))


@app.command()
def downgrade(
    ctx: typer.Context,
    database: Database,
    revision: Annotated[str, typer.Argument(help="A revision, or base for an empty database.")],
    as_json: Json = False,
) -> None:
    """Take one database back to an earlier revision."""
    from jobs.registry import migrations  # noqa: PLC0415  (Alembic loads slowly)

    told = {}
    for engine, target in migrations.opened(call_of(ctx).settings, [database]):
        migrations.downgrade(engine, target, revision)
        told[target.name] = migrations.revision_of(engine) or "base"
    emit(told, as_json=as_json, told=lambda: _told(told))


@app.command()
def check(ctx: typer.Context, databases: Databases = None, as_json: Json = False) -> None:
    """Name every difference between databases and contracts; exit code 5 when there is one."""
    from jobs.registry import migrations  # noqa: PLC0415  (Alembic loads slowly)

    told = {
        target.name: migrations.drift(engine, target)
        for engine, target in migrations.opened(call_of(ctx).settings, databases)
    }
    if not as_json:
        for name, differences in told.items():
            for difference in differences:
                line(f"{name}  {difference}")
    migrations.require_no_drift(told)
    emit(told, as_json=as_json, told=lambda: line("The databases are what the contracts state."))


@app.command()
def revision(
    ctx: typer.Context,
    database: Database,
    message: Annotated[str, typer.Argument(help="What changes, for the revision's first line.")],
    as_json: Json = False,
) -> None:
    """Write the revision that takes a current database to what the contracts state now."""
    from jobs.registry import migrations  # noqa: PLC0415  (Alembic loads slowly)

    told: dict[str, str | None] = {}
    for engine, target in migrations.opened(call_of(ctx).settings, [database]):
        path = migrations.revise(engine, target, message)
        told[target.name] = str(path) if path else None
    shown = {name: path or "no table differs, nothing to write" for name, path in told.items()}
    emit(told, as_json=as_json, told=lambda: _told(shown))


def _told(pairs: dict[str, str]) -> None:
    for name, state in pairs.items():
        line(f"{name:<12}{state}")
