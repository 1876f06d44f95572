"""Enterprises, with what the law makes public."""

from __future__ import annotations

from schemas import types as t
from schemas.contract import About, Contract, Key, Register, Release
from schemas.open.types import EnterpriseCode, IndustryCodes
from schemas.public_field import PublicField


class Enterprises(Contract):
    """Enterprises in the register, with the columns that are free to all by law.

    Grain: one row per enterprise with a code of 10 digits. Household businesses and sole
    proprietorships are persons and occur as counts only; representatives, members, capital and
    founding dates are not published.
    """

    info = About(
        noun="enterprises",
        title_vi="Doanh nghiệp",
        title_en="Enterprises",
        version="1.0",
        owner="Bộ Tài chính",
        legal_basis="NĐ 01/2021/NĐ-CP Đ36; NĐ 168/2025/NĐ-CP; NĐ 194/2025/NĐ-CP",
        retention="permanent",
        register=Register.BUSINESS,
        layer="open",
        release=Release.OPEN,
    )

    tax_code = PublicField(EnterpriseCode, "Code of the enterprise.", "Mã số doanh nghiệp.", required=True)
    name = PublicField(t.OrganisationName, "Vietnamese name.", "Tên tiếng Việt.")
    address_text = PublicField(t.Text, "Address of the head office.", "Địa chỉ trụ sở chính.")
    commune_code = PublicField(t.CommuneCode, "Commune of the head office.", "Mã xã của trụ sở chính.")
    province_code = PublicField(t.ProvinceCode, "Province of the head office.", "Mã tỉnh của trụ sở chính.")
    main_industry_codes = PublicField(
        IndustryCodes,
        "Main industries, each with its version of VSIC.",
        "Ngành nghề chính, kèm phiên bản hệ thống ngành kinh tế.",
    )
    legal_status_code = PublicField(
        t.LegalStatus,
        "Legal status: 1 suspended, 2 not at its address, 3 certificate revoked for tax, 4 being "
        "dissolved, divided or merged, 5 in bankruptcy, 6 ended, 7 active.",
        "Tình trạng pháp lý: 1 tạm ngừng, 2 không hoạt động tại địa chỉ, 3 bị thu hồi do cưỡng chế thuế, "
        "4 đang giải thể, chia, hợp nhất, sáp nhập, 5 đang phá sản, 6 đã chấm dứt, 7 đang hoạt động.",
    )

    key = Key((tax_code,))
