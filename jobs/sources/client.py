"""HTTP as a guest: at the source's rate, with its patience, its credentials, and a limit to every answer."""

from __future__ import annotations

import math
from datetime import timedelta
from types import TracebackType
from typing import Any, Self

import httpx2 as httpx
from pyrate_limiter import Limiter, Rate

from jobs.answers import content_of, wait_of
from jobs.errors import Refused, Unreachable
from jobs.retrying import retry_context
from jobs.settings import Settings
from jobs.sources.credentials import credentials_of
from jobs.sources.interface import Interface
from jobs.sources.model import Feed
from jobs.sources.tls import closes_unasked, context_of, refusal_of

_CONNECT_SECONDS = 5
_LONGEST_WAIT = 60
"""Seconds; a source that wants more is asked again by the next run."""
MAX_TOLD_BYTES = 1_000_000
"""Of an answer that tells one thing: a token, a clock, an item."""


class _Again(Exception):
    """The source asks to be asked again, perhaps later."""

    def __init__(self, why: str, wait: float | None = None) -> None:
        super().__init__(why)
        self.wait = wait


class TooLong(Refused):
    """An answer is longer than any may be; ``data`` is what was read of it."""

    def __init__(self, message: str, data: bytes) -> None:
        super().__init__(message, "ask for less: page_size in the source's file; or tell the province.")
        self.data = data


def rate_of(requests_per_second: float) -> Rate:
    """So many requests in so many milliseconds: in the long run never more than what is allowed.

    >>> rate_of(50), rate_of(1.5), rate_of(0.2)
    (limit=50/1000, limit=1/667, limit=1/5000)
    """
    limit = max(1, math.floor(requests_per_second))
    return Rate(limit, math.ceil(1000 * limit / requests_per_second))


def _backoff(error: Exception) -> bool | timedelta:
    if isinstance(error, _Again):
        return timedelta(seconds=error.wait) if error.wait is not None else True
    return isinstance(error, httpx.RequestError)


class Client:
    """Asks one source, over connections that end with a ``with``; a refused token is renewed, once."""

    def __init__(self, feed: Feed, interface: Interface, settings: Settings) -> None:
        self._feed = feed
        self._interface = interface
        self._credentials = credentials_of(feed, settings) if interface.auth != "none" else ("", "")
        self._tls = context_of(feed, settings)
        self._client = httpx.Client(
            base_url=feed.url,
            timeout=httpx.Timeout(feed.timeout_seconds, connect=min(_CONNECT_SECONDS, feed.timeout_seconds)),
            trust_env=False,
            verify=self._tls,
            headers=dict(interface.headers),
            auth=self._credentials if interface.auth == "basic" else None,
        )
        self._has_answered = False
        self._limiter = Limiter(rate_of(feed.requests_per_second))
        self._token: str | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def get(self, path: str, params: dict[str, str], *, most: int = MAX_TOLD_BYTES) -> httpx.Response:
        """The answer to a question that needs credentials.

        Raises:
            Refused: It is not what was asked for.
            Unreachable: The source stays silent.
        """
        answer = self.send("GET", path, most=most, params=params, headers=self._authorised())
        if answer.status_code == httpx.codes.UNAUTHORIZED and self._interface.auth == "bearer":
            self._token = None
            answer = self.send("GET", path, most=most, params=params, headers=self._authorised())
        if answer.status_code != httpx.codes.OK:
            raise Refused(
                f"{self._feed.feed_id}: {path} answers {answer.status_code}.",
                self._remedy(answer.status_code),
            )
        return answer

    def told(self, answer: httpx.Response, name: str | None, kind: type) -> Any:
        """What a JSON answer has under a name, or its whole; it is of the kind.

        Raises:
            Refused: It is not.
        """
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

    def token(self) -> str:
        """A bearer token, asked for when there is none."""
        if self._token is None:
            client_id, secret = self._credentials
            form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
            answer = self.send("POST", self._interface.token, data=form)
            if answer.status_code != httpx.codes.OK:
                raise Refused(
                    f"{self._feed.feed_id}: the token was refused ({answer.status_code}).",
                    f"renew the credentials {self._feed.credentials}.",
                )
            self._token = str(self.told(answer, "access_token", str))
        return self._token

    def _authorised(self) -> dict[str, str]:
        match self._interface.auth:
            case "bearer":
                return {"Authorization": f"Bearer {self.token()}"}
            case "api_key":
                return {self._interface.key_header: self._credentials[1]}
            case _:
                return {}

    def _remedy(self, status: int) -> str:
        if status in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
            return f"renew the credentials {self._feed.credentials}, or ask the province for the right."
        return "ask the province; lienthong sources check looks step by step."

    def send(
        self, method: str, path: str, *, most: int = MAX_TOLD_BYTES, faults: bool = False, **options: Any
    ) -> httpx.Response:
        """One answer that is final: silence, 5xx and 429 are tried again.

        With ``faults`` a 500 in XML is final too: so a fault of SOAP comes (SOAP 1.1 §6.2).

        Raises:
            Refused: It is not who it should be, or does not take us for who we are; or the answer is longer
                than ``most`` bytes, and no more of it is unpacked.
            Unreachable: The source stays silent.
        """
        try:
            for attempt in retry_context(_backoff, attempts=5, timeout=60, wait_initial=0.2, wait_max=3):
                with attempt:
                    self._limiter.try_acquire(self._feed.feed_id)
                    return self._asked(method, path, most, faults=faults, **options)
        except (httpx.RequestError, _Again) as error:
            raise Unreachable(f"{self._feed.feed_id}: no answer from {path} ({_why(error)}).") from error
        raise Unreachable(f"{self._feed.feed_id}: no answer from {path}.")

    def _asked(self, method: str, path: str, most: int, *, faults: bool, **options: Any) -> httpx.Response:
        try:
            with self._client.stream(method, path, **options) as answer:
                self._has_answered = True
                return self._final(answer, path, most, faults=faults)
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

    def _final(self, answer: httpx.Response, path: str, most: int, *, faults: bool) -> httpx.Response:
        """The answer with its content, unpacked piece by piece."""
        if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
            raise _Again("429 too many requests", wait_of(answer, _LONGEST_WAIT))
        if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR and not (faults and _is_fault(answer)):
            raise _Again(f"{answer.status_code}")
        data, is_whole = content_of(answer, most)
        if not is_whole:
            raise TooLong(f"{self._feed.feed_id}: {path} answers more than {most} bytes.", data)
        return httpx.Response(answer.status_code, content=data, request=answer.request)


def _is_fault(answer: httpx.Response) -> bool:
    is_500 = answer.status_code == httpx.codes.INTERNAL_SERVER_ERROR
    return is_500 and answer.headers.get("content-type", "").startswith("text/xml")


def _why(error: Exception) -> str:
    return str(error) if isinstance(error, _Again) else type(error).__name__
