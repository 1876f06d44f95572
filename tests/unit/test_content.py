"""Bytes that are too many for memory stand in a file, and are read like others."""

from __future__ import annotations

import gzip
import hashlib
import tracemalloc
from collections.abc import Iterator

import pytest

from jobs.landing.containers import judged
from jobs.landing.content import FEW_BYTES, PART, Content, kept, opened, parts_of, sha256_of, size_of
from jobs.landing.rows import rows_of
from schemas.layout import USUAL
from tests.support.files import zipped


def parts(count: int) -> Iterator[bytes]:
    return (bytes([number % 251]) * PART for number in range(count))


@pytest.mark.parametrize("count", [0, 1, 3, 40])
def test_bytes_are_the_same_wherever_they_stand(count: int) -> None:
    whole = b"".join(parts(count))
    data = kept(parts(count))
    assert isinstance(data, Content) is (len(whole) > FEW_BYTES)
    assert (size_of(data), sha256_of(data)) == (len(whole), hashlib.sha256(whole).hexdigest())
    one, other = opened(data), opened(data)
    assert one.read(5) == whole[:5]
    assert other.read() == whole
    assert one.read() == whole[5:]
    other.seek(-2, 2)
    assert (other.read(), other.seek(0), other.read(3)) == (whole[-2:], 0, whole[:3])


def test_many_bytes_are_not_in_memory() -> None:
    tracemalloc.start()
    data = kept(parts(200))
    for part in parts_of(opened(data)):
        assert len(part) == PART
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size_of(data) == 200 * PART
    assert peak < 2 * FEW_BYTES


def test_a_file_of_bytes_in_a_file_is_judged_and_read() -> None:
    line = b'{"a":"' + b"x" * 1_000 + b'"}\n'
    data = Content.of([line] * 100)
    assert judged(data, "ndjson", USUAL).refusal is None
    assert sum(1 for _ in rows_of(data, "ndjson", USUAL)) == 100
    packed = Content.of([gzip.compress(line * 100)])
    assert judged(packed, "ndjson.gz", USUAL).refusal is None
    assert [row.content_digest for row in rows_of(packed, "ndjson.gz", USUAL)] == [
        row.content_digest for row in rows_of(data, "ndjson", USUAL)
    ]


def test_an_archive_in_a_file_is_judged_by_another_process() -> None:
    data = Content.of([zipped({"a.ndjson": b'{"a":1}\n'})])
    found = judged(data, "zip", USUAL)
    assert (found.refusal, found.rows) == (None, 1)
    assert [row.record for row in rows_of(data, "zip", USUAL)] == [{"a": 1}]
