"""What the registers hold, without what arrival decides."""

from __future__ import annotations

import re
from typing import Any

import sqlalchemy as sa

from jobs.registry import databases
from jobs.settings import Settings
from schemas.contract import REGISTERS
from schemas.derive import sql
from schemas.registry import folded

_HOW = re.compile(r"entity_id|recorded_.*|batch_id|begun_by|ended_by|sources|version_digest")


State = dict[str, list[tuple[str, ...]]]
"""Rows of the registers by table, in order."""


def state(settings: Settings) -> State:
    """Current and valid-time state of every register, by table, in order.

    Recorded time, batches, entity ids and fact ids tell how a state was reached; records without
    a key are named after their place.
    """
    told = {}
    for register in REGISTERS:
        known = sql.metadata(register)
        with databases.engine(settings, register).connect() as connection:
            for contract in folded(register):
                noun = contract.info.noun
                history, current = known.tables[f"{noun}_history"], known.tables[noun]
                standing = sa.select(history).where(history.c.recorded_to.is_(None))
                told[f"{noun}_history"] = _content(connection, standing)
                told[noun] = _content(connection, sa.select(current))
    return told


def _content(connection: sa.Connection, query: sa.Select[Any]) -> list[tuple[str, ...]]:
    names = [c.name for c in query.selected_columns if not _HOW.fullmatch(c.name)]
    rows = connection.execute(query).mappings()
    return sorted(
        tuple("!" if str(row[name]).startswith("!") else str(row[name]) for name in names) for row in rows
    )
