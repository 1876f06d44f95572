"""How the population database's service is examined."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from jobs.errors import Refused
from jobs.settings import Settings
from jobs.sources.examination import Look, Seen
from jobs.sources.model import Feed
from jobs.sources.reaching import known
from jobs.sources.secured import reached


def looks(settings: Settings, feed: Feed, at: datetime, seen: Seen) -> Iterator[Look]:
    """Name, connection, TLS, credentials, and what it says of nobody."""
    del seen
    yield from reached(settings, feed, at)
    yield "credentials", lambda: known(settings, feed)
    yield "answer", lambda: _answer(settings, feed, at)


def _answer(settings: Settings, feed: Feed, at: datetime) -> str:
    """What the population database says of somebody whom nobody can be.

    Raises:
        Refused: Nothing that is an answer.
    """
    from jobs.sources.population import messages  # noqa: PLC0415  (SOAP is imported by those who speak it)
    from jobs.sources.population.service import Service  # noqa: PLC0415

    nobody = messages.Question("", "000000000000", "Không có ai", "1900")
    with Service(feed, settings) as service:
        asked = nobody.message(nobody.code(b""), service.account, feed.asks_as)
        outcome = service.outcome(nobody, asked, at.isoformat())
    if outcome in messages.NO_ANSWERS:
        raise Refused(
            f"{feed.feed_id}: a question about nobody gives no answer ({outcome}).",
            "compare asks_as and the account with what was agreed; then ask the database's owner.",
        )
    return f"a question about nobody is answered: {outcome}"
