"""The worked example of the design: three days of one province as landed rows, and how a line lives them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from jobs.findings import replay
from tests.support.dossiers import ndjson, version
from tests.support.line import Line, at_day

FEED = "01-dossiers"

BINH, DUNG, AN, CUC, EM = (
    "001075000001",
    "001080000002",
    "001326000003",
    "001175000004",
    "001182000005",
)
T = "w7dxt6k195pu"
E = "0100109106"


def code(number: int, day: str = "261102") -> str:
    return f"H26.01.02-{day}-{number:04d}"


D1, D2, D3, D4, D5, D6, D7 = (code(number) for number in range(1, 8))


def _person(personal_id: str, name: str, birth: str, sex: str, **more: str) -> dict[str, str]:
    return {"SoDinhDanh": personal_id, "HoVaTen": name, "NgaySinh": birth, "GioiTinh": sex, **more}


def _residence(personal_id: str, since: str) -> dict[str, str]:
    return {
        "SoDinhDanh": personal_id,
        "LoaiCuTru": "1",
        "MaPhuongXa": "00004",
        "ChiTiet": "Số 1",
        "TuNgay": since,
    }


def _right(holder: str, name: str, **more: str) -> dict[str, str]:
    return {
        "maThuaDat": T,
        "LoaiGiayTo": "1",
        "soGiayTo": holder,
        "hoTen": name,
        "tuSo": "1",
        "mauSo": "1",
        "loaiQuyen": "1",
        **more,
    }


PERSONS = [
    {
        "record_id": "BL01P000001",
        "as_of_date": "2026-07-31",
        "NguoiDan": [_person(BINH, "Trần Văn Bình", "01/02/1975", "1")],
        "CuTru": [],
    },
    {
        "record_id": "BL01P000002",
        "as_of_date": "2026-07-31",
        "NguoiDan": [_person(DUNG, "Lê Văn Dũng", "03/04/1980", "1")],
        "CuTru": [_residence(DUNG, "01/01/2000")],
    },
]
PARCELS = [
    {
        "record_id": "BL01T000001",
        "as_of_date": "2026-07-31",
        "ThuaDat": [
            {
                "maThuaDat": T,
                "MaXa": "00004",
                "soHieuToBanDo": "12",
                "soThuTuThua": "345",
                "dienTich": "96,1",
                "mucDichSuDung": "ODT",
                "diaChi": "Số 1",
            }
        ],
        "GiayChungNhan": [],
        "QuyenSuDung": [_right(BINH, "Trần Văn Bình", tuNgay="01/01/2010")],
    }
]


def _birth(**more: Any) -> dict[str, Any]:
    body = {
        "NguoiDan": [_person(AN, "Nguyễn Thị An", "20/10/2026", "2")],
        "CuTru": [_residence(AN, "20/10/2026")],
    }
    return version(D1, 1, "1.001193", form="HT-KS", body=body, finished="20261102083000", **more)


def _transfer(
    dossier: str,
    sequence: int,
    seller: tuple[str, str],
    buyer: tuple[str, str],
    finished: str | None,
    **more: Any,
) -> dict[str, Any]:
    body = {"BenChuyen": [_right(*seller)], "BenNhan": [_right(*buyer)]}
    return version(dossier, sequence, "1.012756", form="DD-CN", body=body, finished=finished, **more)


def _death(**more: Any) -> dict[str, Any]:
    """Dũng's death; the year of birth contradicts his id."""
    body = {
        "NguoiDan": [_person(DUNG, "Lê Văn Dũng", "03/04/1981", "1", NgayMat="01/11/2026")],
        "CuTru": [_residence(DUNG, "01/11/2026")],
    }
    return version(D3, 1, "1.000656", form="HT-KT", body=body, finished="20261102090000", **more)


def _enterprise() -> dict[str, Any]:
    body = {
        "DoanhNghiep": [
            {
                "ENTERPRISE_GDT_CODE": E,
                "LoaiHinh": "DN",
                "NAME": "CÔNG TY TNHH SÔNG HỒNG",
                "FOUNDING_DATE": "02/11/2026",
                "ENTERPRISE_STATUS": "7",
                "WardCode": "00004",
                "AddressFullText": "Số 1",
            }
        ],
        "NguoiDaiDien": [
            {
                "ENTERPRISE_GDT_CODE": E,
                "LoaiGiayTo": "1",
                "SoGiayTo": AN,
                "FULL_NAME": "Nguyễn Thị An",
                "ChucDanh": "Giám đốc",
            }
        ],
    }
    return version(D4, 1, "2.001610", form="KD-DN", body=body, finished="20261102100000", number=6)


def _renaming() -> dict[str, Any]:
    body = {
        "NguoiDan": [
            _person(AN, "Nguyễn Thị Ân", "20/10/2026", "2", HoVaTenCu="Nguyễn Thị An"),
        ]
    }
    return version(
        D5,
        1,
        "1.004859",
        form="HT-CC",
        body=body,
        finished="20261103093000",
        accepted="20261103080000",
    )


_BINH, _CUC, _EM = (BINH, "Trần Văn Bình"), (CUC, "Phạm Thị Cúc"), (EM, "Hoàng Thị Em")

S1: list[dict[str, Any] | str] = [
    _birth(number=1),
    _transfer(D2, 1, _BINH, _CUC, None, number=2),
    _birth(number=3, updated="2026-11-02T10:00:00+07:00"),
    _death(number=4),
    '{"id": 5, "MaHoSo": "H26.01',
    _enterprise(),
]
S2: list[dict[str, Any] | str] = [
    _birth(number=7, updated="2026-11-03T08:00:00+07:00"),
    _transfer(D2, 2, _BINH, _CUC, "20261103100000", number=8),
    _renaming() | {"id": 9},
    _transfer(D6, 1, _CUC, _EM, "20261103150000", accepted="20261103080000", number=10),
    version(D7, 1, "1.012796", finished="20261103160000", accepted="20261103080000", number=11),
]
S3: list[dict[str, Any] | str] = [
    _transfer(
        D2,
        3,
        _BINH,
        _CUC,
        "20261103100000",
        number=12,
        updated="2026-11-04T08:00:00+07:00",
        withdrawn_at="2026-11-04T08:00:00+07:00",
        withdrawn_basis="Quyết định 12/QĐ-UBND",
    ),
    _death(number=13, updated="2026-11-04T09:00:00+07:00"),
]


def baseline_delivered(line: Line) -> None:
    """The extracts of day 0 lie in their inbox."""
    line.directory("01")
    inbox = line.inbox("01", "baseline")
    (inbox / "persons.ndjson.gz").write_bytes(ndjson(PERSONS))
    (inbox / "parcels.ndjson.gz").write_bytes(ndjson(PARCELS))


def baseline(line: Line) -> None:
    """Day 0: the extracts are delivered, and everything runs."""
    baseline_delivered(line)
    line.day("01-baseline", at_day(0))


def delivered(line: Line, number: int) -> None:
    """The submission of day 1, 2 or 3 lies in its inbox."""
    (line.inbox("01") / f"s{number}.ndjson.gz").write_bytes(ndjson((S1, S2, S3)[number - 1]))


def day(line: Line, number: int) -> None:
    """Day 1, 2 or 3: its submission is delivered, and everything runs."""
    delivered(line, number)
    line.day(FEED, at_day(number))


def lived(line: Line) -> Line:
    """Days 0 to 3, and the steward's correction with its replay a minute later."""
    baseline(line)
    for number in (1, 2, 3):
        day(line, number)
    corrected(line, at_day(3) + timedelta(minutes=1))
    return line


def corrected(line: Line, at: datetime) -> int:
    """The steward's correction of Dũng's birth date, its replay and what follows; its number."""
    content = line.findings(D3)[0].content_digest
    number = replay.correct(
        line.settings,
        content_digest=content,
        path="dvcqg:persons[0].birth_date",
        new_text="03/04/1980",
        reason="Sai năm sinh",
        basis="Giấy khai sinh số 12",
        by="steward",
        at=at,
    )
    replay.replay(line.settings, at=at, digests=[content])
    line.merge(at)
    return number
