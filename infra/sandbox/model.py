"""What the world is made of, in true values; and how a system writes them into forms."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

State = dict[str, Any]
"""True values of one aggregate: ``{"persons": {...}, "residences": {kind: {...}}}`` and the like."""


@dataclass(slots=True)
class Aggregate:
    """A person, parcel or business with its true state."""

    register: str
    key: str
    state: State
    busy_until: datetime
    exists: bool = True


@dataclass(slots=True)
class Dossier:
    """One dossier before its versions are written."""

    province: str
    procedure: str
    field_code: str
    form: str | None
    body: dict[str, list[dict[str, str]]]
    touched: list[Aggregate]
    apply: Callable[[datetime], None]
    applicant: tuple[str, str]
    """Name and personal id."""
    applied: list[tuple[Aggregate, State, bool]] = field(default_factory=list)
    """State of each aggregate before it took effect, for a withdrawal."""

    def take_effect(self, at: datetime) -> None:
        """Changes the world."""
        self.applied = [(one, copy.deepcopy(one.state), one.exists) for one in self.touched]
        self.apply(at)

    def undo(self, at: datetime) -> None:
        """Takes the change back."""
        del at
        for one, state, existed in self.applied:
            one.state, one.exists = state, existed


def vn_date(day: date | str | None) -> str | None:
    """A date as forms write it."""
    if day is None:
        return None
    value = date.fromisoformat(day) if isinstance(day, str) else day
    return value.strftime("%d/%m/%Y")


def _kept(**values: str | None) -> dict[str, str]:
    return {name: value for name, value in values.items() if value is not None}


def person_item(person: State) -> dict[str, str]:
    """A person in a form."""
    return _kept(
        SoDinhDanh=person["personal_id"],
        HoVaTen=person["full_name"],
        NgaySinh=vn_date(person["birth_date"]),
        GioiTinh={"male": "1", "female": "2"}[person["sex"]],
        QuocTich="VN",
        NoiSinhMaXa=person["birth_commune_code"],
        SoDinhDanhCha=person.get("father_personal_id"),
        SoDinhDanhMe=person.get("mother_personal_id"),
    )


def residence_item(person_id: str, residence: State) -> dict[str, str]:
    """A residence in a form."""
    return _kept(
        SoDinhDanh=person_id,
        LoaiCuTru={"permanent": "1", "temporary": "2"}[residence["residence_kind"]],
        MaPhuongXa=residence["commune_code"],
        ChiTiet=residence["address_text"],
        TuNgay=vn_date(residence["from_date"]),
        SoDinhDanhChuHo=residence.get("household_head_id"),
    )


def parcel_item(parcel: State) -> dict[str, str]:
    """A parcel in a form; areas have a decimal comma."""
    return {
        "maThuaDat": parcel["parcel_id"],
        "MaXa": parcel["commune_code"],
        "soHieuToBanDo": parcel["map_sheet"],
        "soThuTuThua": parcel["parcel_number"],
        "dienTich": parcel["area_m2"].replace(".", ","),
        "mucDichSuDung": parcel["land_use_code"],
        "diaChi": parcel["address_text"],
    }


def certificate_item(parcel_id: str, certificate: State) -> dict[str, str]:
    """A certificate in a form."""
    return _kept(
        maThuaDat=parcel_id,
        soPhatHanh=certificate["serial"],
        soVaoSo=certificate["register_number"],
        ngayCap=vn_date(certificate["issue_date"]),
        coQuanCap=certificate["issuer"],
    )


def right_item(parcel_id: str, right: State) -> dict[str, str]:
    """A right in a form."""
    return _kept(
        maThuaDat=parcel_id,
        LoaiGiayTo={"personal_id": "1", "old_id": "2", "tax_code": "3"}[right["holder_id_kind"]],
        soGiayTo=right["holder_id"],
        hoTen=right["holder_name"],
        tuSo=right["share_numerator"],
        mauSo=right["share_denominator"],
        loaiQuyen="1",
        tuNgay=vn_date(right.get("from_date")),
    )


def business_item(business: State) -> dict[str, str]:
    """A business in a form."""
    return _kept(
        ENTERPRISE_GDT_CODE=business["tax_code"],
        LoaiHinh={"enterprise": "DN", "household": "HKD"}[business["business_kind"]],
        NAME=business["name"],
        FOUNDING_DATE=vn_date(business["founded_date"]),
        ENTERPRISE_STATUS=business["legal_status_code"],
        CAPITAL_AMOUNT=business["capital_vnd"],
        WardCode=business["commune_code"],
        AddressFullText=business["address_text"],
    )


def activity_item(tax_code: str, activity: State) -> dict[str, str]:
    """An activity in a form."""
    return {
        "ENTERPRISE_GDT_CODE": tax_code,
        "CODE": activity["vsic_code"],
        "VERSION": activity["vsic_version"],
        "IS_MAIN": "Y" if activity["is_main"] else "N",
    }


def representative_item(tax_code: str, representative: State) -> dict[str, str]:
    """A representative in a form."""
    return {
        "ENTERPRISE_GDT_CODE": tax_code,
        "LoaiGiayTo": "1",
        "SoGiayTo": representative["id_number"],
        "FULL_NAME": representative["full_name"],
        "ChucDanh": representative["position"],
    }
