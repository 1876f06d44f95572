"""Drifts of feeds as they are recorded: read from the receipts of conform, and stored nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Engine

from jobs import ops
from jobs.conform.drifting import lasting, latest
from jobs.ops import batches, submissions
from jobs.settings import Settings
from jobs.sources.lines import line_of


def recorded(settings: Settings, *, feed_id: str | None = None, ended: bool = True) -> list[dict[str, Any]]:
    """Every drift of a feed, or of all: kind, path, field, what it was and is, share, first and last seen.

    Names of fields and types, and codes that are short; never another value. ``ended`` is when a submission
    came that no longer showed it; those that have ended are left out on demand.
    """
    engine = ops.engine(settings)
    known = {one.submission_id: one for one in submissions.listed(engine)}
    received = {name: (one.received_at or one.opened_at).isoformat() for name, one in known.items()}
    retracted = {name for name, one in known.items() if one.state == "retracted"}
    found = lasting(batches.committed(engine, "conform"), received, retracted)
    return [one for one in found if feed_id in (None, one["feed_id"]) and (ended or one["ended"] is None)]


def of_submissions(engine: Engine) -> dict[str, list[dict[str, Any]]]:
    """What the data engineers are to look at, by submission: drifts that hold it up or are warned of."""
    shown = latest(batches.committed(engine, "conform"))
    return {name: [one for one in told if one["level"] != "accept"] for name, told in shown.items()}


def words(one: Mapping[str, Any]) -> str:
    """A drift in one sentence, with the line of the mapping file.

    >>> words({"kind": "added", "path": "x", "now": "text", "rows": 30, "of": 40, "dialect": "lgsp_en"})
    'x is new: text in 30 of 40 records; no line of the mapping reads it.'
    """
    path, was, now = one["path"], one.get("was"), one.get("now")
    where = line_of(one["dialect"], path)
    match one["kind"]:
        case "added":
            share = f"{one['rows']} of {one['of']} records"
            return f"{path} is new: {now} in {share}; no line of the mapping reads it."
        case "renamed":
            return f"{path} seems to be {now} now ({one['like']}); read by {where}."
        case "retyped":
            return f"{path} is {now} and was {was}; read by {where}."
        case "code":
            return f"{path} has the code {now}, which no list has, {one['rows']} times; read by {where}."
        case _:
            is_empty = "is sent empty" if now == "empty" else "is not sent any more"
            return f"{path} {is_empty} ({was or 'never seen'} before); read by {where}."


def remedy(one: Mapping[str, Any]) -> str:
    """What to do about a drift, in one sentence."""
    name = one["dialect"]
    again = "then lienthong findings replay the submission"
    match one["kind"]:
        case "added":
            return f"map it in {name}.toml if it is needed; nothing is lost, since landing keeps it."
        case "renamed":
            return f'ask the province; if so, write path = "{one["now"]}" there, {again}.'
        case "retyped":
            return f"ask the province; another parser in {name}.toml reads the new form, {again}."
        case "code":
            return f"ask the province what it means and add it to the list in {name}.toml, {again}."
        case _:
            return (
                "ask the province; when it is right, state the policy "
                f'"missing:{one["path"]}" = "accept" in the source\'s file, {again}.'
            )
