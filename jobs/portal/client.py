"""The portal over HTTP: login, session, one call at a time, answers in the words of ``schemas.portal``."""

from __future__ import annotations

import contextlib
import json
import re
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from types import TracebackType
from typing import Any, Self

import httpx2 as httpx
from pyrate_limiter import Duration, Limiter, Rate

from jobs.answers import content_of, wait_of
from jobs.errors import Refused, Unreachable, UsageFault
from jobs.retrying import retry_context
from jobs.settings import Settings
from jobs.sources.credentials import named
from schemas import portal
from schemas.portal import Answer, Outcome

_TIMEOUT = httpx.Timeout(30, connect=5)
_MOST_BYTES = 1_000_000
_LONGEST_WAIT = 3600
"""Seconds that a Retry-After may ask for; one that asks for more is met with this."""
SILENT = "no answer"
"""Stands for the code where there was none."""
ODD = "odd code"
"""Stands for a code that is none of the portal's: it may be any text, and so a person's number."""
_CODE = re.compile("-?[0-9]{1,6}|")
"""A code of the portal, or none beside its text; too short for any identifier."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a call brought; of the portal's text nothing is kept, since it may quote a value."""

    answer: Answer
    code: str
    retry_after: int = 0
    """Seconds that the portal asks to be left alone."""
    result: tuple[dict[str, Any], ...] | None = ()
    """None where it is no list of objects."""

    @property
    def outcome(self) -> Outcome:
        """What it means for what was sent."""
        return self.answer.outcome

    @property
    def is_coded(self) -> bool:
        """Whether the portal itself answered, and not the way to it."""
        return self.code == ODD or self.code.lstrip("-").isdecimal()

    @property
    def is_told(self) -> bool:
        """Whether it tells what was asked for."""
        return self.outcome is Outcome.ACCEPTED and self.result is not None

    @property
    def is_silence(self) -> bool:
        """Whether nothing was taken up: no answer, none at the moment, or not so many calls."""
        return self.code == SILENT or self.code.startswith(("http 5", "http 429"))


_LATER = Answer(Outcome.LATER)


class Portal:
    """A session with the portal; a refused one is renewed, once a call."""

    def __init__(self, settings: Settings) -> None:
        """Reads credentials and certificates; nothing is sent yet.

        Raises:
            UsageFault: No portal is configured, or one of them cannot be used.
        """
        if not settings.portal_url:
            raise UsageFault(
                "No portal is configured.", "set LIENTHONG_PORTAL_URL and LIENTHONG_PORTAL_CREDENTIALS."
            )
        self._credentials = named(settings.portal_credentials, settings, of="portal")
        self._dstcode = settings.portal_dstcode
        try:
            trusted = ssl.create_default_context(cafile=settings.portal_ca_file or None)
        except (OSError, ssl.SSLError) as error:
            raise UsageFault(
                "portal: LIENTHONG_PORTAL_CA_FILE is not readable as certificates.", "give it in PEM form."
            ) from error
        self._client = httpx.Client(
            base_url=settings.portal_url, timeout=_TIMEOUT, trust_env=False, verify=trusted
        )
        self._limiter = Limiter(Rate(settings.portal_requests_per_second, Duration.SECOND))
        self._session: str | None = None
        self._silences = 0
        self._untold = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    @property
    def is_down(self) -> bool:
        """Whether so many calls in a row met silence, or 429, that asking on is no use."""
        return self._silences >= portal.SILENCES

    def dossiers(self, agency: str, data: Sequence[dict[str, Any]], *, updating: bool) -> Told:
        """Sends dossiers; those that exist already are sent as updates."""
        body = {"isUpdating": str(updating), "data": list(data)}
        told = self._call(portal.UPSERT, agency, body)
        if told.outcome is Outcome.EXISTS and not updating:
            told = self._call(portal.UPSERT, agency, body | {"isUpdating": "True"})
        return told

    def steps(self, agency: str, data: Sequence[dict[str, Any]]) -> Told:
        """Sends status steps."""
        return self._call(portal.PROGRESS, agency, {"data": list(data)})

    def lookup(self, agency: str, code: str) -> tuple[dict[str, Any], ...] | None:
        """What the portal holds of a dossier; None where it refuses to tell, or tells what cannot be read.

        It is asked again while there is no answer.

        Raises:
            Unreachable: There is none, or for many dossiers in a row none that can be read.
        """
        told = Told(_LATER, SILENT)
        with contextlib.suppress(_Again):
            for attempt in retry_context(_backoff, attempts=10, timeout=120, wait_initial=0.1, wait_max=5):
                with attempt:
                    told = self._call(portal.LOOKUP, agency, {"mahoso": code})
                    if not (told.is_told or told.outcome is Outcome.REFUSED):
                        raise _Again(told.retry_after)
        is_final = told.is_told or told.outcome is Outcome.REFUSED
        self._untold = 0 if is_final else self._untold + 1
        if told.is_silence or self._untold >= portal.SILENCES:
            raise Unreachable(f"portal: {portal.LOOKUP} brings no answer ({told.code}).", "try again later.")
        return told.result if told.is_told else None

    def _call(self, service: str, agency: str, body: dict[str, Any]) -> Told:
        whole = {"madonvi": agency, "service": service, **body}
        told = self._asked("adapter", {"session": self._opened(), **whole})
        if told.outcome is Outcome.SESSION:
            self._session = None
            told = self._asked("adapter", {"session": self._opened(), **whole})
        if told.outcome is Outcome.SESSION:
            return Told(_LATER, told.code)
        return told

    def _opened(self) -> str:
        """The session; a new one where there is none.

        Raises:
            Refused: The portal does not know us.
            Unreachable: It does not answer.
        """
        if self._session is None:
            username, password = self._credentials
            told = self._asked(
                "login", {"username": username, "password": password}, {"dstcode": self._dstcode}
            )
            if told.is_silence:
                raise Unreachable(f"portal: the login brings no answer ({told.code}).", "try again later.")
            if told.outcome is not Outcome.ACCEPTED or not told.result:
                raise Refused(
                    f"portal: the login was refused ({told.code}).",
                    "renew the credentials that LIENTHONG_PORTAL_CREDENTIALS names.",
                )
            self._session = str(told.result[0]["session"])
        return self._session

    def _asked(self, path: str, body: dict[str, Any], headers: dict[str, str] | None = None) -> Told:
        """One try. When to try again is kept in the outbox and not slept here."""
        self._limiter.try_acquire("portal")
        try:
            with self._client.stream("POST", path, json=body, headers=headers) as answer:
                told = _read(answer)
        except httpx.RequestError:
            told = Told(_LATER, SILENT)
        self._silences = self._silences + 1 if told.is_silence else 0
        return told


class _Again(Exception):
    """A question was not answered."""

    def __init__(self, rest: int) -> None:
        super().__init__()
        self.rest = rest


def _backoff(error: Exception) -> bool | timedelta:
    """Whether to ask again, or after how long: not where the portal wants to be left alone for longer."""
    if not isinstance(error, _Again) or error.rest > portal.LONGEST_REST_SECONDS:
        return False
    return timedelta(seconds=error.rest) if error.rest else True


def _read(answer: httpx.Response) -> Told:
    """An answer's code, and what it means.

    Raises:
        Refused: It is none of the portal's: the address or the request is wrong.
    """
    status = answer.status_code
    if status == httpx.codes.TOO_MANY_REQUESTS or status >= httpx.codes.INTERNAL_SERVER_ERROR:
        return Told(_LATER, f"http {status}", wait_of(answer, _LONGEST_WAIT) or 0)
    if status != httpx.codes.OK:
        raise Refused(f"portal: it answers {status}.", "compare LIENTHONG_PORTAL_URL with what was agreed.")
    data, is_whole = content_of(answer, _MOST_BYTES)
    return _meant(data) if is_whole else Told(_LATER, "too long")


def _meant(data: bytes) -> Told:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        return Told(_LATER, "no JSON")
    code = str(found.get("error_code", ""))
    if not _CODE.fullmatch(code):
        return Told(_LATER, ODD)
    if "session" in found:
        return Told(portal.answered(code, ""), code, result=({"session": found["session"]},))
    result = [] if found.get("result") is None else found["result"]
    is_list = isinstance(result, list) and all(isinstance(one, dict) for one in result)
    answer = portal.answered(code, str(found.get("message", "")))
    return Told(answer, code, result=tuple(result) if is_list else None)
