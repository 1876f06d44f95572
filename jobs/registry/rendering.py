"""How a revision is written: CHECKs with their SQL as it is, and those that only changed their text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa
from alembic.autogenerate import renderers
from alembic.autogenerate.api import AutogenContext
from alembic.operations import ops
from sqlalchemy.sql.naming import conv

_DIALECT = sa.make_url("postgresql+psycopg://").get_dialect()()


def rendered(kind: str, item: Any, _context: AutogenContext) -> str | bool:
    """A CHECK as source; everything else is Alembic's to write.

    The text stands in a ``literal_column``: a plain text would take ``:word`` for a parameter.
    """
    if kind != "check":
        return False
    return f"sa.CheckConstraint({_source(item.sqltext)}, name=op.f({str(item.name)!r}))"


@renderers.dispatch_for(ops.CreateCheckConstraintOp, replace=True)
def _added_check(_context: AutogenContext, operation: ops.CreateCheckConstraintOp) -> str:
    name, table = str(operation.constraint_name), operation.table_name
    condition = _source(operation.to_constraint().sqltext)
    return f"op.create_check_constraint(op.f({name!r}), {table!r}, {condition})"


def _source(condition: sa.ColumnElement[Any] | sa.TextClause) -> str:
    text = str(
        condition.compile(dialect=_DIALECT, compile_kwargs={"literal_binds": True, "include_table": False})
    )
    return f"sa.literal_column({text.replace('%%', '%')!r})"


def directives(found: Mapping[str, str], wanted: Mapping[str, str]) -> Callable[..., None]:
    """A step that adds to a new revision the CHECKs whose text changed, and drops a revision that is empty.

    Alembic compares CHECKs by name alone.

    Args:
        found: Definitions in the database.
        wanted: Definitions that the contracts state.
    """
    changed = [
        (*name.removeprefix("constraint ").split(".", 1), found[name], wanted[name])
        for name in sorted(found.keys() & wanted.keys())
        if name.startswith("constraint ") and found[name] != wanted[name]
    ]

    def process(_context: Any, _revision: Any, scripts: list[ops.MigrationScript]) -> None:
        script = scripts[0]
        for table, name, old, new in changed:
            _replace(script.upgrade_ops, table, name, new)
            _replace(script.downgrade_ops, table, name, old)
        if script.upgrade_ops is None or script.upgrade_ops.is_empty():
            scripts.clear()

    return process


def _replace(into: ops.OpContainer | None, table: str, name: str, definition: str) -> None:
    if into is None or not definition.startswith("CHECK "):
        return
    condition: sa.ColumnElement[bool] = sa.literal_column(definition.removeprefix("CHECK "))
    into.ops.append(ops.DropConstraintOp(conv(name), table, type_="check"))
    into.ops.append(ops.CreateCheckConstraintOp(conv(name), table, condition))
