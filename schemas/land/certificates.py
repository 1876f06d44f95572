"""Certificates of the land register."""

from __future__ import annotations

from schemas import types as t
from schemas.contract import About, Contract, Field, Key, Privacy, Register


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
