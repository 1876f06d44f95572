"""Conforming again what was conformed before: after a correction, a rule, a mapping or a retraction."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pyspark.sql import functions as F

from jobs import ops, session
from jobs.conform import run as conforming
from jobs.conform.pending import require_sealed
from jobs.conform.placing import require_place
from jobs.errors import UsageFault
from jobs.findings import showing
from jobs.findings.standing import Wanted, standing
from jobs.lake import rows as live_rows
from jobs.ops import batches, corrections, overrules
from jobs.quality.history import verdicts
from jobs.settings import Settings


def correct(
    settings: Settings,
    *,
    content_digest: str,
    path: str,
    new_text: str | None,
    reason: str,
    basis: str,
    by: str,
    at: datetime,
) -> int:
    """Records a steward's correction of a value; nothing changes until the row is replayed.

    Args:
        settings: Names the stores.
        content_digest: The content it corrects, which a duplicate shares.
        path: ``dialect:header_field`` or ``dialect:group[i].attribute``.
        new_text: What the source should have sent; None for nothing at all.
        reason: Why.
        basis: The document that it rests on.
        by: Name of the steward.
        at: Instant.

    Raises:
        UsageFault: No row has that content, the dialect has no such field, or no place of it has such a text.
    """
    require_place(path, new_text)
    _require_landed(settings, content_digest)
    return corrections.add(
        ops.engine(settings),
        content_digest=content_digest,
        path=path,
        new_text=new_text,
        reason=reason,
        basis=basis,
        by=by,
        at=at,
    )


def _require_landed(settings: Settings, content_digest: str) -> None:
    if not submissions_with(settings, [content_digest]):
        raise UsageFault(
            f"No landed row has the content {content_digest[:16]}….",
            "lienthong findings list shows them.",
        )


def withdraw(settings: Settings, correction_id: int, *, reason: str, by: str, at: datetime) -> None:
    """Takes a correction back; nothing changes until the row is replayed."""
    corrections.withdraw(ops.engine(settings), correction_id, reason=reason, by=by, at=at)


def submissions_with(settings: Settings, digests: Sequence[str]) -> list[str]:
    """Submissions in which a content was landed, in landing order."""
    rows = live_rows.conformed(session.connect(settings), ops.engine(settings))
    found = rows.where(F.col("content_digest").isin(*digests)).select("submission_id").distinct().collect()
    return sorted(row.submission_id for row in found)


def submissions_of(settings: Settings, names: Sequence[str]) -> list[str]:
    """Submissions that are named by their id, by the reference of a row, or by that of a held fact.

    Raises:
        UsageFault: There is no such row.
    """
    for name in names:
        if "/" in name:
            showing.require_row(settings, name)
    facts = [name for name in names if re.fullmatch(r"[0-9a-f]{32}", name)]
    rows = standing(settings, Wanted(references=facts)).select("submission_id") if facts else None
    held = [row.submission_id for row in rows.distinct().collect()] if rows is not None else []
    return sorted({*held, *(name.partition("/")[0] for name in names if name not in facts)})


@dataclass(frozen=True, slots=True)
class Acceptance:
    """A person lets refused submissions pass the gate."""

    by: str
    reason: str


def replay(
    settings: Settings,
    *,
    at: datetime,
    submission_ids: Sequence[str] = (),
    digests: Sequence[str] = (),
    acceptance: Acceptance | None = None,
) -> dict[str, Any]:
    """Conforms submissions again under today's rules, mappings and corrections; merge follows as usual.

    A row keeps its place in the order of its dossier's versions, so a replayed version that is
    behind a newer one changes history only. A second replay changes nothing.

    Args:
        settings: Names the stores.
        at: Instant.
        submission_ids: Submissions to replay.
        digests: Contents whose submissions are replayed.
        acceptance: Who lets the named submissions pass the gate, and why; it holds for later replays too.

    Raises:
        UsageFault: Nothing was named, a submission is not known or was not sealed, or none stands refused.
    """
    chosen = sorted({*submission_ids, *(submissions_with(settings, digests) if digests else [])})
    if not chosen:
        raise UsageFault("Nothing to replay.", "name submissions, or contents that were landed.")
    known = {one.submission_id: one for one in ops.submissions.listed(ops.engine(settings))}
    require_sealed(known, chosen)
    if acceptance is not None:
        _accept(settings, chosen, acceptance, at)
    return conforming.run(settings, at=at, submission_ids=chosen)


def _accept(settings: Settings, chosen: Sequence[str], acceptance: Acceptance, at: datetime) -> None:
    """Records the acceptance of those that stand refused and were not accepted before."""
    engine = ops.engine(settings)
    known = overrules.active(engine)
    told = verdicts(batches.committed(engine, "conform"))
    standing = [name for name in chosen if name in told and told[name]["verdict"] == "refused"]
    if not standing and not known & set(chosen):
        raise UsageFault("None of these submissions was refused at the gate.", "leave --accept-gate out.")
    for name in standing:
        if name not in known:
            overrules.add(engine, name, reason=acceptance.reason, by=acceptance.by, at=at)
