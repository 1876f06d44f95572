"""Identity decisions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from schemas.contract import Kind
from schemas.derive import python, sql
from schemas.ops import decisions

_KINDS = [(column.name, Kind.INSTANT if column.name == "at" else Kind.TEXT) for column in decisions.c]


NONE = (0, python.combine([]))
"""Number and digest of no decision."""


def record(ops: sa.Engine, rows: Sequence[Mapping[str, Any]]) -> None:
    """Records decisions; one that is known already stays as it is."""
    if not rows:
        return
    with ops.begin() as connection:
        connection.execute(insert(decisions).on_conflict_do_nothing(), [dict(row) for row in rows])


def sums(connection: sa.Connection, references: Sequence[str] | None = None) -> dict[int, tuple[int, str]]:
    """Number and digest of the decisions of each batch: of all, or of those about some facts."""
    columns = [column for column in decisions.c if column.name != "evidence"]
    whole = sa.select(*columns, sa.cast(decisions.c.evidence, sa.Text).label("evidence"))
    rows = (whole if references is None else whole.where(_about(references))).subquery()
    digest = sql.row_digest(rows, _KINDS)
    query = sa.select(rows.c.batch_id, sa.func.count(), *sql.digest_sums(digest)).group_by(rows.c.batch_id)
    return {number: (count, python.combine(parts)) for number, count, *parts in connection.execute(query)}


def about(ops: sa.Engine, references: Sequence[str]) -> list[Mapping[str, Any]]:
    """Decisions in which a fact or an entity takes part."""
    query = (
        sa.select(decisions)
        .where(_about(references) | sql.among(decisions.c.entity_id, references))
        .order_by(decisions.c.at)
    )
    with ops.connect() as connection:
        return [dict(row) for row in connection.execute(query).mappings()]


def erase(ops: sa.Engine, references: Sequence[str]) -> None:
    """Deletes the decisions in which some facts take part."""
    with ops.begin() as connection:
        connection.execute(decisions.delete().where(_about(references)))


def _about(references: Sequence[str]) -> sa.ColumnElement[bool]:
    return sql.among(decisions.c.left_ref, references) | sql.among(decisions.c.right_ref, references)
