"""The operational truth: an append-only event log with its projections, in PostgreSQL."""

from __future__ import annotations

from functools import cache

import sqlalchemy as sa

from jobs.errors import UsageFault
from jobs.settings import Settings


def engine(settings: Settings) -> sa.Engine:
    """The engine of the ops database; one for each URL.

    Raises:
        UsageFault: The settings name none.
    """
    if not settings.ops_url:
        raise UsageFault(
            f"The home {settings.home} has no services.", "lienthong up starts them, or set LIENTHONG_HOME."
        )
    return _engine(settings.ops_url)


@cache
def _engine(url: str) -> sa.Engine:
    return sa.create_engine(
        url.replace("postgresql://", "postgresql+psycopg://", 1),
        pool_pre_ping=True,
        hide_parameters=True,
        pool_size=4,
    )
