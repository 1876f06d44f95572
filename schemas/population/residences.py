"""Residences of the population register."""

from __future__ import annotations

from schemas import conditions as c
from schemas import types as t
from schemas.contract import About, Contract, Field, Key, Privacy, Register, Rule


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
    residence_kind = Field(
        t.ResidenceKind, "Permanent or temporary.", privacy=Privacy.PERSONAL, required=True
    )
    commune_code = Field(t.CommuneCode, "Commune.", privacy=Privacy.PERSONAL)
    address_text = Field(t.Text, "House, street, hamlet.", privacy=Privacy.PERSONAL)
    household_head_id = Field(
        t.PersonalId, "Personal id of the head of the household.", privacy=Privacy.IDENTIFIER
    )

    key = Key((personal_id, residence_kind))
    rules = (
        Rule(
            "RES-001",
            c.province_prefix(personal_id),
            "Ba số đầu của số định danh không phải mã tỉnh.",
            "The id's first three digits are no province.",
            passes=({"personal_id": "079090000001"},),
            fails=({"personal_id": "999090000001"},),
        ),
        Rule(
            "RES-002",
            personal_id.substring(7, 6).differs("000000"),
            "Số định danh giả.",
            "The id is a placeholder.",
            passes=({"personal_id": "001090000100"},),
            fails=({"personal_id": "001090000000"},),
        ),
        Rule(
            "RES-003",
            c.province_prefix(household_head_id),
            "Ba số đầu của số định danh chủ hộ không phải mã tỉnh.",
            "The household head's id begins with no province.",
            passes=({"household_head_id": "079090000001"},),
            fails=({"household_head_id": "999090000001"},),
        ),
        Rule(
            "RES-004",
            c.no_placeholder(address_text),
            "Địa chỉ không có thật.",
            "The address stands for nothing.",
            passes=({"address_text": "Số 0"},),
            fails=({"address_text": "Không rõ"},),
        ),
        Rule(
            "RES-005",
            household_head_id.substring(7, 6).differs("000000"),
            "Số định danh chủ hộ giả.",
            "The household head's id is a placeholder.",
            passes=({"household_head_id": None},),
            fails=({"household_head_id": "001090000000"},),
        ),
    )
