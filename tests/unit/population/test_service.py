"""What the population database may answer, over HTTP: each has its outcome, and none is told."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import httpx2 as httpx
import pytest
import stamina
from defusedxml.ElementTree import fromstring
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from jobs.errors import Refused, Unreachable
from jobs.sources.delivery import Piece, Window
from jobs.sources.delivery import Request as Asked
from jobs.sources.population import messages as m
from jobs.sources.population.messages import Question
from jobs.sources.population.service import Service
from jobs.sources.population.source import PopulationSource
from schemas import dialect as dialects
from schemas.procedures import BY_CODE, VERIFICATION
from tests.support.civil import (
    ACCOUNT,
    AN,
    BINH,
    KEY,
    PATH,
    SPACE,
    answer,
    enveloped,
    fault,
    feed,
    outcomes,
    person,
    serve,
    settings,
)

AT = datetime(2026, 11, 2, 16, 30, tzinfo=UTC)
LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>"""
FILE = b"""<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/hostname">]>"""
NO_COLLECTION = enveloped(f'<TraCuuThongTinCongDanResponse xmlns="{SPACE}"/>')


def pieces(
    server: HTTPServer, *questions: Question, resume: dict[str, Any] | None = None, **more: Any
) -> list[Piece]:
    def due(after: str, most: int) -> Sequence[Question]:
        return [one for one in questions if one.place > after][:most]

    source = PopulationSource(feed(server.url_for("").rstrip("/"), **more), settings(), due, lambda: AT)
    return list(source.pieces(Asked(Window(), resume or {}, frozenset(), AT)))


def lines(piece: Piece) -> list[dict[str, Any]]:
    return [json.loads(text) for text in piece.data.splitlines()]


@pytest.mark.parametrize(
    ("data", "status", "outcome"),
    [
        (answer(person(AN)), 200, m.CONFIRMED),
        (answer(), 200, m.UNKNOWN),
        (answer(person(AN, name="NGUYỄN THỊ ÂN")), 200, m.DIFFERS),
        (answer(person(AN, born="19900518")), 200, m.DIFFERS),
        (answer(person(AN), person(AN)), 200, m.AMBIGUOUS),
        (answer(person(BINH)), 200, m.UNUSABLE),
        (answer("<CongDan/>"), 200, m.UNUSABLE),
        (answer(person(AN), space="http://else.where"), 200, m.UNUSABLE),
        (answer(person(AN)).replace(b"SoDinhDanh", b"SoKhac"), 200, m.UNUSABLE),
        (LAUGHS + answer(person(AN)).replace(b"<Ho>", b"<Ho>&b;"), 200, m.UNUSABLE),
        (FILE + answer(person(AN)).replace(b"<Ho>", b"<Ho>&a;"), 200, m.UNUSABLE),
        (answer(person(AN)) + b" " * 300_000, 200, m.UNUSABLE),
        (answer(person(AN))[:-9], 200, m.UNUSABLE),
        (NO_COLLECTION, 200, m.UNUSABLE),
        (enveloped(""), 200, m.UNUSABLE),
        (b"<html>", 200, m.UNUSABLE),
        (b"", 200, m.UNUSABLE),
        (b"\x00\xff", 200, m.UNUSABLE),
        (fault("Client"), 500, m.FAULTED),
        (fault("Server"), 500, m.FAULTED),
        (fault("Server.Busy"), 200, m.FAULTED),
        (enveloped(""), 500, m.UNUSABLE),
    ],
)
def test_an_answer_and_its_outcome(httpserver: HTTPServer, data: bytes, status: int, outcome: str) -> None:
    serve(httpserver, data, status)
    service = Service(feed(httpserver.url_for("").rstrip("/")), settings())
    message = AN.message(AN.code(b"k"), ACCOUNT, {"MaDVC": "1", "MaCanBo": "2", "MaDonVi": "3"})
    assert service.outcome(AN, message, AT.isoformat()) == outcome
    found = pieces(httpserver, AN)
    assert [(one.trouble, one.rows) for one in found] == ([] if outcome in m.NO_ANSWERS else [(None, 1)])
    kept = "".join(one.data.decode() for one in found)
    assert outcomes([told for one in found for told in lines(one)]) == [outcome][: len(found)]
    assert not any(secret in kept for secret in ("DanToc", "Bí", "ÂN", BINH.personal_id))


def test_a_fault_of_the_services_own_is_asked_about_again(httpserver: HTTPServer) -> None:
    httpserver.expect_oneshot_request(PATH).respond_with_data(fault("Server"), 500, content_type="text/xml")
    serve(httpserver, answer(person(AN)))
    assert outcomes(lines(pieces(httpserver, AN)[0])) == [m.CONFIRMED]


def test_a_fault_of_the_question_is_not(httpserver: HTTPServer) -> None:
    httpserver.expect_oneshot_request(PATH).respond_with_data(fault("Client"), 500, content_type="text/xml")
    serve(httpserver, answer(person(AN)))
    assert pieces(httpserver, AN) == []


def test_what_is_sent(httpserver: HTTPServer) -> None:
    seen: list[Request] = []

    def look(request: Request) -> Response:
        seen.append(request)
        return Response(answer(), content_type="text/xml")

    httpserver.expect_request(PATH).respond_with_handler(look)
    odd = Question("e3", "001190000001", 'Nguyễn <An> & "Bé"', "05/1990")
    pieces(httpserver, odd)
    headers = seen[0].headers
    assert httpx.BasicAuth(ACCOUNT, KEY)._auth_header == headers["Authorization"]
    assert (headers["ApiKey"], headers["X-Road-Client"]) == (KEY, "VN/GOV/LIENTHONG")
    assert headers["Timestamp"] == AT.isoformat()
    assert headers["SOAPAction"] == f'"{SPACE}/TraCuuThongTinCongDan"'
    sent = {one.tag.rpartition("}")[2]: one.text for one in fromstring(seen[0].data).iter() if one.text}
    assert sent["HoVaTen"] == 'NGUYỄN <AN> & "BÉ"'
    assert (sent["Nam"], "NgayThangNam" in sent) == ("1990", False)
    assert (sent["MaTichHop"], sent["TaiKhoan"], sent["MaDonVi"]) == ("037", ACCOUNT, "G01")
    assert sent["MaYeuCau"] == odd.code(bytes(32))


def test_no_province_can_confirm() -> None:
    having = [name for name in dialects.names() if "confirmations" in dialects.load(name).groups]
    assert having == ["csdldc"]
    assert all(effect.group == "confirmations" for effect in BY_CODE[VERIFICATION].effects)


@pytest.mark.parametrize("status", [401, 403, 404])
def test_who_is_not_let_in_is_told_so(httpserver: HTTPServer, status: int) -> None:
    serve(httpserver, b"", status)
    with pytest.raises(Refused, match=f"answers {status}.*renew the credentials CIVIL"):
        pieces(httpserver, AN)


@pytest.mark.parametrize(("data", "status", "kind"), [(b"", 503, "text/xml"), (b"<html>", 500, "text/html")])
def test_a_service_that_is_down_is_unreachable(
    httpserver: HTTPServer, data: bytes, status: int, kind: str
) -> None:
    serve(httpserver, data, status, kind)
    with stamina.set_testing(True), pytest.raises(Unreachable, match=str(status)):
        pieces(httpserver, AN)


def test_a_piece_of_which_nothing_is_answered_ends_the_delivery(httpserver: HTTPServer) -> None:
    serve(httpserver, fault("Client"), 500)
    (piece,) = pieces(httpserver, AN, BINH)
    assert piece.trouble == piece.refusal == "of 2 questions none was answered (faulted)"
    assert json.loads(piece.data) == {"outcomes": {"faulted": 2}}
    assert pieces(httpserver, AN, BINH, resume=dict(piece.resume)) == []


def test_whoever_gets_no_answer_is_left_for_the_next_run(httpserver: HTTPServer) -> None:
    httpserver.expect_oneshot_request(PATH).respond_with_data(fault("Client"), 500, content_type="text/xml")
    serve(httpserver, answer())
    (piece,) = pieces(httpserver, AN, BINH)
    assert [one["person"]["personal_id"] for one in lines(piece)] == [BINH.personal_id]
    assert (piece.trouble, dict(piece.resume)) == (None, {"after": "e2", "asked": 2})


def test_pieces_follow_each_other_and_end_at_the_limit(httpserver: HTTPServer) -> None:
    serve(httpserver, answer())
    many = [Question(f"e{number}", f"00119000000{number}", "An", "1990") for number in range(6)]
    found = pieces(httpserver, *many, page_size=2, limit=5)
    assert [piece.rows for piece in found] == [2, 2, 1]
    assert dict(found[-1].resume) == {"after": "e4", "asked": 5}
    (last,) = pieces(httpserver, *many, page_size=2, limit=5, resume=dict(found[1].resume))
    assert last == found[2]
    assert pieces(httpserver, *many, page_size=2, limit=5, resume=dict(last.resume)) == []
