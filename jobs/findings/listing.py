"""The list of findings: references, codes and counts, and no record's value."""

from __future__ import annotations

from typing import Any

from pyspark.sql import functions as F

from jobs import ops, session
from jobs.findings.drifts import of_submissions, remedy, words
from jobs.findings.standing import Wanted, standing
from jobs.ops import batches
from jobs.quality.history import verdicts
from jobs.settings import Settings
from schemas.messages import message

SHOWN = (
    *("reference", "effect", "province_code", "feed_id", "register_name", "procedure_code", "codes"),
    "noted_at",
)


@session.checkpoints()
def listed(settings: Settings, wanted: Wanted, *, limit: int) -> dict[str, Any]:
    """Findings that stand now.

    Returns:
        ``total`` findings, ``codes`` with their words and number of findings, ``statuses`` that no mapping
        knows, by feed, where they are short codes, ``refused`` submissions with what the gate said, and the
        first ``findings`` in the order of province and reference.
    """
    found = session.checkpoint(standing(settings, wanted).select(*SHOWN, "status_code"))
    counts = found.select(F.explode(F.split("codes", ",")).alias("code"), "effect").groupBy("code").count()
    unknown = found.where(F.col("status_code").isNotNull()).groupBy("feed_id", "status_code").count()
    shown = found.drop("status_code").orderBy("province_code", "reference", "effect").limit(limit)
    return {
        "total": found.count(),
        "codes": sorted(
            (_counted(row.code, row["count"]) for row in counts.collect()),
            key=lambda one: (-int(one["findings"]), str(one["code"])),
        ),
        "statuses": [
            {"feed_id": row.feed_id, "status": row.status_code, "findings": row["count"]}
            for row in unknown.orderBy("feed_id", "status_code").collect()
        ],
        "refused": refused(settings, wanted),
        "findings": [
            {**row, "codes": row["codes"].split(","), "noted_at": row["noted_at"].isoformat()}
            for row in shown.toArrow().to_pylist()
        ],
    }


def _counted(code: str, number: int) -> dict[str, Any]:
    words = message(code)
    return {"code": code, "findings": number, "effect": words.effect, "vi": words.vi, "en": words.en}


def refused(settings: Settings, wanted: Wanted) -> list[dict[str, Any]]:
    """Submissions that stand refused, with the words of every expectation that they failed.

    What they send otherwise than before is told with its remedy.
    """
    engine = ops.engine(settings)
    shown = of_submissions(engine)
    known = {one.submission_id: one for one in ops.submissions.listed(engine)}
    told = []
    for name, verdict in sorted(verdicts(batches.committed(engine, "conform")).items()):
        one = known[name]
        is_wanted = wanted.feed in (None, one.feed_id) and wanted.province in (None, one.province_code)
        if verdict["verdict"] == "refused" and is_wanted:
            failed = [_explained(entry) for entry in verdict["failed"]]
            shape = [{**entry, "en": words(entry), "remedy": remedy(entry)} for entry in shown.get(name, ())]
            told.append(
                {
                    "submission_id": name,
                    "province_code": one.province_code,
                    "failed": failed,
                    "drift": [entry for entry in shape if entry["level"] == "refuse"],
                }
            )
    return told


def _explained(entry: dict[str, Any]) -> dict[str, Any]:
    words = message(entry["code"])
    return {**entry, "vi": words.vi, "en": words.en}
