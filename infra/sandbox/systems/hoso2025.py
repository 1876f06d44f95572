"""Dossiers of the schema of 2025: subject and filer in two tables, addresses of two levels, ids of files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from infra.sandbox.systems.words import changed, form_of, local, renamed

_PERSON = {
    "SoDinhDanh": "so_dinh_danh",
    "SoCMND": "so_cmnd",
    "HoVaTen": "ho_ten",
    "HoVaTenCu": "ho_ten_cu",
    "NgaySinh": "ngay_sinh",
    "NgaySinhCu": "ngay_sinh_cu",
    "GioiTinh": "gioi_tinh",
    "QuocTich": "quoc_tich",
    "NoiSinhMaXa": "noi_sinh_xa_id",
    "SoDinhDanhCha": "dinh_danh_cha",
    "SoDinhDanhMe": "dinh_danh_me",
    "NgayMat": "ngay_mat",
}
_RESIDENCE = {
    "SoDinhDanh": "so_dinh_danh",
    "LoaiCuTru": "loai",
    "MaPhuongXa": "phuong_xa_id",
    "ChiTiet": "chi_tiet",
    "SoDinhDanhChuHo": "dinh_danh_chu_ho",
    "TuNgay": "tu_ngay",
}
_PARCEL = {
    "maThuaDat": "ma_thua",
    "MaXa": "phuong_xa_id",
    "soHieuToBanDo": "so_to",
    "soThuTuThua": "so_thua",
    "dienTich": "dien_tich",
    "dienTichCu": "dien_tich_cu",
    "mucDichSuDung": "muc_dich",
    "mucDichSuDungCu": "muc_dich_cu",
    "diaChi": "chi_tiet",
    "tuNgay": "tu_ngay",
}
_CERTIFICATE = {
    "maThuaDat": "ma_thua",
    "soPhatHanh": "so_seri",
    "soVaoSo": "so_vao_so",
    "ngayCap": "ngay_cap",
    "coQuanCap": "co_quan_cap",
}
_RIGHT = {
    "maThuaDat": "ma_thua",
    "LoaiGiayTo": "loai_giay_to",
    "soGiayTo": "so_giay_to",
    "hoTen": "ho_ten",
    "tuSo": "tu_so",
    "mauSo": "mau_so",
    "loaiQuyen": "loai_quyen",
    "tuNgay": "tu_ngay",
}
_BUSINESS = {
    "ENTERPRISE_GDT_CODE": "ma_so_thue",
    "ENTERPRISE_CODE": "ma_noi_bo",
    "LoaiHinh": "loai_hinh",
    "NAME": "ten",
    "SHORT_NAME": "ten_viet_tat",
    "NAME_F": "ten_nuoc_ngoai",
    "FOUNDING_DATE": "ngay_thanh_lap",
    "ENTERPRISE_STATUS": "tinh_trang",
    "CAPITAL_AMOUNT": "von_dieu_le",
    "WardCode": "phuong_xa_id",
    "AddressFullText": "chi_tiet",
    "TuNgay": "tu_ngay",
    "DenNgay": "den_ngay",
}
_ACTIVITY = {
    "ENTERPRISE_GDT_CODE": "ma_so_thue",
    "CODE": "ma_nganh",
    "VERSION": "phien_ban",
    "IS_MAIN": "la_chinh",
}
_REPRESENTATIVE = {
    "ENTERPRISE_GDT_CODE": "ma_so_thue",
    "LoaiGiayTo": "loai_giay_to",
    "SoGiayTo": "so_giay_to",
    "FULL_NAME": "ho_ten",
    "ChucDanh": "chuc_danh",
}
_GROUPS = {
    "NguoiDan": "cong_dan",
    "CuTru": "cu_tru",
    "ThuaDat": "thua_dat",
    "ThuaDatGoc": "thua_dat_goc",
    "ThuaDatMoi": "thua_dat_moi",
    "GiayChungNhan": "giay_chung_nhan",
    "GiayChungNhanThuHoi": "giay_chung_nhan_thu_hoi",
    "QuyenSuDung": "quyen_su_dung",
    "BenChuyen": "ben_chuyen",
    "BenNhan": "ben_nhan",
    "DoanhNghiep": "doanh_nghiep",
    "NganhNghe": "nganh_nghe",
    "NguoiDaiDien": "nguoi_dai_dien",
    "NguoiDaiDienCu": "nguoi_dai_dien_cu",
}
_FIELDS = {
    "cong_dan": _PERSON,
    "cu_tru": _RESIDENCE,
    "thua_dat": _PARCEL,
    "thua_dat_goc": _PARCEL,
    "thua_dat_moi": _PARCEL,
    "giay_chung_nhan": _CERTIFICATE,
    "giay_chung_nhan_thu_hoi": _CERTIFICATE,
    "quyen_su_dung": _RIGHT,
    "ben_chuyen": _RIGHT,
    "ben_nhan": _RIGHT,
    "doanh_nghiep": _BUSINESS,
    "nganh_nghe": _ACTIVITY,
    "nguoi_dai_dien": _REPRESENTATIVE,
    "nguoi_dai_dien_cu": _REPRESENTATIVE,
}
_DATES = {
    "NgayNop": "NgayNopHoSo",
    "NgayNhan": "NgayTiepNhan",
    "NgayHenTra": "NgayHenTra",
    "NgayHoanTat": "NgayKetThucXuLy",
    "NgayThucTra": "NgayTra",
    "NgayTuChoi": "NgayTuChoi",
}


def written(item: Mapping[str, Any]) -> dict[str, Any]:
    """The dossier with the rows of the tables that belong to it."""
    who = (item.get("DinhDanhCHS") or [{}])[0]
    is_tax = who.get("LoaiDinhDanh") == "3"
    subject = {
        "LoaiDoiTuong": item.get("LoaiDoiTuong"),
        "Ten": item.get("ChuHoSo"),
        "LoaiGiayTo": who.get("LoaiDinhDanh"),
        "MaSoThue" if is_tax else "SoGiayTo": who.get("SoDinhDanh"),
        "SoDienThoai": item.get("SoDienThoai"),
        "Email": item.get("Email"),
    }
    told: dict[str, Any] = {
        "Id": item["id"],
        "ThoiDiemCapNhat": f"{changed(item):%Y-%m-%d %H:%M:%S}",
        "MaHoSo": item.get("MaHoSo"),
        "MaTTHC": item.get("MaTTHC"),
        "MaLinhVuc": item.get("MaLinhVuc"),
        "TenLinhVuc": item.get("TenLinhVuc"),
        "MaDonVi": item.get("madonvi"),
        "DonViXuLy": item.get("DonViXuLy"),
        "Kenh": item.get("KenhThucHien"),
        "TinhTrang": item["TrangThaiHoSo"],
        "ThoiGianGiaiQuyet": 10,
        "DonViTinh": "ngày làm việc",
        "TrangThaiSoHoa": item.get("HoSoCoThanhPhanSoHoa"),
        "DaThanhToan": item.get("DuocThanhToanTrucTuyen"),
        "DongBoDVCQG": 1,
        "DongBo4T": 0,
        "NGUOIDUNGTENHOSO": {name: value for name, value in subject.items() if value is not None},
        "NGUOINOPHOSO": {"Ten": item.get("ChuHoSo")},
        "FILEKEMTHEOHOSO": _files(item),
        "NgayThuHoi": item.get("withdrawn_at"),
        "CanCuThuHoi": item.get("withdrawn_basis"),
        "NgayDinhChinh": item.get("corrected_at"),
        "CanCuDinhChinh": item.get("correction_basis"),
    }
    told |= {theirs: local(item.get(ours), "%Y-%m-%d %H:%M:%S") for theirs, ours in _DATES.items()}
    if "form" in item:
        told["EFORM"] = renamed(form_of(item), _GROUPS, _FIELDS)
    return {name: value for name, value in told.items() if value is not None}


def _files(item: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    papers = item.get("TaiLieuNop")
    return (
        None
        if papers is None
        else [{"file_id": one["TepDinhKemId"], "ten": one["TenTepDinhKem"]} for one in papers]
    )
