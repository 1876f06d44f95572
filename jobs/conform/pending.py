"""What a conform batch takes: what is sealed and new, what was named, and what a retraction changed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import reduce

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from sqlalchemy import Engine

from jobs import session
from jobs.errors import Refused, UsageFault
from jobs.lake import rows as live_rows
from jobs.landing import manifests
from jobs.ops import batches, erasures, submissions
from jobs.ops.submissions import Submission
from jobs.settings import Settings
from schemas import dialect as dialects
from schemas.reading import DialectError


def pending(
    settings: Settings, engine: Engine, named: Sequence[str] | None
) -> tuple[list[str], list[dict[str, str]]]:
    """Submissions to conform, and those that wait with the reason: their dialect, or that of one of theirs.

    A submission that was retracted, restored or erased from since it was conformed is taken with all that
    share a dossier or a content with it; where one of them cannot be read, they wait together.

    So is a submission with all of its province that came after it and were conformed before it: which of
    two equal rows is the duplicate, and which feed speaks for a dossier, follows from the landing order.

    Raises:
        Refused: Each that was named waits.
        UsageFault: A submission that was named is not known, has no manifest, or has a dialect that is gone.
    """
    everything = {one.submission_id: one for one in submissions.listed(engine)}
    require_sealed(everything, named or ())
    wanted = named or [one.submission_id for one in submissions.unconformed(engine)]
    gone = _gone(everything)
    for name in wanted if named else ():
        if name in gone:
            raise UsageFault(f"{name} cannot be read: {gone[name]}.")
    groups = [
        *([name] for name in wanted),
        *([name] for name in _overturned(engine)),
        *(_touched(settings, engine, everything[name]) for name in _unsettled(engine, everything)),
        *_overtaken(engine, everything, [name for name in wanted if name not in gone]),
    ]
    waiting: dict[str, str] = {}
    chosen: list[str] = []
    for together in _joined(groups):
        unread = sorted(together & gone.keys())
        if unread:
            waiting |= {name: gone.get(name, f"it waits for {unread[0]}") for name in together}
        else:
            chosen += together
    if named and waiting.keys() >= set(named):
        raise Refused(
            f"{named[0]} waits: {waiting[named[0]]}.", "lienthong sync --plan tells why each waits."
        )
    return sorted(chosen), [{"source": name, "reason": reason} for name, reason in sorted(waiting.items())]


def overturned(engine: Engine) -> list[str]:
    """Conformed submissions with versions that a later batch has shown in another light; none that waits."""
    everything = {one.submission_id: one for one in submissions.listed(engine)}
    return sorted(set(_overturned(engine)) - _gone(everything).keys())


def _overturned(engine: Engine) -> list[str]:
    conformed = batches.live_conforms(engine)
    return [name for name, number in batches.overturned(engine).items() if conformed[name] <= number]


def _gone(everything: Mapping[str, Submission]) -> dict[str, str]:
    """Submissions that cannot be read, with the reason."""
    spoken = {name: dialects_of(one) for name, one in everything.items()}
    faults = {name: fault for name in set().union(*spoken.values()) if (fault := _fault_of(name))}
    unread = {name: sorted(mine & faults.keys()) for name, mine in spoken.items()}
    return {name: faults[those[0]] for name, those in unread.items() if those}


def _joined(groups: Iterable[Collection[str]]) -> list[set[str]]:
    """Groups without a common member: those that have one are one.

    >>> [sorted(one) for one in _joined(["a", "b", "cd", "bd"])]
    [['a'], ['b', 'c', 'd']]
    """
    found: list[set[str]] = []
    for group in groups:
        mine = set(group).union(*(one for one in found if not one.isdisjoint(group)))
        found = [*(one for one in found if one.isdisjoint(group)), mine]
    return found


def _overtaken(
    engine: Engine, everything: Mapping[str, Submission], chosen: Sequence[str]
) -> list[list[str]]:
    """Of each province what is conformed late, with what came after it and is conformed already."""
    conformed = set(batches.live_conforms(engine))
    late: dict[str, list[Submission]] = {}
    for name in chosen:
        if name not in conformed:
            late.setdefault(everything[name].province_code, []).append(everything[name])
    groups = []
    for province, mine in sorted(late.items()):
        first = min(one.number for one in mine)
        known = [everything[name] for name in sorted(conformed)]
        theirs = [one for one in known if one.province_code == province]
        after = [one.submission_id for one in theirs if one.number > first]
        groups += [[*(one.submission_id for one in mine), *after]] if after else []
    return groups


def require_sealed(everything: Mapping[str, Submission], named: Sequence[str]) -> None:
    """Refuses names that cannot be conformed before anything is planned: a plan must be carried out.

    Raises:
        UsageFault: There is no such submission, or nothing was landed for it; the first is named.
    """
    for name in sorted(named):
        if name not in everything:
            raise UsageFault(f"There is no submission {name}.", "lienthong explain prints them.")
        if everything[name].manifest is None:
            raise UsageFault(
                f"{name} is {everything[name].state}, not sealed.",
                "name a sealed submission; lienthong explain prints them.",
            )


def dialects_of(one: Submission) -> set[str]:
    """Names of the dialects that a submission's objects are in."""
    manifest = one.manifest or {"objects": []}
    return {manifests.dialect_of(manifest, entry) for entry in manifest["objects"]}


def _fault_of(name: str) -> str | None:
    """Why nothing can be read in a dialect; None where it can."""
    if name not in dialects.names():
        return f"its dialect {name} is gone; put schemas/dialects/{name}.toml back"
    try:
        dialects.load(name)
    except DialectError as error:
        return f"its dialect {name} cannot be used; {error}"
    return None


def _unsettled(engine: Engine, everything: Mapping[str, Submission]) -> list[str]:
    """Submissions that were retracted, restored or erased from since they were conformed last."""
    newest: dict[str, tuple[bool, int]] = {}
    for number, plan in batches.conform_plans(engine):
        retracted = set(plan.get("retracted", ()))
        newest |= {name: (name in retracted, number) for name in plan["submissions"]}
    rewritten = [one for one in erasures.listed(engine) if one.state == erasures.REWRITTEN]
    read_by = {name: one.upto for one in sorted(rewritten, key=lambda one: one.upto) for name in one.places}
    return [
        name
        for name, (was_retracted, number) in sorted(newest.items())
        if (everything[name].state == "retracted") != was_retracted or number <= read_by.get(name, 0)
    ]


def _touched(settings: Settings, engine: Engine, one: Submission) -> list[str]:
    """A submission, and those of its province that share a dossier, a document or a content with it."""
    rows = live_rows.conformed(session.connect(settings), engine)
    rows = rows.where(F.col("province_code") == one.province_code)
    mine = rows.where(F.col("submission_id") == one.submission_id)
    others = [
        rows.join(F.broadcast(mine.select(name).distinct()), name, "left_semi").select("submission_id")
        for name in ("code", "content_digest")
    ]
    found = reduce(DataFrame.unionAll, others).distinct().collect()
    return sorted({one.submission_id, *(row.submission_id for row in found)})
