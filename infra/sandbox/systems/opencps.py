"""Dossiers as OpenCPS tells them by REST: text statuses, misspelt fields, a form that is JSON in a text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from infra.sandbox.systems.words import changed, form_of, local, renamed

_STATUSES = {
    "0": "interoperating",
    "1": "receiving",
    "2": "new",
    "3": "denied",
    "4": "processing",
    "5": "waiting",
    "6": "paying",
    "7": "cancelled",
    "8": "unresolved",
    "9": "releasing",
    "10": "done",
}
_KINDS = {"1": "citizen", "2": "business"}
_PERSON = {
    "SoDinhDanh": "personalId",
    "SoCMND": "oldIdNo",
    "HoVaTen": "fullName",
    "HoVaTenCu": "oldFullName",
    "NgaySinh": "birthDate",
    "NgaySinhCu": "oldBirthDate",
    "GioiTinh": "gender",
    "QuocTich": "nationality",
    "NoiSinhMaXa": "birthWardCode",
    "SoDinhDanhCha": "fatherId",
    "SoDinhDanhMe": "motherId",
    "NgayMat": "deathDate",
}
_RESIDENCE = {
    "SoDinhDanh": "personalId",
    "LoaiCuTru": "residenceType",
    "MaPhuongXa": "wardCode",
    "ChiTiet": "address",
    "SoDinhDanhChuHo": "headId",
    "TuNgay": "fromDate",
}
_PARCEL = {
    "maThuaDat": "parcelCode",
    "MaXa": "wardCode",
    "soHieuToBanDo": "mapSheetNo",
    "soThuTuThua": "parcelNo",
    "dienTich": "area",
    "dienTichCu": "oldArea",
    "mucDichSuDung": "landUse",
    "mucDichSuDungCu": "oldLandUse",
    "diaChi": "address",
    "tuNgay": "fromDate",
}
_CERTIFICATE = {
    "maThuaDat": "parcelCode",
    "soPhatHanh": "serialNo",
    "soVaoSo": "registerNo",
    "ngayCap": "issueDate",
    "coQuanCap": "issuer",
}
_RIGHT = {
    "maThuaDat": "parcelCode",
    "LoaiGiayTo": "idType",
    "soGiayTo": "idNo",
    "hoTen": "holderName",
    "tuSo": "numerator",
    "mauSo": "denominator",
    "loaiQuyen": "rightType",
    "tuNgay": "fromDate",
}
_BUSINESS = {
    "ENTERPRISE_GDT_CODE": "taxCode",
    "ENTERPRISE_CODE": "enterpriseCode",
    "LoaiHinh": "businessType",
    "NAME": "businessName",
    "SHORT_NAME": "shortName",
    "NAME_F": "foreignName",
    "FOUNDING_DATE": "foundingDate",
    "ENTERPRISE_STATUS": "legalStatus",
    "CAPITAL_AMOUNT": "capital",
    "WardCode": "wardCode",
    "AddressFullText": "address",
    "TuNgay": "fromDate",
    "DenNgay": "toDate",
}
_ACTIVITY = {
    "ENTERPRISE_GDT_CODE": "taxCode",
    "CODE": "industryCode",
    "VERSION": "industryVersion",
    "IS_MAIN": "isMain",
}
_REPRESENTATIVE = {
    "ENTERPRISE_GDT_CODE": "taxCode",
    "LoaiGiayTo": "idType",
    "SoGiayTo": "idNo",
    "FULL_NAME": "fullName",
    "ChucDanh": "position",
}
GROUPS = {
    "NguoiDan": "citizens",
    "CuTru": "residences",
    "ThuaDat": "parcels",
    "ThuaDatGoc": "parcelsFrom",
    "ThuaDatMoi": "parcelsTo",
    "GiayChungNhan": "certificates",
    "GiayChungNhanThuHoi": "certificatesFrom",
    "QuyenSuDung": "rights",
    "BenChuyen": "rightsFrom",
    "BenNhan": "rightsTo",
    "DoanhNghiep": "businesses",
    "NganhNghe": "industries",
    "NguoiDaiDien": "representatives",
    "NguoiDaiDienCu": "representativesFrom",
}
FIELDS = {
    "citizens": _PERSON,
    "residences": _RESIDENCE,
    "parcels": _PARCEL,
    "parcelsFrom": _PARCEL,
    "parcelsTo": _PARCEL,
    "certificates": _CERTIFICATE,
    "certificatesFrom": _CERTIFICATE,
    "rights": _RIGHT,
    "rightsFrom": _RIGHT,
    "rightsTo": _RIGHT,
    "businesses": _BUSINESS,
    "industries": _ACTIVITY,
    "representatives": _REPRESENTATIVE,
    "representativesFrom": _REPRESENTATIVE,
}
_DATES = {
    "submitDate": "NgayNopHoSo",
    "receiveDate": "NgayTiepNhan",
    "dueDate": "NgayHenTra",
    "releaseDate": "NgayKetThucXuLy",
    "finishDate": "NgayTra",
    "cancellingDate": "NgayTuChoi",
}


def written(item: Mapping[str, Any]) -> dict[str, Any]:
    """The dossier as such a system tells it."""
    who = (item.get("DinhDanhCHS") or [{}])[0]
    status, channel = item["TrangThaiHoSo"], item.get("KenhThucHien")
    told: dict[str, Any] = {
        "dossierId": item["id"],
        "modifiedDate": round(changed(item).timestamp() * 1000),
        "dossierNo": item.get("MaHoSo"),
        "originDossierNo": item.get("SoBienNhan"),
        "serviceCode": item.get("MaTTHC"),
        "serviceName": item.get("TenTTHC"),
        "domainCode": item.get("MaLinhVuc"),
        "govAgencyCode": item.get("madonvi"),
        "govAgencyName": item.get("DonViXuLy"),
        "dossierStatus": _STATUSES.get(status, status),
        "online_": channel == "2",
        "viaPostal": 2 if channel == "3" else 0,
        "applicantIdType": _KINDS.get(item.get("LoaiDoiTuong", ""), item.get("LoaiDoiTuong")),
        "applicantName": item.get("ChuHoSo"),
        "applicantIdNo": who.get("SoDinhDanh"),
        "contactTelNo": item.get("SoDienThoai"),
        "contactEmail": item.get("Email"),
        "briefNote": item.get("TrichYeuHoSo"),
        "durationCount": 10,
        "durationUnit": 0,
        "correcttingDate": _day(item.get("NgayYeuCauBoSung")),
        "revokedDate": item.get("withdrawn_at"),
        "revokedBasis": item.get("withdrawn_basis"),
        "correctedDate": item.get("corrected_at"),
        "correctedBasis": item.get("correction_basis"),
    }
    told |= {theirs: _day(item.get(ours)) for theirs, ours in _DATES.items()}
    if "form" in item:
        told["formData"] = json.dumps(renamed(form_of(item), GROUPS, FIELDS), ensure_ascii=False)
    return {name: value for name, value in told.items() if value is not None}


def _day(stamp: Any) -> Any:
    return local(stamp, "%d/%m/%Y %H:%M:%S")
