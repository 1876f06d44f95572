"""Business representatives of the business register."""

from __future__ import annotations

from schemas import types as t
from schemas.contract import About, Contract, Field, Key, Privacy, Register


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
    id_kind = Field(t.IdKind, "Kind of the representative's identifier.", privacy=Privacy.INTERNAL, required=True)
    id_number = Field(t.IdNumber, "Representative's identifier as sent.", privacy=Privacy.IDENTIFIER, required=True)
    full_name = Field(t.PersonName, "Representative's name as sent.", privacy=Privacy.PERSONAL)
    position = Field(t.ShortText, "Position.", privacy=Privacy.PERSONAL)

    key = Key((tax_code, id_kind, id_number))
