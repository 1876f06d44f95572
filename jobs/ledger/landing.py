"""Layer ``landing``: every sealed submission's bytes against its manifest, one object at a time."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from minio import Minio

from jobs import objects
from jobs.landing import manifests
from jobs.landing.content import Data, sha256_of, size_of
from jobs.landing.records import ERASED
from jobs.landing.rows import rows_of
from jobs.ledger.difference import ABSENT, PRESENT, Audit, Difference, Landed, compared
from schemas.layout import USUAL

LAYER = "landing"


def check(audit: Audit) -> Iterator[Difference]:
    """Differences between manifests, objects and what ops knows of them."""
    store, bucket = objects.client(audit.settings), audit.settings.landing_bucket
    total = audit.book.number_landed()
    for done, row in enumerate(audit.book.landed()):
        audit.step(LAYER, row.submission_id, done, total)
        audit.count(LAYER, "submissions")
        yield from _manifest(store, bucket, row.feed_id, row.sequence, row.manifest)
        yield from _files(audit, store, manifests.folder_of(row.feed_id, row.sequence), row.manifest)
        tally = _Tally()
        for entry in row.manifest["objects"]:
            audit.count(LAYER, "objects")
            tally.erased = 0
            tally.layout = manifests.layout_of(row.manifest, entry)
            yield from _object(audit, store, entry, tally)
            erased = len(audit.book.erased(row.submission_id, str(entry["no"])))
            audit.count(LAYER, "erased rows", erased)
            if tally.erased != erased:
                yield Difference(f"{LAYER}/{entry['key']}", "erased rows", erased, tally.erased)
        for entry in row.manifest["refused"]:
            audit.count(LAYER, "refused")
            yield from _object(audit, store, entry, None)
        audit.landed[row.submission_id] = tally.landed()


def _manifest(
    store: Minio, bucket: str, feed_id: str, sequence: int, known: Mapping[str, Any]
) -> Iterator[Difference]:
    key = manifests.key_of(feed_id, sequence)
    where, data = f"{LAYER}/{key}", objects.find(store, bucket, key)
    if data is None:
        yield Difference(where, "object", PRESENT, ABSENT)
        return
    try:
        found = json.loads(data)
    except ValueError:
        yield Difference(where, "object", "a manifest", "unreadable")
        return
    yield from compared(where, {"manifest": known}, {"manifest": found})


def _files(audit: Audit, store: Minio, folder: str, manifest: Mapping[str, Any]) -> Iterator[Difference]:
    """Files: offered = landed + refused, by what the folder holds.

    A pull that was killed between writing an object and noting it may leave one behind its numbers:
    the source was asked again, and it is no part of the submission.
    """
    present = set(objects.keys(store, audit.settings.landing_bucket, folder))
    listed = [entry["key"] for part in ("objects", "refused") for entry in manifest[part]]
    audit.count(LAYER, "unlisted", len(present - set(listed)) - 1)
    for key in listed:
        if key not in present:
            yield Difference(f"{LAYER}/{key}", "object", PRESENT, ABSENT)
    numbers = [entry["no"] for entry in manifest["objects"]]
    if numbers != list(range(1, len(numbers) + 1)) or len(set(listed)) != len(listed):
        yield Difference(
            f"{LAYER}/{folder}", "files: offered = landed + refused", len(set(listed)), len(listed)
        )


def _object(
    audit: Audit, store: Minio, entry: Mapping[str, Any], tally: _Tally | None
) -> Iterator[Difference]:
    """Compares one object with its entry; its rows are added to the tally unless it was refused."""
    data = objects.found_of(store, audit.settings.landing_bucket, entry["key"])
    where = f"{LAYER}/{entry['key']}"
    if data is None:
        yield Difference(where, "object", PRESENT, ABSENT)
        return
    audit.count(LAYER, "bytes", size_of(data))
    found: dict[str, object] = {"bytes": size_of(data), "sha256": sha256_of(data)}
    if tally is not None:
        found["rows"] = tally.add(entry["no"], data, entry["format"])
        audit.count(LAYER, "rows", int(str(found["rows"])))
    yield from compared(where, {name: entry[name] for name in found}, found)


class _Tally:
    """Rows of a submission, added up object by object."""

    def __init__(self) -> None:
        self._rows = 0
        self._contents = 0
        self._places = 0
        self.layout = USUAL
        """Of the object that is added next."""
        self.erased = 0
        """Of the object that was added last."""

    def add(self, object_no: int, data: Data, form: str) -> int:
        """Adds an object's rows and gives their number."""
        before = self._rows
        for row in rows_of(data, form, self.layout):
            self._rows += 1
            self.erased += row.error == ERASED
            self._contents += int(row.content_digest[:32], 16)
            self._places += int(placed(object_no, row.row_no, row.content_digest)[:32], 16)
        return self._rows - before

    def landed(self) -> Landed:
        """The sums so far."""
        return Landed(self._rows, *(f"{total % (1 << 128):032x}" for total in (self._contents, self._places)))


def placed(object_no: int, row_no: int, content_digest: str) -> str:
    """Digest of a content at its place."""
    return hashlib.sha256(f"{object_no}/{row_no}/{content_digest}".encode()).hexdigest()
