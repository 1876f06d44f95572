"""Dossiers: every landed row with its disposition."""

from __future__ import annotations

from schemas import conditions as c
from schemas import reference
from schemas import types as t
from schemas.contract import About, Contract, Field, Key, Privacy, Rule
from schemas.core.landed import Landed
from schemas.lifecycle import APPROVED


class Dossiers(Landed, Contract):
    """Versions of dossiers as received, one per landed row.

    Grain: one row per landed row, whatever its disposition; unreadable rows have only their
    place and digest. A baseline record counts as a dossier of one version.
    """

    info = About(
        noun="dossiers",
        title_vi="Hồ sơ thủ tục hành chính",
        title_en="Dossiers",
        version="2.0",
        owner="Văn phòng Chính phủ",
        legal_basis="NĐ 118/2025/NĐ-CP; NĐ 224/2026/NĐ-CP",
        retention="10 years",
    )

    dossier_code = Field(t.DossierCode, "Code of the dossier.", privacy=Privacy.PERSONAL)
    alt_dossier_code = Field(
        t.ShortText, "Its code in an older system, or its receipt.", privacy=Privacy.PERSONAL
    )
    sequence = Field(t.Sequence, "Version at the source.", privacy=Privacy.INTERNAL)
    updated_at = Field(t.Instant, "Changed at the source.", privacy=Privacy.INTERNAL)
    received_at = Field(t.Instant, "Received by us.", privacy=Privacy.INTERNAL, required=True)
    procedure_code = Field(t.ProcedureCode, "Procedure.", privacy=Privacy.INTERNAL)
    procedure_name = Field(t.Text, "Name of the procedure as sent.", privacy=Privacy.INTERNAL)
    field_code = Field(t.FieldCode, "Field of administration.", privacy=Privacy.INTERNAL)
    field_name = Field(t.Text, "Name of the field as sent.", privacy=Privacy.INTERNAL)
    receiving_org_id = Field(
        t.OrganisationId, "Electronic id of the receiving agency.", privacy=Privacy.INTERNAL
    )
    processing_org = Field(t.Text, "Agency in charge, as sent.", privacy=Privacy.INTERNAL)
    status = Field(t.DossierStatus, "Status.", privacy=Privacy.INTERNAL)
    channel = Field(t.Channel, "Channel it was filed through.", privacy=Privacy.INTERNAL)
    applicant_type = Field(t.ApplicantType, "Kind of applicant.", privacy=Privacy.INTERNAL)
    applicant_name = Field(t.HolderName, "Subject of the dossier.", privacy=Privacy.PERSONAL)
    applicant_id_kind = Field(t.IdKind, "Kind of the applicant's identifier.", privacy=Privacy.INTERNAL)
    applicant_id = Field(t.IdNumber, "Applicant's identifier.", privacy=Privacy.IDENTIFIER)
    applicant_birth_date = Field(
        t.Date, "Applicant's birth date.", privacy=Privacy.PERSONAL, precision="applicant_birth_precision"
    )
    applicant_birth_precision = Field(t.Precision, "Precision of that date.", privacy=Privacy.INTERNAL)
    applicant_sex = Field(t.Sex, "Applicant's sex.", privacy=Privacy.PERSONAL)
    applicant_phone = Field(t.ShortText, "Telephone as sent.", privacy=Privacy.PERSONAL)
    applicant_email = Field(t.ShortText, "E-mail as sent.", privacy=Privacy.PERSONAL)
    applicant_province_code = Field(
        t.Code, "Province of the address, in the source's codes.", privacy=Privacy.PERSONAL
    )
    applicant_district_code = Field(
        t.Code, "District of the address; none since 01/07/2025.", privacy=Privacy.PERSONAL
    )
    applicant_commune_code = Field(
        t.Code, "Commune of the address, in the source's codes.", privacy=Privacy.PERSONAL
    )
    applicant_address = Field(t.Text, "Address as sent.", privacy=Privacy.PERSONAL)
    representative_name = Field(t.HolderName, "Who files for the subject.", privacy=Privacy.PERSONAL)
    summary = Field(t.Text, "Subject matter as sent (TrichYeuHoSo).", privacy=Privacy.PERSONAL)
    submitted_at = Field(t.Instant, "Filed by the applicant.", privacy=Privacy.INTERNAL)
    accepted_at = Field(t.Instant, "Accepted at the counter (NgayTiepNhan).", privacy=Privacy.INTERNAL)
    due_at = Field(t.Instant, "Appointed for the result.", privacy=Privacy.INTERNAL)
    finished_at = Field(t.Instant, "Processing finished: the decision.", privacy=Privacy.INTERNAL)
    returned_at = Field(t.Instant, "Result handed over.", privacy=Privacy.INTERNAL)
    refused_at = Field(t.Instant, "Refused.", privacy=Privacy.INTERNAL)
    days_late = Field(t.DaysLate, "Working days of delay, as the source reckons.", privacy=Privacy.INTERNAL)
    time_limit = Field(t.Count, "Legal time limit, in its unit.", privacy=Privacy.INTERNAL)
    time_limit_unit = Field(t.TimeUnit, "Unit of the time limit.", privacy=Privacy.INTERNAL)
    return_method = Field(
        t.ReturnMethod, "How the result is given: 0 direct, 1 postal.", privacy=Privacy.INTERNAL
    )
    supplements = Field(t.Parts, "Requests for more papers, as sent.", privacy=Privacy.PERSONAL)
    fees = Field(t.Parts, "Fees, as sent.", privacy=Privacy.PERSONAL)
    attachments = Field(t.Parts, "Papers of the dossier by reference, as sent.", privacy=Privacy.PERSONAL)
    is_digitised = Field(t.Flag, "Whether a paper of it was digitised.", privacy=Privacy.INTERNAL)
    is_vneid_verified = Field(t.Flag, "Whether VNeID vouches for who filed it.", privacy=Privacy.INTERNAL)
    is_paid_online = Field(t.Flag, "Whether it was paid for online.", privacy=Privacy.INTERNAL)
    is_deleted = Field(t.Flag, "Whether the source counts it as deleted.", privacy=Privacy.INTERNAL)
    is_migrated = Field(t.Flag, "Whether it came from an older system.", privacy=Privacy.INTERNAL)
    portal_state = Field(
        t.ShortText, "What the source says of its sending to the national portal.", privacy=Privacy.INTERNAL
    )
    result_text = Field(t.Text, "Result as sent (ThongTinTra).", privacy=Privacy.PERSONAL)
    withdrawn_at = Field(t.Instant, "Approval withdrawn.", privacy=Privacy.INTERNAL)
    withdrawn_basis = Field(t.Text, "Basis of the withdrawal.", privacy=Privacy.PERSONAL)
    corrected_at = Field(
        t.Instant, "Its status was corrected: when that was decided.", privacy=Privacy.INTERNAL
    )
    correction_basis = Field(t.Text, "Basis of the correction.", privacy=Privacy.PERSONAL)
    is_step_back = Field(
        t.Flag, "Whether its status goes back without a basis (dossier_steps.csv).", privacy=Privacy.INTERNAL
    )

    key = Key((Landed.submission_id, Landed.object_no, Landed.row_no), aggregate=3)
    example = {
        "procedure_code": "1.001193",
        "status": "9",
        "applicant_id_kind": "personal_id",
        "applicant_id": "001090000001",
        "submitted_at": "2026-11-01T02:00:00Z",
        "accepted_at": "2026-11-02T01:00:00Z",
        "due_at": "2026-11-12T01:00:00Z",
        "finished_at": "2026-11-02T02:00:00Z",
        "returned_at": "2026-11-02T03:00:00Z",
        "refused_at": None,
        "is_deleted": None,
        "withdrawn_at": None,
        "withdrawn_basis": None,
        "corrected_at": None,
        "correction_basis": None,
        "is_step_back": None,
        "updated_at": "2026-11-02T03:00:00Z",
        "received_at": "2026-11-05T16:30:00Z",
    }
    rules = (
        Rule(
            "DOS-001",
            finished_at >= accepted_at,
            "Kết thúc xử lý trước khi tiếp nhận.",
            "Finished before it was accepted.",
            passes=({"finished_at": "2026-11-02T01:00:00Z"},),
            fails=({"finished_at": "2026-11-01T01:00:00Z", "returned_at": None},),
        ),
        Rule(
            "DOS-002",
            returned_at >= finished_at,
            "Trả kết quả trước khi xử lý xong.",
            "Returned before it was finished.",
            passes=({"returned_at": "2026-11-03T01:00:00Z"},),
            fails=({"returned_at": "2026-11-02T01:00:00Z"},),
        ),
        Rule(
            "DOS-003",
            due_at >= accepted_at,
            "Ngày hẹn trả trước ngày tiếp nhận.",
            "Due before it was accepted.",
            passes=({"due_at": "2026-11-05T01:00:00Z"},),
            fails=({"due_at": "2026-11-01T01:00:00Z"},),
        ),
        Rule(
            "DOS-004",
            submitted_at <= accepted_at,
            "Tiếp nhận trước khi nộp.",
            "Accepted before it was filed.",
            passes=({"submitted_at": "2026-11-01T01:00:00Z"},),
            fails=({"submitted_at": "2026-11-03T01:00:00Z"},),
        ),
        Rule(
            "DOS-005",
            (withdrawn_at.is_null() & withdrawn_basis.is_null())
            | (withdrawn_at.is_present() & withdrawn_basis.is_present()),
            "Thu hồi phải có ngày và căn cứ.",
            "A withdrawal has a date and a basis.",
            passes=({"withdrawn_at": "2026-11-04T01:00:00Z", "withdrawn_basis": "QĐ 1"},),
            fails=(
                {"withdrawn_at": "2026-11-04T01:00:00Z"},
                {"withdrawn_basis": "QĐ 1"},
            ),
        ),
        Rule(
            "DOS-006",
            withdrawn_at >= finished_at,
            "Thu hồi trước khi phê duyệt.",
            "Withdrawn before it was approved.",
            passes=({"withdrawn_at": "2026-11-04T01:00:00Z", "withdrawn_basis": "QĐ 1"},),
            fails=({"withdrawn_at": "2026-11-01T01:00:00Z", "withdrawn_basis": "QĐ 1"},),
        ),
        Rule(
            "DOS-007",
            status.is_in(*APPROVED).implies(refused_at.is_null()),
            "Vừa hoàn thành vừa từ chối.",
            "Both finished and refused.",
            passes=({"status": "8", "refused_at": "2026-11-03T01:00:00Z"},),
            fails=({"refused_at": "2026-11-03T01:00:00Z"},),
        ),
        Rule(
            "DOS-008",
            accepted_at <= received_at,
            "Tiếp nhận sau khi nhận dữ liệu.",
            "Accepted after we received it.",
            passes=({"accepted_at": "2026-11-02T01:00:00Z"},),
            fails=(
                {
                    "accepted_at": "2026-12-02T01:00:00Z",
                    "due_at": None,
                    "finished_at": None,
                    "returned_at": None,
                },
            ),
        ),
        Rule(
            "DOS-009",
            finished_at <= received_at,
            "Kết thúc xử lý ở tương lai.",
            "Finished in the future.",
            passes=({"finished_at": "2026-11-03T01:00:00Z", "returned_at": None},),
            fails=({"finished_at": "2026-12-02T01:00:00Z", "returned_at": None},),
        ),
        c.note(
            "DOS-010",
            updated_at <= received_at,
            "Đồng hồ của nguồn chạy trước.",
            "The source's clock is ahead.",
            passes=({"updated_at": "2026-11-03T01:00:00Z"},),
            fails=({"updated_at": "2026-12-02T01:00:00Z"},),
        ),
        Rule(
            "DOS-011",
            (applicant_id_kind.is_null() & applicant_id.is_null())
            | (applicant_id_kind.is_present() & applicant_id.is_present()),
            "Loại và số giấy tờ phải đi cùng nhau.",
            "Kind and number of the identifier come together.",
            passes=({"applicant_id_kind": None, "applicant_id": None},),
            fails=({"applicant_id": None},),
        ),
        Rule(
            "DOS-012",
            applicant_id_kind.equals("personal_id").implies(c.personal_id_form(applicant_id)),
            "Số định danh không đủ 12 số.",
            "The personal id has not 12 digits.",
            passes=({"applicant_id": "079185012345"},),
            fails=({"applicant_id": "12345"},),
        ),
        Rule(
            "DOS-013",
            applicant_id_kind.equals("old_id").implies(c.old_id_form(applicant_id)),
            "Số CMND không đủ 9 số hoặc giả.",
            "The former id has not 9 digits or is a placeholder.",
            passes=({"applicant_id_kind": "old_id", "applicant_id": "201456781"},),
            fails=({"applicant_id_kind": "old_id", "applicant_id": "000000000"},),
        ),
        Rule(
            "DOS-014",
            applicant_id_kind.equals("tax_code").implies(
                applicant_id.matches("[0-9]{10}(-[0-9]{3})?|[0-9]{12}") & c.tax_check(applicant_id)
            ),
            "Mã số thuế sai.",
            "The tax code is wrong.",
            passes=({"applicant_id_kind": "tax_code", "applicant_id": "0100109106"},),
            fails=({"applicant_id_kind": "tax_code", "applicant_id": "0100109107"},),
        ),
        Rule(
            "DOS-015",
            (applicant_id_kind.equals("personal_id") & c.personal_id_form(applicant_id)).implies(
                applicant_id.substring(7, 6).differs("000000")
                & ~applicant_id.is_in("123456789012", "111111111111", "999999999999")
            ),
            "Số định danh giả.",
            "The id is a placeholder.",
            passes=({"applicant_id": "001090100000"},),
            fails=({"applicant_id": "123456789012"},),
        ),
        Rule(
            "DOS-016",
            c.real_name(applicant_name),
            "Tên chủ hồ sơ không có thật.",
            "The applicant's name stands for no name.",
            passes=({"applicant_name": "Nguyễn Văn An"},),
            fails=({"applicant_name": "test"},),
        ),
        Rule(
            "DOS-017",
            accepted_at.date_of() >= "2000-01-01",
            "Tiếp nhận trước năm 2000.",
            "Accepted before 2000.",
            passes=({"accepted_at": "2026-01-01T00:00:00Z", "submitted_at": None},),
            fails=({"accepted_at": "1999-12-31T00:00:00Z", "submitted_at": None},),
        ),
        Rule(
            "DOS-018",
            Landed.province_code.is_in(*sorted(reference.senders())),
            "Mã tỉnh không có trong danh mục.",
            "The province is in no list.",
            passes=({"province_code": "79"},),
            fails=({"province_code": "02"},),
        ),
        Rule(
            "DOS-019",
            status.is_in(*APPROVED).implies(is_deleted.is_null() | is_deleted.equals(False)),
            "Đã hoàn thành nhưng nguồn đánh dấu xóa.",
            "Finished, and deleted at its source.",
            passes=({"status": "4", "is_deleted": True},),
            fails=({"is_deleted": True},),
        ),
        c.note(
            "DOS-020",
            summary.differs("Dinhkem"),
            "Trích yếu do phần mềm điền.",
            "The summary is what a program writes for none.",
            passes=({"summary": "Đăng ký khai sinh"},),
            fails=({"summary": "Dinhkem"},),
        ),
        Rule(
            "DOS-021",
            (corrected_at.is_null() & correction_basis.is_null())
            | (corrected_at.is_present() & correction_basis.is_present()),
            "Đính chính trạng thái phải có ngày và căn cứ.",
            "A correction of the status has a date and a basis.",
            passes=({"corrected_at": "2026-11-04T01:00:00Z", "correction_basis": "QĐ 1"},),
            fails=(
                {"corrected_at": "2026-11-04T01:00:00Z"},
                {"correction_basis": "QĐ 1"},
            ),
        ),
    )
