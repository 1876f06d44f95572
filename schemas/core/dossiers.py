"""Dossiers: every landed row with its disposition."""

from __future__ import annotations

from schemas import types as t
from schemas.contract import About, Contract, Field, Key, Privacy


class Dossiers(Contract):
    """Versions of dossiers as received, one per landed row.

    Grain: one row per landed row, whatever its disposition; unreadable rows have only their
    place and digest. A baseline record counts as a dossier of one version.
    """

    info = About(
        noun="dossiers",
        title_vi="Hồ sơ thủ tục hành chính",
        title_en="Dossiers",
        version="1.0",
        owner="Văn phòng Chính phủ",
        legal_basis="NĐ 118/2025/NĐ-CP; NĐ 224/2026/NĐ-CP",
        retention="10 years",
    )

    submission_id = Field(t.Code, "Submission that brought the row.", privacy=Privacy.INTERNAL, required=True)
    object_no = Field(t.Count, "Object within the submission.", privacy=Privacy.INTERNAL, required=True)
    row_no = Field(t.Count, "Row within the object, from 1.", privacy=Privacy.INTERNAL, required=True)
    feed_id = Field(t.Code, "Feed the submission was pulled from.", privacy=Privacy.INTERNAL, required=True)
    province_code = Field(t.ProvinceCode, "Province that sent it.", privacy=Privacy.INTERNAL, required=True)
    register_name = Field(t.RegisterName, "Register its procedure belongs to.", privacy=Privacy.INTERNAL, required=True)
    disposition = Field(t.Disposition, "What became of the row.", privacy=Privacy.INTERNAL, required=True)
    content_digest = Field(t.Digest, "Digest of the canonical content.", privacy=Privacy.IDENTIFIER, required=True)
    dossier_code = Field(t.DossierCode, "Code of the dossier.", privacy=Privacy.PERSONAL)
    sequence = Field(t.Sequence, "Version at the source.", privacy=Privacy.INTERNAL)
    updated_at = Field(t.Instant, "Changed at the source.", privacy=Privacy.INTERNAL)
    received_at = Field(t.Instant, "Received by us.", privacy=Privacy.INTERNAL, required=True)
    procedure_code = Field(t.ProcedureCode, "Procedure.", privacy=Privacy.INTERNAL)
    field_code = Field(t.FieldCode, "Field of administration.", privacy=Privacy.INTERNAL)
    status = Field(t.DossierStatus, "Status.", privacy=Privacy.INTERNAL)
    channel = Field(t.Channel, "Channel it was filed through.", privacy=Privacy.INTERNAL)
    applicant_type = Field(t.ApplicantType, "Kind of applicant.", privacy=Privacy.INTERNAL)
    applicant_name = Field(t.HolderName, "Subject of the dossier.", privacy=Privacy.PERSONAL)
    applicant_id_kind = Field(t.IdKind, "Kind of the applicant's identifier.", privacy=Privacy.INTERNAL)
    applicant_id = Field(t.IdNumber, "Applicant's identifier.", privacy=Privacy.IDENTIFIER)
    submitted_at = Field(t.Instant, "Filed by the applicant.", privacy=Privacy.INTERNAL)
    accepted_at = Field(t.Instant, "Accepted at the counter (NgayTiepNhan).", privacy=Privacy.INTERNAL)
    due_at = Field(t.Instant, "Appointed for the result.", privacy=Privacy.INTERNAL)
    finished_at = Field(t.Instant, "Processing finished: the decision.", privacy=Privacy.INTERNAL)
    returned_at = Field(t.Instant, "Result handed over.", privacy=Privacy.INTERNAL)
    refused_at = Field(t.Instant, "Refused.", privacy=Privacy.INTERNAL)
    result_text = Field(t.Text, "Result as sent (ThongTinTra).", privacy=Privacy.PERSONAL)
    withdrawn_at = Field(t.Instant, "Approval withdrawn.", privacy=Privacy.INTERNAL)
    withdrawn_basis = Field(t.Text, "Basis of the withdrawal.", privacy=Privacy.PERSONAL)

    key = Key((submission_id, object_no, row_no), aggregate=3)
