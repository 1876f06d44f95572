"""Engines of the registers' databases."""

from __future__ import annotations

from functools import cache

import sqlalchemy as sa

from jobs.settings import Settings
from schemas.contract import REGISTERS, Register


def engine(settings: Settings, register: Register) -> sa.Engine:
    """The engine of a register's database; one for each URL."""
    return _engine(settings.register_url(register.value))


@cache
def _engine(url: str) -> sa.Engine:
    return sa.create_engine(
        url.replace("postgresql://", "postgresql+psycopg://", 1),
        pool_pre_ping=True,
        hide_parameters=True,
    )


def migrate_ops(ops: sa.Engine) -> None:
    """Brings the operational database to the newest revision; nothing to do when it is there."""
    from jobs.registry import migrations  # noqa: PLC0415  (Alembic loads slowly, and most processes never migrate)

    migrations.upgrade(ops, migrations.target_of("ops"))


def migrate(settings: Settings) -> None:
    """Brings the three databases to the newest revision; nothing to do when they are there."""
    from jobs.registry import migrations  # noqa: PLC0415  (Alembic loads slowly, and most processes never migrate)

    for register in REGISTERS:
        migrations.upgrade(engine(settings, register), migrations.target_of(register.value))
