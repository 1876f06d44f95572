"""The national public service portal: its protocol and what it is told of a dossier, as data.

Services, the login, codes and texts of answers, chunks of ten and the resending of what exists are those
of clients that worked with it; the field list is ``reference/data/portal_fields.csv``. What its codes ``3``
and ``-3`` mean was published nowhere: clients go by the text beside them, and so does ``ANSWERS``.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from schemas.contract import Effect, Field, StateRule
from schemas.core.dossiers import Dossiers

UPSERT, PROGRESS, LOOKUP = "DongBoHoSoMC", "CapNhatTienDoHoSoMC", "TraCuuHoSo"
"""Services: dossiers, their status steps, what the portal holds of one."""
CHUNK = 10
"""Dossiers, or steps, of one call."""


class Form(StrEnum):
    """How a value is written."""

    TEXT = "text"
    INSTANT = "instant"
    """``yyyyMMddHHmmss`` in Viet Nam."""
    FLAG = "flag"
    """1 or 0."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A field of the portal, and where its value comes from."""

    name: str
    """As in the field list; ``[].`` in front of a field of a list's only entry."""
    column: Field
    form: Form = Form.TEXT
    words: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Values by what the column has; others are not sent. Empty where it is sent as it is."""
    catalogued: str | None = None
    """Attribute of the catalogued procedure that stands in where the source sent none."""
    only_with: Field | None = None
    """Another column; the value is sent where what that one has is sent too."""


DOSSIER: tuple[Sent, ...] = (
    Sent("MaHoSo", Dossiers.dossier_code),
    Sent("MaTTHC", Dossiers.procedure_code),
    Sent("TenTTHC", Dossiers.procedure_name, catalogued="title_vi"),
    Sent("MaLinhVuc", Dossiers.field_code, catalogued="field_code"),
    Sent("TenLinhVuc", Dossiers.field_name),
    Sent("KenhThucHien", Dossiers.channel),
    Sent("ChuHoSo", Dossiers.applicant_name),
    Sent("LoaiDoiTuong", Dossiers.applicant_type),
    Sent("DinhDanhCHS[].LoaiDinhDanh", Dossiers.applicant_id_kind, words={"personal_id": "1", "old_id": "2"}),
    Sent("DinhDanhCHS[].SoDinhDanh", Dossiers.applicant_id, only_with=Dossiers.applicant_id_kind),
    Sent("NgayNopHoSo", Dossiers.submitted_at, Form.INSTANT),
    Sent("NgayTiepNhan", Dossiers.accepted_at, Form.INSTANT),
    Sent("NgayHenTra", Dossiers.due_at, Form.INSTANT),
    Sent("NgayKetThucXuLy", Dossiers.finished_at, Form.INSTANT),
    Sent("NgayTra", Dossiers.returned_at, Form.INSTANT),
    Sent("NgayTuChoi", Dossiers.refused_at, Form.INSTANT),
    Sent("TrangThaiHoSo", Dossiers.status),
    Sent("HinhThuc", Dossiers.return_method),
    Sent("DonViXuLy", Dossiers.processing_org),
    Sent("HoSoCoThanhPhanSoHoa", Dossiers.is_digitised, Form.FLAG),
    Sent("TaiKhoanDuocXacThucVoiVNeID", Dossiers.is_vneid_verified, Form.FLAG),
    Sent("DuocThanhToanTrucTuyen", Dossiers.is_paid_online, Form.FLAG),
)
"""What is told of a dossier: of persons the subject's name and identifier, and nothing else."""
ALWAYS = (
    *("MaHoSo", "MaTTHC", "TenTTHC", "MaLinhVuc", "TenLinhVuc", "KenhThucHien", "ChuHoSo", "LoaiDoiTuong"),
    *("NgayTiepNhan", "TrangThaiHoSo"),
)
"""Fields that every client sends: empty where there is no value."""
STEP: tuple[Sent, ...] = (
    Sent("MaHoSo", Dossiers.dossier_code),
    Sent("PhongBanXuLy", Dossiers.processing_org),
    Sent("TrangThai", Dossiers.status),
    Sent("NgayKetThucTheoQuyDinh", Dossiers.due_at, Form.INSTANT),
)
"""What is told of a status step, beside when it was taken; officials are not named."""
STEP_AT = "ThoiDiemXuLy"
"""Field of that instant."""
STEP_WORDS = "NoiDungXuLy"
"""Field of the status' name."""
TAKEN_AT: Mapping[str, Field] = {
    "2": Dossiers.accepted_at,
    "3": Dossiers.refused_at,
    "9": Dossiers.finished_at,
    "10": Dossiers.returned_at,
}
"""Column that says when a status was taken; where it has no value, the version's change is meant."""


class Outcome(StrEnum):
    """What an answer means for what was sent."""

    ACCEPTED = "accepted"
    EXISTS = "exists"
    """The portal has the dossier: send it again as an update."""
    SESSION = "session"
    """Log in again."""
    REFUSED = "refused"
    """Sending it again gives the same."""
    LATER = "later"
    """Send it again, after a while."""


def _note(code: str, vi: str, en: str) -> StateRule:
    return StateRule(code, vi, en, Effect.NOTE)


FIELD_MISSING = _note(
    "PRT-901", "Cổng Dịch vụ công từ chối: thiếu trường bắt buộc.", "The portal refuses: a field is missing."
)
STATUS_BACKWARDS = _note(
    "PRT-902",
    "Cổng Dịch vụ công từ chối: trạng thái lùi lại.",
    "The portal refuses: it holds a later status.",
)
PLACEHOLDER_ID = _note(
    "PRT-903",
    "Cổng Dịch vụ công từ chối: số định danh giả.",
    "The portal refuses: the identifier is a placeholder.",
)
AGENCY_UNKNOWN = _note(
    "PRT-904",
    "Cổng Dịch vụ công từ chối: không biết đơn vị.",
    "The portal refuses: it does not know the agency.",
)
REFUSED_UNSAID = _note(
    "PRT-905",
    "Cổng Dịch vụ công từ chối nhiều lần, không nêu lý do.",
    "The portal refuses again and again, for no reason that is known.",
)


@dataclass(frozen=True, slots=True)
class Answer:
    """A kind of answer, known by its code, its text or both."""

    outcome: Outcome
    codes: tuple[str, ...] = ()
    """Any when empty."""
    says: str = ""
    """What its text has, in lower case."""
    reason: StateRule | None = None
    """The finding that a refusal becomes."""


ANSWERS: tuple[Answer, ...] = (
    Answer(Outcome.EXISTS, says="đã tồn tại"),
    Answer(Outcome.ACCEPTED, codes=("0", "00")),
    Answer(Outcome.SESSION, says="phiên làm việc"),
    Answer(Outcome.REFUSED, says="số định danh", reason=PLACEHOLDER_ID),
    Answer(Outcome.REFUSED, says="trạng thái", reason=STATUS_BACKWARDS),
    Answer(Outcome.REFUSED, says="bắt buộc", reason=FIELD_MISSING),
    Answer(Outcome.REFUSED, says="mã đơn vị", reason=AGENCY_UNKNOWN),
    Answer(Outcome.LATER),
)
"""The first that fits holds."""
TRIES = 12
"""How often a code without a known reason is met before the dossier counts as refused."""
WAIT_MINUTES, WAIT_GROWS, LONGEST_WAIT_MINUTES = 5, 2, 360
"""Until the second try; by how much each later one waits longer; and no longer than."""
SILENCES = 8
"""Calls in a row without an answer, or with 429, after which a run ends: the portal is down."""
LONGEST_REST_SECONDS = 60
"""A run leaves the portal alone for so long; one that asks for more is sent to by the next run."""


def answered(code: str, text: str) -> Answer:
    """What an answer of the portal means; its letters may be composed or not.

    >>> answered("-3", "Hồ sơ đã tồn tại").outcome.value, answered("3", "Lỗi").outcome.value
    ('exists', 'later')
    """
    said = unicodedata.normalize("NFC", text).lower()
    return next(one for one in ANSWERS if code in (one.codes or (code,)) and one.says in said)


def wait_minutes(tries: int) -> int:
    """Minutes from a try that brought nothing to the next.

    >>> [wait_minutes(tries) for tries in (1, 2, 3, 30)]
    [5, 10, 20, 360]
    """
    grown: int = WAIT_MINUTES * WAIT_GROWS ** min(tries - 1, 16)
    return min(grown, LONGEST_WAIT_MINUTES)
