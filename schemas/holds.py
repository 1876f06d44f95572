"""Rules that are checked against a state: why a fact, or a status of a document, is held."""

from __future__ import annotations

from schemas.contract import Effect, StateRule


def _hold(code: str, vi: str, en: str) -> StateRule:
    return StateRule(code, vi, en, Effect.HOLD)


PARENT_MISSING = _hold(
    "MRG-901", "Đối tượng chưa có trong sổ.", "The person, parcel or business is not known."
)
ROW_NOT_LIVE = _hold(
    "MRG-902",
    "Không có dòng đang hiệu lực để thay đổi.",
    "There is no row in force to change or end.",
)
ROW_ALREADY_ENDED = _hold("MRG-903", "Dòng đã kết thúc.", "The row has already ended.")
CORRECTS_NOTHING = _hold("MRG-904", "Không có dữ liệu để cải chính.", "There is nothing to correct.")
OLD_VALUE_DIFFERS = _hold("MRG-905", "Giá trị cũ không khớp.", "The old value is not the one on record.")
DOSSIER_HELD_WITH = _hold("MRG-906", "Hồ sơ bị giữ vì phần khác.", "Another part of the dossier is held.")
BEFORE_BASELINE = StateRule(
    "MRG-910",
    "Quyết định trước ngày của dữ liệu nền.",
    "Decided before the as-of date of the baseline that covers it.",
    Effect.NOTE,
)
CONTRADICTION_NAME = _hold(
    "POP-901", "Cùng số định danh, khác họ tên.", "Equal id, names that share nothing."
)
CONTRADICTION_BIRTH = _hold(
    "POP-902", "Cùng số định danh, khác ngày sinh.", "Equal id, impossible birth dates."
)
CONTRADICTION_SEX = _hold("POP-903", "Cùng số định danh, khác giới tính.", "Equal id, different sexes.")
AFTER_DEATH = _hold("POP-904", "Sự kiện sau khi chết.", "The person had died before.")
HOLDER_LACKS_SHARE = _hold(
    "LND-901", "Bên chuyển không có phần quyền này.", "The seller does not hold the share."
)
SHARES_NOT_ONE = _hold("LND-902", "Tổng phần quyền khác một.", "The shares do not sum to one.")
SPLIT_PARENT_MISSING = _hold(
    "LND-903", "Thửa gốc không còn hiệu lực.", "The original parcel is not in force."
)
CHILD_EXISTS = _hold("LND-904", "Thửa mới đã có.", "The new parcel already exists.")
MERGE_HOLDERS_DIFFER = _hold(
    "LND-905", "Các thửa hợp khác chủ.", "The merged parcels have different holders."
)
DOCUMENT_MISSING = _hold(
    "DOC-901", "Văn bản của trạng thái này chưa đến.", "The document that the status is about has not come."
)
DOCUMENT_STATUS_BACKWARDS = _hold(
    "DOC-902",
    "Trạng thái văn bản lùi lại so với trạng thái trước.",
    "The status goes back behind one that the receiver had before.",
)
