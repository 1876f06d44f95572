"""The provinces' HTTP interfaces on one port, and the switch of their faults."""

from __future__ import annotations

import hashlib
import json
import secrets
import sqlite3
import ssl
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from infra.sandbox.cell import DAY_ONE
from infra.sandbox.home import State

HANOI = timezone(timedelta(hours=7))
FAULTS = {
    "down": "every request answers 503",
    "token_expired": "every token is refused",
    "half_pages_failing": "every second page answers 500, whenever it is asked for",
    "flaky": "every second request for a page answers 500",
    "rate_limited": "every second request answers 429 with Retry-After",
    "bad_json_page": "every second request for a page answers half of it",
}
"""Faults that can be switched on, with what they do."""
_TOKEN_SECONDS = 3600
_MAX_PAGE = 2000


@dataclass(slots=True)
class Sandbox:
    """What the server knows."""

    state: State
    faults: dict[str, str] = field(default_factory=dict)
    requests: Counter[str] = field(default_factory=Counter)
    tokens: dict[str, tuple[str, float]] = field(default_factory=dict)
    asked: dict[str, dict[tuple[str, int], int]] = field(default_factory=dict)
    """Pages that a province was asked for since its fault began, in the order of the first question."""

    def now(self) -> datetime:
        """The simulated clock: the evening of the day."""
        day = datetime.combine(DAY_ONE, datetime.min.time(), HANOI) + timedelta(days=self.state.day - 1)
        return day + timedelta(hours=23, minutes=30)

    def fault(self, province: str) -> str | None:
        """The fault that is switched on for a province."""
        return self.faults.get(province, self.faults.get("*"))

    def switch(self, province: str, kind: str | None) -> None:
        """Switches a fault on or off, for a province or with ``*`` for all that have none of their own."""
        self.asked.clear()
        if kind is not None:
            self.faults[province] = kind
        elif province == "*":
            self.faults.clear()
        else:
            self.faults.pop(province, None)

    def page_fails(self, province: str, after: tuple[str, int]) -> bool:
        """Whether a page is one of the failing half: every second one, however often it is asked for."""
        pages = self.asked.setdefault(province, {})
        return pages.setdefault(after, len(pages)) % 2 == 1


def application(folder: Path) -> Starlette:
    """The server over a built world."""
    app = Starlette(
        routes=[
            Route("/_control/state", control_state),
            Route("/_control/faults", control_faults, methods=["GET", "POST", "DELETE"]),
            Route("/_control/advance", control_advance, methods=["POST"]),
            Route("/{province}/oauth/token", token, methods=["POST"]),
            Route("/{province}/api/v1/dossiers", dossiers),
            Route("/{province}/api/v1/dossier-keys", dossier_keys),
            Route("/{province}/health", health),
        ]
    )
    app.state.sandbox = Sandbox(State.load(folder))
    return app


def tls(folder: Path | None) -> dict[str, Any]:
    """Options of a server that speaks HTTPS; none without a folder.

    The folder has ``server.pem`` and ``server.key``. With ``clients.pem``, the certificates of CAs, every
    client must show a certificate that one of them issued.
    """
    if folder is None:
        return {}
    stated: dict[str, Any] = {"ssl_certfile": folder / "server.pem", "ssl_keyfile": folder / "server.key"}
    if (clients := folder / "clients.pem").exists():
        stated |= {"ssl_ca_certs": str(clients), "ssl_cert_reqs": ssl.CERT_REQUIRED}
    return stated


def _sandbox(request: Request) -> Sandbox:
    found: Sandbox = request.app.state.sandbox
    return found


def _refused(status: int, message: str, **headers: str) -> JSONResponse:
    return JSONResponse(
        {"error": message}, status, {name.replace("_", "-"): value for name, value in headers.items()}
    )


async def _stopped(request: Request) -> Response | None:
    """What a fault answers in place of the interface; None when nothing is switched on."""
    sandbox, province = _sandbox(request), request.path_params["province"]
    sandbox.requests[province] += 1
    match sandbox.fault(province):
        case "down":
            return _refused(503, "the system is under maintenance", connection="close")
        case "rate_limited" if sandbox.requests[province] % 2:
            return _refused(429, "too many requests", retry_after="1")
    return None


async def token(request: Request) -> Response:
    """Client credentials (RFC 6749 §4.4)."""
    if (stopped := await _stopped(request)) is not None:
        return stopped
    sandbox, province = _sandbox(request), request.path_params["province"]
    form = await request.form()
    known = sandbox.state.credentials.get(province)
    sent = (form.get("client_id"), form.get("client_secret"))
    if (
        form.get("grant_type") != "client_credentials"
        or known is None
        or sent != (known["id"], known["secret"])
    ):
        return _refused(401, "invalid_client")
    value = secrets.token_urlsafe(24)
    sandbox.tokens[value] = (province, time.monotonic() + _TOKEN_SECONDS)
    return JSONResponse({"access_token": value, "token_type": "Bearer", "expires_in": _TOKEN_SECONDS})


def _unauthorised(request: Request) -> Response | None:
    sandbox, province = _sandbox(request), request.path_params["province"]
    kind, _, value = request.headers.get("authorization", "").partition(" ")
    owner, until = sandbox.tokens.get(value, ("", 0.0))
    if (
        sandbox.fault(province) == "token_expired"
        or kind != "Bearer"
        or owner != province
        or until < time.monotonic()
    ):
        return _refused(401, "invalid_token")
    return None


async def dossiers(request: Request) -> Response:
    """A page of the change feed in the order of (updated_at, id)."""
    stopped = await _stopped(request) or _unauthorised(request)
    if stopped is not None:
        return stopped
    sandbox, province = _sandbox(request), request.path_params["province"]
    fault = sandbox.fault(province)
    if fault == "flaky" and sandbox.requests[province] % 2:
        return _refused(500, "internal error")
    try:
        size, after = _page_size(request), _cursor(request)
    except ValueError:
        return _refused(400, "the cursor or page size is wrong")
    if fault == "half_pages_failing" and sandbox.page_fails(province, after):
        return _refused(500, "internal error")
    if fault == "bad_json_page" and sandbox.requests[province] % 2:
        return Response('{"data": [{"id": 1', media_type="application/json")
    data = await run_in_threadpool(_page, sandbox, province, after, size)
    etag = f'"{hashlib.sha256(data).hexdigest()[:32]}"'
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers={"etag": etag})
    return Response(data, media_type="application/json", headers={"etag": etag})


def _page_size(request: Request) -> int:
    asked = int(request.query_params.get("page_size", "500"))
    if asked < 1:
        raise ValueError("a page has at least one item")
    return min(asked, _MAX_PAGE)


def _cursor(request: Request) -> tuple[str, int]:
    text = request.query_params.get("cursor")
    if text:
        instant, _, number = text.partition("~")
        return _local(instant), int(number)
    since = request.query_params.get("updated_since")
    return (_local(since), -1) if since else ("", -1)


def _local(instant: str) -> str:
    return datetime.fromisoformat(instant.replace(" ", "+")).astimezone(HANOI).isoformat(timespec="seconds")


def _page(sandbox: Sandbox, province: str, after: tuple[str, int], size: int) -> bytes:
    now = sandbox.now().isoformat(timespec="seconds")
    select = (
        "select updated_at, id, body from items "
        "where province = ? and updated_at <= ? and (updated_at, id) > (?, ?)"
    )
    with sqlite3.connect(f"file:{sandbox.state.folder / 'world.sqlite'}?mode=ro", uri=True) as database:
        rows = database.execute(
            f"{select} order by updated_at, id limit ?", (province, now, *after, size + 1)
        ).fetchall()
        total = database.execute(
            "select count(*) from items where province = ? and updated_at <= ? and (updated_at, id) > (?, ?)",
            (province, now, *after),
        ).fetchone()[0]
    database.close()
    page = rows[:size]
    following = json.dumps(f"{page[-1][0]}~{page[-1][1]}") if len(rows) > size else "null"
    bodies = ",".join(row[2] for row in page)
    return f'{{"data":[{bodies}],"next_cursor":{following},"total":{total},"server_time":"{now}"}}'.encode()


async def dossier_keys(request: Request) -> Response:
    """Keys of all versions, for finding what was missed."""
    stopped = await _stopped(request) or _unauthorised(request)
    if stopped is not None:
        return stopped
    sandbox, province = _sandbox(request), request.path_params["province"]
    keys = await run_in_threadpool(_keys, sandbox, province, _cursor(request))
    return JSONResponse({"keys": keys})


def _keys(sandbox: Sandbox, province: str, after: tuple[str, int]) -> list[dict[str, Any]]:
    now = sandbox.now().isoformat(timespec="seconds")
    select = "select id, json_extract(body, '$.MaHoSo'), json_extract(body, '$.sequence') from items"
    with sqlite3.connect(f"file:{sandbox.state.folder / 'world.sqlite'}?mode=ro", uri=True) as database:
        where = (
            " where province = ? and updated_at <= ? and (updated_at, id) > (?, ?) order by updated_at, id"
        )
        rows = database.execute(select + where, (province, now, *after)).fetchall()
    database.close()
    return [{"id": number, "MaHoSo": code, "sequence": sequence} for number, code, sequence in rows]


async def health(request: Request) -> Response:
    """Whether the system is up, and its clock."""
    stopped = await _stopped(request)
    return stopped or JSONResponse({"status": "ok", "time": _sandbox(request).now().isoformat()})


async def control_state(request: Request) -> Response:
    """Day, seed, scale, profile."""
    sandbox = _sandbox(request)
    told = sandbox.state.told() | {"now": sandbox.now().isoformat(), "faults": sandbox.faults}
    return JSONResponse(told)


async def control_faults(request: Request) -> Response:
    """Shows, switches on or clears faults."""
    sandbox = _sandbox(request)
    asked = await request.json() if await request.body() else {}
    province = str(asked.get("province", "*"))
    if request.method == "DELETE":
        sandbox.switch(province, None)
    elif request.method == "POST":
        if asked.get("kind") not in FAULTS:
            return _refused(400, f"kind is one of {', '.join(FAULTS)}")
        sandbox.switch(province, asked["kind"])
    return JSONResponse({"faults": sandbox.faults, "kinds": FAULTS})


async def control_advance(request: Request) -> Response:
    """Moves the calendar to a day, or to the next."""
    sandbox = _sandbox(request)
    asked = await request.json() if await request.body() else {}
    await run_in_threadpool(sandbox.state.advance, int(asked.get("day", sandbox.state.day + 1)))
    return JSONResponse(sandbox.state.told())
