"""What each stage of a run did, for those who follow it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from schemas.ops import runs


def note(
    ops: sa.Engine, *, run_id: str, stage: str, state: str, at: datetime, body: Mapping[str, Any]
) -> None:
    """Records the state of a stage; the newest holds."""
    values = {"state": state, "at": at, "body": dict(body)}
    with ops.begin() as connection:
        connection.execute(
            insert(runs)
            .values(run_id=run_id, stage=stage, **values)
            .on_conflict_do_update(index_elements=["run_id", "stage"], set_=values)
        )


def stages(ops: sa.Engine, run_id: str) -> dict[str, tuple[str, Mapping[str, Any]]]:
    """State and body of each stage of a run."""
    with ops.connect() as connection:
        rows = connection.execute(sa.select(runs).where(runs.c.run_id == run_id))
        return {row.stage: (row.state, row.body) for row in rows}
