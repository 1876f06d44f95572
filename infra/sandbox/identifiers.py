"""Identifiers and names that the sandbox gives out; a counter makes each its own."""

from __future__ import annotations

import random
from datetime import date

from infra.sandbox.places import Province

_FAMILIES = (
    *("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Huỳnh", "Phan", "Vũ", "Võ", "Đặng", "Bùi", "Đỗ", "Hồ"),
    *("Ngô", "Dương", "Lý", "Đinh", "Lương", "Trịnh", "Mai"),
)
_MIDDLES = {
    "male": ("Văn", "Hữu", "Đức", "Quang", "Minh", "Xuân"),
    "female": ("Thị", "Thu", "Ngọc", "Thanh", "Bích"),
}
_GIVEN = {
    "male": ("Đường", "Hùng", "Dũng", "Sơn", "Tuấn", "Bình", "Khải", "Thắng", "Quý", "Nghĩa", "Phước", "Tài"),
    "female": ("Hương", "Lan", "Yến", "Ánh", "Huệ", "Thủy", "Cúc", "Diễm", "Tuyết", "Phượng", "Hằng", "Mỹ"),
}
_COMPANY = (
    "Sông Hồng",
    "Bình Minh",
    "Hưng Thịnh",
    "Đại Phát",
    "Tân Tiến",
    "Phú Quý",
    "An Khang",
    "Việt Hưng",
)
_STREETS = ("Trần Phú", "Lê Lợi", "Quang Trung", "Nguyễn Huệ", "Hùng Vương", "Bà Triệu", "Điện Biên Phủ")
_BASE32 = "0123456789bcdefghjkmnpqrstuvwxyz"
_WEIGHTS = (31, 29, 23, 19, 17, 13, 7, 5, 3)
LAND_USES = ("ONT", "ODT", "CLN", "LUC", "HNK")
VSIC = ("4711", "5610", "4932", "4100", "6201", "0111", "1071", "9631")


def person_name(rng: random.Random, sex: str, family: str | None = None) -> str:
    """A name of one of the common patterns."""
    return " ".join((family or rng.choice(_FAMILIES), rng.choice(_MIDDLES[sex]), rng.choice(_GIVEN[sex])))


def personal_id(province: Province, sex: str, born: date, serial: int) -> str:
    """Twelve digits as NĐ 137/2015 builds them."""
    century = (born.year - 1900) // 100 * 2 + (sex == "female")
    return f"{province.id_prefix}{century}{born.year % 100:02d}{serial:06d}"


def tax_code(serial: int) -> str:
    """Ten digits, the last of them a check; serials that have none are shifted."""
    while True:
        digits = f"{serial:09d}"
        rest = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, digits, strict=True)) % 11
        if rest:
            return f"{digits}{10 - rest}"
        serial += 400_000_000


def geohash(province: Province, serial: int) -> str:
    """A 12-character place; the serial stands in its last characters."""
    prefix = ("w7", "w6", "w3")[province.number * 3 // 34]
    number, text = province.number * 10_000_000 + serial, ""
    for _ in range(10):
        number, digit = divmod(number, 32)
        text = _BASE32[digit] + text
    return prefix + text


def certificate_serial(province: Province, serial: int) -> str:
    """Two letters and six digits; the letters name the province."""
    letters = chr(65 + serial // 999_999 % 24) + chr(65 + province.number % 24)
    return f"{letters} {serial % 999_999 + 1:06d}"


def address(rng: random.Random) -> str:
    """House and street."""
    return f"Số {rng.randint(1, 300)} đường {rng.choice(_STREETS)}"


def company_name(rng: random.Random) -> str:
    """Name of an enterprise."""
    return f"CÔNG TY TNHH {rng.choice(_COMPANY).upper()} {rng.randint(1, 999)}"
