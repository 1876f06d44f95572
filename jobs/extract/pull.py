"""The pull verb: one submission of one feed, resumable until it is sealed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from minio import Minio
from sqlalchemy import Engine

from jobs import objects, ops
from jobs.errors import Refused
from jobs.extract import statistics, unconfirmed
from jobs.extract.asking import request_of
from jobs.extract.land import land, position, read_as
from jobs.faults import told
from jobs.landing import manifests
from jobs.ops import cursors, locks, submissions
from jobs.ops import sources as states
from jobs.ops.submissions import Submission
from jobs.settings import Settings
from jobs.sources.delivery import Source, Window
from jobs.sources.directory import DirectorySource
from jobs.sources.model import Feed, layout_of, one
from jobs.sources.settled import overdue, waiting

Progress = Callable[[dict[str, Any]], None]


def pull(
    settings: Settings,
    *,
    feed_id: str,
    at: datetime,
    again: Window | None = None,
    received: Callable[[], datetime] | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Pulls what a feed has that was not read before, lands it and seals it.

    A source gives what it has now, whatever instant the run states: ``received_at`` is read from the
    sources' calendar when everything is here, so that no version looks as if it came from the future.
    One process at a time pulls a feed; another waits, and pulls what came since. A pull that was killed
    goes on in its own submission: what is landed and recorded is not asked for again. The cursor moves
    in the transaction that seals, after the manifest was read back.

    Args:
        settings: Where the services are.
        feed_id: The feed.
        at: The run's instant.
        again: Pull this window again; the cursor moves on only when nothing before the window is unread.
        received: Reads the sources' calendar; ``at`` where there is none.
        progress: Called after each landed object.

    Raises:
        Unreachable: The source does not answer; the submission stays open.
        Refused: What it answers cannot be taken; what came before a delivery broke off is sealed.

    Returns:
        What was sealed; where the source tells counts, also whether they were ``kept``, or why not.
    """
    feed, engine, store = one(settings, feed_id), ops.engine(settings), objects.client(settings)
    one_pull = partial(_pull, settings, engine, store, feed, at, received or (lambda: at))
    with locks.held(engine, f"pull {feed_id}"), _noted(engine, feed_id, at):
        receipt, window = one_pull(again, progress or (lambda _: None))
        if again not in (None, window):  # What ended was an older pull, with a window of its own.
            receipt, window = one_pull(again, progress or (lambda _: None))
    return receipt | statistics.kept(settings, engine, feed, (received or (lambda: at))())


@contextmanager
def _noted(engine: Engine, feed_id: str, at: datetime) -> Iterator[None]:
    """Keeps with the feed how an attempt ended."""
    try:
        yield
    except Exception as error:
        states.note(engine, feed_id, at=at, error=told(feed_id, error)[:500])
        raise
    states.note(engine, feed_id, at=at, error=None)


def source_of(settings: Settings, feed: Feed, now: Callable[[], datetime]) -> AbstractContextManager[Source]:
    """The adapter of a feed's kind; its connections end with the ``with``."""
    if feed.kind == "directory":
        return nullcontext(DirectorySource(feed, settings))
    if feed.kind == "database":
        from jobs.sources.database import DatabaseSource  # noqa: PLC0415  (drivers, for those who need them)

        return nullcontext(DatabaseSource(feed, settings))
    if feed.kind == "soap":
        from jobs.sources.population.source import PopulationSource  # noqa: PLC0415  (as below)

        return PopulationSource(feed, settings, partial(unconfirmed.questions, settings, feed, now()), now)
    from jobs.sources.rest import RestSource  # noqa: PLC0415  (HTTP is imported by those who speak it)

    return RestSource(feed, settings)


def _pull(
    settings: Settings,
    engine: Engine,
    store: Minio,
    feed: Feed,
    at: datetime,
    received: Callable[[], datetime],
    again: Window | None,
    progress: Progress,
) -> tuple[dict[str, Any], Window]:
    """One submission from where it stands to its end; its receipt and the window that it has."""
    submission = submissions.begin(engine, feed_id=feed.feed_id, province_code=feed.province_code, at=at)
    cursor = cursors.get(engine, feed.feed_id)
    state = _resumed(settings, store, _begun(again or _usual(feed, cursor)) | dict(submission.progress))
    layout, window = layout_of(feed), _window(state["window"])
    request = request_of(engine, feed, submission, state, window=window, at=at)
    with source_of(settings, feed, received) as source, closing(source.pieces(request)) as pieces:
        for piece in pieces:
            land(settings, store, submission, piece, layout, state)
            submissions.note_progress(engine, submission.submission_id, state)
            progress(state)
    receipt = _ended(settings, engine, store, feed, submission, state, received())
    if state["trouble"]:
        raise Refused(
            f"{feed.feed_id}: {state['trouble']}; what came before is kept ({receipt['state']}).",
            "tell the province; the next pull asks for it again.",
        )
    hours = feed.late_after_hours
    if late := overdue(state.get("looks", {}), at=at, hours=hours):
        raise Refused(
            f"{feed.feed_id}: files that wait for more than {hours} hours to be whole: {late}; the others"
            f" are kept ({receipt['state']}).",
            f"sources check {feed.feed_id} --names shows them; ask the province or correct patterns.",
        )
    return receipt, window


def _ended(
    settings: Settings,
    engine: Engine,
    store: Minio,
    feed: Feed,
    submission: Submission,
    state: dict[str, Any],
    at: datetime,
) -> dict[str, Any]:
    """The submission sealed, or discarded where nothing is in it; its receipt."""
    rows = sum(entry["rows"] for entry in state["objects"])
    if not state["refused"] and not rows:
        submissions.discard(engine, submission, at, progress=state)
        return _receipt(submission, state, rows, "nothing new") | {"submission_id": None}
    cursor = cursors.get(engine, feed.feed_id)
    limit = at - timedelta(minutes=feed.safety_window_minutes)
    newest = cursor
    if _is_gapless(_window(state["window"]), cursor):
        newest = _moved(state["newest"], cursor, limit, is_whole=state["trouble"] is None)
    manifest = _manifest(feed, submission, state, at, cursor, newest)
    write = partial(_write_manifest, settings, store, submission, manifest)
    seen: dict[str, Any] = {name: state[name] for name in ("looks", "stamps") if name in state}
    submissions.seal(engine, submission, manifest=manifest, cursor=newest, at=at, write=write, progress=seen)
    return _receipt(submission, state, rows, "sealed")


def _usual(feed: Feed, cursor: tuple[datetime, str] | None) -> Window:
    """From shortly before where the feed was read to."""
    return Window(since=cursor[0] - timedelta(minutes=feed.overlap_minutes) if cursor else None)


def _is_gapless(window: Window, cursor: tuple[datetime, str] | None) -> bool:
    """Whether everything before the window was read, so that the cursor may move on in it."""
    return window.since is None or (cursor is not None and window.since <= cursor[0])


def _begun(window: Window) -> dict[str, Any]:
    """State of a pull that begins; the window is kept, so that whoever resumes it asks for the same."""
    stated = [instant.isoformat() if instant else None for instant in (window.since, window.until)]
    return {
        "window": stated,
        "objects": [],
        "refused": [],
        "resume": {},
        "newest": None,
        "trouble": None,
    }


def _resumed(settings: Settings, store: Minio, state: dict[str, Any]) -> dict[str, Any]:
    """The state, or that of the same window's beginning where the store has not kept what was landed.

    It acknowledged and gave back each object, but one that was killed since may have lost it.
    """
    for entry in (*state["objects"], *state["refused"]):
        if objects.sha256(store, settings.landing_bucket, entry["key"]) != entry["sha256"]:
            return _begun(_window(state["window"]))
    return state


def _window(stated: list[str | None]) -> Window:
    since, until = (datetime.fromisoformat(text) if text else None for text in stated)
    return Window(since, until)


def _moved(
    newest: list[str] | None, cursor: tuple[datetime, str] | None, limit: datetime, *, is_whole: bool
) -> tuple[datetime, str] | None:
    """The cursor after a pull: the newest item's, never beyond the safety window, never back.

    Of a delivery that broke off, an item beyond the window does not say how far it came.
    """
    if newest is None:
        return cursor
    reached = position(newest)
    if reached[0] > limit:
        if not is_whole:
            return cursor
        reached = (limit, "")
    return reached if cursor is None else max(cursor, reached)


def _manifest(
    feed: Feed,
    submission: Submission,
    state: dict[str, Any],
    at: datetime,
    start: tuple[datetime, str] | None,
    end: tuple[datetime, str] | None,
) -> dict[str, Any]:
    return {
        "submission_id": submission.submission_id,
        "feed_id": feed.feed_id,
        "source_province": feed.province_code,
        "sequence": submission.sequence,
        "kind": feed.kind,
        "dialect": feed.dialect,
        "layout": layout_of(feed).told(),
        "opened_at": submission.opened_at.isoformat(),
        "received_at": at.isoformat(),
        "start_cursor": [start[0].isoformat(), start[1]] if start else None,
        "end_cursor": [end[0].isoformat(), end[1]] if end else None,
        "objects": state["objects"],
        "refused": state["refused"],
    }


def _write_manifest(
    settings: Settings, store: Minio, submission: Submission, manifest: dict[str, Any]
) -> None:
    key = manifests.key_of(submission.feed_id, submission.sequence)
    objects.put(store, settings.landing_bucket, key, manifests.bytes_of(manifest), "application/json")


def _receipt(submission: Submission, state: dict[str, Any], rows: int, outcome: str) -> dict[str, Any]:
    return {
        "feed_id": submission.feed_id,
        "submission_id": submission.submission_id,
        "sequence": submission.sequence,
        "objects": len(state["objects"]),
        "rows": rows,
        "bytes": sum(entry["bytes"] for entry in state["objects"]),
        "refused": [f"{entry['key']}: {entry['reason']}" for entry in state["refused"]],
        "read_as": [f"{entry['key']}: {read_as(entry)}" for entry in state["objects"] if "layout" in entry],
        "waiting": len(waiting(state.get("looks", {}))),
        "state": outcome,
    }
