"""A vendor and a province that nobody has met: a mapping file, a source's file, and the line takes them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jobs.__main__ import main
from jobs.ledger.verify import verify
from schemas import dialect as dialects
from schemas.derive import mappings
from tests.support import invented
from tests.support.files import zipped
from tests.support.line import Line, at_day

MAPPING = Path(__file__).with_name("sao_mai.toml")
FEED = "68-dossiers"
MORNING = 1_793_584_800_000
"""02/11/2026 09:00 in Ha Noi, in milliseconds."""


def dossier(number: int, **more: Any) -> dict[str, Any]:
    child = {"ddcn": f"00109000010{number}", "ten": "Lâm Văn Tám", "sinh": "05/10/1990", "phai": "nam"}
    home = {"ddcn": child["ddcn"], "loai": "thường trú", "xa": "00004", "tu": "05/10/1990"}
    return {
        "khoa": str(number),
        "lan_sua": MORNING + number,
        "so_ho_so": f"H36.01-261102-000{number}",
        "thu_tuc": "khai sinh",
        "buoc": "xong",
        "nguoi_nop": {"ten": "Lâm Văn Bảy"},
        "nhan_luc": MORNING - 3_600_000,
        "xong_luc": MORNING,
        "to_khai": json.dumps({"con": [child | more.pop("con", {})], "o": [home]}),
    } | more


SENT: tuple[tuple[dict[str, Any], set[str]], ...] = (
    (dossier(1), set()),
    (dossier(2, buoc="đã trả"), set()),
    (dossier(3, buoc="chờ duyệt"), {"dossiers.status:parse"}),
    (dossier(4, con={"sinh": "31/02/1990"}), {"persons.birth_date:parse"}),
    (dossier(5, to_khai="{không đọc được"), {"record:parse", "DOS-904"}),
    (dossier(6, buoc="đang làm", xong_luc=None), set()),
)


@pytest.fixture(scope="module")
def added(line: Line, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Line]:
    """One mapping file, one source's file, one delivery."""
    folder = tmp_path_factory.mktemp("dialects")
    before = {file.name for file in line.folder.glob("*.toml")}
    with invented.dialects(folder, sao_mai=MAPPING.read_text(encoding="utf-8")):
        inbox = line.inbox("68")
        keys = {"kind": "directory", "dialect": "sao_mai", "url": str(inbox), "patterns": {"*": "dossiers"}}
        line.source("68", {"dossiers": keys}, province="68")
        assert {file.name for file in line.folder.glob("*.toml")} - before == {"68.toml"}
        page = json.dumps({"danh_sach": [row for row, _ in SENT]}, ensure_ascii=False).encode()
        (inbox / "thang-11.zip").write_bytes(zipped({"ho-so.json": page}))
        line.day(FEED, at_day(1))
        yield line


def test_what_can_be_read_is_in_the_register(added: Line) -> None:
    told = added.query(
        "population", "select personal_id, full_name, birth_date::text, sex from persons order by 1"
    )
    assert told == [(f"00109000010{n}", "Lâm Văn Tám", "1990-10-05", "male") for n in (1, 2)]
    assert added.query("population", "select count(*) from residences") == [(2,)]


def test_what_cannot_is_quarantined_with_its_reasons(added: Line) -> None:
    found = {
        row["so_ho_so"]: {code for one in added.findings(row["so_ho_so"]) for code in one.codes.split(",")}
        for row, _ in SENT
    }
    assert found == {row["so_ho_so"]: codes for row, codes in SENT}
    assert added.rows(FEED) == (0, 3, 0, 1, 0, 2)


def test_every_row_is_in_the_ledger(added: Line) -> None:
    proof = verify(added.settings)
    assert proof["first_difference"] is None
    assert proof["checked"]["landing"]["rows"] == len(SENT)


def test_people_read_of_it(added: Line, capsys: pytest.CaptureFixture[str]) -> None:
    environ = {
        "LIENTHONG_HOME": str(added.settings.home),
        "LIENTHONG_SOURCE_PATHS": added.settings.source_paths,
        "LIENTHONG_SANDBOX_URL": "",
    }
    assert main(["sources", "check", FEED, "--json"], environ) == 0
    assert '"sao_mai"' in capsys.readouterr().out
    page = mappings.page(dialects.load("sao_mai"))
    assert "`buoc`" in page
    assert "đang làm" in page
