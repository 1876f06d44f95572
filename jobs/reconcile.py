"""A source's counts of its dossiers beside ours, and what explains a difference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from sqlalchemy import Engine

from jobs import ops, session
from jobs.errors import LienthongError
from jobs.extract.missed import missed
from jobs.findings.standing import require_sender
from jobs.lake import live
from jobs.ops import batches, statistics, submissions
from jobs.quality.history import verdicts
from jobs.settings import Settings
from jobs.sources import model
from schemas.core.dossiers import Dossiers
from schemas.core.findings import Findings
from schemas.core.landed import PLACE
from schemas.lifecycle import APPROVED, ENDED
from schemas.statistic import COUNTS
from schemas.zone import HANOI, ZONE

KINDS = ("held", "quarantined", "not_received", "unexplained")
"""What makes a difference: rows of submissions that the gate refused or a person retracted; other rows in
quarantine; rows that we have not, or cannot read; and the rest, for which there is no reason."""
_LEVELS = ("accepted", "held", "quarantined")
_ORDER = ("sequence", "changed_at", *PLACE)


def reconciled(settings: Settings, *, province: str | None = None) -> list[dict[str, Any]]:
    """Every feed whose source tells counts, as of the instant when it told them last.

    Returns:
        Of each feed the period and by count ``theirs``, ``ours`` and their difference by kind. A dossier of
        which only refused or quarantined versions are here is there for certain; of one that has an accepted
        version too, the source may mean either, and as many are taken as the difference needs. What was not
        received is known by its number alone, so it explains at most that many.

    Raises:
        UsageFault: There is no such province.
    """
    require_sender(province)
    engine = ops.engine(settings)
    told, feeds = statistics.newest(engine), model.load(settings)
    chosen = [
        name
        for name, feed in sorted(feeds.items())
        if name in told and province in (None, feed.province_code)
    ]
    return [_feed(settings, engine, name, feeds[name], told[name]) for name in chosen]


def _feed(
    settings: Settings, engine: Engine, name: str, feed: model.Feed, told: Mapping[str, Any]
) -> dict[str, Any]:
    begins, until = (datetime.fromisoformat(told[key]) for key in ("begins", "until"))
    sums = _sums(settings, engine, name, begins, until)
    lacking: dict[str, Any] = _lacking(settings, engine, name, until)
    if any(
        _broken_down(count, told["counts"][count], sums, lacking["rows"])["unexplained"] for count in COUNTS
    ):
        lacking = _asked(settings, name, lacking)
    return {
        "feed": name,
        "province": feed.province_code,
        "begins": told["begins"],
        "until": told["until"],
        "counts": {
            count: _broken_down(count, told["counts"][count], sums, lacking["rows"]) for count in COUNTS
        },
        **{key: value for key, value in lacking.items() if key != "rows"},
    }


def _broken_down(count: str, theirs: int, sums: Mapping[str, int], lacking: int) -> dict[str, int]:
    """A count of theirs, ours, and the difference by kind.

    >>> sums = {"accepted_T": 8, "held_T_sure": 0, "held_T_more": 0, "held_T_less": 0}
    >>> sums |= {"quarantined_T_sure": 1, "quarantined_T_more": 0, "quarantined_T_less": 2}
    >>> _broken_down("T", 12, sums, 2)
    {'theirs': 12, 'ours': 8, 'held': 0, 'quarantined': 1, 'not_received': 2, 'unexplained': 1}
    """
    ours = sums[f"accepted_{count}"]
    left, told = theirs - ours, {"theirs": theirs, "ours": ours}
    for kind in KINDS[:2]:
        sure, more, less = (sums[f"{kind}_{count}_{part}"] for part in ("sure", "more", "less"))
        told[kind] = sure + max(-less, min(more, left - sure))
        left -= told[kind]
    told["not_received"] = max(-lacking, min(lacking, left))
    return {**told, "unexplained": left - told["not_received"]}


def _lacking(settings: Settings, engine: Engine, name: str, until: datetime) -> dict[str, Any]:
    """Rows that are landed and not conformed, or cannot be read."""
    waiting = {one.submission_id: one for one in submissions.unconformed(engine)}
    mine = [one for one in waiting.values() if one.feed_id == name and (one.received_at or until) <= until]
    waits = sum(entry["rows"] for one in mine for entry in (one.manifest or {})["objects"])
    rows = live.conformed(session.connect(settings), engine, Dossiers.dataset())
    unread = rows.where((F.col("feed_id") == name) & (F.col("disposition") == "unreadable")).count()
    return {"rows": waits + unread, "waiting": waits, "unreadable": unread, "missed": None}


def _asked(settings: Settings, name: str, lacking: Mapping[str, Any]) -> dict[str, Any]:
    """With what the source's list of keys has beside what was landed, where it has a list and answers."""
    try:
        told = missed(settings, feed_id=name)
    except LienthongError as fault:
        return {**lacking, "missed_error": fault.message}
    keys = told["missed"]
    return {**lacking, "rows": lacking["rows"] + len(keys) + told["erased"], "missed": keys}


@session.checkpoints()
def _sums(settings: Settings, engine: Engine, name: str, begins: datetime, until: datetime) -> dict[str, int]:
    """Ours by count, and what refused and quarantined rows would add to it or take from it."""
    spark = session.connect(settings)
    rows, findings = (live.conformed(spark, engine, one.dataset()) for one in (Dossiers, Findings))
    is_mine = (F.col("feed_id") == name) & (F.col("received_at") <= F.lit(until))
    said = findings.where(is_mine & (F.col("effect") == "quarantine"))
    known = rows.where(is_mine).join(
        said.select(*PLACE, F.col("dossier_code").alias("code_as_sent")), list(PLACE), "left"
    )
    newest = _newest(_levelled(known, _refused(engine)), until)
    flags = {level: _flags(F.col(level), begins, until) for level in _LEVELS}
    sums = [F.sum(flags["accepted"][count]).alias(f"accepted_{count}") for count in COUNTS]
    for before, level in (("accepted", "held"), ("held", "quarantined")):
        sums += [
            F.sum(part).alias(f"{level}_{count}_{end}")
            for count in COUNTS
            for end, part in _parts(before, level, flags[before][count], flags[level][count]).items()
        ]
    (found,) = newest.agg(*sums).collect()
    return {column: int(value or 0) for column, value in found.asDict().items()}


def _parts(before: str, level: str, was: Column, now: Column) -> dict[str, Column]:
    """What rows of a level add to a count for certain, and what they may add to it or take from it.

    A version of which the day of receipt cannot be read may count as anything.
    """
    state, number = F.col(level), _LEVELS.index(level)
    is_unread = (state.getField("level") == number) & state.getField("accepted_at").isNull()
    is_unread = F.coalesce(is_unread, F.lit(False))
    is_sure = F.col(before).isNull() & ~is_unread
    return {
        "sure": F.when(is_sure, now - was),
        "more": F.when(is_unread, 1 - was).when(~is_sure & (now > was), now - was),
        "less": F.when(is_unread, was).when(~is_sure & (now < was), was - now),
    }


def _refused(engine: Engine) -> list[str]:
    """Submissions that count as a whole as if they were not here."""
    judged = verdicts(batches.committed(engine, "conform"))
    retracted = [one.submission_id for one in submissions.listed(engine, "retracted")]
    return [*(name for name, told in judged.items() if told["verdict"] == "refused"), *retracted]


def _levelled(rows: DataFrame, refused: Sequence[str]) -> DataFrame:
    """Rows that a version stands in, with the level at which they count; a code that is none is a code."""
    is_refused = F.col("submission_id").isin(*refused) if refused else F.lit(False)
    level = (
        F.when(is_refused, F.lit(1)).when(F.col("disposition") == "quarantined", F.lit(2)).otherwise(F.lit(0))
    )
    is_version = ~F.col("disposition").isin("duplicate", "unreadable")
    return rows.where(is_version).select(
        F.coalesce("dossier_code", "code_as_sent", "content_digest").alias("dossier"),
        level.alias("level"),
        F.coalesce("updated_at", "received_at").alias("changed_at"),
        *("sequence", *PLACE),
        *("status", "accepted_at", "due_at", "finished_at"),
    )


def _newest(rows: DataFrame, until: datetime) -> DataFrame:
    """One row for each dossier: its newest version among the accepted, with the held, and with all."""
    state = F.struct("level", "status", "accepted_at", "due_at", "finished_at")
    place = F.struct(*_ORDER)

    def at(level: int) -> Column:
        counts = F.col("level") <= level
        return F.max_by(F.when(counts, state), F.when(counts, place))

    within = rows.where(F.col("changed_at") <= F.lit(until))
    return within.groupBy("dossier").agg(*[at(n).alias(level) for n, level in enumerate(_LEVELS)])


def _flags(state: Column, begins: datetime, until: datetime) -> dict[str, Column]:
    """Whether a dossier in a state counts, as 1 or 0, by count."""
    accepted, due, finished = (state.getField(name) for name in ("accepted_at", "due_at", "finished_at"))
    status, end = state.getField("status"), F.lit(until)
    is_new = accepted >= F.lit(begins)
    is_finished = status.isin(*APPROVED) & finished.isNotNull()
    is_old = is_finished & (finished < F.lit(begins))
    gone = F.coalesce(status.isin(*ENDED), F.lit(False))
    counts = accepted.isNotNull() & (accepted <= end) & ~gone & ~F.coalesce(is_old, F.lit(False))
    solved = counts & F.coalesce(is_finished & (finished <= end), F.lit(False))
    is_late = F.coalesce(_day(finished) > _day(due), F.lit(False))
    is_due = F.coalesce(_day(due) < F.lit(until.astimezone(HANOI).date()), F.lit(False))
    told = {
        "NewReception": counts & is_new,
        "PreExtisting": counts & ~is_new,
        "Total": counts,
        "TotalSolved": solved,
        "SolvedInTime": solved & ~is_late,
        "SolvedLate": solved & is_late,
        "Pending": counts & ~solved,
        "PendingLate": counts & ~solved & is_due,
    }
    return {name: F.coalesce(flag, F.lit(False)).cast("int") for name, flag in told.items()}


def _day(instant: Column) -> Column:
    return F.to_date(F.from_utc_timestamp(instant, ZONE))
