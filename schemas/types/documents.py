"""Documents between agencies and their statuses."""

from __future__ import annotations

from schemas import reference
from schemas.contract import DomainType, Kind

MessageKind = DomainType(
    "message_kind",
    Kind.TEXT,
    "What a message is: a document, or a status of one.",
    values=("document", "status"),
    max_length=8,
    samples=("document",),
)
BusinessKind = DomainType(
    "document_business_kind",
    Kind.TEXT,
    "What a document message does (BussinessDocType 0 to 3).",
    values=("new", "revocation", "update", "replacement"),
    max_length=11,
    source="QCVN 102:2016/BTTTT",
    samples=("new", "update"),
)
DocumentId = DomainType(
    "document_id",
    Kind.TEXT,
    "Id of a document: its agency's id, date and code, or an id of the sender's system.",
    max_length=200,
    source="QCVN 102:2016/BTTTT",
    samples=("H26.01.02,2026/11/02,12/UBND-VP",),
)
StatusCode = DomainType(
    "document_status",
    Kind.TEXT,
    "Status of a document at its receiver.",
    values=tuple(sorted(reference.document_statuses())),
    max_length=2,
    source="QCVN 102:2016/BTTTT; samples of the national document exchange",
    samples=("03",),
)
