"""The history of a feed as the gate sees it: profiles of accepted submissions in committed batches."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from jobs.ops.batches import Batch
from jobs.quality.profiles import ROW_NOUNS

Profile = Mapping[str, Any]


def history(
    conforms: Sequence[Batch], *, before: int, retracted: Collection[str] = ()
) -> dict[str, list[Profile]]:
    """Profiles of rows by feed in the order of their submissions; refused and retracted ones left out.

    The newest conform of a submission speaks for it. Batches from ``before`` on are not seen, so a
    batch that is carried out again sees what it saw at first.
    """
    seen = [batch for batch in conforms if batch.batch_id < before]
    newest = {
        profile["submission_id"]: profile
        for batch in seen
        for profile in (batch.result or {}).get("profiles", ())
        if profile["dataset"] in ROW_NOUNS
    }
    left_out = {name for name, told in verdicts(seen).items() if told["verdict"] == "refused"}
    found: dict[str, list[Profile]] = {}
    for name, profile in newest.items():
        if name not in left_out and name not in retracted:
            found.setdefault(profile["feed_id"], []).append(profile)
    return {feed: sorted(every, key=lambda one: int(one["sequence"])) for feed, every in found.items()}


def verdicts(conforms: Sequence[Batch]) -> dict[str, Mapping[str, Any]]:
    """What the gate said of each submission when it was conformed last; a retracted one is not judged."""
    newest: dict[str, Mapping[str, Any]] = {}
    for batch in conforms:
        judged = {told["submission_id"]: told for told in (batch.result or {}).get("gate", ())}
        for name in batch.plan["submissions"]:
            newest.pop(name, None)
        newest |= judged
    return newest


def of_submission(known: Mapping[str, Sequence[Profile]], profile: Profile) -> list[Profile]:
    """What was accepted of the feed before the submission."""
    return [one for one in known.get(profile["feed_id"], ()) if one["sequence"] < profile["sequence"]]
