"""Business representatives of the business register."""

from __future__ import annotations

from schemas import conditions as c
from schemas import types as t
from schemas.contract import About, Contract, Field, Key, Privacy, Register, Rule


class Representatives(Contract):
    """Legal representatives of businesses, and the owners of household businesses.

    Grain: one row per business, representative and period.
    """

    info = About(
        noun="representatives",
        title_vi="Người đại diện",
        title_en="Business representatives",
        version="1.0",
        owner="Bộ Tài chính",
        legal_basis="NĐ 168/2025/NĐ-CP",
        retention="permanent",
        register=Register.BUSINESS,
        aggregate="business",
    )

    tax_code = Field(t.TaxCode, "Business.", privacy=Privacy.IDENTIFIER, required=True)
    id_kind = Field(
        t.IdKind,
        "Kind of the representative's identifier.",
        privacy=Privacy.INTERNAL,
        required=True,
    )
    id_number = Field(
        t.IdNumber,
        "Representative's identifier as sent.",
        privacy=Privacy.IDENTIFIER,
        required=True,
    )
    full_name = Field(t.PersonName, "Representative's name as sent.", privacy=Privacy.PERSONAL)
    position = Field(t.ShortText, "Position.", privacy=Privacy.PERSONAL)

    key = Key((tax_code, id_kind, id_number))
    example = {"id_kind": "personal_id", "id_number": "001090000001"}
    rules = (
        Rule(
            "REP-001",
            id_kind.equals("personal_id").implies(c.personal_id_form(id_number)),
            "Số định danh không đủ 12 số.",
            "The personal id has not 12 digits.",
            passes=({"id_number": "079185012345"},),
            fails=({"id_number": "00109000001"},),
        ),
        Rule(
            "REP-002",
            id_kind.equals("old_id").implies(c.old_id_form(id_number)),
            "Số CMND không đủ 9 số hoặc giả.",
            "The former id has not 9 digits or is a placeholder.",
            passes=({"id_kind": "old_id", "id_number": "201456781"},),
            fails=({"id_kind": "old_id", "id_number": "999999999"},),
        ),
        Rule(
            "REP-003",
            (id_kind.equals("personal_id") & c.personal_id_form(id_number)).implies(
                c.province_prefix(id_number)
            ),
            "Ba số đầu của số định danh không phải mã tỉnh.",
            "The id's first three digits are no province.",
            passes=({"id_number": "079090000001"},),
            fails=({"id_number": "999090000001"},),
        ),
        Rule(
            "REP-004",
            id_kind.is_in("personal_id", "old_id"),
            "Người đại diện phải là cá nhân.",
            "A representative is a person.",
            passes=({"id_kind": "personal_id"},),
            fails=({"id_kind": "tax_code", "id_number": "0100109106"},),
        ),
        Rule(
            "REP-005",
            c.real_name(full_name),
            "Tên người đại diện không có thật.",
            "The name stands for no name.",
            passes=({"full_name": "Nguyễn Văn An"},),
            fails=({"full_name": "chưa rõ"},),
        ),
        Rule(
            "REP-006",
            c.tax_check(tax_code),
            "Số kiểm tra của mã số thuế sai.",
            "The tax code's check digit is wrong.",
            passes=({"tax_code": "0300588569"},),
            fails=({"tax_code": "0100109107"},),
        ),
        Rule(
            "REP-007",
            c.no_placeholder(position),
            "Chức danh không có thật.",
            "The position stands for nothing.",
            passes=({"position": "Chủ hộ"},),
            fails=({"position": "..."},),
        ),
        Rule(
            "REP-008",
            (id_kind.equals("personal_id") & c.personal_id_form(id_number)).implies(
                id_number.substring(7, 6).differs("000000")
            ),
            "Số định danh giả.",
            "The id is a placeholder.",
            passes=({"id_number": "001090100000"},),
            fails=({"id_number": "001090000000"},),
        ),
    )
