"""Texts that go with every release: licence, readme, changelog."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

LICENCE_NAME = "lienthong-open-1.0"
LICENCE_TITLE = "Điều khoản sử dụng dữ liệu mở Liên thông 1.0 / Liên thông open data terms 1.0"
ABOUT_VI = {
    "dossier_counts": "Hồ sơ tiếp nhận, giải quyết, đúng hạn và trễ hạn; số nhỏ được ẩn.",
    "business_enterprises": "Doanh nghiệp trong sổ đăng ký, với các cột mà pháp luật cho phép công khai.",
    "business_counts": "Hộ kinh doanh và doanh nghiệp tư nhân, đếm vào cuối mỗi tháng đã kết thúc.",
    "administrative_units": "34 tỉnh, thành phố và 3.321 xã, phường, đặc khu có hiệu lực từ 01/07/2025.",
    "procedures": "Các thủ tục có hồ sơ được đồng bộ và thống kê.",
}
"""What each dataset is, in one Vietnamese sentence; the English one is the contract's own."""
LICENCE = """ĐIỀU KHOẢN SỬ DỤNG DỮ LIỆU MỞ LIÊN THÔNG, phiên bản 1.0

1. Mọi tổ chức, cá nhân được tự do sao chép, chia sẻ, khai thác, sử dụng dữ liệu này, kể cả cho
   mục đích thương mại, không phải trả phí và không phải xin phép.
2. Ghi nguồn: nêu tên bộ dữ liệu, phiên bản, "Liên thông" và việc đã sửa đổi, nếu có.
3. Không bán lại dữ liệu nguyên trạng (NĐ 47/2020/NĐ-CP Đ18); sản phẩm, dịch vụ làm ra từ dữ liệu
   thì được.
4. Dữ liệu được cung cấp nguyên trạng, không kèm bảo đảm; bên cung cấp không chịu trách nhiệm về
   thiệt hại do việc sử dụng.
5. Không dùng dữ liệu này, một mình hay kết hợp với dữ liệu khác, để nhận diện cá nhân.

LIÊN THÔNG OPEN DATA TERMS, version 1.0

1. Anyone may copy, share and use these data for any purpose, commercial ones included, free of
   charge and without asking.
2. Attribution: name the dataset, its version, "Liên thông", and say whether you changed it.
3. The data may not be resold as they are (Decree 47/2020/NĐ-CP Art. 18); products and services
   made from them may.
4. The data are provided as they are, without warranty; the provider is not liable for any damage
   that comes from their use.
5. These data may not be used, alone or joined with others, to identify a person.
"""
CSV_NOTE = """CSV: UTF-8, comma, CRLF, RFC 4180; an empty cell is an absent value. A text that begins with
= + - @, a tab or a carriage return is written with an apostrophe before it, so that a spreadsheet
does not run it as a formula; the Parquet file has the text as it is.
CSV: UTF-8, dấu phẩy, CRLF, RFC 4180; ô trống là không có giá trị. Ô chữ bắt đầu bằng = + - @, tab
hoặc ký tự xuống dòng được thêm dấu nháy đơn phía trước để bảng tính không chạy như công thức; tệp
Parquet giữ nguyên văn.
"""


def changelog(noun: str, version: str, body: Mapping[str, Any], earlier: Sequence[Mapping[str, Any]]) -> str:
    """Versions of a dataset, newest first.

    Args:
        noun: Name of the dataset.
        version: The version that is being built.
        body: Its body.
        earlier: Releases that were public before, oldest first: version, state and body.
    """
    lines = [f"# {noun}", "", f"## {version}", "", *_changes(noun, body)]
    for release in reversed(earlier):
        if noun in release["body"]["datasets"]:
            withdrawn = " (thu hồi / withdrawn)" if release["state"] == "withdrawn" else ""
            lines += ["", f"## {release['version']}{withdrawn}", "", *_changes(noun, release["body"])]
    return "\n".join([*lines, ""])


def _changes(noun: str, body: Mapping[str, Any]) -> list[str]:
    lines = [f"- Dòng / Rows: {body['datasets'][noun]['rows']}"]
    changed, waiting = body["restated"].get(noun, []), body["waiting"].get(noun, [])
    if changed:
        lines.append(f"- Công bố lại / Restated: {', '.join(changed)}")
    if waiting:
        lines.append(
            "- Giữ số đã công bố vì thay đổi quá nhỏ / Kept as published, changes too small to show: "
            + ", ".join(waiting)
        )
    return lines
