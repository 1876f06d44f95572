"""Documents: every landed edXML message, a document or a status of one, with its disposition."""

from __future__ import annotations

from schemas import conditions as c
from schemas import types as t
from schemas.contract import About, Contract, Field, Key, Privacy, Rule
from schemas.core.landed import Landed


class Documents(Landed, Contract):
    """Messages between agencies as received: documents, and their statuses.

    Grain: one row per landed message, whatever its disposition. A document's history is what its rows
    say in the order of their instants; it is read, never stored. Attachments stand in the landed object
    alone: a row has their digests and places. A document changes no register: an accepted row has no effect.
    """

    info = About(
        noun="documents",
        title_vi="Văn bản điện tử và trạng thái xử lý",
        title_en="Electronic documents and their statuses",
        version="1.0",
        owner="Văn phòng Chính phủ",
        legal_basis="QĐ 28/2018/QĐ-TTg; QCVN 102:2016/BTTTT",
        retention="10 years",
    )

    received_at = Field(t.Instant, "Received by us.", privacy=Privacy.INTERNAL, required=True)
    message_kind = Field(
        t.MessageKind, "A document, or a status of one.", privacy=Privacy.INTERNAL, required=True
    )
    business_kind = Field(
        t.DocumentBusinessKind,
        "What a document does: new where the sender does not say.",
        privacy=Privacy.INTERNAL,
    )
    document_id = Field(
        t.DocumentId,
        "Id of the document; of a status, of the document that it is about.",
        privacy=Privacy.PERSONAL,
        required=True,
    )
    sent_at = Field(t.Instant, "First stamp of its way.", privacy=Privacy.INTERNAL)
    code_number = Field(t.ShortText, "Number of the document's code.", privacy=Privacy.INTERNAL)
    code_notation = Field(t.ShortText, "Notation of the document's code.", privacy=Privacy.INTERNAL)
    from_organ_id = Field(
        t.OrganisationId, "Electronic id of the sending agency.", privacy=Privacy.INTERNAL, required=True
    )
    from_organ_name = Field(t.Text, "Name of the sending agency.", privacy=Privacy.INTERNAL)
    recipients = Field(t.Parts, "Receiving agencies, as sent.", privacy=Privacy.PERSONAL)
    promulgation_place = Field(t.Text, "Place of promulgation.", privacy=Privacy.INTERNAL)
    promulgation_date = Field(t.Date, "Date of promulgation.", privacy=Privacy.INTERNAL)
    type_code = Field(t.Code, "Type of document, in the sender's codes.", privacy=Privacy.INTERNAL)
    type_name = Field(t.ShortText, "Type of document in words.", privacy=Privacy.INTERNAL)
    subject = Field(t.Text, "Subject (trích yếu); it may name persons.", privacy=Privacy.PERSONAL)
    signer_competence = Field(t.ShortText, "In whose stead it was signed.", privacy=Privacy.INTERNAL)
    signer_position = Field(t.ShortText, "Position of who signed.", privacy=Privacy.INTERNAL)
    signer_name = Field(t.ShortText, "Name of who signed; never released.", privacy=Privacy.PERSONAL)
    due_date = Field(t.Date, "Day by which an answer is due.", privacy=Privacy.INTERNAL)
    response_document_id = Field(
        t.DocumentId, "Document that it answers, or is a status of.", privacy=Privacy.PERSONAL
    )
    response_organ_id = Field(t.OrganisationId, "Agency of that document.", privacy=Privacy.INTERNAL)
    response_code = Field(t.ShortText, "Number and notation of that document.", privacy=Privacy.INTERNAL)
    response_date = Field(t.Date, "Promulgation of that document.", privacy=Privacy.INTERNAL)
    responses = Field(t.Parts, "All documents that it answers, as sent.", privacy=Privacy.PERSONAL)
    replaced = Field(t.Parts, "Documents that it replaces, as sent.", privacy=Privacy.PERSONAL)
    status_code = Field(t.DocumentStatus, "Status.", privacy=Privacy.INTERNAL)
    status_at = Field(t.Instant, "When the document had it.", privacy=Privacy.INTERNAL)
    status_text = Field(t.Text, "What the receiver says of it.", privacy=Privacy.PERSONAL)
    attachments = Field(
        t.Parts,
        "Attachments by reference: digests of name and content, type, size, place in the object.",
        privacy=Privacy.PERSONAL,
    )
    attachment_count = Field(t.Count, "Attachments that the manifest names.", privacy=Privacy.INTERNAL)
    missing_count = Field(t.Count, "Of these, not sent.", privacy=Privacy.INTERNAL)
    unnamed_count = Field(t.Count, "Attachments sent that no manifest names.", privacy=Privacy.INTERNAL)
    repeated_count = Field(t.Count, "Content ids that stand more than once.", privacy=Privacy.INTERNAL)
    broken_count = Field(t.Count, "Attachments that are no base64.", privacy=Privacy.INTERNAL)
    is_signed = Field(
        t.Flag, "Whether it bears an XML signature, which is not verified.", privacy=Privacy.INTERNAL
    )
    signed_digest = Field(t.ShortText, "Digest that the signature states.", privacy=Privacy.INTERNAL)

    key = Key((Landed.submission_id, Landed.object_no, Landed.row_no), aggregate=3)
    example = {
        "message_kind": "document",
        "business_kind": "new",
        "received_at": "2026-11-05T16:30:00Z",
        "sent_at": "2026-11-02T03:00:00Z",
        "promulgation_date": "2026-11-02",
        "due_date": "2026-11-12",
        "response_document_id": None,
        "response_organ_id": None,
        "response_code": None,
        "response_date": None,
        "status_code": None,
        "status_at": None,
        "status_text": None,
    }
    rules = (
        Rule(
            "DOC-001",
            missing_count.equals(0),
            "Danh mục khai tệp đính kèm mà không có nội dung.",
            "The manifest names an attachment that was not sent.",
            passes=({"attachment_count": 1},),
            fails=({"missing_count": 1},),
        ),
        Rule(
            "DOC-002",
            unnamed_count.equals(0),
            "Có tệp đính kèm không khai trong danh mục.",
            "An attachment was sent that the manifest does not name.",
            passes=({"unnamed_count": 0},),
            fails=({"unnamed_count": 2},),
        ),
        Rule(
            "DOC-003",
            repeated_count.equals(0),
            "Mã tệp đính kèm bị trùng.",
            "A content id stands more than once.",
            passes=({"repeated_count": 0},),
            fails=({"repeated_count": 1},),
        ),
        Rule(
            "DOC-004",
            broken_count.equals(0),
            "Nội dung tệp đính kèm không phải base64.",
            "The content of an attachment is no base64.",
            passes=({"broken_count": 0},),
            fails=({"broken_count": 1},),
        ),
        Rule(
            "DOC-005",
            message_kind.equals("document").implies(code_notation.is_present()),
            "Văn bản thiếu ký hiệu.",
            "The document has no notation.",
            passes=({"code_notation": "UBND-VP"},),
            fails=({"code_notation": None},),
        ),
        Rule(
            "DOC-006",
            message_kind.equals("document").implies(promulgation_date.is_present()),
            "Văn bản thiếu ngày ban hành.",
            "The document has no date of promulgation.",
            passes=({"promulgation_date": "2026-11-01"},),
            fails=({"promulgation_date": None},),
        ),
        Rule(
            "DOC-007",
            message_kind.equals("status").implies(status_code.is_present() & status_at.is_present()),
            "Gói trạng thái thiếu mã hoặc thời gian.",
            "The status has no code or no instant.",
            passes=({"message_kind": "status", "status_code": "03", "status_at": "2026-11-03T01:00:00Z"},),
            fails=({"message_kind": "status", "status_code": "03"}, {"message_kind": "status"}),
        ),
        Rule(
            "DOC-008",
            promulgation_date <= received_at.date_of(),
            "Ngày ban hành sau ngày nhận.",
            "Promulgated after we received it.",
            passes=({"promulgation_date": "2026-11-05"},),
            fails=({"promulgation_date": "2026-11-07", "due_date": None},),
        ),
        c.note(
            "DOC-009",
            due_date >= promulgation_date,
            "Hạn trả lời trước ngày ban hành.",
            "Due before it was promulgated.",
            passes=({"due_date": "2026-11-02"},),
            fails=({"due_date": "2026-11-01"},),
        ),
        c.note(
            "DOC-010",
            status_at <= received_at,
            "Đồng hồ của nơi gửi trạng thái chạy trước.",
            "The clock of who sent the status is ahead.",
            passes=({"status_at": "2026-11-03T01:00:00Z"},),
            fails=({"status_at": "2026-12-03T01:00:00Z"},),
        ),
    )
