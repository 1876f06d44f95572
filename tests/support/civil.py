"""The population database as tests ask it: answers as bytes, a feed, and persons to ask about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from pytest_httpserver import HTTPServer

from jobs.settings import Settings, load_settings
from jobs.sources.model import Feed
from jobs.sources.population.messages import Question

FEED = "national-population"
PATH = "/TraCuuThongTinCongDan"
SPACE, ENVELOPE = "http://dancuquocgia.bca", "http://schemas.xmlsoap.org/soap/envelope/"
ACCOUNT, KEY = "lienthong", "let-me-in"
AN = Question("e1", "001190000001", "Nguyễn Thị An", "1990-05-17")
BINH = Question("e2", "001075000001", "Trần Văn Bình", "1975")


def keys(url: str, **more: Any) -> dict[str, Any]:
    """The feed in a source's file."""
    asks_as = {"MaDVC": "1.004222", "MaCanBo": "tester", "MaDonVi": "G01"}
    return {
        "kind": "soap",
        "dialect": "csdldc",
        "url": url,
        "credentials": "CIVIL",
        "asks_as": asks_as,
        **more,
    }


def feed(url: str, **more: Any) -> Feed:
    """The feed itself."""
    named = {"feed_id": FEED, "province_code": "00", "province_name": "Trung ương"}
    return Feed.model_validate({**keys(url), **named, **more})


def settings(home: Path | None = None) -> Settings:
    """Settings with the account."""
    environ = {"LIENTHONG_CREDENTIAL_CIVIL": f"{ACCOUNT}:{KEY}", "LIENTHONG_IDENTITY_KEY": "0" * 64}
    return load_settings(environ | ({"LIENTHONG_HOME": str(home)} if home else {}))


def person(question: Question, **changed: str) -> str:
    """The person of a question as an answer tells of them, with what nobody asked for."""
    family, *middle, given = changed.pop("name", question.full_name.upper()).split()
    born = changed.pop("born", question.birth.replace("-", ""))
    tag = "Nam" if len(born) == 4 else "NgayThangNam"
    number = changed.pop("number", question.personal_id)
    return (
        f"<CongDan><SoDinhDanh>{number}</SoDinhDanh><HoVaTen><Ho>{escape(family)}</Ho>"
        f"<ChuDem>{escape(' '.join(middle))}</ChuDem><Ten>{escape(given)}</Ten></HoVaTen><DanToc>01</DanToc>"
        f"<TonGiao>02</TonGiao><NgayThangNamSinh><{tag}>{born}</{tag}></NgayThangNamSinh><Cha><Ho>Bí</Ho></Cha>"
        "</CongDan>"
    )


def answer(*persons: str, space: str = SPACE) -> bytes:
    """An answer with a collection of persons."""
    told = f"<CongdanCollection>{''.join(persons)}</CongdanCollection>"
    body = f'<TraCuuThongTinCongDanResponse xmlns="{space}">{told}</TraCuuThongTinCongDanResponse>'
    return enveloped(body)


def fault(code: str) -> bytes:
    """A fault that quotes a person, as services do."""
    text = f"<faultcode>s:{code}</faultcode><faultstring>{AN.full_name} {AN.personal_id}</faultstring>"
    return enveloped(f"<s:Fault>{text}</s:Fault>")


def enveloped(body: str) -> bytes:
    return f'<s:Envelope xmlns:s="{ENVELOPE}"><s:Body>{body}</s:Body></s:Envelope>'.encode()


def serve(server: HTTPServer, data: bytes, status: int = 200, content_type: str = "text/xml") -> None:
    """One answer to whatever is asked."""
    server.expect_request(PATH, method="POST").respond_with_data(data, status, content_type=content_type)


def outcomes(lines: Sequence[Mapping[str, Any]]) -> list[str]:
    return [str(one["outcome"]) for one in lines]
