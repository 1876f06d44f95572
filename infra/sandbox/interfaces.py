"""How other systems are asked by HTTP, each below its own name: ``/opencps/01/…``, ``/lgsp_en/01/…``."""

from __future__ import annotations

import json
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from infra.sandbox import desk, statistic
from infra.sandbox.desk import Place, Sandbox, refused, sandbox_of
from infra.sandbox.systems import SYSTEMS

_MOST = 2000
"""Items of a page."""


def routes() -> list[Route]:
    """Routes of the systems that are asked."""
    return [
        Route("/opencps/{province}/o/rest/v2/dossiers", opencps),
        Route("/opencps/{province}/o/rest/v2/dossier-keys", opencps_keys),
        Route("/lgsp_en/{province}/Document/SyncDocument", lgsp),
        Route("/lgsp_en/{province}/Document/Keys", lgsp_keys),
        Route("/lgsp_en/{province}/Document/MStatistic", lgsp_statistic),
    ]


async def opencps(request: Request) -> Response:
    """A page by its number, with HTTP basic."""
    stopped = desk.stopped(request) or desk.without_password(request)
    if stopped is not None:
        return stopped
    try:
        number, size = _number(request, "page", 1), min(_number(request, "size", 500), _MOST)
        since = _since(request, "modifiedSince")
    except ValueError:
        return refused(400, "page, size or modifiedSince is wrong")
    if (broken := desk.broken_page(request, (since[0], number))) is not None:
        return broken
    skipped = (number - 1) * size
    sandbox, province = sandbox_of(request), request.path_params["province"]
    found = await run_in_threadpool(desk.part, sandbox, "opencps", province, since, size, skipped)
    data = await run_in_threadpool(_written, "opencps", sandbox, province, found)
    return JSONResponse({"total": found.total, "data": data})


async def lgsp(request: Request) -> Response:
    """A page by the place that it comes after, with a token and the name of who asks."""
    stopped = desk.stopped(request) or desk.without_token(request)
    if stopped is not None:
        return stopped
    if not request.headers.get("x-road-client"):
        return refused(400, "X-Road-Client is missing")
    try:
        size, after = min(_number(request, "limit", 500), _MOST), _after(request)
    except ValueError:
        return refused(400, "limit, after or fromTime is wrong")
    if (broken := desk.broken_page(request, after)) is not None:
        return broken
    sandbox, province = sandbox_of(request), request.path_params["province"]
    found = await run_in_threadpool(desk.part, sandbox, "lgsp_en", province, after, size)
    data = await run_in_threadpool(_written, "lgsp_en", sandbox, province, found)
    last = found.rows[-1] if len(found.rows) < found.total else None
    following = f"{last[0]}~{last[1]}" if last else None
    return JSONResponse({"documents": data, "paging": {"next": following, "total": found.total}})


async def opencps_keys(request: Request) -> Response:
    """Keys of all dossiers' versions."""
    stopped = desk.stopped(request) or desk.without_password(request)
    return stopped or await _keys(request, "opencps", "dossierId", "modifiedSince", "{}")


async def lgsp_keys(request: Request) -> Response:
    """Keys of all documents' versions."""
    stopped = desk.stopped(request) or desk.without_token(request)
    return stopped or await _keys(request, "lgsp_en", "documentId", "fromTime", "D{}")


async def lgsp_statistic(request: Request) -> Response:
    """Counts of dossiers of a period, as the platform reckons them."""
    stopped = desk.stopped(request) or desk.without_token(request)
    if stopped is not None:
        return stopped
    try:
        begins, until = (desk.local(request.query_params[name]) for name in ("fromTime", "toTime"))
    except (KeyError, ValueError):
        return refused(400, "fromTime or toTime is missing or wrong")
    sandbox, province = sandbox_of(request), request.path_params["province"]
    found = await run_in_threadpool(statistic.counts, sandbox, province, begins, until)
    return JSONResponse({"MStatistic": found})


async def _keys(request: Request, system: str, name: str, since: str, form: str) -> Response:
    sandbox, province = sandbox_of(request), request.path_params["province"]
    found = await run_in_threadpool(
        lambda: list(desk.keys(sandbox, system, province, _since(request, since)))
    )
    return JSONResponse({"keys": [{name: form.format(number)} for number, _, _ in found]})


def _written(system: str, sandbox: Sandbox, province: str, found: desk.Part) -> list[dict[str, Any]]:
    items = [SYSTEMS[system](json.loads(body)) for _, _, body in found.rows]
    return desk.altered(sandbox, province, items)


def _number(request: Request, name: str, usual: int) -> int:
    asked = int(request.query_params.get(name, usual))
    if asked < 1:
        raise ValueError("below one")
    return asked


def _since(request: Request, name: str) -> Place:
    text = request.query_params.get(name)
    return (desk.local(text), -1) if text else ("", -1)


def _after(request: Request) -> Place:
    text = request.query_params.get("after")
    if not text:
        return _since(request, "fromTime")
    instant, _, number = text.partition("~")
    return desk.local(instant), int(number)
