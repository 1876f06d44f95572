"""Dossiers by province, field and month."""

from __future__ import annotations

from schemas import types as t
from schemas.contract import About, Contract, Key, Release, Rule
from schemas.open.types import AreaCode, Month
from schemas.public_field import PublicField


class DossierCounts(Contract):
    """Dossiers received and decided, as counts with small cells suppressed.

    Grain: one row per area (34 provinces and the country), field of administration and closed
    month. A suppressed count is absent; a zero is a zero.
    """

    info = About(
        noun="dossier_counts",
        title_vi="Số hồ sơ theo tỉnh, lĩnh vực và tháng",
        title_en="Dossiers by province, field and month",
        version="1.0",
        owner="Văn phòng Chính phủ",
        legal_basis="NĐ 194/2025/NĐ-CP; NĐ 224/2026/NĐ-CP Đ19",
        retention="permanent",
        layer="open",
        release=Release.OPEN,
    )

    area_code = PublicField(
        AreaCode, "Province, or VN for the country.", "Mã tỉnh; VN là cả nước.", required=True
    )
    field_code = PublicField(t.FieldCode, "Field of administration.", "Mã lĩnh vực.", required=True)
    month = PublicField(Month, "Month of the events that are counted.", "Tháng của sự kiện.", required=True)
    received_count = PublicField(
        t.Count, "Dossiers accepted in the month.", "Số hồ sơ tiếp nhận trong tháng."
    )
    approved_count = PublicField(
        t.Count,
        "Dossiers finished with a result in the month; denominator of the three counts below.",
        "Số hồ sơ giải quyết xong có kết quả trong tháng; mẫu số của ba số dưới đây.",
    )
    refused_count = PublicField(t.Count, "Dossiers refused in the month.", "Số hồ sơ bị từ chối trong tháng.")
    withdrawn_count = PublicField(
        t.Count,
        "Dossiers whose approval was withdrawn in the month.",
        "Số hồ sơ bị thu hồi kết quả trong tháng.",
    )
    on_time_count = PublicField(
        t.Count,
        "Of those approved: finished on or before the day they were due.",
        "Trong số đã giải quyết: xong đúng hoặc trước ngày hẹn trả.",
    )
    late_count = PublicField(
        t.Count,
        "Of those approved: finished after the day they were due.",
        "Trong số đã giải quyết: xong sau ngày hẹn trả.",
    )
    without_due_date_count = PublicField(
        t.Count,
        "Of those approved: without a due date. They count neither as on time nor as late.",
        "Trong số đã giải quyết: không có ngày hẹn trả; không tính là đúng hạn hay trễ hạn.",
    )
    is_suppressed = PublicField(
        t.Flag,
        "Whether any count of the row is absent to protect persons.",
        "Có số liệu bị ẩn để bảo vệ cá nhân hay không.",
        required=True,
    )
    province_count = PublicField(
        t.Count,
        "Provinces that had reported the month; the country is their sum.",
        "Số tỉnh đã báo cáo tháng này; số cả nước là tổng của các tỉnh đó.",
        required=True,
    )

    key = Key((area_code, field_code, month), aggregate=3)
    example = {
        **dict.fromkeys(("received_count", "approved_count", "on_time_count"), "12"),
        "is_suppressed": "false",
        "province_count": "34",
    }
    rules = (
        Rule(
            "ODC-001",
            on_time_count.plus(late_count).plus(without_due_date_count).equals(approved_count),
            "Tổng ba nhóm khác số đã giải quyết.",
            "The three classes do not sum to the approvals.",
            passes=({"approved_count": "12", "late_count": None},),
            fails=({"approved_count": "20", "on_time_count": "12", "late_count": "0"},),
        ),
    )
