"""Markers for every personal column, and rows of the sources that carry them; all derived from the contracts.

A marker names the path that it was sent by and its column, so that a leak tells where it came from.
Values of closed lists, and codes that are too short to be told from other text, name nobody and have none.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import unicodedata
import urllib.parse
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from schemas import dialect as dialects
from schemas import types as t
from schemas.contract import Contract, DomainType, Field, Kind, Privacy
from schemas.core.documents import Documents
from schemas.core.dossiers import Dossiers
from schemas.derive import python, sample
from schemas.dialect import Dialect, Group
from schemas.reading import Reading
from schemas.registry import FOLDED
from tests.support import messages as m

STEM = "Mắczư"
"""Begins every marker in words: unlike anything that the project or its tools could write by themselves."""
_DIGITS = "770377"
_HASH = re.compile(b"[0-9a-f]{64}")
_DERIVED = ("date_precision", "parcel_scheme")
"""Parsers that read what another column is sent as."""
_SHORTEST = 8
"""Characters from which a value cannot be met by chance."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A planted value with the path and the column it was planted in."""

    label: str
    text: str

    def forms(self) -> frozenset[bytes]:
        """The bytes by which it could be met: plain, escaped, composed or not, in base64."""
        return forms(self.text)


def forms(text: str) -> frozenset[bytes]:
    """Every way of writing a text that a log, a page or a table is known to use."""
    spelt = {text, unicodedata.normalize("NFD", text), text.upper(), text.lower(), _unaccented(text)}
    if re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        spelt |= {date.fromisoformat(text).strftime(form) for form in ("%d/%m/%Y", "%Y%m%d")}
    escaped = {
        form
        for one in spelt
        for form in (
            one,
            json.dumps(one)[1:-1],
            json.dumps(one)[1:-1].replace("\\", "\\\\"),
            one.encode("ascii", "backslashreplace").decode(),
            one.encode("ascii", "replace").decode(),
            repr(one.encode())[2:-1],
            one.encode("ascii", "xmlcharrefreplace").decode(),
            urllib.parse.quote(one),
            urllib.parse.quote(one).lower(),
            urllib.parse.quote_plus(one),
        )
    }
    plain = {one.encode() for one in escaped}
    wide = {text.encode(code) for code in ("utf-16-le", "utf-16-be")}
    packed = {part for offset in range(3) for part in _base64(text, offset)}
    return frozenset(plain | wide | packed)


def _unaccented(text: str) -> str:
    folded = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(one for one in folded if not unicodedata.combining(one))


def _base64(text: str, offset: int) -> Iterator[bytes]:
    """The characters of an encoding that the text alone decides, when it stands at an offset."""
    data = text.encode()
    whole = base64.b64encode(b"\0" * offset + data)
    certain = whole[-(-offset * 8 // 6) : (offset + len(data)) * 8 // 6]
    yield certain
    yield certain.translate(bytes.maketrans(b"+/", b"-_"))


@dataclass(slots=True)
class Marks:
    """The markers of one path."""

    path: str
    first: int
    """Number of its first marker; paths are ten thousand and their letters apart."""
    planted: dict[str, Mark] = field(default_factory=dict)

    def words(self, label: str) -> str:
        """A marker in words, for a place that takes any text; the same for the same label."""
        return self._plant(label, f"{STEM} {self._letters(label)}")

    def fitting(self, contract: type[Contract], row: sample.Row, fixed: Collection[str] = ()) -> sample.Row:
        """The row with a marker in each personal column that takes one and still breaks no check.

        A column that has the name of an earlier one has its marker: keys of one form agree.
        """
        for column in contract.fields:
            if column.privacy < Privacy.PERSONAL or column.name in fixed or not _takes(column.domain):
                continue
            for text in self._candidates(column):
                trial = row | {column.name: sample.typed(column.domain, text)}
                if not python.violations(contract, trial):
                    row = trial
                    self._plant(column.name, text)
                    break
        return row

    def _candidates(self, column: Field) -> Iterator[str]:
        if column.name in self.planted:
            yield self.planted[column.name].text
            return
        number = self.first + len(self.planted)
        match column.domain.kind:
            case Kind.TEXT:
                texts = (
                    f"{STEM} {self._letters(column.name)}",
                    *(f"0010907{number:05d}", f"0011907{number:05d}", f"7{number:08d}"),
                    f"MQ 7{number:05d}",
                )
                pattern, most = column.domain.pattern, column.domain.max_length or 100
                for text in texts:
                    if len(text) <= most and (pattern is None or re.fullmatch(pattern, text)):
                        yield text
            case Kind.DATE:
                yield (date(1990, 1, 1) + timedelta(days=number % 365)).isoformat()
            case Kind.INTEGER:
                yield f"{_DIGITS}{number:05d}"

    def _letters(self, label: str) -> str:
        number = self.first + len(self.planted)
        if label in self.planted:
            return self.planted[label].text.rpartition(" ")[2]
        return "".join(chr(ord("A") + number // 26**power % 26) for power in (3, 2, 1, 0)).title()

    def _plant(self, label: str, text: str) -> str:
        return self.planted.setdefault(label, Mark(f"{self.path}: {label}", text)).text


def _takes(domain: DomainType) -> bool:
    longest = domain.max_length or _SHORTEST
    return domain.values is None and domain.kind is not Kind.BOOLEAN and longest >= _SHORTEST


class Searcher:
    """Finds markers in data, in any form."""

    def __init__(self, marks: Iterable[Mark]) -> None:
        """Those in words are looked for when their stem is there; the others, and SHA-256 of each, always."""
        known = list(marks)
        self._in_words = [mark for mark in known if mark.text.startswith(STEM)]
        self._always = [(mark, mark.forms()) for mark in known if not mark.text.startswith(STEM)]
        self._hashes = {_hashed(mark.text): mark.label for mark in known}

    def found(self, data: bytes) -> list[str]:
        """Labels of the markers in it; where only their stem can be read, one label that says so."""
        labels = [mark.label for mark, wanted in self._always if any(form in data for form in wanted)]
        labels += [self._hashes[one] for one in _HASH.findall(data) if one in self._hashes]
        if self._in_words and any(form in data for form in _STEMS):
            named = [one.label for one in self._in_words if any(form in data for form in one.forms())]
            labels += named or [f"some marker ({STEM})"]
        return list(dict.fromkeys(labels))


def _hashed(text: str) -> bytes:
    return hashlib.sha256(text.encode()).hexdigest().encode()


_STEMS = forms(STEM)


def item(group: Group, marks: Marks, **fixed: object) -> dict[str, str]:
    """An item of a form, in the words of its source, that is valid and has markers."""
    contract = group.dataset
    base = sample.over(contract, fixed)
    row = marks.fitting(contract, base, fixed)
    sent = {
        reading.path: _sent(reading, row[name])
        for name, (reading, *_) in group.fields.items()
        if row.get(name) is not None and reading.parser not in _DERIVED
    }
    dated = {group.fields[name][0].path: "01/01/2010" for name in ("from_date",) if name in group.fields}
    return {**dated, **sent}


def broken(group: Group, marks: Marks) -> dict[str, str]:
    """An item of a form with markers in words in every personal column, whatever the column takes."""
    personal = {column.name for column in group.dataset.fields if column.privacy >= Privacy.PERSONAL}
    return {
        reading.path: marks.words(f"{group.dataset.table()}.{name}")
        for name, (reading, *_) in group.fields.items()
        if {name, name.removeprefix("old_")} & personal and reading.parser not in _DERIVED
    }


def header(dialect: Dialect, marks: Marks) -> dict[str, Any]:
    """The personal fields of a dossier's header with markers in words."""
    told: dict[str, Any] = {}
    for name, (reading, *_) in dialect.header.items():
        if Dossiers.field(name).privacy < Privacy.PERSONAL:
            continue
        *outer, last = reading.path.split(".")
        place = told
        for step in outer:
            inner = place.setdefault(step.removesuffix("[]"), [{}] if step.endswith("[]") else {})
            place = inner[0] if isinstance(inner, list) else inner
        place[last] = marks.words(f"dossiers.{name}")
    return told


def documents(marks: Marks) -> dict[str, bytes]:
    """Messages with a marker in every personal field: one that is taken, one that is not, one that waits."""
    told = {one.name: marks.words(f"documents.{one.name}") for one in Documents.fields if _is_sent(one)}
    answered = m.response(told["response_document_id"], m.SENDER, told["responses"], "2026/11/01")
    values: dict[str, Any] = {
        "subject": told["subject"],
        "signer": told["signer_name"],
        "email": told["recipients"],
        "responses": answered,
        "replaced": told["replaced"],
        "files": [("1", told["attachments"], told["attachments"].encode())],
    }
    taken = m.document(told["document_id"], **values)
    spoilt = m.document(marks.words("spoilt document"), **values).replace(b"cid:1<", b"cid:2<")
    waiting = m.status("03", "2026/11/03 08:00:00", marks.words("missing document"), text=told["status_text"])
    broken = m.document(marks.words("broken document"), **values)[:-20]
    return {"taken": taken, "spoilt": spoilt, "waiting": waiting, "broken": broken}


def _is_sent(column: Field) -> bool:
    return column.privacy >= Privacy.PERSONAL and column.name in dialects.load("edxml").header


def columns() -> list[tuple[type[Contract], Field]]:
    """Every personal column that some source can send."""
    sendable: dict[tuple[str, str], tuple[type[Contract], Field]] = {}
    for name in dialects.names():
        spoken = dialects.load(name)
        parts = [(spoken.rows, spoken.header), *[(one.dataset, one.fields) for one in spoken.groups.values()]]
        for contract, mapped in parts:
            for column in contract.fields:
                if column.name in mapped and column.privacy >= Privacy.PERSONAL:
                    sendable[contract.dataset(), column.name] = contract, column
    return list(sendable.values())


def named_alone() -> list[tuple[type[Contract], Field]]:
    """Columns of the registers whose values name one person and are never open: personal ids and names."""
    wanted = (t.PersonalId, t.PersonName)
    return [(contract, one) for contract in FOLDED for one in contract.fields if one.domain in wanted]


def _sent(reading: Reading, value: object) -> str:
    """A value in the source's words."""
    if reading.parser == "map":
        return next(word for word, meaning in reading.values.items() if meaning == value)
    if isinstance(value, bool):
        return "Y" if value else "N"
    if isinstance(value, date):
        return value.strftime("%d/%m/%Y")
    return str(value)


def groups(spoken: Dialect, *datasets: type[Contract]) -> list[tuple[str, Group]]:
    """Names and groups of datasets, roots first; those that give or take back are left out."""
    return [
        (name, group)
        for contract in FOLDED
        for name, group in spoken.groups.items()
        if group.dataset is contract and contract in datasets and not name.endswith(("_from", "_to"))
    ]
