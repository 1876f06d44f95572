"""Drifts of the submissions of a batch, and what became of each: a pure function of plans and receipts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from jobs.ops.batches import Batch
from jobs.quality.history import history, of_submission
from jobs.quality.profiles import ROW_NOUNS, Profiles
from jobs.sources import drift
from schemas.dialect import Dialect

Told = dict[str, Any]


def drifts(
    profiles: Profiles, conforms: Sequence[Batch], batch: Batch, spoken: Mapping[str, Dialect]
) -> list[Told]:
    """Every drift that the batch's submissions show, each with its submission and what is done about it.

    Compared is with what was accepted of the feed before; what the submission before it showed goes on until
    one contradicts it. Submissions of one batch see each other: they are taken in their order.

    Args:
        profiles: Profiles of the batch's submissions.
        conforms: Committed conform batches.
        batch: The batch: its plan has the sources' policies.
        spoken: The dialects that it is conformed with, by name.
    """
    retracted = set(batch.plan.get("retracted", ()))
    accepted = history(conforms, before=batch.batch_id, retracted=retracted)
    before = latest(one for one in conforms if one.batch_id < batch.batch_id)
    shown = {name: told for name, told in before.items() if name not in retracted}
    policies, found = batch.plan.get("drift", {}), []
    mine = [one for one in profiles if one["dataset"] in ROW_NOUNS and one["submission_id"] not in retracted]
    for profile in sorted(mine, key=lambda one: (one["feed_id"], one["sequence"])):
        earlier = of_submission(accepted, profile)
        still = _before(shown, profile)
        told = [
            {"submission_id": profile["submission_id"], "dialect": name, **one.told(), "level": level}
            for name, shape in _shapes(profile).items()
            for one in drift.found(
                spoken[name],
                shape,
                [known[name] for known in map(_shapes, earlier) if name in known],
                [one for one in still if one["dialect"] == name],
            )
            for level in (drift.level(policies.get(profile["feed_id"], {}), one),)
        ]
        shown[profile["submission_id"]] = [*shown.get(profile["submission_id"], ()), *told]
        found += told
    return found


def accepted(conforms: Sequence[Batch], feed_id: str, dialect: str) -> list[dict[str, Any]]:
    """What was accepted of a feed in a dialect, oldest first."""
    every = history(conforms, before=max((one.batch_id for one in conforms), default=0) + 1)
    return [shape for known in every.get(feed_id, ()) if (shape := _shapes(known).get(dialect)) is not None]


def _shapes(profile: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """What was sent by dialect; profiles from before fields were counted have none."""
    unread = {code: rows for code, rows in profile.get("reasons", {}).items() if code.endswith(":parse")}
    counts = {tuple(name.split(":")): rows for name, rows in profile["counts"].items()}
    states = {code: rows for (name, code), rows in counts.items() if name == "status"}
    fields = profile.get("fields", {}).items()
    return {name: {**shape, "unread": unread, "states": states} for name, shape in fields if shape["rows"]}


def latest(conforms: Iterable[Batch]) -> dict[str, list[Told]]:
    """What each submission showed when it was conformed last, by submission."""
    newest: dict[str, list[Told]] = {}
    for batch in conforms:
        newest |= {name: [] for name in batch.plan["submissions"]}
        for one in (batch.result or {}).get("drift", ()):
            newest[one["submission_id"]].append(dict(one))
    return newest


def _before(shown: Mapping[str, list[Told]], profile: Mapping[str, Any]) -> list[Told]:
    """What the feed's submission before this one showed."""
    mine = profile["submission_id"]
    feed = f"{mine.rpartition('.')[0]}."
    before = [name for name in shown if name.startswith(feed) and name < mine]
    return shown[max(before)] if before else []


def lasting(conforms: Sequence[Batch], received: Mapping[str, str], but: Collection[str] = ()) -> list[Told]:
    """Every drift that there was, by feed: first and last seen, share, and when it ended.

    Args:
        conforms: Committed conform batches.
        received: When each submission was received.
        but: Retracted submissions.
    """
    found: list[Told] = []
    going: dict[str, dict[tuple[str, str, str, str | None], Told]] = {}
    for name, shown in sorted(latest(conforms).items()):
        if name in but:
            continue
        feed = name.rpartition(".")[0]
        known, now = going.get(feed, {}), {}
        for one in shown:
            key = (one["dialect"], one["kind"], one["path"], one["now"] if one["kind"] != "missing" else None)
            told = known.get(key) or {
                "feed_id": feed,
                "first_submission": name,
                "first_seen": received.get(name),
                "ended": None,
            }
            if key not in known:
                found.append(told)
            told |= {n: v for n, v in one.items() if n != "submission_id"} | {
                "share": round(one["rows"] / one["of"], 4) if one["of"] else 0.0,
                "last_submission": name,
                "last_seen": received.get(name),
            }
            now[key] = told
        for key, told in known.items():
            if key not in now:
                told["ended"] = received.get(name)
        going[feed] = now
    return sorted(found, key=lambda one: (one["feed_id"], one["first_submission"], one["kind"], one["path"]))
