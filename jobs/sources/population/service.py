"""The verification call by SOAP 1.1: zeep writes and reads the messages, our own client carries them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self

import httpx2 as httpx
import zeep
from zeep.exceptions import Fault, XMLParseError

from jobs.errors import LienthongError, Refused
from jobs.settings import CHECKOUT, Settings
from jobs.sources.client import Client, TooLong
from jobs.sources.credentials import credentials_of
from jobs.sources.interface import interface_of
from jobs.sources.model import Feed
from jobs.sources.population.messages import FAULTED, UNUSABLE, Question, verdict

_DESCRIPTION = CHECKOUT / "schemas" / "services" / "csdldc.wsdl"
"""Never asked of the service: a description that somebody else could change would change what we read."""
_SPACE = "{http://dancuquocgia.bca}"
_ENVELOPE = "{http://schemas.xmlsoap.org/soap/envelope/}"
_MAX_ANSWER_BYTES = 200_000
"""One person with all that may be known of them is a few kilobytes."""
_TRIES = 3
"""How often a question is asked to which the service answers that the fault is its own."""
_STRICT = {"strict": True, "xml_huge_tree": False}
_SEALED = {"forbid_dtd": True, "forbid_entities": True, "forbid_external": True}


class _NoAnswer(Exception):
    """What the service sent is no answer; ``outcome`` says which kind of none."""

    def __init__(self, outcome: str) -> None:
        super().__init__(outcome)
        self.outcome = outcome


class _Wire(zeep.Transport):
    """Carries messages by the client of all sources: its rate, its patience, its certificates."""

    def __init__(self, feed: Feed, settings: Settings) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # untyped_calls_exclude does not look through super.
        self._interface = interface_of(feed.dialect)
        self.client = Client(feed, self._interface, settings)
        self._feed = feed
        self.account, self._key = credentials_of(feed, settings)
        self.timestamp = ""
        self.has_answer = False
        """Whether the last message was answered: what fails then is the reading of it."""

    def post(self, address: str, message: bytes, headers: Mapping[str, str]) -> httpx.Response:
        """The answer to a message; the address is the feed's, whatever the description says."""
        del address
        self.has_answer = False
        answer = self.client.send(
            "POST",
            self._interface.dossiers,
            most=_MAX_ANSWER_BYTES,
            faults=True,
            content=message,
            headers={**headers, self._interface.key_header: self._key, "Timestamp": self.timestamp},
        )
        if answer.status_code not in (httpx.codes.OK, httpx.codes.INTERNAL_SERVER_ERROR):
            raise Refused(
                f"{self._feed.feed_id}: {self._interface.dossiers} answers {answer.status_code}.",
                f"renew the credentials {self._feed.credentials}, or ask the database's owner for the right.",
            )
        self.has_answer = True
        return answer


class _Whole(zeep.Plugin):
    """Refuses an answer without its collection: absent, it would look as if it were empty."""

    def ingress(self, envelope: Any, http_headers: Any, operation: Any) -> tuple[Any, Any]:
        """The answer as it is.

        Raises:
            XMLParseError: It has neither a collection nor a fault.
        """
        del operation
        answer = f"{_ENVELOPE}Body/{_SPACE}TraCuuThongTinCongDanResponse/{_SPACE}CongdanCollection"
        if envelope.find(answer) is None and envelope.find(f"{_ENVELOPE}Body/{_ENVELOPE}Fault") is None:
            raise XMLParseError("no collection")
        return envelope, http_headers


class Service:
    """Asks the population database, over connections that end with a ``with``."""

    def __init__(self, feed: Feed, settings: Settings) -> None:
        """Reads the description from the project's own file."""
        self._wire = _Wire(feed, settings)
        self._soap = zeep.Client(
            str(_DESCRIPTION),
            transport=self._wire,
            settings=zeep.Settings(**_STRICT, **_SEALED),
            plugins=[_Whole()],
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._wire.client.__exit__(kind, error, trace)

    @property
    def account(self) -> str:
        """Who asks (TaiKhoan)."""
        return self._wire.account

    def outcome(self, question: Question, message: Mapping[str, Any], timestamp: str) -> str:
        """What comes of a question.

        Raises:
            Refused: The service does not take us for who we are.
            Unreachable: The service stays silent.
        """
        try:
            return verdict(question, self._found(message, timestamp))
        except _NoAnswer as none:
            return none.outcome

    def _found(self, message: Mapping[str, Any], timestamp: str) -> Sequence[Any]:
        """The persons of an answer.

        Raises:
            _NoAnswer: It is a fault, too long, not XML, or of another form.
            Refused: The service does not take us for who we are.
            Unreachable: The service stays silent.
        """
        self._wire.timestamp = timestamp
        for _ in range(_TRIES):
            try:
                return list(self._soap.service.TraCuuThongTinCongDan(**message) or ())
            except TooLong:
                raise _NoAnswer(UNUSABLE) from None
            except LienthongError:
                raise
            except Fault as fault:
                if not _is_theirs(fault):
                    break
            # Bytes decide what a reader meets, and no text of its faults may be told: it quotes the answer.
            except Exception:
                if not self._wire.has_answer:
                    raise
                raise _NoAnswer(UNUSABLE) from None
        raise _NoAnswer(FAULTED)


def _is_theirs(fault: Fault) -> bool:
    """Whether the service says that the fault is its own and not the question's (SOAP 1.1 §4.4.1)."""
    return str(fault.code or "").rpartition(":")[2].startswith("Server")
