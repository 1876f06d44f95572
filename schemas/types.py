"""Domain types shared by all datasets. Sources are named where a rule comes from one."""

from __future__ import annotations

from schemas.contract import DomainType, Kind

NAME_PATTERN = r"[^0-9<>@#$%^*_=+{}\[\]|\\;:?!~`\"¡-³µ-¿]+"
"""No digits and signs; nor the Latin-1 signs that text in TCVN3 shows when it is read as Latin-1. The acute
accent (U+00B4) is let pass: it stands for an apostrophe in highland names."""

EARLIEST, LATEST = "1800-01-01", "2200-12-31"
"""First and last day, in Viet Nam, of what a date or an instant may name. Every paper and appointment lies
within, and so no engine meets the end of its calendar: Python has the years 1 to 9999, in UTC too, where
the "no date" of many systems, 0001-01-01 in Viet Nam, is the year 0."""

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
TaxCode = DomainType(
    "tax_code",
    Kind.TEXT,
    "Tax code: 10 digits, a branch with -NNN, or the owner's personal id for a household since 07/2025.",
    pattern=r"[0-9]{10}(-[0-9]{3})?|[0-9]{12}",
    max_length=14,
    source="TT 86/2024/TT-BTC, TT 90/2026/TT-BTC",
    samples=("0100109106", "0300588569", "0101248141"),
)
ParcelId = DomainType(
    "parcel_id",
    Kind.TEXT,
    "Parcel identity: 12-character GeoHash, or commune.sheet.number of the older scheme.",
    pattern=r"w[0-9b-hjkmnp-z]{11}|[0-9]{5}\.[0-9]{1,4}\.[0-9]{1,6}",
    max_length=20,
    source="TT 19/2026/TT-BNNMT Đ11; TT 09/2024/TT-BTNMT",
    samples=("w7dxt6k195pu", "w3gv7cgzjt0z", "00004.12.345"),
)
ParcelScheme = DomainType(
    "parcel_scheme",
    Kind.TEXT,
    "Scheme of a parcel id.",
    values=("geohash", "sheet"),
    max_length=8,
    samples=("geohash",),
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
Text = DomainType("text", Kind.TEXT, "Free text in NFC.", max_length=2000, samples=("Thôn 3",))
ShortText = DomainType(
    "short_text", Kind.TEXT, "Short free text in NFC.", max_length=200, samples=("Giám đốc",)
)
Code = DomainType(
    "code",
    Kind.TEXT,
    "Code as sent.",
    pattern=r"[0-9A-Za-zĐđ._/:\-]+",
    max_length=60,
    samples=("A1",),
)
Date = DomainType(
    "date",
    Kind.DATE,
    "Calendar date in Viet Nam.",
    minimum=EARLIEST,
    maximum=LATEST,
    samples=("1990-05-17", "2024-02-29"),
)
Precision = DomainType(
    "precision",
    Kind.TEXT,
    "Precision of a date: the rest of a partial date is its first day.",
    values=("day", "month", "year", "instant"),
    max_length=8,
    samples=("day",),
)
Instant = DomainType(
    "instant", Kind.INSTANT, "Instant in UTC, microseconds.", samples=("2026-11-02T01:15:00Z",)
)
"""Its day in Viet Nam is from ``EARLIEST`` to ``LATEST``; parsers read no other, so no check is derived."""
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
ProvinceCode = DomainType(
    "province_code",
    Kind.TEXT,
    "Province, one of 34 since 01/07/2025.",
    pattern=r"[0-9]{2}",
    max_length=2,
    source="QĐ 19/2025/QĐ-TTg",
    samples=("01", "79"),
)
CommuneCode = DomainType(
    "commune_code",
    Kind.TEXT,
    "Commune of the list of 01/07/2025.",
    pattern=r"[0-9]{5}",
    max_length=5,
    source="QĐ 19/2025/QĐ-TTg",
    samples=("00004", "00008"),
)
AreaM2 = DomainType(
    "area_m2",
    Kind.DECIMAL,
    "Area.",
    minimum="0.1",
    maximum="100000000",
    scale=1,
    unit="m2",
    samples=("96.1", "250.0"),
)
MapSheet = DomainType(
    "map_sheet",
    Kind.TEXT,
    "Number of the map sheet.",
    pattern=r"[0-9]{1,4}",
    max_length=4,
    samples=("12",),
)
ParcelNumber = DomainType(
    "parcel_number",
    Kind.TEXT,
    "Number of the parcel on its sheet.",
    pattern=r"[0-9]{1,6}",
    max_length=6,
    samples=("345",),
)
LandUseCode = DomainType(
    "land_use_code",
    Kind.TEXT,
    "Land use purpose.",
    pattern=r"[A-Z]{3}",
    max_length=3,
    source="TT 08/2024/TT-BTNMT Phụ lục II",
    samples=("ONT", "CLN", "LUC"),
)
CertificateSerial = DomainType(
    "certificate_serial",
    Kind.TEXT,
    "Serial of a land certificate: one or two letters and 6 or 8 digits.",
    pattern=r"[A-ZĐ]{1,2} [0-9]{6}([0-9]{2})?",
    max_length=11,
    source="TT 10/2024/TT-BTNMT",
    samples=("AN 276270", "AA 00012345"),
)
ShareNumber = DomainType(
    "share_number",
    Kind.INTEGER,
    "Numerator or denominator of a share.",
    minimum=1,
    maximum=1000000,
    samples=("1", "2"),
)
RightKind = DomainType(
    "right_kind",
    Kind.TEXT,
    "Kind of right.",
    values=("use", "ownership"),
    max_length=10,
    samples=("use",),
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
BusinessKind = DomainType(
    "business_kind",
    Kind.TEXT,
    "Kind of business.",
    values=("enterprise", "household", "sole_proprietorship"),
    max_length=20,
    samples=("enterprise", "household"),
)
LegalStatus = DomainType(
    "legal_status",
    Kind.TEXT,
    "Legal status of an enterprise, 1 to 7.",
    values=("1", "2", "3", "4", "5", "6", "7"),
    max_length=1,
    source="NĐ 01/2021/NĐ-CP Đ41 (NĐ 168/2025/NĐ-CP)",
    samples=("7", "1"),
)
CapitalVnd = DomainType(
    "capital_vnd",
    Kind.INTEGER,
    "Charter capital.",
    minimum=0,
    maximum=10**17,
    unit="VND",
    samples=("1000000000",),
)
VsicCode = DomainType(
    "vsic_code",
    Kind.TEXT,
    "Activity of VSIC; meaningful only with its version.",
    pattern=r"[0-9]{2,5}",
    max_length=5,
    source="QĐ 36/2025/QĐ-TTg; QĐ 27/2018/QĐ-TTg",
    samples=("4711", "62010"),
)
VsicVersion = DomainType(
    "vsic_version",
    Kind.TEXT,
    "Version of VSIC.",
    values=("2018", "2025"),
    max_length=4,
    samples=("2018", "2025"),
)
Flag = DomainType("flag", Kind.BOOLEAN, "Yes or no.", samples=("true", "false"))
Count = DomainType("count", Kind.INTEGER, "Number of things.", minimum=0, samples=("0", "12"))
Sequence = DomainType(
    "sequence",
    Kind.INTEGER,
    "Version of a dossier at its source, from 1.",
    minimum=1,
    maximum=10**9,
    samples=("1", "3"),
)
DossierCode = DomainType(
    "dossier_code",
    Kind.TEXT,
    "Code of a dossier at its source.",
    pattern=r"([0-9]{3}\.[0-9]{2}\.[0-9]{2}\.[A-Z][0-9]{2}|[A-Z][0-9]{2}(\.[0-9]{2,3})*)-[0-9]{6}-[0-9]{4,5}|BL[0-9A-Z._\-]{1,40}",
    max_length=50,
    source="TT 01/2018/TT-VPCP Đ19; QĐ 20/2020/QĐ-TTg",
    samples=("H26.01.02-261103-0007", "000.01.02.H26-261103-0007"),
)
ProcedureCode = DomainType(
    "procedure_code",
    Kind.TEXT,
    "National procedure code without its provincial suffix.",
    pattern=r"[0-9]\.[0-9]{6}|baseline\.[a-z]+",
    max_length=30,
    samples=("1.001193", "2.000635"),
)
FieldCode = DomainType(
    "field_code",
    Kind.TEXT,
    "Field of administration.",
    pattern=r"[A-Z][0-9]{2}-[A-Z0-9]{2,6}",
    max_length=12,
    source="TT 01/2018/TT-VPCP Đ20",
    samples=("G15-HT01",),
)
DossierStatus = DomainType(
    "dossier_status",
    Kind.TEXT,
    "Status of the national portal, 1 to 10.",
    values=("1", "2", "3", "4", "5", "6", "7", "8", "9", "10"),
    max_length=2,
    samples=("4", "9", "10"),
)
Channel = DomainType(
    "channel",
    Kind.TEXT,
    "Channel: 1 direct, 2 online, 3 postal.",
    values=("1", "2", "3"),
    max_length=1,
    samples=("2",),
)
ApplicantType = DomainType(
    "applicant_type",
    Kind.TEXT,
    "1 citizen, 2 enterprise, 3 agency, 4 other.",
    values=("1", "2", "3", "4"),
    max_length=1,
    samples=("1",),
)
RegisterName = DomainType(
    "register_name",
    Kind.TEXT,
    "Register of a row.",
    values=("population", "land", "business", "none"),
    max_length=10,
    samples=("population",),
)
Disposition = DomainType(
    "disposition",
    Kind.TEXT,
    "What became of a landed row.",
    values=("unreadable", "quarantined", "duplicate", "in_process", "no_effect", "effective"),
    max_length=12,
    samples=("effective", "in_process"),
)
Codes = DomainType(
    "codes",
    Kind.TEXT,
    "Reason codes in order, joined by a comma.",
    max_length=4000,
    samples=("POP-010",),
)
Digest = DomainType(
    "digest",
    Kind.TEXT,
    "SHA-256 in hexadecimal.",
    pattern=r"[0-9a-f]{64}",
    max_length=64,
    samples=("0" * 64,),
)
