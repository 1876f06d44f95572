"""A row of a landed object, made of an item as it was sent."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from jobs.landing.decoding import NamedTwice, canonical_json
from jobs.landing.texts import composed
from schemas.layout import Layout

ERASED = "erased by law"
"""The error of a row of which an erasure left the place alone."""
MAX_ROW_CHARACTERS = 4_000_000
TOLD_BYTES = 100_000
"""Of what cannot be read."""


@dataclass(frozen=True, slots=True)
class LandedRow:
    """One row as received; ``error`` says why it cannot be read."""

    row_no: int
    raw: str
    content_digest: str
    error: str | None
    record: Mapping[str, Any] | None
    """Its keys in NFC, in which mappings name them."""
    member: str | None = None
    """Of an archive: the file that it stands in."""


def row_of(
    number: int,
    item: object,
    line: bytes | None,
    layout: Layout,
    written: Callable[[object], str] = canonical_json,
) -> LandedRow:
    """The row that an item is; one that is no object of JSON, or too large, cannot be read.

    Args:
        number: Its place in the object.
        item: The item.
        line: Its bytes where they are a line of their own.
        layout: What of it is its delivery's.
        written: Writes its canonical JSON; ``written_anew`` only where ``decoded`` gave the item.
    """
    delivery, rest = _parted(item, layout)
    try:
        content, envelope = written(rest), written(delivery) if delivery else "{}"
        encoded = content.encode()
        envelope.encode()
        record = composed(item, content, envelope) if isinstance(item, dict) else None
    except (ValueError, TypeError) as error:
        return unreadable(number, line or repr(item).encode(errors="replace"), _fault_of(error))
    if record is None:
        return unreadable(number, line or encoded, "the row is not an object")
    if len(content) + len(envelope) > MAX_ROW_CHARACTERS:
        digest = hashlib.sha256(encoded).hexdigest()
        return unreadable(number, encoded[:1000], "the row is too large", digest)
    raw = line.decode() if line is not None else _enveloped(envelope, content)
    return LandedRow(number, raw, hashlib.sha256(encoded).hexdigest(), None, record)


def _fault_of(error: Exception) -> str:
    if isinstance(error, UnicodeEncodeError):
        return "the row is not Unicode text"
    if isinstance(error, NamedTwice):
        return "the row names a key twice"
    return "the row has a value that is not JSON"


def _parted(item: Any, layout: Layout) -> tuple[dict[str, Any], Any]:
    """What belongs to an item's delivery, and its content."""
    delivery = {key: item[key] for key in layout.delivery if key in item} if isinstance(item, dict) else {}
    if not delivery:
        return delivery, item
    return delivery, {key: value for key, value in item.items() if key not in delivery}


def _enveloped(envelope: str, content: str) -> str:
    """JSON of an item: its envelope, then its content; each is written once."""
    parts = [part[1:-1] for part in (envelope, content) if part != "{}"]
    return f"{{{','.join(parts)}}}"


def unreadable(number: int, data: bytes, why: str, digest: str | None = None) -> LandedRow:
    """A row that cannot be read; the digest is that of the data unless these are only its beginning."""
    told = digest or hashlib.sha256(data).hexdigest()
    return LandedRow(number, data[:TOLD_BYTES].decode("utf-8", errors="replace"), told, why, None)
