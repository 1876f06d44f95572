"""Attachments of a message by reference: what its manifest names beside what was sent."""

from __future__ import annotations

import hashlib
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

CONTENTS = frozenset({"ContentTransferEncoded", "AttachmentData"})
"""Elements of an attachment that hold its bytes; their value is size and digest of these."""
_Tree = Mapping[str, Any]


def _id(one: _Tree) -> str | None:
    """The id of a content; the SDKs write it with and without its scheme."""
    found = one.get("ContentId")
    return found.removeprefix("cid:") if isinstance(found, str) else None


def listed(references: Sequence[_Tree], sent: Sequence[_Tree]) -> Iterator[dict[str, Any]]:
    """Attachments in the manifest's order, then those that it does not name."""
    left = dict(enumerate(sent, 1))
    for reference in references:
        found = next((number for number, one in left.items() if _id(one) == _id(reference)), None)
        yield _told(reference, left.pop(found, {}) if found else {}, found)
    for number, one in left.items():
        yield _told({}, one, number)


def _told(reference: _Tree, sent: _Tree, member: int | None) -> dict[str, Any]:
    both = {**sent, **reference}
    name = both.get("AttachmentName")
    told = {
        "content_id": _id(both),
        "name_sha256": _hashed(name) if isinstance(name, str) else None,
        "content_type": both.get("ContentType"),
        "member": member,
        **_content(sent),
    }
    return {key: value for key, value in told.items() if value is not None}


def _content(sent: _Tree) -> Mapping[str, Any]:
    """Size and digest of an attachment; nothing where it has no content, or two, or one that is broken."""
    found = [sent[name] for name in sorted(CONTENTS) if name in sent]
    return found[0] if len(found) == 1 and isinstance(found[0], dict) else {}


def _hashed(name: str) -> str:
    return hashlib.sha256(unicodedata.normalize("NFC", name).encode()).hexdigest()


def counts(references: Sequence[_Tree], sent: Sequence[_Tree]) -> dict[str, int]:
    """How many attachments are named, and how many of them are not as they should be."""
    named, present = [_id(one) for one in references], [_id(one) for one in sent]
    again = sum(number - 1 for ids in (named, present) for number in Counter(ids).values())
    return {
        "named": len(named),
        "missing": sum(one not in present for one in named),
        "unnamed": sum(one not in named for one in present),
        "repeated": again,
        "broken": sum(not _content(one) for one in sent),
    }
