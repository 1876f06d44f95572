"""Persons of the population register."""

from __future__ import annotations

from schemas import types as t
from schemas.contract import About, Contract, Field, Key, Privacy, Register, Survivorship


class Persons(Contract):
    """Persons known to the population register.

    Grain: one row per person and period in which its values held. Valid time begins at birth.
    """

    info = About(
        noun="persons",
        title_vi="Công dân",
        title_en="Persons",
        version="1.0",
        owner="Bộ Công an",
        legal_basis="Luật Căn cước 26/2023/QH15",
        retention="permanent",
        register=Register.POPULATION,
        aggregate="person",
    )

    personal_id = Field(t.PersonalId, "Personal identification number.", privacy=Privacy.IDENTIFIER)
    old_id_number = Field(
        t.OldIdNumber, "Former identity card number.", privacy=Privacy.IDENTIFIER, survivorship=Survivorship.FIRST
    )
    full_name = Field(t.PersonName, "Full name.", privacy=Privacy.PERSONAL, correctable=True)
    birth_date = Field(
        t.Date,
        "Date of birth; its first possible day when only month or year is known.",
        privacy=Privacy.PERSONAL,
        survivorship=Survivorship.PRECISE,
        correctable=True,
        precision="birth_precision",
    )
    birth_precision = Field(
        t.Precision, "Precision of the date of birth.", privacy=Privacy.PERSONAL, survivorship=Survivorship.PRECISE
    )
    sex = Field(t.Sex, "Sex; absent when unknown.", privacy=Privacy.PERSONAL, survivorship=Survivorship.FIRST)
    nationality_code = Field(t.CountryCode, "Nationality.", privacy=Privacy.PERSONAL)
    birth_commune_code = Field(
        t.CommuneCode, "Commune of birth registration.", privacy=Privacy.PERSONAL, survivorship=Survivorship.FIRST
    )
    father_personal_id = Field(t.PersonalId, "Personal id of the father.", privacy=Privacy.IDENTIFIER)
    mother_personal_id = Field(t.PersonalId, "Personal id of the mother.", privacy=Privacy.IDENTIFIER)
    death_date = Field(t.Date, "Date of death.", privacy=Privacy.PERSONAL)

    key = Key((personal_id,))
