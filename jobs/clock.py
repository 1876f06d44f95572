"""The edge that reads the clock: the sources' calendar where they have one, the machine's otherwise."""

from __future__ import annotations

from datetime import UTC, datetime

import httpx2 as httpx

from jobs.errors import Unreachable
from jobs.settings import Settings


def now(settings: Settings) -> datetime:
    """The instant in UTC; the provincial sandbox has a calendar of its own.

    Raises:
        Unreachable: The settings name a sandbox and it does not answer.
    """
    if not settings.sandbox_url:
        return datetime.now(UTC)  # noqa: TID251  (the one place that may)
    try:
        told = httpx.get(f"{settings.sandbox_url}/_control/state", timeout=10, trust_env=False).json()
    except httpx.HTTPError as error:
        raise Unreachable("The sandbox does not answer.", "lienthong up starts it.") from error
    return datetime.fromisoformat(told["now"]).astimezone(UTC)


def of(settings: Settings, instant: datetime) -> datetime:
    """An instant of the machine's clock as the sources' calendar has it: the same, but in a sandbox.

    The sandbox's calendar stands still between two advances, so there it is what :func:`now` tells.

    Raises:
        Unreachable: The settings name a sandbox and it does not answer.
    """
    return now(settings) if settings.sandbox_url else instant.astimezone(UTC)
