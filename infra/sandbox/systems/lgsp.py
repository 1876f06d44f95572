"""Dossiers as a sharing platform's SyncDocument tells them: English names, mixed types, typing errors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from infra.sandbox.systems.words import form_of, local, renamed

_PERSON = {
    "SoDinhDanh": "citizenId",
    "SoCMND": "oldCitizenId",
    "HoVaTen": "fullname",
    "HoVaTenCu": "fullnameBefore",
    "NgaySinh": "dateOfBirth",
    "NgaySinhCu": "dateOfBirthBefore",
    "GioiTinh": "sex",
    "QuocTich": "country",
    "NoiSinhMaXa": "placeOfBirth",
    "SoDinhDanhCha": "father",
    "SoDinhDanhMe": "mother",
    "NgayMat": "dateOfDeath",
}
_RESIDENCE = {
    "SoDinhDanh": "citizenId",
    "LoaiCuTru": "kind",
    "MaPhuongXa": "commune",
    "ChiTiet": "detail",
    "SoDinhDanhChuHo": "householder",
    "TuNgay": "since",
}
_PARCEL = {
    "maThuaDat": "landCode",
    "MaXa": "commune",
    "soHieuToBanDo": "sheet",
    "soThuTuThua": "number",
    "dienTich": "acreage",
    "dienTichCu": "acreageBefore",
    "mucDichSuDung": "purpose",
    "mucDichSuDungCu": "purposeBefore",
    "diaChi": "detail",
    "tuNgay": "since",
}
_CERTIFICATE = {
    "maThuaDat": "landCode",
    "soPhatHanh": "serial",
    "soVaoSo": "bookNumber",
    "ngayCap": "dateIssued",
    "coQuanCap": "issuedBy",
}
_RIGHT = {
    "maThuaDat": "landCode",
    "LoaiGiayTo": "paperType",
    "soGiayTo": "paperNumber",
    "hoTen": "fullname",
    "tuSo": "part",
    "mauSo": "whole",
    "loaiQuyen": "right",
    "tuNgay": "since",
}
_BUSINESS = {
    "ENTERPRISE_GDT_CODE": "taxNumber",
    "ENTERPRISE_CODE": "innerCode",
    "LoaiHinh": "kind",
    "NAME": "title",
    "SHORT_NAME": "shortTitle",
    "NAME_F": "foreignTitle",
    "FOUNDING_DATE": "dateFounded",
    "ENTERPRISE_STATUS": "state",
    "CAPITAL_AMOUNT": "capital",
    "WardCode": "commune",
    "AddressFullText": "detail",
    "TuNgay": "since",
    "DenNgay": "until",
}
_ACTIVITY = {
    "ENTERPRISE_GDT_CODE": "taxNumber",
    "CODE": "vsic",
    "VERSION": "vsicVersion",
    "IS_MAIN": "isMain",
}
_REPRESENTATIVE = {
    "ENTERPRISE_GDT_CODE": "taxNumber",
    "LoaiGiayTo": "paperType",
    "SoGiayTo": "paperNumber",
    "FULL_NAME": "fullname",
    "ChucDanh": "title",
}
_GROUPS = {
    "NguoiDan": "people",
    "CuTru": "homes",
    "ThuaDat": "lands",
    "ThuaDatGoc": "landsBefore",
    "ThuaDatMoi": "landsAfter",
    "GiayChungNhan": "titles",
    "GiayChungNhanThuHoi": "titlesRevoked",
    "QuyenSuDung": "holders",
    "BenChuyen": "sellers",
    "BenNhan": "buyers",
    "DoanhNghiep": "companies",
    "NganhNghe": "lines",
    "NguoiDaiDien": "directors",
    "NguoiDaiDienCu": "directorsBefore",
}
_FIELDS = {
    "people": _PERSON,
    "homes": _RESIDENCE,
    "lands": _PARCEL,
    "landsBefore": _PARCEL,
    "landsAfter": _PARCEL,
    "titles": _CERTIFICATE,
    "titlesRevoked": _CERTIFICATE,
    "holders": _RIGHT,
    "sellers": _RIGHT,
    "buyers": _RIGHT,
    "companies": _BUSINESS,
    "lines": _ACTIVITY,
    "directors": _REPRESENTATIVE,
    "directorsBefore": _REPRESENTATIVE,
}
_DATES = {
    "dateReceived": "NgayTiepNhan",
    "dateAppointed": "NgayHenTra",
    "successDate": "NgayKetThucXuLy",
    "returnedDate": "NgayTra",
    "rejectedDate": "NgayTuChoi",
}


def written(item: Mapping[str, Any]) -> dict[str, Any]:
    """The dossier as such a platform tells it."""
    who = (item.get("DinhDanhCHS") or [{}])[0]
    status = item["TrangThaiHoSo"]
    told: dict[str, Any] = {
        "documentId": f"D{item['id']}",
        "lastUpdate": item["updated_at"],
        "docCode": item.get("MaHoSo"),
        "docTypeCode": item.get("MaTTHC"),
        "docTypeName": item.get("TenTTHC"),
        "organId": item.get("madonvi"),
        "processingOrganName": item.get("DonViXuLy"),
        "applicantsType": int(item.get("LoaiDoiTuong", "1")),
        "citizenName": item.get("ChuHoSo"),
        "applicantsId": who.get("SoDinhDanh"),
        "phone": item.get("SoDienThoai"),
        "email": item.get("Email"),
        "compendium": item.get("TrichYeuHoSo"),
        "status": int(status) if status.isdecimal() else status,
        "isReturned": "true" if "NgayTra" in item else "false",
        "returnedType": int(item.get("HinhThuc", "0")),
        "isVerified": int(item.get("TaiKhoanDuocXacThucVoiVNeID", "0")),
        "docFees": item.get("DanhSachLePhi"),
        "docPapers": _papers(item),
        "revokedTime": item.get("withdrawn_at"),
        "revokedReason": item.get("withdrawn_basis"),
        "correctedTime": item.get("corrected_at"),
        "correctedReason": item.get("correction_basis"),
    }
    told |= {theirs: local(item.get(ours), "%Y-%m-%d %H:%M:%S") for theirs, ours in _DATES.items()}
    if "form" in item:
        told["eForm"] = renamed(form_of(item), _GROUPS, _FIELDS)
    return {name: value for name, value in told.items() if value is not None}


def _papers(item: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """Papers by reference; the key of the reference has a small L for the I, as the real platform's has."""
    papers = item.get("TaiLieuNop")
    if papers is None:
        return None
    return [{"attachmentld": one["TepDinhKemId"], "attachmentName": one["TenTepDinhKem"]} for one in papers]
