"""The national public service portal, simulated: login, sessions, its services, its faults.

The protocol is that of clients that worked with it: one address, ``{session, madonvi, service, …}``, an
``error_code`` with a message. That a step is known again by dossier, instant and status is our assumption.
"""

from __future__ import annotations

import json
import random
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from infra.sandbox.home import PORTAL, credentials
from infra.sandbox.portal_books import Books, Refusal

FAULTS = {
    "code_3": "error code 3 without a reason; nothing is done",
    "code_-3": "error code -3 without a reason; nothing is done",
    "exists": "a new dossier is said to exist already; nothing is done",
    "session": "the session is said to have expired",
    "http_429": "429 with Retry-After",
    "http_500": "500",
    "http_503": "503",
    "lost": "it is done, and the connection breaks off before the answer",
}
"""Faults by name, with what they do."""
_BY_HTTP = {"http_429": 429, "http_500": 500, "http_503": 503}


@dataclass(slots=True)
class Portal:
    """What the portal knows, and which faults it draws."""

    books: Books
    secret: Mapping[str, str]
    rates: dict[str, float] = field(default_factory=dict)
    """Share of calls that meet each fault."""
    seed: str = "0"
    session_calls: int = 500
    """Calls after which a session expires."""
    sessions: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, folder: Path) -> Portal:
        """The portal of a sandbox's folder."""
        folder.mkdir(parents=True, exist_ok=True)
        return cls(Books(folder / "portal.sqlite"), credentials(folder)[PORTAL])

    def fault(self) -> str | None:
        """The fault that the next call meets: of the seed and the call's number, so also after a restart."""
        drawn = random.Random(f"{self.seed}/{self.books.count('calls')}").random()
        for name, rate in self.rates.items():
            if drawn < rate:
                return name
            drawn -= rate
        return None

    def opened(self) -> str:
        """A new session."""
        session = secrets.token_urlsafe(24)
        self.sessions[session] = self.session_calls
        return session

    def admits(self, session: object) -> bool:
        """Whether a session is known and not used up; it has one call less now."""
        left = self.sessions.get(str(session), 0)
        if left:
            self.sessions[str(session)] = left - 1
        return left > 0


@asynccontextmanager
async def closing(app: Starlette) -> AsyncIterator[None]:
    """Closes the portal's file when the server ends."""
    yield
    app.state.portal.books.close()


def application(folder: Path) -> Starlette:
    """The portal alone."""
    app = Starlette(routes=routes(), lifespan=closing)
    app.state.portal = Portal.of(folder)
    return app


def routes() -> list[Route]:
    """The portal's own addresses and its controls."""
    return [
        Route("/_portal/login", login, methods=["POST"]),
        Route("/_portal/adapter", adapter, methods=["POST"]),
        Route("/_control/portal", control, methods=["GET", "POST", "DELETE"]),
        Route("/_control/portal/dossiers", control_dossiers),
    ]


async def login(request: Request) -> Response:
    """A session for who knows the password and names the exchange's address."""
    portal = _portal(request)
    body = await request.json()
    told = (body.get("username"), body.get("password"))
    if not request.headers.get("dstcode") or told != (portal.secret["id"], portal.secret["secret"]):
        return _refused("-1", "Sai tên đăng nhập hoặc mật khẩu")
    return JSONResponse({"error_code": "0", "session": portal.opened()})


async def adapter(request: Request) -> Response:
    """One service, by its name."""
    portal = _portal(request)
    body = await request.json()
    kind = await run_in_threadpool(portal.fault)
    if kind is not None:
        await run_in_threadpool(portal.books.count, f"fault {kind}")
    if (status := _BY_HTTP.get(kind or "")) is not None:
        headers = {"retry-after": "1"} if status == 429 else {}
        return JSONResponse({"error": "portal"}, status, headers)
    if kind == "session" or not portal.admits(body.get("session")):
        portal.sessions.pop(str(body.get("session")), None)
        return _refused("-1", "Phiên làm việc đã hết hạn")
    if kind in {"code_3", "code_-3"}:
        return _refused(kind.removeprefix("code_"), "Lỗi hệ thống")
    if kind == "exists" and str(body.get("isUpdating")) == "False":
        return _refused("-3", "Hồ sơ đã tồn tại")
    answer = await run_in_threadpool(_served, portal, body)
    return _cut(answer) if kind == "lost" else answer


def _served(portal: Portal, body: Mapping[str, Any]) -> Response:
    service = _SERVICES.get(str(body.get("service")))
    if service is None:
        return _refused("3", "Dịch vụ không có")
    try:
        told = service(portal.books, str(body.get("madonvi")), body)
    except Refusal as refusal:
        portal.books.count("refused")
        return _refused(refusal.code, refusal.message)
    return JSONResponse({"error_code": "0", "message": "Thành công", **told})


def _dossiers(books: Books, agency: str, body: Mapping[str, Any]) -> dict[str, Any]:
    books.dossiers(agency, body["data"], updating=str(body.get("isUpdating")) == "True")
    return {}


def _steps(books: Books, agency: str, body: Mapping[str, Any]) -> dict[str, Any]:
    books.steps(agency, body["data"])
    return {}


def _lookup(books: Books, agency: str, body: Mapping[str, Any]) -> dict[str, Any]:
    return {"result": books.lookup(agency, str(body.get("mahoso")))}


_SERVICES: Mapping[str, Callable[[Books, str, Mapping[str, Any]], dict[str, Any]]] = {
    "DongBoHoSoMC": _dossiers,
    "CapNhatTienDoHoSoMC": _steps,
    "TraCuuHoSo": _lookup,
}


def _refused(code: str, message: str) -> Response:
    return JSONResponse({"error_code": code, "message": message})


def _cut(answer: Response) -> Response:
    """The answer with its connection broken off in the middle."""
    data = bytes(answer.body)

    async def half() -> AsyncIterator[bytes]:
        yield data[: len(data) // 2]

    return StreamingResponse(half(), headers={"content-length": str(len(data)), "connection": "close"})


async def control(request: Request) -> Response:
    """Shows what is held and counted; sets faults, their seed and a session's length; clears the faults."""
    portal = _portal(request)
    if request.method == "DELETE":
        portal.rates = {}
    elif request.method == "POST":
        asked = json.loads(await request.body() or b"{}")
        rates = {str(name): float(rate) for name, rate in asked.get("rates", portal.rates).items()}
        if unknown := sorted(set(rates) - set(FAULTS)):
            return JSONResponse({"error": f"{unknown[0]} is no fault; use {', '.join(FAULTS)}"}, 400)
        portal.rates = rates
        portal.seed = str(asked.get("seed", portal.seed))
        portal.session_calls = int(asked.get("session_calls", portal.session_calls))
    totals = await run_in_threadpool(portal.books.totals)
    return JSONResponse({**totals, "rates": portal.rates, "seed": portal.seed, "kinds": FAULTS})


async def control_dossiers(request: Request) -> Response:
    """Every dossier that is held: last status, how often it was received, its steps."""
    return JSONResponse({"dossiers": await run_in_threadpool(_portal(request).books.holdings)})


def _portal(request: Request) -> Portal:
    found: Portal = request.app.state.portal
    return found
