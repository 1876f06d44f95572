"""Procedures, as a dataset."""

from __future__ import annotations

from collections.abc import Iterator

from schemas import types as t
from schemas.contract import About, Contract, Key
from schemas.contract.effects import Procedure
from schemas.open.types import Title
from schemas.procedures import PROCEDURES
from schemas.public_field import PublicField


class Procedures(Contract):
    """The administrative procedures that are known, with the register each concerns.

    Grain: one row per procedure. Baselines of registers and answers to our
    questions are no procedures and are left out.
    """

    info = About(
        noun="procedures",
        title_vi="Danh mục thủ tục hành chính được đồng bộ",
        title_en="Administrative procedures that are synchronised",
        version="1.0",
        owner="Văn phòng Chính phủ",
        legal_basis="NĐ 118/2025/NĐ-CP; NĐ 224/2026/NĐ-CP",
        retention="permanent",
        layer="reference",
    )

    procedure_code = PublicField(
        t.ProcedureCode, "National code of the procedure.", "Mã thủ tục hành chính quốc gia.", required=True
    )
    field_code = PublicField(t.FieldCode, "Field of administration.", "Mã lĩnh vực.", required=True)
    register_name = PublicField(
        t.RegisterName,
        "National register that the procedure concerns.",
        "Cơ sở dữ liệu quốc gia mà thủ tục liên quan.",
        required=True,
    )
    title_vi = PublicField(Title, "Title in Vietnamese.", "Tên thủ tục.", required=True)
    title_en = PublicField(Title, "Title in English.", "Tên thủ tục bằng tiếng Anh.", required=True)
    has_effect = PublicField(
        t.Flag,
        "Whether an approval changes the register.",
        "Kết quả có làm thay đổi cơ sở dữ liệu hay không.",
        required=True,
    )

    key = Key((procedure_code,))
    example = {"title_vi": "Đăng ký khai sinh", "title_en": "Registration of birth"}


def catalogue() -> tuple[Procedure, ...]:
    """Procedures that people apply for, in order of their codes."""
    known = (p for p in PROCEDURES if not (p.is_baseline or p.is_verification))
    return tuple(sorted(known, key=lambda p: p.code))


def field_codes() -> tuple[str, ...]:
    """Fields of administration that the catalogue has, in order."""
    return tuple(sorted({procedure.field_code for procedure in catalogue()}))


def rows() -> Iterator[dict[str, object]]:
    """The rows, in order of their codes."""
    for procedure in catalogue():
        yield {
            "procedure_code": procedure.code,
            "field_code": procedure.field_code,
            "register_name": procedure.register.value,
            "title_vi": procedure.title_vi,
            "title_en": procedure.title_en,
            "has_effect": bool(procedure.effects),
        }
