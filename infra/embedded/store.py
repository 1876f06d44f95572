"""SeaweedFS of the embedded stack: the object store and the catalogue of the lake."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from infra.embedded.home import INBOX, READER, WRITER, write_private
from infra.embedded.service import BIN, Service, listens

BUCKETS = ("landing", "open-data", INBOX)
_PORTS = {
    "s3.port": "s3_port",
    "s3.port.grpc": "s3_grpc_port",
    "s3.port.iceberg": "catalog_port",
    "master.port": "master_port",
    "master.port.grpc": "master_grpc_port",
    "volume.port": "volume_port",
    "volume.port.grpc": "volume_grpc_port",
    "filer.port": "filer_port",
    "filer.port.grpc": "filer_grpc_port",
    "admin.port": "admin_port",
    "admin.port.grpc": "admin_grpc_port",
    "metricsPort": "store_metrics_port",
}
"""Flags of the store's ports, and the settings that have them."""


def store(home: Path, values: Mapping[str, str]) -> Service:
    """SeaweedFS: S3 and the Iceberg REST catalogue."""
    command = (
        *(str(BIN / "weed"), "mini", f"-dir={home / 'store'}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1"),
        *(f"-bucket={','.join(BUCKETS)}", "-tableBucket=lake", "-webdav=false", "-admin.ui=false"),
        f"-s3.config={home / 'run' / 's3.json'}",
        "-master.telemetry=false",
        # Otherwise it takes a port that is the same in every home.
        "-s3.port.lance=0",
        *(f"-{flag}={values[name]}" for flag, name in _PORTS.items()),
    )
    keys = {
        "AWS_ACCESS_KEY_ID": values["s3_access_key"],
        "AWS_SECRET_ACCESS_KEY": values["s3_secret_key"],
        **_inner_keys(values["s3_secret_key"]),
    }

    def ready() -> bool:
        return listens(values["s3_port"]) and listens(values["catalog_port"]) and _lists_buckets(values)

    def prepare() -> None:
        write_private(home / "run" / "s3.json", json.dumps(_others(values)))

    return Service("store", command, keys, ready, prepare)


def _others(values: Mapping[str, str]) -> dict[str, object]:
    """Who may use the store beside the pipeline, whose key its environment has."""
    allowed = {
        READER: ("inbox_reader_key", ("Read", "List")),
        WRITER: ("inbox_writer_key", ("Read", "List", "Write")),
    }
    return {
        "identities": [
            {
                "name": name,
                "credentials": [{"accessKey": name, "secretKey": values[key]}],
                "actions": [f"{action}:{INBOX}" for action in actions],
            }
            for name, (key, actions) in allowed.items()
        ]
    }


def _inner_keys(secret: str) -> dict[str, str]:
    """Keys with which the store's parts sign what they ask of each other.

    Without them its filer and volume ports hand every bucket to whoever reaches them, past S3.
    """
    names = ("FILER_SIGNING_KEY", "FILER_SIGNING_READ_KEY", "SIGNING_KEY", "SIGNING_READ_KEY")
    return {f"WEED_JWT_{name}": hashlib.sha256(f"{name}:{secret}".encode()).hexdigest() for name in names}


def _lists_buckets(values: Mapping[str, str]) -> bool:
    from minio import Minio  # noqa: PLC0415
    from minio.error import MinioException  # noqa: PLC0415
    from urllib3.exceptions import HTTPError  # noqa: PLC0415

    store = Minio(
        endpoint=f"127.0.0.1:{values['s3_port']}",
        access_key=values["s3_access_key"],
        secret_key=values["s3_secret_key"],
        region="us-east-1",
        secure=False,
    )
    try:
        return {*BUCKETS} <= {bucket.name for bucket in store.list_buckets()}
    except (MinioException, HTTPError):
        return False
