"""Objects in the store: written, read back, compared; an acknowledgement is not a commit."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from urllib.parse import urlsplit

from minio import Minio
from minio.error import S3Error

from jobs.errors import IntegrityFault, UsageFault
from jobs.settings import Settings


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


def put(
    store: Minio, bucket: str, key: str, data: bytes, content_type: str = "application/octet-stream"
) -> str:
    """Writes an object, reads it back, and gives its SHA-256.

    Raises:
        IntegrityFault: What is read back differs from what was written.
    """
    digest = hashlib.sha256(data).hexdigest()
    store.put_object(
        bucket_name=bucket,
        object_name=key,
        data=io.BytesIO(data),
        length=len(data),
        content_type=content_type,
    )
    if hashlib.sha256(get(store, bucket, key)).hexdigest() != digest:
        raise IntegrityFault(
            f"s3://{bucket}/{key}: what was read back differs from what was written.",
            "look at the object store, then run the same again.",
        )
    return digest


def get(store: Minio, bucket: str, key: str) -> bytes:
    """The bytes of an object."""
    response = store.get_object(bucket_name=bucket, object_name=key)
    try:
        return bytes(response.read())
    finally:
        response.close()
        response.release_conn()


def size(store: Minio, bucket: str, key: str) -> int:
    """Bytes of an object, without reading it."""
    return int(store.stat_object(bucket_name=bucket, object_name=key).size or 0)


def find(store: Minio, bucket: str, key: str) -> bytes | None:
    """The bytes of an object, None where there is none."""
    try:
        return get(store, bucket, key)
    except S3Error as error:
        if error.code in ("NoSuchKey", "NoSuchObject"):
            return None
        raise


def keys(store: Minio, bucket: str, prefix: str) -> Iterator[str]:
    """Keys below a prefix, in order."""
    for item in store.list_objects(bucket_name=bucket, prefix=prefix, recursive=True):
        if item.object_name:
            yield item.object_name
