"""Persons of the population register."""

from __future__ import annotations

from schemas import conditions as c
from schemas import types as t
from schemas.contract import About, Contract, Field, Key, Privacy, Register, Rule, Survivorship


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
        t.OldIdNumber,
        "Former identity card number.",
        privacy=Privacy.IDENTIFIER,
        survivorship=Survivorship.FIRST,
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
        t.Precision,
        "Precision of the date of birth.",
        privacy=Privacy.PERSONAL,
        survivorship=Survivorship.PRECISE,
    )
    sex = Field(
        t.Sex,
        "Sex; absent when unknown.",
        privacy=Privacy.PERSONAL,
        survivorship=Survivorship.FIRST,
    )
    nationality_code = Field(t.CountryCode, "Nationality.", privacy=Privacy.PERSONAL)
    birth_commune_code = Field(
        t.CommuneCode,
        "Commune of birth registration.",
        privacy=Privacy.PERSONAL,
        survivorship=Survivorship.FIRST,
    )
    father_personal_id = Field(t.PersonalId, "Personal id of the father.", privacy=Privacy.IDENTIFIER)
    mother_personal_id = Field(t.PersonalId, "Personal id of the mother.", privacy=Privacy.IDENTIFIER)
    death_date = Field(t.Date, "Date of death.", privacy=Privacy.PERSONAL)
    confirmed_at = Field(
        t.Instant,
        "The national population database confirmed id, name and date of birth as they stand here.",
        privacy=Privacy.INTERNAL,
    )
    not_confirmed_at = Field(
        t.Instant,
        "It was asked about them as they stand here and did not confirm them.",
        privacy=Privacy.INTERNAL,
    )

    key = Key((personal_id,))
    example = {
        "personal_id": "001090000001",
        "birth_date": "1990-05-17",
        "birth_precision": "day",
        "sex": "male",
        "father_personal_id": None,
        "mother_personal_id": None,
        "death_date": None,
        "confirmed_at": None,
        "not_confirmed_at": None,
    }
    rules = (
        Rule(
            "POP-001",
            c.province_prefix(personal_id),
            "Ba số đầu của số định danh không phải mã tỉnh.",
            "The id's first three digits are no province.",
            passes=({"personal_id": "079090000001"},),
            fails=({"personal_id": "999090000001"},),
        ),
        Rule(
            "POP-002",
            (sex.equals("male").implies(c.is_male(personal_id)))
            & (sex.equals("female").implies(c.is_female(personal_id))),
            "Giới tính trái với số định danh.",
            "The sex contradicts the id.",
            passes=({"sex": None},),
            fails=({"sex": "female"},),
        ),
        Rule(
            "POP-003",
            (
                personal_id.substring(4, 1)
                .is_in("0", "1")
                .implies(birth_date.year().equals(personal_id.substring(5, 2).to_integer().plus(1900)))
            )
            & (
                personal_id.substring(4, 1)
                .is_in("2", "3")
                .implies(birth_date.year().equals(personal_id.substring(5, 2).to_integer().plus(2000)))
            ),
            "Năm sinh trái với số định danh.",
            "The birth year contradicts the id.",
            passes=({"birth_date": "1990-12-31"},),
            fails=({"birth_date": "1991-05-17"},),
        ),
        Rule(
            "POP-004",
            personal_id.substring(4, 1).is_in("0", "1", "2", "3"),
            "Số thứ tư của số định danh chưa được cấp.",
            "The id's fourth digit is not in use.",
            passes=({"personal_id": "001290000001", "birth_date": None},),
            fails=({"personal_id": "001890000001", "sex": None},),
        ),
        Rule(
            "POP-005",
            birth_date >= "1900-01-01",
            "Ngày sinh trước năm 1900.",
            "Born before 1900.",
            passes=({"birth_date": "1990-01-01"},),
            fails=({"personal_id": None, "birth_date": "1899-12-31"},),
        ),
        Rule(
            "POP-006",
            death_date >= birth_date,
            "Ngày chết trước ngày sinh.",
            "Died before birth.",
            passes=({"death_date": "1990-05-17"},),
            fails=({"death_date": "1990-05-16"},),
        ),
        Rule(
            "POP-007",
            death_date.year() <= birth_date.year().plus(125),
            "Thọ hơn 125 tuổi.",
            "Older than 125 years.",
            passes=({"death_date": "2080-01-01"},),
            fails=({"death_date": "2116-01-01"},),
        ),
        Rule(
            "POP-008",
            personal_id.differs(father_personal_id),
            "Cha trùng với chính người đó.",
            "The father is the person.",
            passes=({"father_personal_id": "001060000002"},),
            fails=({"father_personal_id": "001090000001"},),
        ),
        Rule(
            "POP-009",
            personal_id.differs(mother_personal_id),
            "Mẹ trùng với chính người đó.",
            "The mother is the person.",
            passes=({"mother_personal_id": "001160000003"},),
            fails=(
                {
                    "personal_id": "001190000001",
                    "sex": "female",
                    "mother_personal_id": "001190000001",
                },
            ),
        ),
        Rule(
            "POP-011",
            father_personal_id.substring(4, 1).is_in("0", "2", "4", "6", "8"),
            "Số định danh của cha là của nữ.",
            "The father's id is a woman's.",
            passes=({"father_personal_id": "001060000002"},),
            fails=({"father_personal_id": "001160000002"},),
        ),
        Rule(
            "POP-012",
            mother_personal_id.substring(4, 1).is_in("1", "3", "5", "7", "9"),
            "Số định danh của mẹ là của nam.",
            "The mother's id is a man's.",
            passes=({"mother_personal_id": "001160000003"},),
            fails=({"mother_personal_id": "001060000003"},),
        ),
        c.note(
            "POP-013",
            full_name.matches("[^ ]+( [^ ]+)+"),
            "Họ tên chỉ có một chữ.",
            "The name is a single word.",
            passes=({"full_name": "H'Hen Niê"},),
            fails=({"full_name": "Hùng"},),
        ),
        Rule(
            "POP-014",
            c.real_name(full_name),
            "Họ tên không có thật.",
            "The name stands for no name.",
            passes=({"full_name": "Lê Thị Không"},),
            fails=(
                {"full_name": "Không rõ"},
                {"full_name": "NGUYỄN VĂN A"},
            ),
        ),
        Rule(
            "POP-015",
            personal_id.substring(7, 6).differs("000000"),
            "Số định danh giả.",
            "The id is a placeholder.",
            passes=({"personal_id": "001090000100"},),
            fails=({"personal_id": "001090000000"},),
        ),
        Rule(
            "POP-016",
            c.old_id_form(old_id_number),
            "Số CMND giả.",
            "The former id is a placeholder.",
            passes=({"old_id_number": "012345678"},),
            fails=({"old_id_number": "111111111"},),
        ),
        Rule(
            "POP-017",
            birth_date.is_null() | birth_precision.is_present(),
            "Ngày sinh thiếu độ chính xác.",
            "A birth date has no precision.",
            passes=({"birth_precision": "year"},),
            fails=({"birth_precision": None},),
        ),
        Rule(
            "POP-018",
            c.province_prefix(father_personal_id),
            "Ba số đầu của số định danh của cha không phải mã tỉnh.",
            "The father's id begins with no province.",
            passes=({"father_personal_id": "079060000002"},),
            fails=({"father_personal_id": "999060000002"},),
        ),
        Rule(
            "POP-019",
            c.province_prefix(mother_personal_id),
            "Ba số đầu của số định danh của mẹ không phải mã tỉnh.",
            "The mother's id begins with no province.",
            passes=({"mother_personal_id": "079160000003"},),
            fails=({"mother_personal_id": "999160000003"},),
        ),
        Rule(
            "POP-020",
            ~nationality_code.is_in("XX", "ZZ", "NA"),
            "Quốc tịch không có thật.",
            "The nationality is a placeholder.",
            passes=({"nationality_code": "LA"},),
            fails=({"nationality_code": "XX"},),
        ),
    )
