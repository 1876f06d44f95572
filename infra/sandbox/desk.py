"""What the interfaces of all systems share: the calendar, faults, tokens, and the world's items."""

from __future__ import annotations

import sqlite3
import time
from base64 import b64decode
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from infra.sandbox import divided
from infra.sandbox.cell import DAY_ONE
from infra.sandbox.home import State
from infra.sandbox.systems.words import HANOI

FAULTS = {
    "down": "every request answers 503, and SFTP hangs up",
    "token_expired": "every token is refused, and every password",
    "half_pages_failing": "every second page answers 500, whenever it is asked for",
    "flaky": "every second request for a page answers 500, and SFTP cuts every second file off",
    "rate_limited": "every second request answers 429 with Retry-After",
    "bad_json_page": "every second request for a page answers half of it",
    "unfinished": "half of the newest file is there over SFTP, without the marker that it is whole",
    "soap_fault": "of the population database: every question answers a SOAP fault",
    "slow": "of the population database: no question is answered while it is on",
    "wrong_person": "of the population database: every question answers somebody else",
    "clock_off": "the system's clock is a day ahead",
    "renamed_field": "the day of receipt comes under another name",
    "unknown_codes": "a quarter of the dossiers has a status that no list has",
    "lying_statistics": "the counts that it tells are not those of its dossiers",
}
"""Faults that can be switched on, with what they do."""
_RENAMED = {"NgayTiepNhan": "NgayNhanHoSo", "receiveDate": "dateOfReceipt", "dateReceived": "receivedDate"}
_STATUSES = ("TrangThaiHoSo", "dossierStatus", "status")
_UNKNOWN = "77"
ALTERING = frozenset({"renamed_field", "unknown_codes"})
"""Faults that change what items look like."""
Place = tuple[str, int]
"""Change instant and id of the item that a page comes after."""
_NEWER = "from items where province = ? and updated_at <= ? and (updated_at, id) > (?, ?) "
_ORDERED = "order by updated_at, id "
_ITEMS = "select updated_at, id, body " + _NEWER + _ORDERED + "limit ? offset ?"
_NUMBER = "select count(*) " + _NEWER
_KEYS = "select id, json_extract(body, '$.MaHoSo'), json_extract(body, '$.sequence') " + _NEWER + _ORDERED


@dataclass(slots=True)
class Sandbox:
    """What the server knows."""

    state: State
    faults: dict[str, str] = field(default_factory=dict)
    requests: Counter[str] = field(default_factory=Counter)
    tokens: dict[str, tuple[str, float]] = field(default_factory=dict)
    asked: dict[str, dict[Place, int]] = field(default_factory=dict)
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

    def page_fails(self, province: str, after: Place) -> bool:
        """Whether a page is one of the failing half: every second one, however often it is asked for."""
        pages = self.asked.setdefault(province, {})
        return pages.setdefault(after, len(pages)) % 2 == 1


@dataclass(frozen=True, slots=True)
class Part:
    """Items of a province after a place, as the world keeps them."""

    rows: list[tuple[str, int, str]]
    """Change instant, id and JSON of each."""
    total: int
    """How many come after the place in all."""


def part(sandbox: Sandbox, system: str, province: str, after: Place, size: int, skipped: int = 0) -> Part:
    """Items of a province's system in the order of (change instant, id), some of the first skipped."""
    where = (divided.place(province, system), sandbox.now().isoformat(timespec="seconds"), *after)
    with closing(_world(sandbox)) as database:
        rows = database.execute(_ITEMS, (*where, size, skipped)).fetchall()
        total = database.execute(_NUMBER, where).fetchone()[0]
    return Part(rows, total)


def altered(sandbox: Sandbox, province: str, items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Items as a fault of their shape or of their codes changes them."""
    match sandbox.fault(province):
        case "renamed_field":
            return [{_RENAMED.get(name, name): value for name, value in one.items()} for one in items]
        case "unknown_codes":
            return [_with_unknown(one) if n % 4 == 0 else one for n, one in enumerate(items)]
    return items


def _with_unknown(item: dict[str, Any]) -> dict[str, Any]:
    return {name: _UNKNOWN if name in _STATUSES else value for name, value in item.items()}


def keys(sandbox: Sandbox, system: str, province: str, after: Place) -> Iterator[tuple[int, str, int]]:
    """Id, dossier code and version of every item of a province's system after a place."""
    where = (divided.place(province, system), sandbox.now().isoformat(timespec="seconds"), *after)
    with closing(_world(sandbox)) as database:
        yield from database.execute(_KEYS, where).fetchall()


def _world(sandbox: Sandbox) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{sandbox.state.folder / 'world.sqlite'}?mode=ro", uri=True)


def local(instant: str) -> str:
    """An instant of a query as the world writes it."""
    return datetime.fromisoformat(instant.replace(" ", "+")).astimezone(HANOI).isoformat(timespec="seconds")


def sandbox_of(request: Request) -> Sandbox:
    """The sandbox behind a request."""
    found: Sandbox = request.app.state.sandbox
    return found


def refused(status: int, message: str, **headers: str) -> JSONResponse:
    """An answer that says no."""
    return JSONResponse(
        {"error": message}, status, {name.replace("_", "-"): value for name, value in headers.items()}
    )


def stopped(request: Request) -> Response | None:
    """What a fault answers in place of the interface; None when nothing is switched on."""
    sandbox, province = sandbox_of(request), request.path_params["province"]
    sandbox.requests[province] += 1
    match sandbox.fault(province):
        case "down":
            return refused(503, "the system is under maintenance", connection="close")
        case "rate_limited" if sandbox.requests[province] % 2:
            return refused(429, "too many requests", retry_after="1")
    return None


def without_token(request: Request) -> Response | None:
    """The refusal of who shows no token of the province."""
    sandbox, province = sandbox_of(request), request.path_params["province"]
    kind, _, value = request.headers.get("authorization", "").partition(" ")
    owner, until = sandbox.tokens.get(value, ("", 0.0))
    if (
        sandbox.fault(province) == "token_expired"
        or kind != "Bearer"
        or owner != province
        or until < time.monotonic()
    ):
        return refused(401, "invalid_token")
    return None


def without_password(request: Request) -> Response | None:
    """The refusal of who does not name himself by HTTP basic."""
    sandbox, province = sandbox_of(request), request.path_params["province"]
    known = sandbox.state.credentials.get(province, {})
    kind, _, value = request.headers.get("authorization", "").partition(" ")
    try:
        sent = b64decode(value).decode()
    except ValueError:
        sent = ""
    if sandbox.fault(province) == "token_expired" or kind != "Basic":
        return refused(401, "unauthorised")
    return None if sent == f"{known.get('id')}:{known.get('secret')}" else refused(401, "unauthorised")


def broken_page(request: Request, after: Place) -> Response | None:
    """What a fault of pages answers in place of one."""
    sandbox, province = sandbox_of(request), request.path_params["province"]
    is_odd = sandbox.requests[province] % 2 == 1
    match sandbox.fault(province):
        case "flaky" if is_odd:
            return refused(500, "internal error")
        case "half_pages_failing" if sandbox.page_fails(province, after):
            return refused(500, "internal error")
        case "bad_json_page" if is_odd:
            return Response('{"data": [{"id": 1', media_type="application/json")
    return None
