"""The guards that keep a fault from doing harm, how each is switched off, and how a store may lie."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

from minio import Minio
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs import session
from jobs.lake import tables
from jobs.landing.content import Data, opened, sha256_of, size_of
from jobs.settings import Settings


def reach(settings: Settings) -> None:
    """Lets Spark reach the lake by the addresses of the settings, which may be those of proxies."""
    real = session.connect

    def connect(given: Settings) -> Any:
        spark = real(given)
        spark.conf.set("spark.sql.catalog.lake.uri", settings.catalog_uri)
        spark.conf.set("spark.sql.catalog.lake.s3.endpoint", settings.s3_endpoint)
        return spark

    session.connect = connect


def _unlocked(*_: Any) -> Any:
    return nullcontext()


def _put_blindly(
    store: Minio, bucket: str, key: str, data: Data, content_type: str = "application/octet-stream"
) -> str:
    body = opened(data)
    store.put_object(
        bucket_name=bucket, object_name=key, data=body, length=size_of(data), content_type=content_type
    )
    return sha256_of(data)


def _nothing(*_: Any, **__: Any) -> None:
    return None


def _appended(rows: DataFrame, dataset: str, batch_id: int, **_: Any) -> None:
    rows.writeTo(tables.name(dataset)).option(f"snapshot-property.{tables.EVIDENCE}", str(batch_id)).append()


def _by_arrival() -> Column:
    return F.unix_micros("received_at")


def _no_files(*_: Any) -> list[dict[str, Any]]:
    return []


_OFF: dict[str, dict[str, Callable[..., Any]]] = {
    "advisory lock": {"jobs.ops.locks:held": _unlocked},
    "read-back of an object": {"jobs.objects:put": _put_blindly},
    "read-back of a batch": {"jobs.lake.evidence:require_whole": _nothing},
    "evidence in the lake": {"jobs.lake.tables:has_batch": lambda *_: False},
    "evidence in a register": {"jobs.registry.load:_evidence": _nothing},
    "evidence of files": {"jobs.extract.pull:_landed_files": _no_files},
    "idempotent replace": {"jobs.lake.tables:append": _appended},
    "version order": {
        "jobs.conform.facts:version_order": _by_arrival,
        "jobs.conform.versions:version_order": _by_arrival,
    },
}


def _forgetful(kind: str) -> None:
    """A store that acknowledges the first object of a submission, or rows of a table, and keeps none."""
    if kind == "object":
        real = Minio.put_object

        def put_object(self: Minio, *args: Any, **named: Any) -> Any:
            if named["object_name"].endswith("000001.ndjson.gz"):
                named["object_name"] += ".lost"
            return real(self, *args, **named)

        Minio.put_object = put_object
        return
    write = tables.append

    def append(rows: DataFrame, dataset: str, batch_id: int, **named: Any) -> None:
        if dataset != kind:
            write(rows, dataset, batch_id, **named)

    tables.append = append


def switch_off(name: str) -> None:
    """Takes a guard from this process; ``lie:`` and a table, or ``object``, makes a store lie instead."""
    if name.startswith("lie:"):
        _forgetful(name.removeprefix("lie:"))
        return
    for place, instead in _OFF[name].items():
        module, _, function = place.partition(":")
        owner = importlib.import_module(module)
        getattr(owner, function)  # It is still there.
        setattr(owner, function, instead)


NAMES = tuple(_OFF)
