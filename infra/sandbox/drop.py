"""The bucket into which a system puts its evening files, as who may write there and nowhere else."""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from minio import Minio
from minio.error import MinioException
from urllib3.exceptions import HTTPError

from infra.sandbox.exports import DROPPED

FAULTS = (MinioException, HTTPError, OSError)
"""What a store that is down, or not made yet, gives."""


@dataclass(frozen=True, slots=True)
class Drop:
    """A bucket, and who writes there."""

    endpoint: str
    access_key: str
    secret_key: str
    bucket: str

    @classmethod
    def read(cls, file: Path) -> Drop:
        """What a file of JSON says."""
        return cls(**json.loads(file.read_text()))

    def put(self, folder: Path) -> None:
        """Puts every file of a sandbox's folder there that is not there in the same content."""
        parts = urlsplit(self.endpoint)
        store = Minio(
            endpoint=parts.netloc,
            access_key=self.access_key,
            secret_key=self.secret_key,
            region="us-east-1",
            secure=parts.scheme == "https",
        )
        listed = store.list_objects(bucket_name=self.bucket, prefix=f"{DROPPED}/", recursive=True)
        there = {one.object_name: one.etag for one in listed}
        exports = folder / "exports"
        for path in sorted((exports / DROPPED).glob("*/*")):
            key, data = str(path.relative_to(exports)), path.read_bytes()
            if there.get(key) != hashlib.md5(data, usedforsecurity=False).hexdigest():
                store.put_object(
                    bucket_name=self.bucket, object_name=key, data=io.BytesIO(data), length=len(data)
                )
