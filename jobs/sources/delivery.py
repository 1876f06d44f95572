"""What an adapter hands over: pieces of a delivery, in order, each of which can be landed alone."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from jobs.landing.containers import Judged, judged
from jobs.landing.content import Data
from jobs.landing.forms import unknown
from schemas.layout import Layout


@dataclass(frozen=True, slots=True)
class Piece:
    """One object to land."""

    name: str
    data: Data
    form: str
    """Format, as ``schemas.forms`` names it; empty where the name of a file tells none."""
    procedure: str | None = None
    rows: int | None = None
    """How many ``jobs.landing.rows`` finds in it; None where that was not counted yet."""
    refusal: str | None = None
    """Why the bytes are kept as evidence only."""
    resume: Mapping[str, Any] = field(default_factory=dict)
    """State from which the pull goes on after this piece."""
    newest: tuple[datetime, str] | None = None
    """Change instant and id of the newest item in the piece; the instant is one that types.Instant allows."""
    trouble: str | None = None
    """Why the delivery ends here although the source has more; only its last piece has it."""
    is_gappy: bool = False
    """Whether what is missing may lie before the newest item, so that the cursor must stay."""
    stamp: str | None = None
    """Of a file: differs when it does, so that one that was landed is not read again."""

    def judged(self, layout: Layout) -> Judged:
        """What is found of it; where its adapter refuses it, or it has no format, it is not looked into."""
        if self.refusal is not None:
            return Judged(refusal=self.refusal)
        return judged(self.data, self.form, layout) if self.form else Judged(refusal=unknown(self.name))


@dataclass(frozen=True, slots=True)
class Window:
    """Change instants that a pull asks for; everything that the source has now when empty."""

    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of a source.

    A source that tells no change instants, such as a folder, gives what is new whatever the window.
    """

    window: Window
    resume: Mapping[str, Any]
    known: frozenset[tuple[str, str]]
    """(name, sha-256) of files that earlier submissions landed."""
    at: datetime
    """The run's instant."""
    stamps: frozenset[tuple[str, str]] = frozenset()
    """(name, stamp) of files that earlier submissions landed."""
    looks: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Files that the pull before saw and did not land, as the source told them."""
    saw: Callable[[Mapping[str, Mapping[str, Any]]], None] = lambda _: None
    """Told of files that are seen and not landed now, before the first piece and whenever that changes."""
    met: Callable[[str, str], None] = lambda _name, _stamp: None
    """Told of a file that was read and is as it was landed before, under another stamp."""


class Source(Protocol):
    """A kind of source."""

    def pieces(self, request: Request) -> Generator[Piece, None, None]:
        """The delivery from where the request resumes; whoever stops early closes it.

        Raises:
            Unreachable: The source does not answer.
            Refused: What it answers cannot be taken.
        """
        ...
