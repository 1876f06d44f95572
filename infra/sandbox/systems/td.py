"""Dossiers as a system with one wide table exports them: every field of every form is a column."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from infra.sandbox.systems.words import changed, form_of, local, numbered

_SAME = {
    "SoDinhDanh": "SoDinhDanh",
    "SoCMND": "SoCMND",
    "HoVaTen": "HoTen",
    "HoVaTenCu": "HoTenCu",
    "NgaySinh": "NgaySinh",
    "NgaySinhCu": "NgaySinhCu",
    "GioiTinh": "GioiTinh",
    "QuocTich": "QuocTich",
    "NoiSinhMaXa": "NoiSinh",
    "SoDinhDanhCha": "DinhDanhCha",
    "SoDinhDanhMe": "DinhDanhMe",
    "NgayMat": "NgayMat",
    "LoaiCuTru": "LoaiCuTru",
    "MaPhuongXa": "PhuongXaId",
    "ChiTiet": "DiaChi",
    "SoDinhDanhChuHo": "ChuHo",
    "TuNgay": "TuNgay",
    "DenNgay": "DenNgay",
    "maThuaDat": "MaThua",
    "MaXa": "PhuongXaId",
    "soHieuToBanDo": "SoTo",
    "soThuTuThua": "SoThua",
    "dienTich": "DienTich",
    "dienTichCu": "DienTichCu",
    "mucDichSuDung": "MucDich",
    "mucDichSuDungCu": "MucDichCu",
    "diaChi": "DiaChi",
    "tuNgay": "TuNgay",
    "soPhatHanh": "SoSeri",
    "soVaoSo": "SoVaoSo",
    "ngayCap": "NgayCap",
    "coQuanCap": "NoiCap",
    "LoaiGiayTo": "LoaiGiayTo",
    "soGiayTo": "SoGiayTo",
    "SoGiayTo": "SoGiayTo",
    "hoTen": "HoTen",
    "tuSo": "TuSo",
    "mauSo": "MauSo",
    "loaiQuyen": "LoaiQuyen",
    "ENTERPRISE_GDT_CODE": "MST",
    "ENTERPRISE_CODE": "MaNoiBo",
    "LoaiHinh": "LoaiHinh",
    "NAME": "Ten",
    "SHORT_NAME": "TenVietTat",
    "NAME_F": "TenNuocNgoai",
    "FOUNDING_DATE": "NgayThanhLap",
    "ENTERPRISE_STATUS": "TinhTrang",
    "CAPITAL_AMOUNT": "VonDieuLe",
    "WardCode": "PhuongXaId",
    "AddressFullText": "DiaChi",
    "CODE": "MaNganh",
    "VERSION": "PhienBan",
    "IS_MAIN": "LaChinh",
    "FULL_NAME": "HoTen",
    "ChucDanh": "ChucDanh",
}
_GROUPS = {
    "NguoiDan": "CongDan",
    "CuTru": "NoiO",
    "ThuaDat": "Thua",
    "ThuaDatGoc": "ThuaGoc",
    "ThuaDatMoi": "ThuaMoi",
    "GiayChungNhan": "GCN",
    "GiayChungNhanThuHoi": "GCNThuHoi",
    "QuyenSuDung": "Quyen",
    "BenChuyen": "BenChuyen",
    "BenNhan": "BenNhan",
    "DoanhNghiep": "DoanhNghiep",
    "NganhNghe": "Nganh",
    "NguoiDaiDien": "DaiDien",
    "NguoiDaiDienCu": "DaiDienCu",
}
_FIELDS = dict.fromkeys(_GROUPS.values(), _SAME)
_DATES = {
    "NgayNopHoSo": "NgayNopHoSo",
    "NgayTiepNhan": "NgayTiepNhan",
    "NgayHenTra": "NgayHenTra",
    "NgayKetThucXuLy": "NgayKetThucXuLy",
    "NgayTra": "NgayTra",
    "NgayTuChoi": "NgayTuChoi",
}


def written(item: Mapping[str, Any]) -> dict[str, Any]:
    """The dossier as a row of ``HoSo``."""
    who = (item.get("DinhDanhCHS") or [{}])[0]
    told: dict[str, Any] = {
        "HoSoId": str(item["id"]),
        "NgayCapNhat": f"{changed(item):%Y-%m-%d %H:%M:%S}",
        "MaHoSo": item.get("MaHoSo"),
        "MaHoSoKhac": item.get("SoBienNhan"),
        "MaTTHC": item.get("MaTTHC"),
        "TenTTHC": item.get("TenTTHC"),
        "MaLinhVuc": item.get("MaLinhVuc"),
        "TenLinhVuc": item.get("TenLinhVuc"),
        "DonViId": item.get("madonvi"),
        "DonViChuyenXuLy": item.get("DonViXuLy"),
        "KenhThucHien": item.get("KenhThucHien"),
        "LoaiDoiTuong": item.get("LoaiDoiTuong"),
        "ChuHoSo": item.get("ChuHoSo"),
        "LoaiGiayToChuHoSo": who.get("LoaiDinhDanh"),
        "SoGiayToChuHoSo": who.get("SoDinhDanh"),
        "SoDienThoaiChuHoSo": item.get("SoDienThoai"),
        "EmailChuHoSo": item.get("Email"),
        "TrichYeuHoSo": item.get("TrichYeuHoSo"),
        "TrangThaiHoSoId": item["TrangThaiHoSo"],
        "ThoiGianThucHien": "10",
        "LoaiThoiGianThucHien": "1",
        "HinhThucTra": item.get("HinhThuc"),
        "HoSoCoThanhPhanSoHo": item.get("HoSoCoThanhPhanSoHoa"),
        "TaiKhoanDuocXacThucVoiVNeID": item.get("TaiKhoanDuocXacThucVoiVNeID"),
        "DuocThanhToanTrucTuyen": item.get("DuocThanhToanTrucTuyen"),
        "ViTriDeHoSo": "",
        "TrangThaiDongBoDVC": "1",
        "NgayThuHoi": item.get("withdrawn_at"),
        "CanCuThuHoi": item.get("withdrawn_basis"),
        "NgayDinhChinh": item.get("corrected_at"),
        "CanCuDinhChinh": item.get("correction_basis"),
    }
    told |= {theirs: local(item.get(ours), "%d/%m/%Y %H:%M:%S") for theirs, ours in _DATES.items()}
    told |= dict(numbered(form_of(item), _GROUPS, _FIELDS, "{key}{group}{number}"))
    return {name: "" if value is None else value for name, value in told.items()}
