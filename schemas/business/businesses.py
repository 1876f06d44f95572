"""Businesses of the business register."""

from __future__ import annotations

from schemas import conditions as c
from schemas import types as t
from schemas.contract import About, Contract, Field, Key, Privacy, Register, Rule, Survivorship


class Businesses(Contract):
    """Enterprises, sole proprietorships and household businesses.

    Grain: one row per business and period in which its values held. A household's code may be
    its owner's personal id and its name a person's name, hence the privacy classes.
    """

    info = About(
        noun="businesses",
        title_vi="Doanh nghiệp, hộ kinh doanh",
        title_en="Businesses",
        version="1.0",
        owner="Bộ Tài chính",
        legal_basis="NĐ 168/2025/NĐ-CP",
        retention="permanent",
        register=Register.BUSINESS,
        aggregate="business",
    )

    tax_code = Field(
        t.TaxCode,
        "Tax code, which is the business code.",
        privacy=Privacy.IDENTIFIER,
        required=True,
    )
    business_kind = Field(
        t.BusinessKind,
        "Kind of business.",
        privacy=Privacy.INTERNAL,
        survivorship=Survivorship.FIRST,
    )
    internal_code = Field(
        t.Code,
        "Internal code of the registration system; not a tax code.",
        privacy=Privacy.INTERNAL,
    )
    name = Field(t.OrganisationName, "Vietnamese name.", privacy=Privacy.PERSONAL)
    short_name = Field(t.OrganisationName, "Short name.", privacy=Privacy.PERSONAL)
    foreign_name = Field(t.OrganisationName, "Foreign name.", privacy=Privacy.PERSONAL)
    founded_date = Field(
        t.Date,
        "Date of first registration.",
        privacy=Privacy.INTERNAL,
        survivorship=Survivorship.FIRST,
    )
    legal_status_code = Field(t.LegalStatus, "Legal status.", privacy=Privacy.INTERNAL)
    capital_vnd = Field(t.CapitalVnd, "Charter capital.", privacy=Privacy.PERSONAL)
    commune_code = Field(t.CommuneCode, "Commune of the head office.", privacy=Privacy.PERSONAL)
    address_text = Field(t.Text, "Address of the head office.", privacy=Privacy.PERSONAL)

    key = Key((tax_code,))
    example = {"tax_code": "0100109106", "business_kind": "enterprise", "legal_status_code": "7"}
    rules = (
        Rule(
            "BUS-001",
            c.tax_check(tax_code),
            "Số kiểm tra của mã số thuế sai.",
            "The tax code's check digit is wrong.",
            passes=({"tax_code": "0300588569"},),
            fails=({"tax_code": "0100109107"},),
        ),
        Rule(
            "BUS-002",
            business_kind.is_in("enterprise", "sole_proprietorship").implies(tax_code.matches("[0-9]{10}")),
            "Doanh nghiệp phải có mã số 10 số.",
            "An enterprise has a code of 10 digits.",
            passes=({"business_kind": "sole_proprietorship"},),
            fails=({"tax_code": "0100109106-001"},),
        ),
        Rule(
            "BUS-003",
            founded_date >= "1945-09-02",
            "Ngày thành lập trước 1945.",
            "Founded before 1945.",
            passes=({"founded_date": "1990-05-17"},),
            fails=({"founded_date": "1900-01-01"},),
        ),
        Rule(
            "BUS-004",
            c.real_name(name),
            "Tên không có thật.",
            "The name stands for no name.",
            passes=({"name": "HỢP TÁC XÃ KHÔNG GIAN XANH"},),
            fails=({"name": "test"},),
        ),
        Rule(
            "BUS-005",
            tax_code.matches("[0-9]{12}").implies(c.province_prefix(tax_code)),
            "Mã số 12 số không phải số định danh.",
            "A code of 12 digits is no personal id.",
            passes=({"tax_code": "001090000001", "business_kind": "household"},),
            fails=({"tax_code": "999090000001", "business_kind": "household"},),
        ),
        Rule(
            "BUS-006",
            c.no_placeholder(address_text),
            "Địa chỉ không có thật.",
            "The address stands for nothing.",
            passes=({"address_text": "Số 1"},),
            fails=({"address_text": "chưa có"},),
        ),
        c.note(
            "BUS-007",
            business_kind.equals("enterprise").implies(capital_vnd >= 1000000),
            "Vốn điều lệ nhỏ bất thường, có thể ghi theo triệu đồng.",
            "The capital is unusually small; perhaps it is in millions.",
            passes=({"capital_vnd": "1000000"},),
            fails=({"capital_vnd": "500"},),
        ),
        c.note(
            "BUS-008",
            internal_code.differs(tax_code),
            "Mã nội bộ trùng mã số thuế.",
            "The internal code repeats the tax code.",
            passes=({"internal_code": "A1"},),
            fails=({"internal_code": "0100109106"},),
        ),
        Rule(
            "BUS-009",
            short_name.length() <= 100,
            "Tên viết tắt quá dài.",
            "The short name is too long.",
            passes=({"short_name": "SH"},),
            fails=({"short_name": "X" * 101},),
        ),
        Rule(
            "BUS-010",
            c.no_placeholder(short_name) & c.no_placeholder(foreign_name),
            "Tên viết tắt hoặc tên nước ngoài không có thật.",
            "The short or foreign name stands for nothing.",
            passes=({"short_name": "SH"},),
            fails=(
                {"short_name": "..."},
                {"foreign_name": "-"},
            ),
        ),
    )
