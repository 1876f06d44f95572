"""A one-stop system behind HTTP: token by client credentials, pages by cursor."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import httpx2 as httpx
import stamina
from pyrate_limiter import Duration, Limiter, Rate

from jobs.errors import Refused, Unreachable
from jobs.settings import Settings
from jobs.sources.credentials import credentials_of
from jobs.sources.delivery import Piece, Request, Window
from jobs.sources.model import Feed

_TIMEOUT = httpx.Timeout(30, connect=5)
_PAGE_TRIES = 3
"""How often a page that is not JSON is asked for before it is kept as unreadable."""


class _Again(Exception):
    """The source asks to be asked again, perhaps later."""

    def __init__(self, why: str, wait: float | None = None) -> None:
        super().__init__(why)
        self.wait = wait


def _backoff(error: Exception) -> bool | timedelta:
    if isinstance(error, _Again):
        return timedelta(seconds=error.wait) if error.wait is not None else True
    return isinstance(error, httpx.TransportError)


class RestSource:
    """Reads the change feed of one province."""

    def __init__(self, feed: Feed, settings: Settings) -> None:
        """A client that is polite to the source: its rate, its patience, its Retry-After."""
        self._feed = feed
        self._credentials = credentials_of(feed, settings)
        self._client = httpx.Client(base_url=feed.url, timeout=_TIMEOUT, trust_env=False)
        self._limiter = Limiter(Rate(max(1, round(feed.requests_per_second)), Duration.SECOND))
        self._token: str | None = None

    def pieces(self, request: Request) -> Iterator[Piece]:
        """Pages from where the request resumes, in the source's order, to the one that passes the window.

        That page is landed as it was received; its items from beyond the window do no harm.
        """
        cursor: str | None = request.resume.get("cursor")
        if request.resume.get("done"):
            return
        while True:
            data, page = self._page(cursor, request.window.since)
            if page is None:
                yield Piece("page", data, "json", resume={"cursor": cursor, "done": True})
                return
            items, following = page["data"], page.get("next_cursor")
            newest = _newest(items)
            is_last = following is None or _is_beyond(newest, request.window)
            if items or cursor is None:
                resume = {"cursor": following, "done": is_last}
                yield Piece("page", data, "json", resume=resume, newest=newest)
            if is_last:
                return
            if following == cursor:
                raise Refused(
                    f"{self._feed.feed_id}: the cursor does not move.", "tell the province; nothing is lost."
                )
            cursor = following

    def keys(self, since: datetime | None) -> list[dict[str, Any]]:
        """Keys of every version since an instant, for finding what was missed or deleted."""
        params = {"updated_since": since.isoformat()} if since else {}
        return list(self._get("api/v1/dossier-keys", params).json()["keys"])

    def health(self) -> dict[str, Any]:
        """What the source tells of itself, its clock above all."""
        return dict(self._send("GET", "health").json())

    def token(self) -> str:
        """A bearer token, asked for when there is none."""
        if self._token is None:
            client_id, secret = self._credentials
            form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
            answer = self._send("POST", "oauth/token", data=form)
            if answer.status_code != httpx.codes.OK:
                raise Refused(
                    f"{self._feed.feed_id}: the token was refused ({answer.status_code}).",
                    f"renew the credentials {self._feed.credentials}.",
                )
            self._token = str(answer.json()["access_token"])
        return self._token

    def first(self) -> dict[str, Any]:
        """The first item, to see how the source writes."""
        data = self._get("api/v1/dossiers", {"page_size": "1"}).json()["data"]
        return dict(data[0]) if data else {}

    def _page(self, cursor: str | None, since: datetime | None) -> tuple[bytes, dict[str, Any] | None]:
        params = {"page_size": str(self._feed.page_size)}
        if cursor is not None:
            params["cursor"] = cursor
        elif since is not None:
            params["updated_since"] = since.isoformat()
        data = b""
        for _ in range(_PAGE_TRIES):
            data = self._get("api/v1/dossiers", params).content
            if (page := _read(data)) is not None:
                return data, page
        return data, None

    def _get(self, path: str, params: dict[str, str]) -> httpx.Response:
        answer = self._send("GET", path, params=params, headers={"Authorization": f"Bearer {self.token()}"})
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            self._token = None
            answer = self._send(
                "GET", path, params=params, headers={"Authorization": f"Bearer {self.token()}"}
            )
        if answer.status_code != httpx.codes.OK:
            raise Refused(
                f"{self._feed.feed_id}: {path} answers {answer.status_code}.",
                self._remedy(answer.status_code),
            )
        return answer

    def _remedy(self, status: int) -> str:
        if status in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
            return f"renew the credentials {self._feed.credentials}, or ask the province for the right."
        return "ask the province; lienthong sources check looks step by step."

    def _send(self, method: str, path: str, **options: Any) -> httpx.Response:
        """One answer that is final: silence, 5xx and 429 are tried again.

        Raises:
            Unreachable: The source stays silent.
        """
        try:
            for attempt in stamina.retry_context(
                _backoff, attempts=5, timeout=60, wait_initial=0.2, wait_max=3
            ):
                with attempt:
                    self._limiter.try_acquire(self._feed.feed_id)
                    return _final(self._client.request(method, path, **options))
        except (httpx.TransportError, _Again) as error:
            raise Unreachable(f"{self._feed.feed_id}: no answer from {path} ({_why(error)}).") from error
        raise Unreachable(f"{self._feed.feed_id}: no answer from {path}.")


def _final(answer: httpx.Response) -> httpx.Response:
    if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
        wait = answer.headers.get("retry-after", "")
        raise _Again("429 too many requests", float(wait) if wait.isdigit() else None)
    if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
        raise _Again(f"{answer.status_code}")
    return answer


def _why(error: Exception) -> str:
    return str(error) if isinstance(error, _Again) else type(error).__name__


def _read(data: bytes) -> dict[str, Any] | None:
    try:
        page = json.loads(data)
    except ValueError:
        return None
    return page if isinstance(page, dict) and isinstance(page.get("data"), list) else None


def _is_beyond(newest: tuple[datetime, str] | None, window: Window) -> bool:
    return newest is not None and window.until is not None and newest[0] > window.until


def _newest(items: list[Any]) -> tuple[datetime, str] | None:
    """Change instant and id of the last item that tells them."""
    for item in reversed(items):
        try:
            return datetime.fromisoformat(item["updated_at"]), str(item["id"])
        except (KeyError, TypeError, ValueError):
            continue
    return None
