"""Residences of the population register."""

from __future__ import annotations

from schemas import types as t
from schemas.contract import About, Contract, Field, Key, Privacy, Register


class Residences(Contract):
    """Where persons live.

    Grain: one row per person, kind of residence and period.
    """

    info = About(
        noun="residences",
        title_vi="Nơi cư trú",
        title_en="Residences",
        version="1.0",
        owner="Bộ Công an",
        legal_basis="Luật Cư trú 68/2020/QH14",
        retention="permanent",
        register=Register.POPULATION,
        aggregate="person",
    )

    personal_id = Field(t.PersonalId, "Who lives there.", privacy=Privacy.IDENTIFIER)
    residence_kind = Field(t.ResidenceKind, "Permanent or temporary.", privacy=Privacy.PERSONAL, required=True)
    commune_code = Field(t.CommuneCode, "Commune.", privacy=Privacy.PERSONAL)
    address_text = Field(t.Text, "House, street, hamlet.", privacy=Privacy.PERSONAL)
    household_head_id = Field(t.PersonalId, "Personal id of the head of the household.", privacy=Privacy.IDENTIFIER)

    key = Key((personal_id, residence_kind))
