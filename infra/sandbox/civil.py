"""The national population database's verification call by SOAP 1.1, answered from the truth of the world."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import closing
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

from defusedxml.ElementTree import fromstring
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from infra.sandbox import desk
from infra.sandbox.desk import Sandbox, refused, sandbox_of
from infra.sandbox.home import NATIONAL

_SPACE, _ENVELOPE = "http://dancuquocgia.bca", "http://schemas.xmlsoap.org/soap/envelope/"
_SOAP = "text/xml; charset=utf-8"
_STATE = "select state from truth where register = 'population' and "
_PERSON = _STATE + "key = ? and day <= ? order by day desc limit 1"
_OTHER = _STATE + "key <> ? and day <= ? and state is not null limit 1"
_WANTED = ("MaYeuCau", "MaDVC", "MaCanBo", "MaDonVi", "SoDinhDanh", "HoVaTen")
_WAIT_SECONDS = 0.05


def routes() -> list[Route]:
    """Where it is asked."""
    return [Route("/csdldc/{province}/TraCuuThongTinCongDan", verify, methods=["POST"])]


async def verify(request: Request) -> Response:
    """A collection with the person if id, name and date of birth are theirs; an empty one otherwise."""
    if (stopped := desk.stopped(request) or desk.without_password(request)) is not None:
        return stopped
    sandbox = sandbox_of(request)
    if request.headers.get("apikey") != sandbox.state.credentials[NATIONAL]["secret"]:
        return refused(403, "ApiKey is wrong")
    while sandbox.fault(NATIONAL) == "slow" and not await request.is_disconnected():
        await asyncio.sleep(_WAIT_SECONDS)
    if sandbox.fault(NATIONAL) == "soap_fault":
        return _fault("Server", "the register is not to be had")
    asked = _asked(await request.body())
    if wrong := _wrong(request, asked, sandbox):
        return _fault("Client", wrong)
    return Response(await run_in_threadpool(_answer, sandbox, asked), media_type=_SOAP)


def _asked(body: bytes) -> dict[str, str]:
    """The fields of the question by name, those of the date of birth too."""
    question = fromstring(body, forbid_dtd=True).find(
        f"{{{_ENVELOPE}}}Body/{{{_SPACE}}}TraCuuThongTinCongDan"
    )
    found = () if question is None else question.iter()
    return {one.tag.removeprefix(f"{{{_SPACE}}}"): one.text or "" for one in found}


def _wrong(request: Request, asked: dict[str, str], sandbox: Sandbox) -> str | None:
    """What is wrong with a question; no value of it."""
    if missing := [name for name in _WANTED if not asked.get(name)]:
        return f"{missing[0]} is missing"
    if missing := [name for name in ("Timestamp", "X-Road-Client") if not request.headers.get(name)]:
        return f"the header {missing[0]} is missing"
    if asked.get("MaTichHop") != "037":
        return "MaTichHop is not of this call"
    if asked.get("TaiKhoan") != sandbox.state.credentials[NATIONAL]["id"]:
        return "TaiKhoan is not known"
    if ("NgayThangNam" in asked) == ("Nam" in asked):
        return "NgayThangNamSinh has one of two forms"
    return None if asked["HoVaTen"] == asked["HoVaTen"].upper() else "HoVaTen is not in capitals"


def _answer(sandbox: Sandbox, asked: dict[str, str]) -> bytes:
    person = _known(sandbox, _PERSON, asked["SoDinhDanh"])
    found = [person] if person is not None and _is_asked(person, asked) else []
    if sandbox.fault(NATIONAL) == "wrong_person":
        other = _known(sandbox, _OTHER, asked["SoDinhDanh"])
        found = [] if other is None else [other]
    envelope = Element(f"{{{_ENVELOPE}}}Envelope")
    answer = SubElement(
        SubElement(envelope, f"{{{_ENVELOPE}}}Body"), f"{{{_SPACE}}}TraCuuThongTinCongDanResponse"
    )
    collection = SubElement(answer, f"{{{_SPACE}}}CongdanCollection")
    for one in found:
        _write(SubElement(collection, f"{{{_SPACE}}}CongDan"), one)
    return bytes(tostring(envelope, encoding="utf-8", xml_declaration=True))


def _known(sandbox: Sandbox, statement: str, key: str) -> dict[str, Any] | None:
    """A person's true state on the evening of the day; None where nobody has it."""
    world = f"file:{sandbox.state.folder / 'world.sqlite'}?mode=ro"
    with closing(sqlite3.connect(world, uri=True)) as database:
        row = database.execute(statement, (key, sandbox.state.day)).fetchone()
    return json.loads(row[0])["persons"] if row and row[0] else None


def _is_asked(person: dict[str, Any], asked: dict[str, str]) -> bool:
    born = str(person["birth_date"]).replace("-", "")
    is_born_so = born == asked["NgayThangNam"] if "NgayThangNam" in asked else born[:4] == asked["Nam"]
    return is_born_so and str(person["full_name"]).upper() == asked["HoVaTen"]


def _write(element: Element, person: dict[str, Any]) -> None:
    """A person as the database tells of them, with what nobody asked for too."""
    family, *middle, given = person["full_name"].upper().split()
    parts = {"Ho": family, "ChuDem": " ".join(middle), "Ten": given}
    _leaf(element, "SoDinhDanh", person["personal_id"])
    name = SubElement(element, f"{{{_SPACE}}}HoVaTen")
    for tag, text in parts.items():
        _leaf(name, tag, text)
    _leaf(element, "GioiTinh", {"male": "1", "female": "2"}[person["sex"]])
    _leaf(element, "DanToc", "01")
    _leaf(element, "TonGiao", "00")
    _leaf(element, "NhomMau", "O")
    born = SubElement(element, f"{{{_SPACE}}}NgayThangNamSinh")
    _leaf(born, "NgayThangNam", person["birth_date"].replace("-", ""))
    _leaf(element, "QuocTich", "VN")


def _leaf(element: Element, tag: str, text: str) -> None:
    SubElement(element, f"{{{_SPACE}}}{tag}").text = text


def _fault(code: str, text: str) -> Response:
    envelope = Element(f"{{{_ENVELOPE}}}Envelope", {"xmlns:s": _ENVELOPE})
    fault = SubElement(SubElement(envelope, f"{{{_ENVELOPE}}}Body"), f"{{{_ENVELOPE}}}Fault")
    SubElement(fault, "faultcode").text = f"s:{code}"
    SubElement(fault, "faultstring").text = text
    return Response(tostring(envelope, encoding="utf-8"), 500, media_type=_SOAP)
