"""Files: what cannot be taken is refused alone with one message and kept; the others load."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator

import pytest

from jobs import objects
from tests.hostile.files import FILES
from tests.hostile.kinds import FILES as TRANSPORTS
from tests.hostile.kinds import FileKind
from tests.hostile.lived import FEEDS, Lived


def wrong(lived: Lived, transport: str) -> Iterator[str]:
    """Kinds whose fate is another than was declared."""
    manifest, core = lived.manifest(FEEDS[transport]), lived.rows[FEEDS[transport]]
    taken = {entry["name"]: entry for entry in manifest["objects"]}
    refused = {entry["name"]: entry for entry in manifest["refused"]}
    for kind in FILES:
        if transport not in kind.through:
            continue
        if kind.refusal is not None:
            entry = refused.get(kind.file)
            if entry is None or kind.refusal not in entry["reason"] or not is_kept(lived, kind, entry["key"]):
                yield f"{kind.name}: {entry or taken.get(kind.file)}"
            continue
        entry = taken.get(kind.file, {"rows": -1, "no": -1})
        told = Counter(row["disposition"] for place, row in core.items() if place[0] == entry["no"])
        rows, bad = kind.rows
        if entry["rows"] != rows or told != +Counter(effective=rows - bad, unreadable=bad):
            yield f"{kind.name}: {entry} {dict(told)} {refused.get(kind.file)}"


def is_kept(lived: Lived, kind: FileKind, key: str) -> bool:
    """Whether the file stands in the landing as it came; of a link that leads out, nothing does."""
    store, bucket = objects.client(lived.line.settings), lived.line.settings.landing_bucket
    return hashlib.sha256(objects.get(store, bucket, key)).hexdigest() == lived.digests[kind.file]


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_every_file_has_its_fate(lived: Lived, transport: str) -> None:
    assert lived.told[FEEDS[transport]] is None
    assert list(wrong(lived, transport)) == []


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_refusal_names_a_remedy_and_no_value(lived: Lived, transport: str) -> None:
    told = {entry["name"]: entry["reason"] for entry in lived.manifest(FEEDS[transport])["refused"]}
    assert [name for name, why in told.items() if "Remedy: " not in why] == []
    assert [why for why in told.values() if "H26" in why or "001326" in why or "Nguyễn" in why] == []
