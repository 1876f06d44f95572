"""The simulated national portal: login, sessions, what it takes and refuses, faults, durable books."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

from tests.support.portal import Door, portal

AGENCY = "H26"
DOSSIER: dict[str, Any] = {
    "MaHoSo": "H26.01.02-261102-0001",
    "MaTTHC": "1.001193",
    "TenTTHC": "Đăng ký khai sinh",
    "MaLinhVuc": "G15-HT01",
    "ChuHoSo": "Nguyễn Văn Sáu",
    "NgayTiepNhan": "20261102080000",
    "TrangThaiHoSo": "4",
    "DinhDanhCHS": [{"LoaiDinhDanh": "1", "SoDinhDanh": "001090100001"}],
}
STEP = {"MaHoSo": DOSSIER["MaHoSo"], "ThoiDiemXuLy": "20261102080000", "TrangThai": "4"}


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    with portal(tmp_path) as running:
        yield running


def opened(door: Door) -> str:
    secret = json.loads((door.folder / "credentials.json").read_text())["portal"]
    body = {"username": secret["id"], "password": secret["secret"]}
    answer = httpx.post(f"{door.url}/_portal/login", json=body, headers={"dstcode": "x"}, trust_env=False)
    return str(answer.json()["session"])


def asked(door: Door, session: str, service: str, **body: Any) -> httpx.Response:
    whole = {"session": session, "madonvi": AGENCY, "service": service, **body}
    return httpx.post(f"{door.url}/_portal/adapter", json=whole, trust_env=False)


def sent(door: Door, session: str, updating: str = "False", **changed: Any) -> tuple[str, str]:
    data = [DOSSIER | changed]
    told = asked(door, session, "DongBoHoSoMC", isUpdating=updating, data=data).json()
    return told["error_code"], told["message"]


def test_who_is_not_known_gets_no_session(door: Door) -> None:
    body = {"username": "lienthong-portal", "password": "guessed"}
    answer = httpx.post(f"{door.url}/_portal/login", json=body, headers={"dstcode": "x"}, trust_env=False)
    assert "session" not in answer.json()
    assert asked(door, "guessed", "TraCuuHoSo", mahoso="x").json()["error_code"] == "-1"


def test_a_session_is_used_up(door: Door) -> None:
    door.control("POST", session_calls=2)
    session = opened(door)
    codes = [asked(door, session, "TraCuuHoSo", mahoso="x").json()["error_code"] for _ in range(3)]
    assert codes == ["0", "0", "-1"]


def test_a_dossier_is_there_once_and_updated(door: Door) -> None:
    session = opened(door)
    assert sent(door, session) == ("0", "Thành công")
    assert "đã tồn tại" in sent(door, session)[1]
    assert sent(door, session, "True", TrangThaiHoSo="9")[0] == "0"
    found = asked(door, session, "TraCuuHoSo", mahoso=DOSSIER["MaHoSo"]).json()["result"]
    assert found == [{"MaHoSo": DOSSIER["MaHoSo"], "TrangThaiHoSo": "9"}]
    assert (door.control()["dossiers"], door.control()["dossiers_received"]) == (1, 2)


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"ChuHoSo": ""}, "bắt buộc"),
        ({"NgayTiepNhan": "2026-11-02"}, "ngày giờ"),
        ({"DinhDanhCHS": [{"SoDinhDanh": "000000001"}]}, "Số định danh"),
        ({"DinhDanhCHS": [{"SoDinhDanh": "123456789012"}]}, "Số định danh"),
        ({"TrangThaiHoSo": "77"}, "Trạng thái"),
    ],
)
def test_what_our_own_rules_would_refuse_is_refused(door: Door, changed: dict[str, Any], says: str) -> None:
    code, message = sent(door, opened(door), **changed)
    assert code == "3"
    assert says in message
    assert door.control()["dossiers"] == 0


def test_an_unknown_agency_is_refused(door: Door) -> None:
    told = asked(door, opened(door), "DongBoHoSoMC", madonvi="H99", isUpdating="False", data=[DOSSIER]).json()
    assert "Mã đơn vị" in told["message"]


def test_a_status_does_not_go_back(door: Door) -> None:
    session = opened(door)
    assert sent(door, session, TrangThaiHoSo="9")[0] == "0"
    assert "đi lùi" in sent(door, session, "True", TrangThaiHoSo="4")[1]
    assert door.holdings()[AGENCY, DOSSIER["MaHoSo"]]["TrangThaiHoSo"] == "9"


def test_a_chunk_is_taken_whole_or_not_at_all(door: Door) -> None:
    session = opened(door)
    data = [DOSSIER, DOSSIER | {"MaHoSo": "H26.01.02-261102-0002", "ChuHoSo": ""}]
    told = asked(door, session, "DongBoHoSoMC", isUpdating="False", data=data).json()
    assert told["error_code"] == "3"
    assert door.control()["dossiers"] == 0


def test_a_step_that_comes_twice_is_counted_and_there_once(door: Door) -> None:
    session = opened(door)
    assert asked(door, session, "CapNhatTienDoHoSoMC", data=[STEP]).json()["error_code"] == "3"
    sent(door, session)
    for _ in range(2):
        assert asked(door, session, "CapNhatTienDoHoSoMC", data=[STEP]).json()["error_code"] == "0"
    back = STEP | {"TrangThai": "2", "ThoiDiemXuLy": "20261103080000"}
    assert "đi lùi" in asked(door, session, "CapNhatTienDoHoSoMC", data=[back]).json()["message"]
    assert (door.control()["steps"], door.control()["steps_received"]) == (1, 2)


def test_an_answer_is_lost_and_the_dossier_is_there(door: Door) -> None:
    session = opened(door)
    door.control("POST", rates={"lost": 1.0})
    with pytest.raises(httpx.RequestError):
        sent(door, session)
    door.control("DELETE")
    assert "đã tồn tại" in sent(door, session)[1]


def test_faults_follow_from_the_seed(tmp_path: Path) -> None:
    rates = {"code_3": 0.2, "code_-3": 0.2, "http_500": 0.1, "http_503": 0.1, "http_429": 0.1}
    courses = []
    for name, seed in (("a", "1"), ("b", "1"), ("c", "2")):
        with portal(tmp_path / name) as door:
            session = opened(door)
            door.control("POST", rates=rates, seed=seed)
            met = [asked(door, session, "TraCuuHoSo", mahoso="x") for _ in range(60)]
            courses.append([(one.status_code, one.json().get("error_code")) for one in met])
            counted = {name: n for name, n in door.control().items() if name.startswith("fault ")}
            assert counted.keys() == {f"fault {kind}" for kind in rates}
    assert courses[0] == courses[1] != courses[2]


def test_what_it_holds_outlives_it(tmp_path: Path) -> None:
    with portal(tmp_path) as door:
        sent(door, opened(door))
    with portal(tmp_path) as door:
        assert list(door.holdings()) == [(AGENCY, DOSSIER["MaHoSo"])]


def test_an_unknown_fault_is_refused(door: Door) -> None:
    with pytest.raises(httpx.HTTPStatusError):
        door.control("POST", rates={"flood": 1.0})
