"""Businesses of the business register."""

from __future__ import annotations

from schemas import types as t
from schemas.contract import About, Contract, Field, Key, Privacy, Register, Survivorship


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

    tax_code = Field(t.TaxCode, "Tax code, which is the business code.", privacy=Privacy.IDENTIFIER, required=True)
    business_kind = Field(
        t.BusinessKind, "Kind of business.", privacy=Privacy.INTERNAL, survivorship=Survivorship.FIRST
    )
    internal_code = Field(t.Code, "Internal code of the registration system; not a tax code.", privacy=Privacy.INTERNAL)
    name = Field(t.OrganisationName, "Vietnamese name.", privacy=Privacy.PERSONAL)
    short_name = Field(t.OrganisationName, "Short name.", privacy=Privacy.PERSONAL)
    foreign_name = Field(t.OrganisationName, "Foreign name.", privacy=Privacy.PERSONAL)
    founded_date = Field(
        t.Date, "Date of first registration.", privacy=Privacy.INTERNAL, survivorship=Survivorship.FIRST
    )
    legal_status_code = Field(t.LegalStatus, "Legal status.", privacy=Privacy.INTERNAL)
    capital_vnd = Field(t.CapitalVnd, "Charter capital.", privacy=Privacy.PERSONAL)
    commune_code = Field(t.CommuneCode, "Commune of the head office.", privacy=Privacy.PERSONAL)
    address_text = Field(t.Text, "Address of the head office.", privacy=Privacy.PERSONAL)

    key = Key((tax_code,))
