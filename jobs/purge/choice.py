"""The places that an erasure names: of dossiers, of whole submissions, of single rows."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from pyspark.sql import functions as F
from sqlalchemy import Engine

from jobs import ops, session
from jobs.errors import UsageFault
from jobs.lake import live
from jobs.ops import erasures, submissions
from jobs.ops.erasures import REFUSED, Places, ranged, rows_of
from jobs.settings import Settings
from schemas.core.findings import Findings
from schemas.core.landed import PLACE
from schemas.registry import ROWS

_Place = tuple[str, str, int]


def places_of(
    settings: Settings,
    *,
    dossiers: Sequence[str] | None = None,
    submission_ids: Sequence[str] | None = None,
    rows: Sequence[str] | None = None,
) -> Places:
    """Places of every landed row of some dossiers, of some submissions, and of rows by reference.

    Args:
        settings: Names the stores.
        dossiers: Dossier codes, or ids of documents, as sent.
        submission_ids: Submissions; their refused files are places too.
        rows: References ``submission/object/row``.

    Raises:
        UsageFault: One of them is unknown, or all that is named is erased already; none is looked up in part.
    """
    engine = ops.engine(settings)
    named = {
        *_of_dossiers(settings, engine, dossiers or ()),
        *(place for name in submission_ids or () for place in _of_submission(engine, name)),
        *(_of_reference(engine, reference) for reference in rows or ()),
    }
    if not named:
        raise UsageFault("Nothing was named.", "name dossiers, submissions or rows.")
    erased = {place for one in erasures.listed(engine) for place in rows_of(one.places)}
    if not named - erased:
        raise UsageFault(
            "All that is named is erased already.", "lienthong purge --list tells by what basis."
        )
    return _grouped(named - erased)


def joined(places: Places, others: Places) -> Places:
    """The places of both."""
    return _grouped({*rows_of(places), *rows_of(others)})


def _grouped(found: Collection[_Place]) -> Places:
    grouped: dict[str, dict[str, set[int]]] = {}
    for submission, number, row in found:
        grouped.setdefault(submission, {}).setdefault(number, set()).add(row)
    return {
        submission: {number: ranged(mine) for number, mine in sorted(objects.items())}
        for submission, objects in sorted(grouped.items())
    }


def _of_dossiers(settings: Settings, engine: Engine, codes: Collection[str]) -> Iterator[_Place]:
    """Rows of any disposition whose dossier or document has one of the codes, as it was sent."""
    if not codes:
        return
    spark, seen = session.connect(settings), set()
    named = {contract.dataset(): code for contract, code in ROWS.items()}
    for dataset, code in (*named.items(), (Findings.dataset(), "dossier_code")):
        rows = live.conformed(spark, engine, dataset).where(F.col(code).isin(*codes))
        for row in rows.select(F.col(code).alias("code"), *PLACE).collect():
            seen.add(row.code)
            yield row.submission_id, str(row.object_no), row.row_no
    if unknown := sorted(set(codes) - seen):
        raise UsageFault(
            f"{len(unknown)} of the {len(set(codes))} dossiers are unknown.",
            "write the codes as lienthong explain shows them; what is not conformed yet is not found.",
        )


def _of_submission(engine: Engine, submission_id: str) -> Iterator[_Place]:
    submission = submissions.get(engine, submission_id)
    if submission is None or submission.manifest is None:
        raise UsageFault(f"There is no sealed submission {submission_id}.", "lienthong explain prints them.")
    for entry in submission.manifest["objects"]:
        yield from ((submission_id, str(entry["no"]), row) for row in range(1, entry["rows"] + 1))
    for number in range(1, len(submission.manifest["refused"]) + 1):
        yield submission_id, f"{REFUSED}{number}", 1


def _of_reference(engine: Engine, reference: str) -> _Place:
    submission_id, _, rest = reference.partition("/")
    number, _, row = rest.partition("/")
    submission = submissions.get(engine, submission_id)
    entries = (submission.manifest or {"objects": []})["objects"] if submission else []
    rows = next((entry["rows"] for entry in entries if str(entry["no"]) == number), 0)
    if not (row.isdecimal() and row.isascii() and 1 <= int(row) <= rows):
        raise UsageFault(f"There is no landed row {reference}.", "lienthong findings list shows references.")
    return submission_id, number, int(row)
