"""A one-stop system behind HTTP: token by client credentials, pages by cursor."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import httpx2 as httpx
import stamina
from pyrate_limiter import Duration, Limiter, Rate

from jobs.errors import Refused, Unreachable
from jobs.landing.rows import MAX_PAGE_BYTES
from jobs.settings import Settings
from jobs.sources.ahead import one_ahead
from jobs.sources.course import Course, page_read
from jobs.sources.credentials import credentials_of
from jobs.sources.delivery import Piece, Request
from jobs.sources.model import Feed
from jobs.sources.tls import closes_unasked, context_of, refusal_of

_TIMEOUT = httpx.Timeout(30, connect=5)
_LONGEST_WAIT = 60
"""Seconds; a source that wants more is asked again by the next run."""
_PAGE_TRIES = 3
"""How often a page that is not JSON is asked for before it is kept as unreadable."""
_MAX_TOLD_BYTES = 1_000_000
"""Of an answer that tells one thing: a token, a clock, an item."""
_MAX_KEYS_BYTES = 100_000_000
"""Of a source's whole list of keys: a million have less."""


class _Again(Exception):
    """The source asks to be asked again, perhaps later."""

    def __init__(self, why: str, wait: float | None = None) -> None:
        super().__init__(why)
        self.wait = wait


class _TooLong(Refused):
    """An answer is longer than any may be; ``data`` is what was read of it."""

    def __init__(self, message: str, data: bytes) -> None:
        super().__init__(message, "ask for less: page_size in the source's file; or tell the province.")
        self.data = data


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
        page tells of trouble. While a page is at work, the next is asked for.
        """
        return one_ahead(self._pieces(request))

    def _pieces(self, request: Request) -> Iterator[Piece]:
        if request.resume.get("done"):
            return
        course = Course.resumed(request.resume)
        while not course.is_done:
            course.page += 1
            try:
                data, page = self._page(course.cursor, request.window.since)
            except _TooLong as fault:
                why = f"page {course.page} is too long"
                yield course.broken_off(fault.data, why, f"{why}; its beginning is kept. {fault}")
                return
            if page is None:
                why = f"page {course.page} is unreadable after {_PAGE_TRIES} tries"
                yield course.broken_off(data, why, None)
                return
            yield from course.passed(data, page, request.window)

    def keys(self, since: datetime | None) -> list[dict[str, Any]]:
        """Keys of every version since an instant, for finding what was missed or deleted."""
        params = {"updated_since": since.isoformat()} if since else {}
        answer = self._get("api/v1/dossier-keys", params, most=_MAX_KEYS_BYTES)
        return list(self._told(answer, "keys", list))

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
            data = self._get("api/v1/dossiers", params, most=MAX_PAGE_BYTES).content
            if (page := page_read(data)) is not None:
                return data, page
        return data, None

    def _get(self, path: str, params: dict[str, str], *, most: int = _MAX_TOLD_BYTES) -> httpx.Response:
        answer = self._send("GET", path, most=most, params=params, headers=self._bearer())
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            self._token = None
            answer = self._send("GET", path, most=most, params=params, headers=self._bearer())
        if answer.status_code != httpx.codes.OK:
            raise Refused(
                f"{self._feed.feed_id}: {path} answers {answer.status_code}.",
                self._remedy(answer.status_code),
            )
        return answer

    def _bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token()}"}

    def _remedy(self, status: int) -> str:
        if status in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
            return f"renew the credentials {self._feed.credentials}, or ask the province for the right."
        return "ask the province; lienthong sources check looks step by step."

    def _send(self, method: str, path: str, *, most: int = _MAX_TOLD_BYTES, **options: Any) -> httpx.Response:
        """One answer that is final: silence, 5xx and 429 are tried again.

        Raises:
            Refused: It is not who it should be, or does not take us for who we are.
            Unreachable: The source stays silent.
            Refused: The answer is longer than ``most`` bytes; no more of it is unpacked.
        """
        try:
            for attempt in stamina.retry_context(
                _backoff, attempts=5, timeout=60, wait_initial=0.2, wait_max=3
            ):
                with attempt:
                    self._limiter.try_acquire(self._feed.feed_id)
                    return self._asked(method, path, most, **options)
        except (httpx.RequestError, _Again) as error:
            raise Unreachable(f"{self._feed.feed_id}: no answer from {path} ({_why(error)}).") from error
        raise Unreachable(f"{self._feed.feed_id}: no answer from {path}.")

    def _asked(self, method: str, path: str, most: int, **options: Any) -> httpx.Response:
        try:
            with self._client.stream(method, path, **options) as answer:
                self._has_answered = True
                return self._final(answer, path, most)
        except httpx.RequestError as error:
            if (refusal := self._refusal(error)) is not None:
                raise refusal from error
            raise

    def _refusal(self, error: httpx.RequestError) -> Refused | None:
        """What is wrong with the certificates, when that is why there is no answer."""
        is_cut = isinstance(error, httpx.RemoteProtocolError | httpx.ReadError | httpx.WriteError)
        refusal = refusal_of(self._feed, error)
        if refusal is None and is_cut and not self._has_answered and self._feed.url.startswith("https:"):
            refusal = closes_unasked(self._feed, self._tls)
        return refusal

    def _final(self, answer: httpx.Response, path: str, most: int) -> httpx.Response:
        """The answer with its content, unpacked piece by piece."""
        if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
            wait = answer.headers.get("retry-after", "")
            is_number = wait.isascii() and wait.isdecimal()
            raise _Again("429 too many requests", min(int(wait[:9]), _LONGEST_WAIT) if is_number else None)
        if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise _Again(f"{answer.status_code}")
        data = bytearray()
        for part in answer.iter_bytes():
            data += part
            if len(data) > most:
                raise _TooLong(
                    f"{self._feed.feed_id}: {path} answers more than {most} bytes.", bytes(data[:most])
                )
        return httpx.Response(answer.status_code, content=bytes(data), request=answer.request)


def _why(error: Exception) -> str:
    return str(error) if isinstance(error, _Again) else type(error).__name__
