"""Persons and organisations: identifiers, names, what a register says of them."""

from __future__ import annotations

from schemas.contract import DomainType, Kind

NAME_PATTERN = r"[^0-9<>@#$%^*_=+{}\[\]|\\;:?!~`\"¡-³µ-¿]+"
"""No digits and signs; nor the Latin-1 signs that text in TCVN3 shows when it is read as Latin-1. The acute
accent (U+00B4) is let pass: it stands for an apostrophe in highland names."""
PersonalId = DomainType(
    "personal_id",
    Kind.TEXT,
    "Personal identification number: province of birth registration, century and sex, year, six digits.",
    pattern=r"[0-9]{12}",
    max_length=12,
    source="NĐ 137/2015/NĐ-CP Đ13; Luật Căn cước 26/2023/QH15 Đ12",
    samples=("001090000001", "079185012345", "096324999999"),
)
OldIdNumber = DomainType(
    "old_id_number",
    Kind.TEXT,
    "Former nine-digit identity card number (CMND), void since 2025.",
    pattern=r"[0-9]{9}",
    max_length=9,
    samples=("123456789", "201456781"),
)
IdNumber = DomainType(
    "id_number",
    Kind.TEXT,
    "Number of an identity paper as sent: personal id, old identity card or tax code.",
    pattern=r"[0-9A-Z.\-]{1,20}",
    max_length=20,
    samples=("001090000001", "123456789", "0100109106"),
)
IdKind = DomainType(
    "id_kind",
    Kind.TEXT,
    "Kind of an identifier.",
    values=("personal_id", "old_id", "tax_code", "none"),
    max_length=12,
    samples=("personal_id", "tax_code"),
)
PersonName = DomainType(
    "person_name",
    Kind.TEXT,
    "Full name of a person in NFC, as sent.",
    pattern=NAME_PATTERN,
    max_length=100,
    samples=("Nguyễn Văn Đường", "Trần Thị Hương", "H'Hen Niê"),
)
OrganisationName = DomainType(
    "organisation_name",
    Kind.TEXT,
    "Name of an organisation or business.",
    max_length=300,
    samples=("CÔNG TY TNHH SÔNG HỒNG", "Hộ kinh doanh Minh Anh"),
)
HolderName = DomainType(
    "holder_name",
    Kind.TEXT,
    "Name of a person or organisation, as sent.",
    max_length=300,
    samples=("Trần Thị Hương", "CÔNG TY TNHH SÔNG HỒNG"),
)
Sex = DomainType(
    "sex",
    Kind.TEXT,
    "Sex as registered.",
    values=("male", "female"),
    max_length=6,
    samples=("male", "female"),
)
CountryCode = DomainType(
    "country_code",
    Kind.TEXT,
    "Country, ISO 3166-1 alpha-2.",
    pattern=r"[A-Z]{2}",
    max_length=2,
    samples=("VN",),
)
ResidenceKind = DomainType(
    "residence_kind",
    Kind.TEXT,
    "Kind of residence.",
    values=("permanent", "temporary"),
    max_length=10,
    source="Luật Cư trú 68/2020/QH14",
    samples=("permanent",),
)
