"""Findings: what is wrong with rows, for the sender and the steward."""

from __future__ import annotations

from schemas import types as t
from schemas.contract import About, Contract, DomainType, Field, Key, Kind, Privacy


class Findings(Contract):
    """Quarantined and unreadable rows with all reason codes, and notes on accepted rows.

    Grain: one row per landed row and effect. Held facts have the same form in the curated layer.
    """

    info = About(
        noun="findings",
        title_vi="Lỗi dữ liệu",
        title_en="Findings",
        version="1.0",
        owner="Cơ quan vận hành",
        legal_basis="NĐ 194/2025/NĐ-CP",
        retention="5 years",
    )

    submission_id = Field(t.Code, "Submission.", privacy=Privacy.INTERNAL, required=True)
    object_no = Field(t.Count, "Object within the submission.", privacy=Privacy.INTERNAL, required=True)
    row_no = Field(t.Count, "Row within the object.", privacy=Privacy.INTERNAL, required=True)
    effect = Field(t.Code, "quarantine, hold or note.", privacy=Privacy.INTERNAL, required=True)
    feed_id = Field(t.Code, "Feed.", privacy=Privacy.INTERNAL, required=True)
    province_code = Field(t.ProvinceCode, "Province that sent it.", privacy=Privacy.INTERNAL, required=True)
    register_name = Field(t.RegisterName, "Register.", privacy=Privacy.INTERNAL, required=True)
    dossier_code = Field(
        t.Text, "Code of the dossier, or id of the document, as sent.", privacy=Privacy.PERSONAL
    )
    procedure_code = Field(t.Text, "Procedure as sent.", privacy=Privacy.INTERNAL)
    codes = Field(t.Codes, "All reason codes.", privacy=Privacy.INTERNAL, required=True)
    content_digest = Field(
        t.Digest, "Digest of the canonical content.", privacy=Privacy.IDENTIFIER, required=True
    )
    raw = Field(
        DomainType("raw", Kind.TEXT, "Row as received."),
        "Row as received.",
        privacy=Privacy.IDENTIFIER,
    )
    received_at = Field(t.Instant, "Received by us.", privacy=Privacy.INTERNAL, required=True)
    status_code = Field(
        t.StatusCode, "Status as sent, where it is unknown and a short code.", privacy=Privacy.INTERNAL
    )

    key = Key((submission_id, object_no, row_no, effect), aggregate=4)
