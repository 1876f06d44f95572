"""Dossiers as e-PAR keeps them: a row of a table, a form in XML, a state in a task and four dates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import quoteattr

from infra.sandbox.systems.words import changed, form_of, local, numbered

_TYPES = {
    "1.001193": "TP01",
    "1.000656": "TP02",
    "1.004222": "TP03",
    "1.004859": "TP04",
    "2.000635": "TP05",
    "2.000815": "TP06",
    "1.012753": "TN01",
    "1.012756": "TN02",
    "1.012784": "TN03",
    "1.012785": "TN04",
    "1.012790": "TN05",
    "1.012796": "TN06",
    "2.001610": "KT01",
    "1.001612": "KT02",
    "2.002069": "KT03",
    "2.002029": "KT04",
    "2.002023": "KT05",
    "2.002016": "KT06",
}
_ROLES = {
    "0": "LIEN_THONG",
    "1": "TIEP_NHAN",
    "2": "TIEP_NHAN",
    "4": "THU_LY",
    "5": "BO_SUNG",
    "6": "THU_PHI",
    "9": "TRA_KET_QUA",
}
_PERSON = {
    "SoDinhDanh": "txtIdentityCard",
    "SoCMND": "txtSoCM",
    "HoVaTen": "txtName",
    "HoVaTenCu": "txtOldName",
    "NgaySinh": "txtBirthday",
    "NgaySinhCu": "txtOldBirthday",
    "GioiTinh": "ddlSex",
    "QuocTich": "ddlNation",
    "NoiSinhMaXa": "ddlBirthPlace",
    "SoDinhDanhCha": "txtFather",
    "SoDinhDanhMe": "txtMother",
    "NgayMat": "txtDeathDate",
}
_RESIDENCE = {
    "SoDinhDanh": "txtIdentityCard",
    "LoaiCuTru": "ddlKind",
    "MaPhuongXa": "ddlXaPhuong",
    "ChiTiet": "txtDiaChi",
    "SoDinhDanhChuHo": "txtHead",
    "TuNgay": "txtFromDate",
}
_PARCEL = {
    "maThuaDat": "txtParcelCode",
    "MaXa": "ddlXaPhuong",
    "soHieuToBanDo": "txtMapNo",
    "soThuTuThua": "txtPlaceNo",
    "dienTich": "txtArea",
    "dienTichCu": "txtOldArea",
    "mucDichSuDung": "txtPurpose",
    "mucDichSuDungCu": "txtOldPurpose",
    "diaChi": "txtPlaceAdd",
    "tuNgay": "txtFromDate",
}
_CERTIFICATE = {
    "maThuaDat": "txtParcelCode",
    "soPhatHanh": "txtSerial",
    "soVaoSo": "txtBookNo",
    "ngayCap": "txtIssueDate",
    "coQuanCap": "txtIssuer",
}
_RIGHT = {
    "maThuaDat": "txtParcelCode",
    "LoaiGiayTo": "ddlPaper",
    "soGiayTo": "txtPaperNo",
    "hoTen": "txtName",
    "tuSo": "txtPart",
    "mauSo": "txtWhole",
    "loaiQuyen": "ddlRight",
    "tuNgay": "txtFromDate",
}
_BUSINESS = {
    "ENTERPRISE_GDT_CODE": "txtTaxCode",
    "ENTERPRISE_CODE": "txtInnerCode",
    "LoaiHinh": "ddlKind",
    "NAME": "txtName",
    "SHORT_NAME": "txtShortName",
    "NAME_F": "txtForeignName",
    "FOUNDING_DATE": "txtFounded",
    "ENTERPRISE_STATUS": "ddlState",
    "CAPITAL_AMOUNT": "txtCapital",
    "WardCode": "ddlXaPhuong",
    "AddressFullText": "txtDiaChi",
    "TuNgay": "txtFromDate",
    "DenNgay": "txtToDate",
}
_ACTIVITY = {
    "ENTERPRISE_GDT_CODE": "txtTaxCode",
    "CODE": "txtIndustry",
    "VERSION": "txtVersion",
    "IS_MAIN": "chkMain",
}
_REPRESENTATIVE = {
    "ENTERPRISE_GDT_CODE": "txtTaxCode",
    "LoaiGiayTo": "ddlPaper",
    "SoGiayTo": "txtPaperNo",
    "FULL_NAME": "txtName",
    "ChucDanh": "txtPosition",
}
_GROUPS = {
    "NguoiDan": "CD",
    "CuTru": "CT",
    "ThuaDat": "TD",
    "ThuaDatGoc": "TDG",
    "ThuaDatMoi": "TDM",
    "GiayChungNhan": "GCN",
    "GiayChungNhanThuHoi": "GTH",
    "QuyenSuDung": "QSD",
    "BenChuyen": "BC",
    "BenNhan": "BN",
    "DoanhNghiep": "DN",
    "NganhNghe": "NN",
    "NguoiDaiDien": "DD",
    "NguoiDaiDienCu": "DDC",
}
_FIELDS = {
    "CD": _PERSON,
    "CT": _RESIDENCE,
    "TD": _PARCEL,
    "TDG": _PARCEL,
    "TDM": _PARCEL,
    "GCN": _CERTIFICATE,
    "GTH": _CERTIFICATE,
    "QSD": _RIGHT,
    "BC": _RIGHT,
    "BN": _RIGHT,
    "DN": _BUSINESS,
    "NN": _ACTIVITY,
    "DD": _REPRESENTATIVE,
    "DDC": _REPRESENTATIVE,
}
_DATES = {
    "C_RECEIVE_DATE": "NgayTiepNhan",
    "C_RETURN_DATE": "NgayHenTra",
    "C_BIZ_DONE_DATE": "NgayKetThucXuLy",
    "C_CLEAR_DATE": "NgayTra",
    "C_REJECT_DATE": "NgayTuChoi",
}


def written(item: Mapping[str, Any]) -> dict[str, Any]:
    """The dossier as a row of ``t_r3_record`` with the type's code beside it."""
    procedure, status = str(item.get("MaTTHC")), item["TrangThaiHoSo"]
    kind = _TYPES.get(procedure[:8], procedure)
    told: dict[str, Any] = {
        "PK_RECORD": item["id"],
        "C_LAST_MODIFIED": f"{changed(item):%Y-%m-%d %H:%M:%S}",
        "C_RECORD_NO": item.get("MaHoSo"),
        "C_TYPE_CODE": kind,
        "C_TYPE_NAME": item.get("TenTTHC"),
        "C_SPEC_CODE": kind[:2],
        "C_SPEC_NAME": item.get("TenLinhVuc"),
        "C_IS_INTERNET_RECORD": "1" if item.get("KenhThucHien") == "2" else "0",
        "C_CITIZEN_NAME": str(item.get("ChuHoSo") or "").upper() or None,
        "C_RETURN_PHONE_NUMBER": item.get("SoDienThoai"),
        "C_RETURN_EMAIL": item.get("Email"),
        "C_NEXT_TASK_CODE": f"{kind}::{_ROLES.get(status, status)}" if status not in {"3", "10"} else None,
        "C_REJECTED": "1" if status == "3" else "0",
        "C_PAUSE_DATE": f"{changed(item):%Y-%m-%d %H:%M:%S}" if status == "5" else None,
        "C_BIZ_DAYS_EXCEED": 0,
        "C_DELETED": 0,
        "C_REVOKE_DATE": item.get("withdrawn_at"),
        "C_REVOKE_BASIS": item.get("withdrawn_basis"),
        "C_CORRECT_DATE": item.get("corrected_at"),
        "C_CORRECT_BASIS": item.get("correction_basis"),
        "C_XML_DATA": _blob(item),
    }
    told |= {theirs: local(item.get(ours), "%Y-%m-%d %H:%M:%S") for theirs, ours in _DATES.items()}
    if status == "0" or not status.isdecimal():
        # A state of no list stands in the task, which a cleared dossier has not.
        del told["C_CLEAR_DATE"]
    return {name: value for name, value in told.items() if value is not None}


def _blob(item: Mapping[str, Any]) -> str:
    """The form's XML: the applicant's number, then every field of every line under a name of its own."""
    who = (item.get("DinhDanhCHS") or [{}])[0].get("SoDinhDanh")
    form = numbered(form_of(item), _GROUPS, _FIELDS, "{group}{number}_{key}")
    fields = [("txtApplicantCard", who), *form]
    lines = "".join(
        f"<item id={quoteattr(name)}><value>{_cdata(str(value))}</value></item>"
        for name, value in fields
        if value is not None
    )
    return f"<data>{lines}</data>"


def _cdata(text: str) -> str:
    return f"<![CDATA[{text.replace(']]>', ']]]]><![CDATA[>')}]]>"
