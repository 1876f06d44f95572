"""The history of one document, as its messages tell it. Pure.

Whatever order they came in, the same messages give the same history: a status that came before its document
is held while the document is missing, and stands as soon as it is there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from schemas import reference
from schemas.core.landed import PLACE
from schemas.holds import DOCUMENT_MISSING, DOCUMENT_STATUS_BACKWARDS

Message = Mapping[str, Any]
"""An accepted row of ``core.documents``, with ``submission_number``."""
Place = tuple[str, int, int]
"""Submission, object and row."""
COLUMNS = (
    *("submission_number", *PLACE, "received_at", "sent_at"),
    *("message_kind", "business_kind", "document_id", "from_organ_id", "response_organ_id"),
    *("status_code", "status_at"),
)
"""What of a message its history needs."""
_REJECTED, _CANCELLED, _AGREED = "02", "13", "15"
_DECIDED = 2
"""Step at which a receiver has taken a document or not."""


@dataclass(frozen=True, slots=True)
class Step:
    """A status in its place."""

    place: Place
    receiver: str
    """The agency whose handling of the document it tells."""
    code: str
    at: datetime
    is_repeated: bool
    """Whether an earlier message said the same."""
    hold: str | None
    """Code of the reason why it does not count; None where it does."""


@dataclass(frozen=True, slots=True)
class History:
    """What the messages about a document say together."""

    document: Place | None
    """The newest message with the document itself; None while it has not come."""
    is_revoked: bool
    """Whether its sender has revoked it."""
    steps: tuple[Step, ...]
    """Its statuses in the order of their instants."""
    current: Mapping[str, str]
    """By receiver, the status that counts now."""


def history(messages: Iterable[Message]) -> History:
    """The history of the document that all of the messages are about."""
    every = list(messages)
    sent = sorted((one for one in every if one["message_kind"] == "document"), key=_sent)
    whole = [one for one in sent if one["business_kind"] != "revocation"]
    statuses = sorted((one for one in every if one["message_kind"] == "status"), key=_order)
    steps = list(_steps(statuses, is_known=bool(whole)))
    return History(
        document=_place(whole[-1]) if whole else None,
        is_revoked=bool(sent) and sent[-1]["business_kind"] == "revocation",
        steps=tuple(steps),
        current={step.receiver: step.code for step in steps if step.hold is None},
    )


def _landed(one: Message) -> tuple[int, int, int]:
    return one["submission_number"], one["object_no"], one["row_no"]


def _place(one: Message) -> Place:
    return one["submission_id"], one["object_no"], one["row_no"]


def _sent(one: Message) -> tuple[Any, ...]:
    """Order of documents: as they were sent, else received."""
    return one["sent_at"] or one["received_at"], _landed(one)


def _order(one: Message) -> tuple[Any, ...]:
    """Order of statuses: their instants, and in one instant as a receiver passes through them."""
    step = reference.document_statuses()[one["status_code"]]
    return one["status_at"], step or 0, one["status_code"], _landed(one)


def _steps(statuses: Iterable[Message], *, is_known: bool) -> Iterable[Step]:
    """Statuses with their verdicts; what is said again has that of the first."""
    handling: dict[str, _Handling] = {}
    holds: dict[tuple[str, str, datetime], str | None] = {}
    for one in statuses:
        code, at = one["status_code"], one["status_at"]
        receiver = (one["response_organ_id"] if code == _CANCELLED else None) or one["from_organ_id"]
        said = (receiver, code, at)
        is_repeated = said in holds
        if not is_known:
            holds[said] = DOCUMENT_MISSING.code
        elif not is_repeated:
            is_taken = handling.setdefault(receiver, _Handling()).takes(code)
            holds[said] = None if is_taken else DOCUMENT_STATUS_BACKWARDS.code
        yield Step(_place(one), receiver, code, at, is_repeated, holds[said])


@dataclass(slots=True)
class _Handling:
    """How far a receiver has come with a document."""

    reached: int = 0
    is_rejected: bool = False

    def takes(self, code: str) -> bool:
        """Whether a status may follow, and then goes on to it.

        Steps may be left out and said again, never gone back. What was rejected is at its end, unless the
        receiver agrees that the document is changed or taken back: then its handling begins anew.
        """
        step = reference.document_statuses()[code]
        if step is None:
            if code == _AGREED:
                self.reached, self.is_rejected = 0, False
            return True
        if self.is_rejected or step < self.reached or (code == _REJECTED and self.reached >= _DECIDED):
            return False
        self.reached, self.is_rejected = step, code == _REJECTED
        return True
