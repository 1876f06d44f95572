"""The story of a document between agencies: its messages, its history, the documents it is linked with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pyspark.sql import functions as F
from sqlalchemy import Engine

from jobs.documents.history import Place, Step, history
from jobs.documents.read import are_there, messages
from jobs.explain import rows as landing
from jobs.explain.lake import Lake, Row, together
from jobs.ops import submissions
from schemas.core.documents import Documents
from schemas.core.landed import PLACE

_SHOWN = (
    *(*PLACE, "feed_id", "province_code", "register_name", "received_at"),
    *("message_kind", "business_kind", "document_id", "from_organ_id", "code_number", "code_notation"),
    *("promulgation_date", "subject", "response_document_id", "status_code", "status_at", "sent_at"),
    *("attachments", "is_signed", "content_digest"),
)
_LINKED = ("document_id", "from_organ_id", "code_number", "code_notation", "promulgation_date")


def explained(lake: Lake, engine: Engine, key: str) -> dict[str, Any] | None:
    """The whole way of a document; None where no message is about one of that id.

    Returns:
        ``rows`` and ``corrections`` as of a dossier; ``history`` with ``document`` (reference of the message
        that has it), ``is_revoked``, ``steps`` and ``current`` by receiver; ``answers``, the documents that
        it answers, with ``is_known``; ``answered_by``, the documents that answer it.
    """
    if not are_there(engine):
        return None
    known = {one.submission_id: one for one in submissions.listed(engine)}
    is_mine = F.col("document_id") == key
    rows, findings = together(
        lambda: lake.documents(is_mine), lambda: lake.findings(F.col("dossier_code") == key)
    )
    findings = [one for one in findings if one["procedure_code"] is None and one["register_name"] == "none"]
    if not rows and not findings:
        return None
    retractions = submissions.retractions(engine)
    told = landing.landed(rows, findings, lake.conforms, known, retractions, Documents, _SHOWN)
    live = messages(lake.spark, engine)
    is_document = F.col("message_kind") == "document"
    standing, answering = together(
        lambda: live.where(is_mine).toArrow().to_pylist(),
        lambda: live.where(is_document & (F.col("response_document_id") == key)).toArrow().to_pylist(),
    )
    asked = sorted({one["response_document_id"] for one in standing if _answers(one)})
    found = live.where(is_document & F.col("document_id").isin(*asked)).toArrow().to_pylist() if asked else []
    return {
        "key": key,
        "kind": "document",
        "rows": told,
        "corrections": landing.corrections_of(engine, told, findings),
        "history": _history(standing),
        "answers": [{"document_id": one, "is_known": one in _ids(found)} for one in asked],
        "answered_by": _linked(answering),
    }


def _answers(one: Row) -> bool:
    return one["message_kind"] == "document" and one["response_document_id"] is not None


def _ids(found: Iterable[Row]) -> set[str]:
    return {one["document_id"] for one in found}


def _linked(found: Iterable[Row]) -> list[dict[str, Any]]:
    """Documents once each, in order of their ids."""
    newest = {one["document_id"]: {name: one[name] for name in _LINKED} for one in found}
    return [newest[name] for name in sorted(newest)]


def _history(standing: Iterable[Row]) -> dict[str, Any]:
    told = history(standing)
    return {
        "document": _reference(told.document),
        "is_revoked": told.is_revoked,
        "steps": [_step(one) for one in told.steps],
        "current": dict(sorted(told.current.items())),
    }


def _step(one: Step) -> Mapping[str, Any]:
    return {
        "reference": _reference(one.place),
        "receiver": one.receiver,
        "code": one.code,
        "at": one.at,
        "is_repeated": one.is_repeated,
        "reasons": landing.messages([one.hold] if one.hold else []),
    }


def _reference(place: Place | None) -> str | None:
    return None if place is None else "/".join(map(str, place))
