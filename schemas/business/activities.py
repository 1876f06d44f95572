"""Business activities of the business register."""

from __future__ import annotations

from schemas import conditions as c
from schemas import types as t
from schemas.contract import About, Contract, Field, Key, Privacy, Register, Rule


class Activities(Contract):
    """Industries in which a business is registered.

    Grain: one row per business, VSIC version, code and period.
    """

    info = About(
        noun="activities",
        title_vi="Ngành nghề kinh doanh",
        title_en="Business activities",
        version="1.0",
        owner="Bộ Tài chính",
        legal_basis="NĐ 168/2025/NĐ-CP; QĐ 36/2025/QĐ-TTg",
        retention="permanent",
        register=Register.BUSINESS,
        aggregate="business",
    )

    tax_code = Field(t.TaxCode, "Business.", privacy=Privacy.IDENTIFIER, required=True)
    vsic_version = Field(t.VsicVersion, "Version of VSIC.", privacy=Privacy.PUBLIC, required=True)
    vsic_code = Field(t.VsicCode, "Industry.", privacy=Privacy.PUBLIC, required=True)
    is_main = Field(t.Flag, "Whether it is the main industry.", privacy=Privacy.PUBLIC)

    key = Key((tax_code, vsic_version, vsic_code))
    rules = (
        Rule(
            "ACT-001",
            vsic_code.length() >= 4,
            "Ngành phải ghi đến cấp 4.",
            "An activity is named to the fourth level.",
            passes=({"vsic_code": "4711"},),
            fails=({"vsic_code": "47"},),
        ),
        Rule(
            "ACT-002",
            vsic_code.substring(1, 2).to_integer() >= 1,
            "Ngành không có trong hệ thống ngành kinh tế.",
            "No division of VSIC.",
            passes=({"vsic_code": "0111"},),
            fails=({"vsic_code": "0000"},),
        ),
        Rule(
            "ACT-003",
            c.tax_check(tax_code),
            "Số kiểm tra của mã số thuế sai.",
            "The tax code's check digit is wrong.",
            passes=({"tax_code": "0300588569"},),
            fails=({"tax_code": "0100109107"},),
        ),
    )
