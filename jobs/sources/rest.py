"""A one-stop system behind HTTP: token by client credentials, pages by cursor."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx2 as httpx
import stamina
from pyrate_limiter import Duration, Limiter, Rate

from jobs.errors import Refused, Unreachable
from jobs.landing.rows import page_of
from jobs.settings import Settings
from jobs.sources.credentials import credentials_of
from jobs.sources.delivery import Piece, Request, Window
from jobs.sources.model import Feed
from jobs.sources.tls import closes_unasked, context_of, refusal_of
from schemas import types as t

_HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
_TIMEOUT = httpx.Timeout(30, connect=5)
_LONGEST_WAIT = 60
"""Seconds; a source that wants more is asked again by the next run."""
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
    return isinstance(error, httpx.RequestError)


class RestSource:
    """Reads the change feed of one province."""

    def __init__(self, feed: Feed, settings: Settings) -> None:
        """A client that is polite to the source: its rate, its patience, its Retry-After."""
        self._feed = feed
        self._credentials = credentials_of(feed, settings)
        self._tls = context_of(feed, settings)
        self._client = httpx.Client(base_url=feed.url, timeout=_TIMEOUT, trust_env=False, verify=self._tls)
        self._has_answered = False
        self._limiter = Limiter(Rate(max(1, round(feed.requests_per_second)), Duration.SECOND))
        self._token: str | None = None

    def pieces(self, request: Request) -> Iterator[Piece]:
        """Pages from where the request resumes, in the source's order, to the one that passes the window.

        That page is landed as it was received; its items from beyond the window do no harm. The last
        page tells of trouble.
        """
        cursor: str | None = request.resume.get("cursor")
        number, asked = request.resume.get("page", 0), {cursor}
        if request.resume.get("done"):
            return
        while True:
            data, page = self._page(cursor, request.window.since)
            number += 1
            if page is None:
                resume = {"cursor": cursor, "page": number, "done": True}
                unread = f"page {number} is unreadable after {_PAGE_TRIES} tries"
                yield Piece("page", data, "json", resume=resume, trouble=unread)
                return
            newest, following = _newest(page["data"]), page.get("next_cursor")
            is_round = following is not None and following in asked
            is_last = following is None or is_round or _is_beyond(newest, request.window)
            trouble = f"the cursor of page {number} does not move" if is_round else None
            if page["data"] or cursor is None or trouble:
                resume = {"cursor": following, "page": number, "done": is_last}
                yield Piece("page", data, "json", resume=resume, newest=newest, trouble=trouble)
            if is_last:
                return
            cursor = following
            asked.add(cursor)

    def keys(self, since: datetime | None) -> list[dict[str, Any]]:
        """Keys of every version since an instant, for finding what was missed or deleted."""
        params = {"updated_since": since.isoformat()} if since else {}
        return list(self._told(self._get("api/v1/dossier-keys", params), "keys", list))

    def health(self) -> dict[str, Any]:
        """What the source tells of itself, its clock above all."""
        return dict(self._told(self._send("GET", "health"), None, dict))

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
            self._token = str(self._told(answer, "access_token", str))
        return self._token

    def first(self) -> dict[str, Any]:
        """The first item, to see how the source writes."""
        data = self._told(self._get("api/v1/dossiers", {"page_size": "1"}), "data", list)
        return dict(data[0]) if data and isinstance(data[0], dict) else {}

    def _told(self, answer: httpx.Response, name: str | None, kind: type) -> Any:
        """What a JSON answer has under a name, or its whole; it is of the kind."""
        try:
            found = answer.json()
        except (ValueError, RecursionError):
            found = None
        if name is not None:
            found = found.get(name) if isinstance(found, dict) else None
        if not isinstance(found, kind):
            raise Refused(
                f"{self._feed.feed_id}: {answer.request.url.path} answers no JSON of {name or 'an object'}.",
                self._remedy(answer.status_code),
            )
        return found

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
            Refused: It is not who it should be, or does not take us for who we are.
            Unreachable: The source stays silent.
        """
        try:
            for attempt in stamina.retry_context(
                _backoff, attempts=5, timeout=60, wait_initial=0.2, wait_max=3
            ):
                with attempt:
                    self._limiter.try_acquire(self._feed.feed_id)
                    return _final(self._asked(method, path, **options))
        except (httpx.RequestError, _Again) as error:
            raise Unreachable(f"{self._feed.feed_id}: no answer from {path} ({_why(error)}).") from error
        raise Unreachable(f"{self._feed.feed_id}: no answer from {path}.")

    def _asked(self, method: str, path: str, **options: Any) -> httpx.Response:
        try:
            answer = self._client.request(method, path, **options)
        except httpx.RequestError as error:
            if (refusal := self._refusal(error)) is not None:
                raise refusal from error
            raise
        self._has_answered = True
        return answer

    def _refusal(self, error: httpx.RequestError) -> Refused | None:
        """What is wrong with the certificates, when that is why there is no answer."""
        is_cut = isinstance(error, httpx.RemoteProtocolError | httpx.ReadError | httpx.WriteError)
        refusal = refusal_of(self._feed, error)
        if refusal is None and is_cut and not self._has_answered and self._feed.url.startswith("https:"):
            refusal = closes_unasked(self._feed, self._tls)
        return refusal


def _final(answer: httpx.Response) -> httpx.Response:
    if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
        wait = answer.headers.get("retry-after", "")
        is_number = wait.isascii() and wait.isdecimal()
        raise _Again("429 too many requests", min(int(wait[:9]), _LONGEST_WAIT) if is_number else None)
    if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
        raise _Again(f"{answer.status_code}")
    return answer


def _why(error: Exception) -> str:
    return str(error) if isinstance(error, _Again) else type(error).__name__


def _read(data: bytes) -> dict[str, Any] | None:
    """The page, as conform will read it; None where it is none or names no cursor that can be kept."""
    try:
        page = page_of(data)
    except ValueError:
        return None
    following = page.get("next_cursor")
    return page if following is None or _can_be_kept(following) else None


def _can_be_kept(text: object) -> bool:
    """Whether it is a text, not empty, that ``ops`` can store: no control character, no half of a pair."""
    return isinstance(text, str) and text != "" and text.isprintable()


def _is_beyond(newest: tuple[datetime, str] | None, window: Window) -> bool:
    return newest is not None and window.until is not None and newest[0] > window.until


def _newest(items: list[Any]) -> tuple[datetime, str] | None:
    """Change instant, in UTC, and id of the last item that tells them."""
    for item in reversed(items):
        try:
            changed, name = _instant(item["updated_at"]), str(item["id"])
        except (KeyError, TypeError, ValueError, OverflowError):
            continue
        if _can_be_kept(name):
            return changed, name
    return None


def _instant(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None or not t.EARLIEST <= found.astimezone(_HANOI).date().isoformat() <= t.LATEST:
        raise ValueError("no instant, or out of range")
    return found.astimezone(UTC)
