"""Landed rows as a story: where they came from and what was decided on them, batch by batch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from jobs.conform.placing import fault_of, value_of
from jobs.landing import manifests
from jobs.landing.decoding import NamedTwice, canonical_json
from jobs.landing.shaping import shaped
from jobs.landing.texts import composed, document, text_of
from jobs.ops.batches import Batch
from jobs.ops.submissions import Submission
from schemas import dialect as dialects
from schemas.contract import Contract
from schemas.core.dossiers import Dossiers
from schemas.core.landed import PLACE
from schemas.dialect import Dialect
from schemas.messages import message
from schemas.ops import corrections
from schemas.procedures import BY_CODE

Row = Mapping[str, Any]
Place = tuple[str, int, int]
_SHOWN = (
    *(*PLACE, "feed_id", "province_code", "register_name", "received_at"),
    *("dossier_code", "procedure_code", "sequence", "status", "updated_at", "accepted_at", "finished_at"),
    *("refused_at", "withdrawn_at", "withdrawn_basis", "corrected_at", "correction_basis", "content_digest"),
)


def place_of(row: Row) -> Place:
    """Submission, object and row."""
    return row["submission_id"], row["object_no"], row["row_no"]


def landed(
    rows: Iterable[Row],
    findings: Iterable[Row],
    conforms: Mapping[int, Batch],
    submissions: Mapping[str, Submission],
    retractions: Mapping[str, Mapping[str, Any]],
    contract: type[Contract] = Dossiers,
    names: Sequence[str] = _SHOWN,
) -> list[dict[str, Any]]:
    """Each landed row once, in landing order, with its object, its checks and its dispositions.

    A row whose code could not be read has none in its dataset; its finding tells of it.
    """
    by_place: dict[Place, dict[int, Row]] = {}
    reasons: dict[tuple[Place, int], list[Row]] = {}
    for finding in findings:
        place, batch = place_of(finding), finding["batch_id"]
        reasons.setdefault((place, batch), []).append(finding)
        if finding["effect"] == "quarantine":
            by_place.setdefault(place, {})[batch] = {**finding, "disposition": "quarantined"}
    for row in rows:
        by_place.setdefault(place_of(row), {})[row["batch_id"]] = row
    firsts: dict[str, Place] = {}
    told = []
    for place in sorted(by_place, key=lambda place: (submissions[place[0]].number, *place[1:])):
        decided = by_place[place]
        last = decided[max(decided)]
        first = firsts.setdefault(last["content_digest"], place)
        told.append(
            {
                **{name: last.get(name) for name in names},
                "procedure": _title(last.get("procedure_code")),
                "object_key": object_key(submissions, place),
                "retraction": retractions.get(place[0]),
                "same_content_as": None if first == place else _reference(first),
                "checks": _checks(last, contract),
                "dispositions": _decisions(place, decided, reasons, conforms, _dialect(submissions, place)),
            }
        )
    return told


def _reference(place: Place) -> str:
    submission, number, row = place
    return f"{submission} object {number} row {row}"


def _title(code: str | None) -> str | None:
    procedure = BY_CODE.get(code or "")
    return f"{procedure.title_vi} ({procedure.title_en})" if procedure else None


def object_key(submissions: Mapping[str, Submission], place: Place) -> str | None:
    """Key of the landed object that a row is in."""
    manifest = submissions[place[0]].manifest or {"objects": []}
    return next((entry["key"] for entry in manifest["objects"] if entry["no"] == place[1]), None)


def _dialect(submissions: Mapping[str, Submission], place: Place) -> str | None:
    """The dialect that a row's object is in."""
    manifest = submissions[place[0]].manifest or {"objects": []}
    found = (manifests.dialect_of(manifest, e) for e in manifest["objects"] if e["no"] == place[1])
    return next(found, None)


def _checks(row: Row, contract: type[Contract]) -> dict[str, int]:
    """Number of rules that a row was checked by, by dataset."""
    procedure = BY_CODE.get(row.get("procedure_code") or "")
    touched = [effect.dataset for effect in procedure.effects] if procedure else []
    contracts: list[type[Contract]] = [contract, *dict.fromkeys(touched)]
    return {one.info.noun: len(one.rules) for one in contracts}


def _decisions(
    place: Place,
    decided: Mapping[int, Row],
    reasons: Mapping[tuple[Place, int], Sequence[Row]],
    conforms: Mapping[int, Batch],
    dialect: str | None,
) -> list[dict[str, Any]]:
    """Dispositions in order; a batch that decided as the one before is only counted.

    ``mapping`` is the digest of what the dialect's file stated then; None in batches from before it was kept.
    """
    told: list[dict[str, Any]] = []
    for batch in sorted(decided):
        found = [code for one in reasons.get((place, batch), ()) for code in one["codes"].split(",")]
        words = (decided[batch]["disposition"], sorted(found))
        if told and (told[-1]["disposition"], [one["code"] for one in told[-1]["reasons"]]) == words:
            told[-1]["again_in"].append(batch)
            continue
        told.append(
            {
                "batch_id": batch,
                "at": conforms[batch].at,
                "disposition": words[0],
                "reasons": messages(words[1]),
                "gate": _verdict(conforms[batch], place[0]),
                "mapping": conforms[batch].plan.get("mappings", {}).get(dialect),
                "again_in": [],
            }
        )
    return told


def _verdict(batch: Batch, submission: str) -> dict[str, Any] | None:
    """What the gate said of the row's submission; None where it was not asked."""
    for one in (batch.result or {}).get("gate", ()):
        if one["submission_id"] == submission:
            failed = messages(entry["code"] for entry in one["failed"])
            return {"verdict": one["verdict"], "failed": failed}
    return None


def messages(codes: Iterable[str]) -> list[dict[str, str]]:
    """Codes with their Vietnamese and English words."""
    known = [message(code) for code in codes]
    return [{"code": one.code, "vi": one.vi, "en": one.en, "effect": one.effect} for one in known]


def corrections_of(
    engine: sa.Engine, told: Iterable[Mapping[str, Any]], findings: Iterable[Row]
) -> list[dict[str, Any]]:
    """Stewards' corrections of the contents of rows."""
    content = [row["content_digest"] for row in told]
    query = sa.select(corrections).where(corrections.c.content_digest.in_(content))
    with engine.connect() as connection:
        rows = connection.execute(query.order_by(corrections.c.correction_id)).mappings()
        return corrected([dict(row) for row in rows], findings)


def corrected(made: Iterable[Row], findings: Iterable[Row]) -> list[dict[str, Any]]:
    """Stewards' corrections, with the value as it was ``sent`` where a finding kept the row.

    ``fault`` tells why one has no effect from now on: the mapping has no such field, no place of it has such
    a text, or the row no such item.
    """
    raw = {one["content_digest"]: one["raw"] for one in findings if one["raw"]}
    told = []
    for one in made:
        name, _, path = one["path"].partition(":")
        dialect = dialects.load(name) if name in dialects.names() else None
        record = _record(raw.get(one["content_digest"]), dialect)
        value = None if record is None or dialect is None else value_of(dialect, path, record)
        fault = fault_of(one["path"], one["new_text"], record)
        told.append({**one, "sent": text_of(value), "fault": fault})
    return told


def _record(raw: str | None, dialect: Dialect | None) -> Mapping[str, Any] | None:
    """A row as received, shaped; None where it is not kept, or no record."""
    record = None if raw is None else document(raw, None)
    if raw is None or dialect is None or not isinstance(record, dict):
        return None
    try:
        return shaped(composed(record, canonical_json(record)), dialect.shapings)
    except NamedTwice:
        return None
