"""Rules that the gate checks on a submission as a whole: QUARANTINE refuses it, NOTE is reported."""

from __future__ import annotations

from schemas.contract import Effect, StateRule

UNREADABLE_SHARE = StateRule(
    "GAT-001",
    "Phần lớn bản ghi của lần gửi không đọc được.",
    "Most rows of the submission cannot be read.",
    Effect.QUARANTINE,
)
QUARANTINED_SHARE = StateRule(
    "GAT-002",
    "Phần lớn bản ghi mới của lần gửi sai quy tắc.",
    "Most new rows of the submission break a rule.",
    Effect.QUARANTINE,
)
KEY_MISSING = StateRule(
    "GAT-003",
    "Phần lớn bản ghi không có mã hồ sơ.",
    "Most rows have no dossier code.",
    Effect.QUARANTINE,
)
VOLUME_COLLAPSED = StateRule(
    "GAT-004",
    "Số bản ghi sụt hẳn so với các lần gửi trước.",
    "The number of rows collapsed against the feed's own history.",
    Effect.QUARANTINE,
)
VIOLATION_LEFT = StateRule(
    "GAT-005",
    "Bản ghi được nhận vẫn còn lỗi.",
    "An accepted row still breaks a rule.",
    Effect.QUARANTINE,
)
DRIFT_REFUSED = StateRule(
    "GAT-006",
    "Cấu trúc dữ liệu gửi đã khác: trường được đọc bị mất, đổi tên hoặc đổi kiểu.",
    "The submission has another shape: a field that is read is missing, renamed or retyped.",
    Effect.QUARANTINE,
)
VOLUME_UNUSUAL = StateRule(
    "GAT-101",
    "Số bản ghi khác thường so với các lần gửi trước.",
    "The number of rows is unusual for this feed.",
    Effect.NOTE,
)
STALE = StateRule(
    "GAT-102",
    "Thay đổi mới nhất của nguồn đã cũ.",
    "The newest change of the source is old.",
    Effect.NOTE,
)
DUPLICATE_SHARE = StateRule(
    "GAT-103",
    "Phần lớn bản ghi đã gửi trước đó.",
    "Most rows were sent before.",
    Effect.NOTE,
)
QUARANTINED_RISES = StateRule(
    "GAT-104",
    "Tỷ lệ bản ghi sai quy tắc tăng rõ.",
    "The share of rows that break a rule has risen.",
    Effect.NOTE,
)
CODE_UNKNOWN = StateRule(
    "GAT-105",
    "Nhiều trạng thái, kênh hoặc thủ tục ngoài danh mục.",
    "Many statuses, channels or procedures are in no code list.",
    Effect.NOTE,
)
STATUS_DRIFT = StateRule(
    "GAT-106",
    "Cơ cấu trạng thái hồ sơ khác các lần gửi trước.",
    "The mix of statuses differs from the feed's history.",
    Effect.NOTE,
)
PROCEDURE_DRIFT = StateRule(
    "GAT-107",
    "Cơ cấu thủ tục khác các lần gửi trước.",
    "The mix of procedures differs from the feed's history.",
    Effect.NOTE,
)
DRIFT_WARNED = StateRule(
    "GAT-108",
    "Cấu trúc dữ liệu gửi hoặc danh mục mã khác các lần gửi trước.",
    "The shape of the submission or a code list differs from the feed's history.",
    Effect.NOTE,
)
