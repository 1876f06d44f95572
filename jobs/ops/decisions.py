"""Identity decisions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from schemas.ops import decisions


def record(ops: sa.Engine, rows: Sequence[Mapping[str, Any]]) -> None:
    """Records decisions; one that is known already stays as it is."""
    if not rows:
        return
    with ops.begin() as connection:
        connection.execute(insert(decisions).on_conflict_do_nothing(), [dict(row) for row in rows])


def about(ops: sa.Engine, references: Sequence[str]) -> list[Mapping[str, Any]]:
    """Decisions in which a fact or an entity takes part."""
    mine = decisions.c.left_ref.in_(references) | decisions.c.right_ref.in_(references)
    query = sa.select(decisions).where(mine | decisions.c.entity_id.in_(references)).order_by(decisions.c.at)
    with ops.connect() as connection:
        return [dict(row) for row in connection.execute(query).mappings()]
