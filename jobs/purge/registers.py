"""Versions deleted from a register, so that no page of its files keeps them."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from jobs.errors import IntegrityFault
from jobs.registry import databases
from jobs.settings import Settings
from schemas.contract import Register
from schemas.derive import sql
from schemas.registry import folded


def delete(settings: Settings, register: Register, versions: Sequence[str]) -> None:
    """Deletes versions from the history of a register.

    Raises:
        IntegrityFault: One of them still stands; nothing is deleted.
    """
    if not versions:
        return
    known, engine = sql.metadata(register).tables, databases.engine(settings, register)
    tables = [known[f"{contract.info.noun}_history"] for contract in folded(register)]
    with engine.begin() as connection:
        for table in tables:
            mine = sql.among(table.c.version_digest, versions)
            standing = sa.select(sa.func.count()).where(mine, table.c.recorded_to.is_(None))
            if number := connection.scalar(standing):
                raise IntegrityFault(
                    f"{number} versions of {table.name} stand that an erased row has a part in.",
                    "lienthong ledger verify, then lienthong purge --resume.",
                )
            connection.execute(table.delete().where(mine))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for table in tables:
            # Deleted rows stay in the table's files until then.
            connection.execute(sa.text(f"VACUUM {table.name}"))
