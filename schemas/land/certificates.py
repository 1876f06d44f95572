"""Certificates of the land register."""

from __future__ import annotations

from schemas import conditions as c
from schemas import types as t
from schemas.contract import About, Contract, Field, Key, Privacy, Register, Rule


class Certificates(Contract):
    """Land certificates in force.

    Grain: one row per parcel, serial and period.
    """

    info = About(
        noun="certificates",
        title_vi="Giấy chứng nhận",
        title_en="Land certificates",
        version="1.0",
        owner="Bộ Nông nghiệp và Môi trường",
        legal_basis="Luật Đất đai 31/2024/QH15; TT 10/2024/TT-BTNMT",
        retention="permanent",
        register=Register.LAND,
        aggregate="parcel",
    )

    parcel_id = Field(t.ParcelId, "Parcel it certifies.", privacy=Privacy.INTERNAL, required=True)
    serial = Field(t.CertificateSerial, "Serial.", privacy=Privacy.PERSONAL, required=True)
    register_number = Field(t.ShortText, "Number in the register of certificates.", privacy=Privacy.PERSONAL)
    issue_date = Field(t.Date, "Date of issue.", privacy=Privacy.INTERNAL)
    issuer = Field(t.ShortText, "Authority that issued it.", privacy=Privacy.INTERNAL)

    key = Key((parcel_id, serial))
    rules = (
        Rule(
            "GCN-001",
            issue_date >= "1987-01-01",
            "Ngày cấp trước Luật Đất đai 1987.",
            "Issued before the Land Law of 1987.",
            passes=({"issue_date": "1990-10-15"},),
            fails=({"issue_date": "1986-12-31"},),
        ),
        Rule(
            "GCN-002",
            ~serial.matches("[A-ZĐ]+ 0+"),
            "Số phát hành bằng không.",
            "The serial is zero.",
            passes=({"serial": "AA 000001"},),
            fails=({"serial": "AA 000000"},),
        ),
        Rule(
            "GCN-003",
            c.no_placeholder(issuer),
            "Cơ quan cấp không có thật.",
            "The issuer stands for nothing.",
            passes=({"issuer": "UBND"},),
            fails=({"issuer": "..."},),
        ),
        Rule(
            "GCN-004",
            c.no_placeholder(register_number),
            "Số vào sổ không có thật.",
            "The register number stands for nothing.",
            passes=({"register_number": "CH00123"},),
            fails=({"register_number": "-"},),
        ),
        Rule(
            "GCN-005",
            serial.matches("[A-ZĐ]{1,2} [0-9]{8}").implies(issue_date >= "2024-08-01"),
            "Số phát hành tám chữ số chỉ có từ 01/08/2024.",
            "Serials of eight digits began on 01/08/2024.",
            passes=({"serial": "AA 00012345", "issue_date": "2025-01-01"},),
            fails=({"serial": "AA 00012345", "issue_date": "2020-01-01"},),
        ),
    )
