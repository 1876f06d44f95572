"""The population database as a feed: what it delivers are its answers to our questions."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Generator, Mapping, Sequence
from datetime import datetime
from types import TracebackType
from typing import Any, Self

from jobs.settings import Settings
from jobs.sources.delivery import Piece, Request
from jobs.sources.model import Feed
from jobs.sources.population.messages import NO_ANSWERS, Question, line
from jobs.sources.population.service import Service
from schemas.procedures import VERIFICATION

Due = Callable[[str, int], Sequence[Question]]
"""Questions that come after a place, at most a number of them, in the order of their places."""


class PopulationSource:
    """Asks about the persons who are due, and hands over what came of it, some answers at a time."""

    def __init__(self, feed: Feed, settings: Settings, due: Due, now: Callable[[], datetime]) -> None:
        """Connects to nothing yet.

        Args:
            feed: The feed.
            settings: Where its credentials and the key of entity ids are.
            due: Reads who is due.
            now: Reads the sources' calendar: an answer is of the instant at which it came.
        """
        self._feed, self._due, self._now = feed, due, now
        self._key = settings.entity_key()
        self._service = Service(feed, settings)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._service.__exit__(kind, error, trace)

    def pieces(self, request: Request) -> Generator[Piece, None, None]:
        """Answers in the order of the questions' places, from where the request resumes.

        Whoever gets no answer is left for the next run. When that is so of all persons of a piece, and they
        are several, the service is at fault and not they, and the delivery ends.
        """
        after, asked = request.resume.get("after", ""), request.resume.get("asked", 0)
        while not request.resume.get("done"):
            wanted = min(self._feed.page_size, self._feed.limit - asked)
            questions = self._due(after, wanted) if wanted else ()
            if not questions:
                return
            at = self._now()
            outcomes = [self._outcome(question, at) for question in questions]
            after, asked = questions[-1].place, asked + len(questions)
            if len(questions) > 1 and set(outcomes) <= set(NO_ANSWERS):
                yield self._broken_off(outcomes)
                return
            told = zip(questions, outcomes, strict=True)
            lines = [line(one, one.code(self._key), said, at) for one, said in told if said not in NO_ANSWERS]
            if lines:
                yield self._piece(lines, {"after": after, "asked": asked})

    @staticmethod
    def _piece(lines: Sequence[str], resume: Mapping[str, Any]) -> Piece:
        data = "".join(f"{text}\n" for text in lines).encode()
        return Piece("answers", data, "ndjson", procedure=VERIFICATION, rows=len(lines), resume=resume)

    def _outcome(self, question: Question, at: datetime) -> str:
        message = question.message(question.code(self._key), self._service.account, self._feed.asks_as)
        return self._service.outcome(question, message, at.isoformat())

    @staticmethod
    def _broken_off(outcomes: Sequence[str]) -> Piece:
        """The last piece of a delivery of which nothing can be used; its evidence names nobody."""
        counts = dict(sorted(Counter(outcomes).items()))
        why = f"of {len(outcomes)} questions none was answered ({', '.join(counts)})"
        data = json.dumps({"outcomes": counts}).encode()
        return Piece("answers", data, "json", refusal=why, trouble=why, resume={"done": True})
