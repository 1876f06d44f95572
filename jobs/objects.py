"""Objects in the store: written, read back, compared; an acknowledgement is not a commit."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import BinaryIO, cast
from urllib.parse import urlsplit

from minio import Minio
from minio.error import S3Error

from jobs.errors import IntegrityFault, UsageFault
from jobs.landing.content import PART, Data, kept, opened, sha256_of, size_of
from jobs.settings import Settings

_ABSENT = ("NoSuchKey", "NoSuchObject")


def client(settings: Settings) -> Minio:
    """A client of the object store.

    Raises:
        UsageFault: The settings name none.
    """
    if not settings.s3_endpoint:
        raise UsageFault(
            f"The home {settings.home} has no object store.", "lienthong up starts it, or set LIENTHONG_HOME."
        )
    parts = urlsplit(settings.s3_endpoint)
    return Minio(
        endpoint=parts.netloc,
        access_key=settings.s3_access_key,
        secret_key=settings.s3_secret_key.get_secret_value(),
        region=settings.s3_region,
        secure=parts.scheme == "https",
    )


_PART_BYTES = 16_000_000
"""Of an object that is sent in parts, each of which is in memory."""


def put(
    store: Minio, bucket: str, key: str, data: Data, content_type: str = "application/octet-stream"
) -> str:
    """Writes an object, reads it back, and gives its SHA-256.

    Raises:
        IntegrityFault: What is read back differs from what was written.
    """
    digest = sha256_of(data)
    store.put_object(
        bucket_name=bucket,
        object_name=key,
        data=cast("BinaryIO", opened(data)),
        length=size_of(data),
        content_type=content_type,
        part_size=_PART_BYTES,
        num_parallel_uploads=1,
    )
    if sha256(store, bucket, key) != digest:
        raise IntegrityFault(
            f"s3://{bucket}/{key}: what was read back differs from what was written.",
            "look at the object store, then run the same again.",
        )
    return digest


def get(store: Minio, bucket: str, key: str) -> bytes:
    """The bytes of an object that is known to be small."""
    return b"".join(_parts(store, bucket, key))


def fetched(store: Minio, bucket: str, key: str) -> Data:
    """The bytes of an object of any size."""
    return kept(_parts(store, bucket, key))


def sha256(store: Minio, bucket: str, key: str) -> str | None:
    """The digest of an object as it is now; None where there is none."""
    digest = hashlib.sha256()
    try:
        for part in _parts(store, bucket, key):
            digest.update(part)
    except S3Error as error:
        if error.code in _ABSENT:
            return None
        raise
    return digest.hexdigest()


def _parts(store: Minio, bucket: str, key: str) -> Iterator[bytes]:
    response = store.get_object(bucket_name=bucket, object_name=key)
    try:
        yield from response.stream(PART)
    finally:
        response.close()
        response.release_conn()


def size(store: Minio, bucket: str, key: str) -> int:
    """Bytes of an object, without reading it."""
    return int(store.stat_object(bucket_name=bucket, object_name=key).size or 0)


def find(store: Minio, bucket: str, key: str) -> bytes | None:
    """The bytes of an object that is small if it is there; None where there is none."""
    found = found_of(store, bucket, key)
    return None if found is None else opened(found).read()


def found_of(store: Minio, bucket: str, key: str) -> Data | None:
    """The bytes of an object of any size; None where there is none."""
    try:
        return fetched(store, bucket, key)
    except S3Error as error:
        if error.code in _ABSENT:
            return None
        raise


def keys(store: Minio, bucket: str, prefix: str) -> Iterator[str]:
    """Keys below a prefix, in order."""
    for item in store.list_objects(bucket_name=bucket, prefix=prefix, recursive=True):
        if item.object_name:
            yield item.object_name
