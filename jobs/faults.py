"""Foreign faults in safe words: what failed and where, never a record's value."""

from __future__ import annotations

import traceback
from pathlib import Path

from sqlalchemy.exc import OperationalError

from jobs.errors import LienthongError
from jobs.settings import CHECKOUT

_NOT_MIGRATED = "the databases are not migrated; run lienthong db upgrade"
_SERVICE_DOWN = (
    "the service does not answer, has no connection left, or does not know this user; "
    "see lienthong status, then repeat"
)
_REMEDIES = {
    "3D000": _NOT_MIGRATED,
    "3F000": _NOT_MIGRATED,
    "42P01": _NOT_MIGRATED,
    "42703": _NOT_MIGRATED,
    "57P01": _SERVICE_DOWN,
    "57P03": _SERVICE_DOWN,
    "53100": "the database's disk is full; make room, then repeat",
    "53300": "the database has no connection left; wait for other runs, then repeat",
}
"""What helps, by SQLSTATE (PostgreSQL documentation, appendix A)."""


class StageFailed(LienthongError):
    """A stage failed for a reason outside our own faults."""


def told(what: str, error: BaseException) -> str:
    """One line about a fault: its kind, its place in our code, and what the service calls it.

    The fault's own text is left out: databases and Spark quote the rows they stumble over.
    """
    if isinstance(error, LienthongError):
        return str(error)
    parts = [f"{what}: {type(error).__name__}{_named_by_service(error)}"]
    if place := _place(error):
        parts.append(f"at {place}")
    remedy = _remedy(error)
    return (
        f"{' '.join(parts)}. Its text is withheld, since it may quote a record."
        f"{'' if remedy is None else f' Remedy: {remedy}.'}"
    )


def _remedy(error: BaseException) -> str | None:
    """What helps; a connection that never came to be has no SQLSTATE."""
    cause = getattr(error, "orig", error)
    if isinstance(error, OperationalError) and getattr(cause, "sqlstate", None) is None:
        return _SERVICE_DOWN
    return _REMEDIES.get(getattr(cause, "sqlstate", None) or "")


def _named_by_service(error: BaseException) -> str:
    """SQLSTATE with constraint and table, or Spark's error condition; empty for anything else."""
    cause = getattr(error, "orig", error)
    diagnosis = getattr(cause, "diag", None)
    names = [
        getattr(cause, "sqlstate", None),
        getattr(diagnosis, "table_name", None),
        getattr(diagnosis, "constraint_name", None),
    ]
    condition = getattr(error, "getCondition", None)
    if callable(condition):
        names.append(condition())
    known = [str(name) for name in names if name]
    return f" ({', '.join(known)})" if known else ""


def _place(error: BaseException) -> str | None:
    frames = traceback.extract_tb(error.__traceback__)
    for frame in reversed(frames):
        path = Path(frame.filename)
        if path.is_relative_to(CHECKOUT) and ".venv" not in path.parts:
            return f"{path.relative_to(CHECKOUT)}:{frame.lineno}"
    return None
