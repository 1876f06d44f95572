"""Places and land: administrative units, parcels, certificates, rights."""

from __future__ import annotations

from schemas.contract import DomainType, Kind

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
