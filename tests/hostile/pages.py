"""Pages over HTTP: what a source may answer after a good first page."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from tests.hostile.kinds import birth, text_of

Answer = Callable[[str | None, Sequence[str]], bytes | Response]
"""From the cursor asked for and good items (JSON), what the source answers."""
_UNREADABLE = "page 2 is unreadable after 3 tries"
_TOO_LONG = "page 2 is too long"
_MANY = 70_000_000


def page_of(items: Sequence[str], following: object = None, **more: object) -> bytes:
    """A page of items that are JSON."""
    rest = json.dumps({"next_cursor": following, **more})[1:]
    return f'{{"data":[{",".join(items)}],{rest}'.encode()


@dataclass(frozen=True, slots=True)
class PageKind:
    """How a source answers; the first page is good unless the kind says otherwise."""

    name: str
    answer: Answer
    told: str | None = None
    """Part of why the feed is late; None where all is well."""
    rows: dict[str, int] = field(default_factory=lambda: {"effective": 1})
    """Rows by disposition; empty where the pull stays open."""
    refusal: str | None = None
    """Part of the message about a page that is kept as evidence alone."""
    is_bomb: bool = False

    def told_in_words(self) -> str:
        """For the document."""
        rows = ", ".join(f"{count} {name}" for name, count in self.rows.items())
        loads = f"loads: {rows}" if self.rows else "the pull stays open, and goes on with the next run"
        return loads if self.told is None else f"late: “{self.told}”; {loads}"


def _then(*answers: bytes | Response | Callable[[Sequence[str]], bytes | Response]) -> Answer:
    """A good page, then these; the cursors are their numbers."""

    def answer(cursor: str | None, good: Sequence[str]) -> bytes | Response:
        if cursor is None:
            return page_of(good[:1], "0")
        told = answers[int(cursor)]
        return told(good) if callable(told) and not isinstance(told, Response) else told

    return answer


def _packed(data: bytes, encoding: str = "gzip") -> Response:
    return Response(data, headers={"content-encoding": encoding}, content_type="application/json")


def _cut(data: bytes) -> Response:
    """A body that is shorter than its length says."""
    answer = Response(data, content_type="application/json")
    answer.automatically_set_content_length = False
    answer.headers["content-length"] = str(len(data) + 100)
    return answer


def _endless(items: int) -> Answer:
    """The same items for ever, each time with a cursor of its own."""
    return lambda cursor, good: page_of(good[: items if cursor else 1], str(int(cursor or 0) + 1))


def _last(cursor: object) -> Callable[[Sequence[str]], bytes]:
    return lambda good: page_of(good[1:2], cursor)


_NOT_MOVING = "does not move"
_TWO = {"effective": 2}
_BROKEN = {"effective": 1, "unreadable": 1}
PAGES = (
    PageKind("empty page in the middle", _then(page_of([], "1"), _last(None)), rows=_TWO),
    PageKind("empty page at the end", _then(page_of([]))),
    PageKind("empty body", _then(b""), _UNREADABLE, _BROKEN),
    PageKind("answer that is cut", _then(b'{"data": [{"id": 1'), _UNREADABLE, _BROKEN),
    PageKind("page of HTML", _then(b"<html><body>Loi</body></html>"), _UNREADABLE, _BROKEN),
    PageKind("page of XML with entities",
             _then(b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'),
             _UNREADABLE, _BROKEN),
    PageKind("two pages in one body", _then(page_of([]) * 2), _UNREADABLE, _BROKEN),
    PageKind("page that names its items twice", _then(b'{"data": [], "data": [1]}'), _UNREADABLE, _BROKEN),
    PageKind("items that are no list", _then(b'{"data": {}}'), _UNREADABLE, _BROKEN),
    PageKind("list for a page", _then(b"[]"), _UNREADABLE, _BROKEN),
    PageKind("null for a page", _then(b"null"), _UNREADABLE, _BROKEN),
    PageKind("100 000-deep page", _then(b"[" * 100_000 + b"]" * 100_000), _UNREADABLE, _BROKEN),
    PageKind("100 000-deep page that stays open", _then(b'{"data":' + b"[" * 100_000), _UNREADABLE, _BROKEN),
    PageKind("answer of 6 million values", _then(b'{"data":[' + b"[]," * 6_000_000 + b"[]]}"),
             _UNREADABLE, _BROKEN, is_bomb=True),
    PageKind("answer of 25 MB", _then(b'{"data":["' + b"x" * 25_000_000 + b'"]}'), _TOO_LONG,
             refusal="answers more than 20000000 bytes", is_bomb=True),
    PageKind("gzip bomb as content encoding", _then(_packed(gzip.compress(bytes(_MANY), 1))), _TOO_LONG,
             refusal="answers more than 20000000 bytes", is_bomb=True),
    PageKind("page in gzip", _then(lambda good: _packed(gzip.compress(page_of(good[1:2])))), rows=_TWO),
    PageKind("truncated gzip as content encoding",
             _then(lambda good: _packed(gzip.compress(page_of(good[1:2]))[:-30])), _UNREADABLE, _BROKEN),
    PageKind("broken gzip as content encoding", _then(_packed(b"no gzip")), "no answer", {}),
    PageKind("encoding that was not asked for", _then(_packed(b"\x28\xb5\x2f\xfd", "zst")),
             _UNREADABLE, _BROKEN),
    PageKind("body that is shorter than its length", _then(_cut(b'{"data": []')), "no answer", {}),
    PageKind("redirect", _then(Response(status=302, headers={"location": "http://127.0.0.1:1/"})),
             "answers 302", {}),
    PageKind("page in Windows-1258", _then('{"data": ["Đà"]}'.encode("cp1258")), _UNREADABLE, _BROKEN),
    PageKind("answer in UTF-16", _then(lambda good: page_of(good[1:2]).decode().encode("utf-16")), rows=_TWO),
    PageKind("answer after a BOM", _then(lambda good: b"\xef\xbb\xbf" + page_of(good[1:2])), rows=_TWO),
    PageKind("BOM in the middle of a page", _then(b'{"data":\xef\xbb\xbf[]}'), _UNREADABLE, _BROKEN),
    PageKind("NULs after a page", _then(page_of([]) + b"\x00\x00"), _UNREADABLE, _BROKEN),
    PageKind("page that repeats once", _then(lambda good: page_of(good[:1], "1"), _last(None)),
             rows={"effective": 2, "duplicate": 1}),
    PageKind("page that repeats for ever", _endless(1), "page 11 repeats the 10 pages before it",
             {"effective": 1, "duplicate": 10}),
    PageKind("empty pages for ever", _endless(0), "page 12 repeats the 10 pages before it"),
    PageKind("cursor that stands still", _then(_last("0")), _NOT_MOVING, _TWO),
    PageKind("cursor that goes back", _then(_last("1"), page_of([], "0")), _NOT_MOVING, _TWO),
    PageKind("cursor that is a number", _then(_last(1)), _UNREADABLE, _TWO),
    PageKind("cursor that is an object", _then(_last({"$gt": ""})), _UNREADABLE, _TWO),
    PageKind("cursor with control characters", _then(_last("1\r\nHost: a\x00")), _UNREADABLE, _TWO),
    PageKind("total that is too high",
             lambda cursor, good: page_of(good[1:2]) if cursor else page_of(good[:1], "0", total=5),
             "page 2 ends the delivery after 2 of 5 items", _TWO),
    PageKind("total that is no number",
             lambda _, good: page_of(good[:1], total="'; drop table submissions; --")),
    PageKind("total that is too low", lambda _, good: page_of(good[:2], total=-1), rows=_TWO),
    PageKind("more items than were asked for", lambda _, good: page_of(good), rows={"effective": 3}),
    PageKind("an item of the year 9999",
             _then(lambda good: page_of([good[1].replace("2026-11-02T09", "9999-11-02T09")])),
             rows={"effective": 1, "quarantined": 1}),
)  # fmt: skip


def items(place: int) -> list[str]:
    """Good items of a kind, by its place among the kinds; none of them is another kind's."""
    return [text_of(birth(100 * place + n, 800_000 + 100 * place + n)) for n in (1, 2, 3)]


def serve(server: HTTPServer, kind: PageKind, place: int, below: str) -> None:
    """Serves a token, and pages as the kind has them."""

    def answer(request: Request) -> Response:
        told = kind.answer(request.args.get("cursor"), items(place))
        return told if isinstance(told, Response) else Response(told, content_type="application/json")

    server.expect_request(f"{below}/oauth/token").respond_with_json({"access_token": "let me in"})
    server.expect_request(f"{below}/api/v1/dossiers").respond_with_handler(answer)
