"""Row-level rules that need more than the row: bytes, procedure, other versions, submission."""

from __future__ import annotations

from schemas.contract import Effect, StateRule


def _quarantine(code: str, vi: str, en: str) -> StateRule:
    return StateRule(code, vi, en, Effect.QUARANTINE)


ROW_UNREADABLE = _quarantine("DOS-901", "Không đọc được bản ghi.", "The row cannot be read.")
UNKNOWN_PROCEDURE = _quarantine(
    "DOS-902", "Thủ tục không có trong danh mục.", "The procedure is not catalogued."
)
STATUS_BACKWARDS = _quarantine(
    "DOS-903",
    "Trạng thái lùi lại mà không có căn cứ: thu hồi hoặc đính chính.",
    "The status goes back without a basis: a withdrawal or a correction.",
)
GROUP_MISSING = _quarantine("DOS-904", "Biểu mẫu thiếu phần bắt buộc.", "The form lacks a required part.")
COMMUNE_AMBIGUOUS = _quarantine(
    "DOS-905",
    "Mã xã cũ đã chia cho nhiều xã mới.",
    "The former commune was divided; which successor is not said.",
)
COMMUNE_UNKNOWN = _quarantine(
    "DOS-906", "Mã xã không có trong danh mục.", "The commune code is not in any list."
)
OTHER_FEEDS_DOSSIER = _quarantine(
    "DOS-908",
    "Hồ sơ đã do nguồn khác của tỉnh gửi.",
    "Another feed of the province has sent the dossier.",
)
GATE_REFUSED = _quarantine(
    "DOS-907", "Cả lần gửi bị từ chối.", "The whole submission was refused at the gate."
)
