"""Business activities of the business register."""

from __future__ import annotations

from schemas import types as t
from schemas.contract import About, Contract, Field, Key, Privacy, Register


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
