"""A province behind HTTP whose pages are given as bytes, and its feed."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from jobs.sources.delivery import Request as Asked
from jobs.sources.delivery import Window
from jobs.sources.model import Feed

FEED = "01-dossiers"
AT = datetime(2026, 11, 2, 16, 30, tzinfo=UTC)


def asked(**resume: Any) -> Asked:
    """For everything that a source has, on the evening of the second of November."""
    return Asked(Window(), resume, frozenset(), AT)


def page(*items: Any, following: object = None) -> bytes:
    """A page with its items and the cursor of the next one."""
    return json.dumps({"data": items, "next_cursor": following}).encode()


def serve(
    server: HTTPServer,
    pages: Sequence[bytes],
    *,
    before: Callable[[Request], None] = lambda _: None,
    below: str = "",
) -> None:
    """Serves a token and the pages, which name each other by their numbers from 0."""

    def answer(request: Request) -> Response:
        before(request)
        return Response(pages[int(request.args.get("cursor", 0))], content_type="application/json")

    server.expect_request(f"{below}/oauth/token").respond_with_json({"access_token": "let me in"})
    server.expect_request(f"{below}/api/v1/dossiers").respond_with_handler(answer)


def keys(server: HTTPServer, below: str = "") -> dict[str, Any]:
    """The feed in a source's file; pages of one are read again from an hour before the cursor."""
    return {"kind": "rest", "dialect": "dvcqg", "url": server.url_for(below), "credentials": "PROVINCE"}


def feed(server: HTTPServer) -> Feed:
    """The feed itself."""
    return Feed.model_validate(
        {**keys(server), "feed_id": FEED, "province_code": "01", "province_name": "Tỉnh thử"}
    )
