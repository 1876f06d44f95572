"""The way to the portal: what is sent and what is not, what its answers mean, a session that is renewed."""

from __future__ import annotations

import socket
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import stamina
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from jobs.errors import Refused, Unreachable, UsageFault
from jobs.portal.client import ODD, SILENT, Portal
from jobs.portal.messages import dossier_of, keyed, step_of
from jobs.portal.reconcile import AGREES, UNTOLD, compared
from jobs.portal.status import percent, total
from jobs.settings import Settings
from schemas import portal as protocol
from schemas.contract import Privacy
from schemas.portal import Outcome
from schemas.reference import organisations, portal_fields, provinces
from tests.support.portal import Door, portal
from tests.unit.sandbox.test_portal import AGENCY, DOSSIER, STEP

IN_STEPS = "(tiến trình) "


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    with portal(tmp_path) as running:
        yield running


@pytest.fixture
def client(door: Door, tmp_path: Path) -> Iterator[Portal]:
    with Portal(door.settings(Settings(home=tmp_path))) as opened:
        yield opened


def status_of(client: Portal) -> Any:
    """The dossier's status at the portal."""
    held = client.lookup(AGENCY, DOSSIER["MaHoSo"])
    assert held
    return held[0]["TrangThaiHoSo"]


def test_every_field_is_one_of_the_portals() -> None:
    known = portal_fields()
    assert [one.name for one in protocol.DOSSIER if one.name not in known] == []
    of_steps = [*(one.name for one in protocol.STEP), protocol.STEP_AT, protocol.STEP_WORDS]
    assert [name for name in of_steps if f"{IN_STEPS}{name}" not in known] == []


def test_what_every_client_sends_is_always_sent() -> None:
    always = {name for name, is_always in portal_fields().items() if is_always}
    assert set(protocol.ALWAYS) == {name for name in always if not name.startswith(IN_STEPS)}
    assert set(protocol.ALWAYS) <= {one.name for one in protocol.DOSSIER}


def test_of_persons_only_code_name_and_identifier_are_sent() -> None:
    personal = {
        one.column.name
        for one in (*protocol.DOSSIER, *protocol.STEP)
        if one.column.privacy >= Privacy.PERSONAL
    }
    assert personal == {"dossier_code", "applicant_name", "applicant_id"}


def test_every_province_has_an_agency() -> None:
    assert organisations().keys() == provinces().keys()
    assert all(organisations().values())


def test_a_document_is_nested_and_lacks_no_field_that_all_send() -> None:
    row: dict[str, Any] = {"MaHoSo": "H26-1", "DinhDanhCHS[].LoaiDinhDanh": "1", "NgayTra": None}
    told = dossier_of(row | {"DinhDanhCHS[].SoDinhDanh": "001090100001"})
    assert told["DinhDanhCHS"] == [{"LoaiDinhDanh": "1", "SoDinhDanh": "001090100001"}]
    assert "NgayTra" not in told
    assert {name: told[name] for name in protocol.ALWAYS if name != "MaHoSo"} == dict.fromkeys(
        set(protocol.ALWAYS) - {"MaHoSo"}, ""
    )


def test_a_step_names_its_status_and_no_official() -> None:
    row = {f"step.{name}": None for name in ("MaHoSo", "PhongBanXuLy", "NgayKetThucTheoQuyDinh")}
    told = step_of(row | {"step.TrangThai": "9", "step.ThoiDiemXuLy": "20261102080000"})
    assert (told["NoiDungXuLy"], told["NguoiXuLy"]) == ("Đã xử lý xong", "")


@pytest.mark.parametrize(
    ("code", "text", "outcome", "reason"),
    [
        ("0", "Thành công", Outcome.ACCEPTED, None),
        ("00", "", Outcome.ACCEPTED, None),
        ("3", "Hồ sơ đã tồn tại", Outcome.EXISTS, None),
        ("-3", "Hồ sơ ĐÃ TỒN TẠI trên hệ thống", Outcome.EXISTS, None),
        ("3", unicodedata.normalize("NFD", "Hồ sơ đã tồn tại"), Outcome.EXISTS, None),
        ("3", unicodedata.normalize("NFD", "Số định danh không hợp lệ"), Outcome.REFUSED, "PRT-903"),
        ("-1", "Phiên làm việc đã hết hạn", Outcome.SESSION, None),
        ("3", "Số định danh 000000001 không hợp lệ", Outcome.REFUSED, "PRT-903"),
        ("3", "Trạng thái 4 đi lùi so với 9", Outcome.REFUSED, "PRT-902"),
        ("3", "ChuHoSo là trường bắt buộc", Outcome.REFUSED, "PRT-901"),
        ("3", "Mã đơn vị H99 không hợp lệ", Outcome.REFUSED, "PRT-904"),
        ("3", "Lỗi hệ thống", Outcome.LATER, None),
        ("-3", "", Outcome.LATER, None),
        ("99", "gì đó", Outcome.LATER, None),
    ],
)
def test_what_an_answer_means(code: str, text: str, outcome: Outcome, reason: str | None) -> None:
    answer = protocol.answered(code, text)
    assert answer.outcome is outcome
    assert (answer.reason and answer.reason.code) == reason


def test_the_indicator_has_its_numerator_and_denominator() -> None:
    rows = [
        {"due": 11_000, "synced": 10_700, "pending": 290, "rejected": 10},
        {"due": 799, "synced": 490, "pending": 309, "rejected": 0},
    ]
    assert total(rows) == {"due": 11_799, "synced": 11_190, "pending": 599, "rejected": 10, "percent": 94.84}
    assert percent(0, 0) is None


def test_a_key_needs_the_key() -> None:
    assert keyed(b"a", "x", "y") == keyed(b"a", "x", "y")
    assert len({keyed(b"a", "x", "y"), keyed(b"b", "x", "y"), keyed(b"a", "xy"), keyed(b"a", "x", "z")}) == 4


def test_a_used_up_session_is_renewed(door: Door, client: Portal) -> None:
    door.control("POST", session_calls=1)
    told = [client.dossiers(AGENCY, [DOSSIER], updating=True).outcome for _ in range(4)]
    assert set(told) == {Outcome.ACCEPTED}
    assert door.control()["dossiers"] == 1


def test_what_exists_is_sent_as_an_update(client: Portal) -> None:
    for status in ("4", "9"):
        data = [DOSSIER | {"TrangThaiHoSo": status}]
        assert client.dossiers(AGENCY, data, updating=False).outcome is Outcome.ACCEPTED
    assert client.steps(AGENCY, [STEP]).outcome is Outcome.ACCEPTED
    assert status_of(client) == "9"
    assert client.lookup(AGENCY, "H26.01.02-261102-9999") == ()


@pytest.mark.parametrize(
    ("kind", "code", "is_silence"),
    [
        ("code_3", "3", False),
        ("code_-3", "-3", False),
        ("http_500", "http 500", True),
        ("http_503", "http 503", True),
        ("http_429", "http 429", True),
        ("lost", SILENT, True),
    ],
)
def test_a_fault_is_for_later(door: Door, client: Portal, kind: str, code: str, *, is_silence: bool) -> None:
    client.lookup(AGENCY, "x")
    door.control("POST", rates={kind: 1.0})
    for _ in range(protocol.SILENCES):
        told = client.dossiers(AGENCY, [DOSSIER], updating=True)
        assert (told.outcome, told.code) == (Outcome.LATER, code)
    assert told.retry_after == (1 if kind == "http_429" else 0)
    assert client.is_down is is_silence
    door.control("DELETE")
    client.lookup(AGENCY, "x")
    assert not client.is_down


def test_a_lookup_asks_again(door: Door, client: Portal) -> None:
    client.dossiers(AGENCY, [DOSSIER], updating=False)
    door.control("POST", rates={"http_503": 0.5, "lost": 0.2}, seed="3")
    for _ in range(5):
        assert status_of(client) == "4"


def test_who_is_refused_at_the_door_is_told_so(door: Door, tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text('{"portal": {"id": "x", "secret": "guessed"}}')
    mine = door.settings(Settings(home=tmp_path))
    wrong = mine.model_copy(update={"portal_credentials": f"file:{tmp_path}/other.json#portal"})
    with Portal(wrong) as client, pytest.raises(Refused, match="login was refused") as refused:
        client.lookup(AGENCY, "x")
    assert "guessed" not in str(refused.value)


def test_a_portal_that_is_not_there_is_unreachable(door: Door, tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}/_portal"
        nowhere = door.settings(Settings(home=tmp_path)).model_copy(update={"portal_url": url})
        with Portal(nowhere) as client, pytest.raises(Unreachable):
            client.dossiers(AGENCY, [DOSSIER], updating=False)


def test_without_a_portal_nothing_is_sent(tmp_path: Path) -> None:
    with pytest.raises(UsageFault, match="No portal"):
        Portal(Settings(home=tmp_path))


@pytest.fixture
def answering(door: Door, tmp_path: Path, httpserver: HTTPServer) -> Iterator[Portal]:
    """A client of a portal that gives a session and, where a test says so, answers."""
    httpserver.expect_request("/login").respond_with_json({"error_code": "0", "session": "s"})
    mine = door.settings(Settings(home=tmp_path)).model_copy(
        update={"portal_url": httpserver.url_for("").rstrip("/")}
    )
    with Portal(mine) as client:
        yield client


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [(b"<html>", 200, "no JSON"), (b"[1]", 200, "no JSON"), (b"x" * 1_100_000, 200, "too long")],
)
def test_an_answer_that_is_none_is_for_later(
    answering: Portal, httpserver: HTTPServer, body: bytes, status: int, code: str
) -> None:
    def answer(request: Request) -> Response:
        del request
        return Response(body, status)

    httpserver.expect_request("/adapter").respond_with_handler(answer)
    told = answering.steps(AGENCY, [STEP])
    assert (told.outcome, told.code) == (Outcome.LATER, code)


@pytest.mark.parametrize("code", [r"\u0000", r"\ud800", "001090000081", "H26.01.02-261102-01", "٣", r"3\n"])
def test_a_code_that_is_none_of_the_portals_is_not_kept_and_is_for_later(
    answering: Portal, httpserver: HTTPServer, code: str
) -> None:
    body = '{"error_code": "CODE", "message": "Số định danh đã tồn tại"}'.replace("CODE", code)
    httpserver.expect_request("/adapter").respond_with_data(body)
    told = answering.steps(AGENCY, [STEP])
    assert (told.outcome, told.code, told.is_coded) == (Outcome.LATER, ODD, True)


@pytest.mark.parametrize("result", [True, 1, "x", {}, {"TrangThaiHoSo": "4"}, [DOSSIER, 1]])
def test_what_was_taken_is_taken_whatever_is_told_beside_it(
    answering: Portal, httpserver: HTTPServer, result: Any
) -> None:
    httpserver.expect_request("/adapter").respond_with_json({"error_code": "0", "result": result})
    assert answering.steps(AGENCY, [STEP]).outcome is Outcome.ACCEPTED


def test_a_lookup_that_is_refused_is_asked_once_and_ends_no_other(
    answering: Portal, httpserver: HTTPServer
) -> None:
    refused = {"error_code": "3", "message": "Mã đơn vị H26 không hợp lệ"}
    httpserver.expect_oneshot_request("/adapter").respond_with_json(refused)
    assert answering.lookup(AGENCY, "x") is None
    httpserver.expect_oneshot_request("/adapter").respond_with_json({"error_code": "0", "result": [DOSSIER]})
    assert answering.lookup(AGENCY, "y") == (DOSSIER,)
    httpserver.expect_oneshot_request("/adapter").respond_with_json({"error_code": "0", "result": None})
    assert answering.lookup(AGENCY, "z") == ()


@pytest.mark.parametrize("result", [True, {"TrangThaiHoSo": "4"}])
def test_a_lookup_without_a_list_is_not_told_and_for_many_ends(
    answering: Portal, httpserver: HTTPServer, result: Any
) -> None:
    httpserver.expect_request("/adapter").respond_with_json({"error_code": "0", "result": result})
    with stamina.set_testing(testing=True, attempts=2):
        assert [answering.lookup(AGENCY, "x") for _ in range(protocol.SILENCES - 1)] == [None] * 7
        with pytest.raises(Unreachable, match="brings no answer"):
            answering.lookup(AGENCY, "x")
    assert len(httpserver.log) == 1 + 2 * protocol.SILENCES


def test_a_lookup_waits_no_hour(answering: Portal, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/adapter").respond_with_data("", 429, {"retry-after": "3600"})
    with pytest.raises(Unreachable, match="http 429"):
        answering.lookup(AGENCY, "x")
    assert len(httpserver.log) == 2


def test_a_dossier_that_is_not_told_is_no_difference() -> None:
    assert compared("9", None) == (UNTOLD, None)
    assert compared("9", [{"TrangThaiHoSo": 9}]) == (AGREES, "9")
