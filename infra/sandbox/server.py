"""The provinces' HTTP interfaces and the national portal on one port, and the switch of their faults."""

from __future__ import annotations

import asyncio
import hashlib
import json
import secrets
import socket
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, closing
from datetime import timedelta
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from infra.sandbox import civil, desk, interfaces, portal
from infra.sandbox.desk import FAULTS, Place, Sandbox, refused, sandbox_of
from infra.sandbox.drop import FAULTS as DROP_FAULTS
from infra.sandbox.drop import Drop
from infra.sandbox.home import State
from infra.sandbox.sftp import listen as serve_sftp

_TOKEN_SECONDS = 3600
_MAX_PAGE = 2000


def application(folder: Path, *, sftp: socket.socket | None = None, drop: Drop | None = None) -> Starlette:
    """The server over a built world.

    Args:
        folder: The sandbox's.
        sftp: A bound socket, on which the provinces' SFTP server listens beside it.
        drop: The bucket into which files are put.
    """

    @asynccontextmanager
    async def beside(app: Starlette) -> AsyncIterator[None]:
        sandbox: Sandbox = app.state.sandbox
        async with AsyncExitStack() as running:
            running.callback(app.state.portal.books.close)
            if sftp is not None:
                running.enter_context(closing(await serve_sftp(sandbox, sftp)))
            if drop is not None:
                putting = asyncio.create_task(_put(drop, folder))
                running.callback(putting.cancel)
            yield

    app = Starlette(
        routes=[
            Route("/_control/state", control_state),
            Route("/_control/faults", control_faults, methods=["GET", "POST", "DELETE"]),
            Route("/_control/advance", control_advance, methods=["POST"]),
            Route("/{province}/oauth/token", token, methods=["POST"]),
            Route("/{province}/api/v1/dossiers", dossiers),
            Route("/{province}/api/v1/dossier-keys", dossier_keys),
            Route("/{province}/health", health),
            Route("/{system}/{province}/health", health),
            Route("/{system}/{province}/token", token, methods=["POST"]),
            *interfaces.routes(),
            *portal.routes(),
            *civil.routes(),
        ],
        lifespan=beside,
    )
    app.state.sandbox = Sandbox(State.load(folder, drop))
    app.state.portal = portal.Portal.of(folder)
    return app


async def _put(drop: Drop, folder: Path) -> None:
    """Puts what is there into the bucket as soon as the store takes it."""
    while True:
        try:
            return await run_in_threadpool(drop.put, folder)
        except DROP_FAULTS:
            await asyncio.sleep(1)


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


async def token(request: Request) -> Response:
    """Client credentials (RFC 6749 §4.4)."""
    if (stopped := desk.stopped(request)) is not None:
        return stopped
    sandbox, province = sandbox_of(request), request.path_params["province"]
    form = await request.form()
    known = sandbox.state.credentials.get(province)
    sent = (form.get("client_id"), form.get("client_secret"))
    if (
        form.get("grant_type") != "client_credentials"
        or known is None
        or sent != (known["id"], known["secret"])
    ):
        return refused(401, "invalid_client")
    value = secrets.token_urlsafe(24)
    sandbox.tokens[value] = (province, time.monotonic() + _TOKEN_SECONDS)
    return JSONResponse({"access_token": value, "token_type": "Bearer", "expires_in": _TOKEN_SECONDS})


async def dossiers(request: Request) -> Response:
    """A page of the change feed in the order of (updated_at, id)."""
    stopped = desk.stopped(request) or desk.without_token(request)
    if stopped is not None:
        return stopped
    try:
        size, after = _page_size(request), _cursor(request)
    except ValueError:
        return refused(400, "the cursor or page size is wrong")
    if (broken := desk.broken_page(request, after)) is not None:
        return broken
    data = await run_in_threadpool(_page, sandbox_of(request), request.path_params["province"], after, size)
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
        return desk.local(instant), int(number)
    since = request.query_params.get("updated_since")
    return (desk.local(since), -1) if since else ("", -1)


def _page(sandbox: Sandbox, province: str, after: Place, size: int) -> bytes:
    found = desk.part(sandbox, "dvcqg", province, after, size)
    page = found.rows
    following = json.dumps(f"{page[-1][0]}~{page[-1][1]}") if len(page) < found.total else "null"
    bodies, now = ",".join(_bodies(sandbox, province, page)), sandbox.now().isoformat(timespec="seconds")
    told = f'"next_cursor":{following},"total":{found.total},"server_time":"{now}"'
    return f'{{"data":[{bodies}],{told}}}'.encode()


def _bodies(sandbox: Sandbox, province: str, page: list[tuple[str, int, str]]) -> list[str]:
    """The page's items as JSON, as they are unless a fault changes them."""
    if sandbox.fault(province) not in desk.ALTERING:
        return [row[2] for row in page]
    items = desk.altered(sandbox, province, [json.loads(row[2]) for row in page])
    return [json.dumps(one, ensure_ascii=False) for one in items]


async def dossier_keys(request: Request) -> Response:
    """Keys of all versions, for finding what was missed."""
    stopped = desk.stopped(request) or desk.without_token(request)
    if stopped is not None:
        return stopped
    sandbox, province = sandbox_of(request), request.path_params["province"]
    keys = await run_in_threadpool(lambda: list(desk.keys(sandbox, "dvcqg", province, _cursor(request))))
    told = [{"id": number, "MaHoSo": code, "sequence": sequence} for number, code, sequence in keys]
    return JSONResponse({"keys": told})


async def health(request: Request) -> Response:
    """Whether the system is up, and its clock."""
    stopped, sandbox = desk.stopped(request), sandbox_of(request)
    is_off = sandbox.fault(request.path_params["province"]) == "clock_off"
    shown = sandbox.now() + timedelta(days=int(is_off))
    return stopped or JSONResponse({"status": "ok", "time": shown.isoformat()})


async def control_state(request: Request) -> Response:
    """Day, seed, scale, profile."""
    sandbox = sandbox_of(request)
    told = sandbox.state.told() | {"now": sandbox.now().isoformat(), "faults": sandbox.faults}
    return JSONResponse(told)


async def control_faults(request: Request) -> Response:
    """Shows, switches on or clears faults."""
    sandbox = sandbox_of(request)
    asked = await request.json() if await request.body() else {}
    province = str(asked.get("province", "*"))
    if request.method == "DELETE":
        sandbox.switch(province, None)
    elif request.method == "POST":
        if asked.get("kind") not in FAULTS:
            return refused(400, f"kind is one of {', '.join(FAULTS)}")
        sandbox.switch(province, asked["kind"])
    return JSONResponse({"faults": sandbox.faults, "kinds": FAULTS})


async def control_advance(request: Request) -> Response:
    """Moves the calendar to a day, or to the next."""
    sandbox = sandbox_of(request)
    asked = await request.json() if await request.body() else {}
    await run_in_threadpool(sandbox.state.advance, int(asked.get("day", sandbox.state.day + 1)))
    return JSONResponse(sandbox.state.told())
