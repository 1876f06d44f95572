"""What a pull asks of its source."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Engine

from jobs.ops import submissions
from jobs.ops.submissions import Submission
from jobs.sources.delivery import Request, Window
from jobs.sources.earlier import earlier
from jobs.sources.model import Feed
from jobs.sources.settled import Looks


def request_of(
    engine: Engine, feed: Feed, submission: Submission, state: dict[str, Any], *, window: Window, at: datetime
) -> Request:
    """From where the pull stands, with what earlier pulls know of the source's files.

    What the source sees and does not take is put into the state, and kept at once: a pull that is killed
    has looked all the same. What it reads in vain is kept with the next piece, or at the end.
    """
    before = earlier(engine, feed)

    def saw(looks: Looks) -> None:
        state["looks"] = dict(looks)
        submissions.note_progress(engine, submission.submission_id, state)

    def met(name: str, stamp: str) -> None:
        state.setdefault("stamps", {})[name] = stamp

    return Request(
        window=window,
        resume=state["resume"],
        known=before.known,
        at=at,
        stamps=before.stamps,
        looks=before.looks,
        saw=saw,
        met=met,
    )
