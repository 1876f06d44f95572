"""Versions deleted from a register, and its tables written anew without them."""

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
    """Deletes versions from the history of a register; its tables are locked while they are written anew.

    A plain vacuum frees the place of a row and leaves its bytes there until another takes it. What the
    database's log and its backups keep of it is beyond our reach.

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
        for contract in folded(register):
            for name in (contract.info.noun, f"{contract.info.noun}_history"):
                connection.execute(sa.text(f"VACUUM (FULL, ANALYZE) {name}"))
