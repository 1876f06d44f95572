"""Rights of the land register."""

from __future__ import annotations

from schemas import conditions as c
from schemas import types as t
from schemas.contract import About, Contract, Field, Key, Privacy, Register, Rule


class Rights(Contract):
    """Who holds what share of which parcel.

    Grain: one row per parcel, holder and period. The holder is named as sent; the link to a
    person or a business is a view, never a copy.
    """

    info = About(
        noun="rights",
        title_vi="Quyền sử dụng đất",
        title_en="Land rights",
        version="1.0",
        owner="Bộ Nông nghiệp và Môi trường",
        legal_basis="Luật Đất đai 31/2024/QH15",
        retention="permanent",
        register=Register.LAND,
        aggregate="parcel",
    )

    parcel_id = Field(t.ParcelId, "Parcel the right is on.", privacy=Privacy.INTERNAL, required=True)
    holder_id_kind = Field(
        t.IdKind, "Kind of the holder's identifier.", privacy=Privacy.INTERNAL, required=True
    )
    holder_id = Field(t.IdNumber, "Holder's identifier as sent.", privacy=Privacy.IDENTIFIER, required=True)
    holder_name = Field(t.HolderName, "Holder's name as sent.", privacy=Privacy.PERSONAL)
    share_numerator = Field(t.ShareNumber, "Numerator of the share.", privacy=Privacy.PERSONAL)
    share_denominator = Field(t.ShareNumber, "Denominator of the share.", privacy=Privacy.PERSONAL)
    right_kind = Field(t.RightKind, "Kind of right.", privacy=Privacy.INTERNAL)

    key = Key((parcel_id, holder_id_kind, holder_id))
    example = {
        "holder_id_kind": "personal_id",
        "holder_id": "001090000001",
        "share_numerator": "1",
        "share_denominator": "1",
    }
    rules = (
        Rule(
            "QSD-001",
            share_numerator <= share_denominator,
            "Phần quyền lớn hơn một.",
            "The share is more than one.",
            passes=({"share_numerator": "2", "share_denominator": "2"},),
            fails=({"share_numerator": "3", "share_denominator": "2"},),
        ),
        Rule(
            "QSD-002",
            (share_numerator.is_null() & share_denominator.is_null())
            | (share_numerator.is_present() & share_denominator.is_present()),
            "Tử số và mẫu số phải đi cùng nhau.",
            "Numerator and denominator come together.",
            passes=({"share_numerator": None, "share_denominator": None},),
            fails=({"share_denominator": None},),
        ),
        Rule(
            "QSD-003",
            holder_id_kind.equals("personal_id").implies(c.personal_id_form(holder_id)),
            "Số định danh không đủ 12 số.",
            "The personal id has not 12 digits.",
            passes=({"holder_id": "001090000001"},),
            fails=({"holder_id": "00109000001"},),
        ),
        Rule(
            "QSD-004",
            holder_id_kind.equals("old_id").implies(c.old_id_form(holder_id)),
            "Số CMND không đủ 9 số hoặc giả.",
            "The former id has not 9 digits or is a placeholder.",
            passes=({"holder_id_kind": "old_id", "holder_id": "201456781"},),
            fails=({"holder_id_kind": "old_id", "holder_id": "20145678"},),
        ),
        Rule(
            "QSD-005",
            holder_id_kind.equals("tax_code").implies(
                holder_id.matches("[0-9]{10}(-[0-9]{3})?|[0-9]{12}") & c.tax_check(holder_id)
            ),
            "Mã số thuế sai.",
            "The tax code is wrong.",
            passes=({"holder_id_kind": "tax_code", "holder_id": "0100109106"},),
            fails=({"holder_id_kind": "tax_code", "holder_id": "0100109107"},),
        ),
        Rule(
            "QSD-006",
            (holder_id_kind.equals("personal_id") & c.personal_id_form(holder_id)).implies(
                c.province_prefix(holder_id)
            ),
            "Ba số đầu của số định danh không phải mã tỉnh.",
            "The id's first three digits are no province.",
            passes=({"holder_id": "079090000001"},),
            fails=({"holder_id": "999090000001"},),
        ),
        Rule(
            "QSD-007",
            (holder_id_kind.equals("personal_id") & c.personal_id_form(holder_id)).implies(
                holder_id.substring(7, 6).differs("000000")
            ),
            "Số định danh giả.",
            "The id is a placeholder.",
            passes=({"holder_id": "001090100000"},),
            fails=({"holder_id": "001090000000"},),
        ),
        Rule(
            "QSD-008",
            c.real_name(holder_name),
            "Tên người có quyền không có thật.",
            "The holder's name stands for no name.",
            passes=({"holder_name": "Nguyễn Văn An"},),
            fails=({"holder_name": "Không rõ"},),
        ),
        Rule(
            "QSD-009",
            holder_id_kind.differs("none"),
            "Thiếu loại giấy tờ.",
            "The kind of identifier is missing.",
            passes=({"holder_id_kind": "personal_id"},),
            fails=({"holder_id_kind": "none"},),
        ),
        c.note(
            "QSD-010",
            share_denominator <= 10000,
            "Mẫu số lớn bất thường.",
            "The denominator is unusually large.",
            passes=({"share_denominator": "10000"},),
            fails=({"share_denominator": "10001"},),
        ),
    )
