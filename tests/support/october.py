"""A closed month of one province: every kind of business, certified copies, names that must not leak."""

from __future__ import annotations

from typing import Any

from jobs import release
from tests.support.dossiers import version

POLICY = release.Policy(minimum_provinces=1)
HOUSEHOLD, SOLE, ENTERPRISE, FORMULA = "001075000001", "0300588569", "0100109106", "0101248141"
PERSON, HOUSE, ADDRESS = "Tôn Thất Mật", "Quán phở Mật", "Ngõ Bí Mật 7"
MARKERS = (PERSON, HOUSE, ADDRESS, HOUSEHOLD, SOLE, "H26.01.02-2610")
OCTOBER = {"accepted": "20261005080000", "updated": "2026-10-20T09:00:00+07:00"}


def code(number: int) -> str:
    return f"H26.01.02-261005-{number:04d}"


def business(number: int, kind: str, tax_code: str, name: str, address: str) -> dict[str, Any]:
    procedure, form = ("1.001612", "KD-HKD") if kind == "HKD" else ("2.001610", "KD-DN")
    body = {
        "DoanhNghiep": [
            {
                "ENTERPRISE_GDT_CODE": tax_code,
                "LoaiHinh": kind,
                "NAME": name,
                "FOUNDING_DATE": "06/10/2026",
                "ENTERPRISE_STATUS": "7",
                "WardCode": "00004",
                "AddressFullText": address,
            }
        ],
        "NganhNghe": [
            {"ENTERPRISE_GDT_CODE": tax_code, "VERSION": "2025", "CODE": "62010", "IS_MAIN": "Y"},
            {"ENTERPRISE_GDT_CODE": tax_code, "VERSION": "2025", "CODE": "4711", "IS_MAIN": "N"},
        ],
        "NguoiDaiDien": [
            {
                "ENTERPRISE_GDT_CODE": tax_code,
                "LoaiGiayTo": "1",
                "SoGiayTo": HOUSEHOLD,
                "FULL_NAME": PERSON,
                "ChucDanh": "Giám đốc",
            }
        ],
    }
    return version(
        code(number),
        1,
        procedure,
        form=form,
        body=body,
        finished="20261006080000",
        number=number,
        ChuHoSo=PERSON,
        **OCTOBER,
    )


def copy(number: int, finished: str, **more: Any) -> dict[str, Any]:
    """A certified copy, due on 10 October."""
    due = {"NgayHenTra": "20261010170000", "ChuHoSo": PERSON}
    return version(code(number), 1, "2.000815", finished=finished, number=number, **OCTOBER, **due, **more)


ROWS = [
    business(1, "DN", ENTERPRISE, "CÔNG TY TNHH SÔNG HỒNG", "Số 1"),
    business(2, "DN", FORMULA, "=HYPERLINK(1) CÔNG TY", "@Số 2"),
    business(3, "HKD", HOUSEHOLD, HOUSE, ADDRESS),
    business(4, "DNTN", SOLE, f"DNTN {PERSON}", ADDRESS),
    *[copy(number, "20261010163000") for number in range(100, 130)],
    *[copy(number, "20261011080000") for number in range(200, 212)],
    *[copy(300 + n, "", status="3", NgayTuChoi="20261009080000") for n in range(3)],
]
