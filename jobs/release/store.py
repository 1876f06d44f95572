"""Where releases lie: candidates in a private folder, published files in the open bucket."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

import pyarrow as pa
import pyarrow.parquet as pq
from minio import Minio
from minio.error import S3Error

from jobs import objects
from jobs.errors import IntegrityFault
from jobs.release import datasets, files
from jobs.release.datasets import Earlier
from jobs.release.records import Release
from jobs.settings import Settings
from schemas.contract import Contract
from schemas.open.business_counts import BusinessCounts
from schemas.open.dossier_counts import DossierCounts

PRIVATE = "_releases"
"""Folder in the landing bucket: each release as it was built, also after a withdrawal, because a later
one must be compared with all that anyone may have."""
TOMBSTONE = "TOMBSTONE.json"
_POLICY = "let these keys set the bucket's policy, then lienthong up, or the release again."


def folder(noun: str, version: str) -> str:
    """Public folder of a dataset's version."""
    return f"datasets/{noun}/{version}"


def write_private(settings: Settings, version: str, every: Mapping[str, Mapping[str, bytes]]) -> None:
    """Writes a candidate's files, by dataset, and reads them back."""
    store = objects.client(settings)
    for noun, content in every.items():
        for name, data in content.items():
            objects.put(
                store,
                settings.landing_bucket,
                f"{PRIVATE}/{version}/{noun}/{name}",
                data,
                files.media_type(name),
            )


def _files_of(release: Release) -> Iterator[tuple[str, str, str]]:
    """Dataset, file name and SHA-256 of every file of a release; the checksums of a dataset last."""
    for noun, one in sorted(release.body["datasets"].items()):
        for name in sorted(one["files"], key=lambda name: (name == files.SUMS, name)):
            yield noun, name, one["files"][name]["sha256"]


def _private(store: Minio, settings: Settings, release: Release, noun: str, name: str, digest: str) -> bytes:
    key = f"{PRIVATE}/{release.version}/{noun}/{name}"
    data = objects.find(store, settings.landing_bucket, key)
    if data is None or files.sha256(data) != digest:
        raise IntegrityFault(
            f"s3://{settings.landing_bucket}/{key} is not what was built.",
            "reject the release, build a new one.",
        )
    return data


def copy_to_open(settings: Settings, release: Release) -> int:
    """Copies a release to its public folders; how many files were not there yet.

    Raises:
        IntegrityFault: A file differs from what was built, or a public file from the release.
    """
    store = objects.client(settings)
    written = 0
    for noun, name, digest in _files_of(release):
        data = _private(store, settings, release, noun, name, digest)
        written += write_once(store, settings, f"{folder(noun, release.version)}/{name}", data)
    return written


def write_once(store: Minio, settings: Settings, key: str, data: bytes) -> bool:
    """Writes a public file that never changes; whether it was not there yet."""
    present = objects.find(store, settings.open_bucket, key)
    if present is not None and present != data:
        raise IntegrityFault(
            f"s3://{settings.open_bucket}/{key} exists and differs; versions are immutable.",
            "lienthong ledger verify --layer open; take away what was put there by others.",
        )
    if present is None:
        objects.put(store, settings.open_bucket, key, data, files.media_type(key))
    return present is None


def write_page(settings: Settings, pages: Mapping[str, bytes]) -> None:
    """Writes the files that do change (index, catalogue, pointers) where they differ."""
    store = objects.client(settings)
    for key, data in pages.items():
        if objects.find(store, settings.open_bucket, key) != data:
            objects.put(store, settings.open_bucket, key, data, files.media_type(key))


def bury(settings: Settings, release: Release) -> None:
    """Leaves a tombstone in each public folder of a release and takes its files away."""
    store = objects.client(settings)
    for noun, one in sorted(release.body["datasets"].items()):
        stone = {
            "dataset": noun,
            "version": release.version,
            "withdrawn_at": release.body["withdrawn_at"],
            "reason": release.body["reason"],
            "files": one["files"],
        }
        place = folder(noun, release.version)
        write_once(store, settings, f"{place}/{TOMBSTONE}", files.json_bytes(stone))
        for name in one["files"]:
            store.remove_object(bucket_name=settings.open_bucket, object_name=f"{place}/{name}")


def earlier(settings: Settings, known: Sequence[Release]) -> list[Earlier]:
    """The counts of every release that was public once, oldest first."""
    store = objects.client(settings)
    return [_earlier(store, settings, release) for release in known if release.was_public]


def _earlier(store: Minio, settings: Settings, release: Release) -> Earlier:
    rows = {
        contract: _rows(store, settings, release, contract) for contract in (DossierCounts, BusinessCounts)
    }
    return Earlier(
        release.version,
        release.state == "published",
        {contract: datasets.blocks_of(contract, found) for contract, found in rows.items()},
        datasets.province_counts(rows[DossierCounts]),
    )


def _rows(
    store: Minio, settings: Settings, release: Release, contract: type[Contract]
) -> list[dict[str, object]]:
    noun = contract.table()
    stated = release.body["datasets"].get(noun)
    if stated is None:
        return []
    name = f"{noun}.parquet"
    data = _private(store, settings, release, noun, name, stated["files"][name]["sha256"])
    return list(pq.read_table(pa.BufferReader(data)).to_pylist())


def first_difference(settings: Settings, known: Sequence[Release], pages: Mapping[str, bytes]) -> str | None:
    """The first public file that is missing, strange or not what was approved; None when all is right."""
    store = objects.client(settings)
    expected = {key: files.sha256(data) for key, data in pages.items()}
    for release in known:
        for noun, name, digest in _files_of(release) if release.state == "published" else ():
            expected[f"{folder(noun, release.version)}/{name}"] = digest
    stones = {
        f"{folder(noun, release.version)}/{TOMBSTONE}"
        for release in known
        if release.state == "withdrawn"
        for noun in release.body["datasets"]
    }
    present = set(objects.keys(store, settings.open_bucket, ""))
    if strange := sorted(present ^ (set(expected) | stones)):
        word = "is there and belongs to no release" if strange[0] in present else "is missing"
        return f"s3://{settings.open_bucket}/{strange[0]} {word}"
    for key, digest in expected.items():
        if files.sha256(objects.get(store, settings.open_bucket, key)) != digest:
            return f"s3://{settings.open_bucket}/{key} is not what was approved"
    return None


def policy_text(settings: Settings) -> str:
    """The policy of the open bucket: anyone may get an object of it, and nothing else."""
    statement = {
        "Sid": "AnyoneMayRead",
        "Effect": "Allow",
        "Principal": "*",
        "Action": ["s3:GetObject"],
        "Resource": [f"arn:aws:s3:::{settings.open_bucket}/*"],
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, sort_keys=True)


def set_policy(settings: Settings) -> str:
    """Sets the policy of the open bucket and reads it back; the policy as the store tells it.

    Raises:
        IntegrityFault: The store did not keep it.
    """
    store = objects.client(settings)
    store.set_bucket_policy(bucket_name=settings.open_bucket, policy=policy_text(settings))
    try:
        kept = str(store.get_bucket_policy(bucket_name=settings.open_bucket))
    except S3Error as error:
        raise IntegrityFault(f"s3://{settings.open_bucket} has no policy: {error.code}.", _POLICY) from error
    if "AnyoneMayRead" not in kept:
        raise IntegrityFault(
            f"s3://{settings.open_bucket} kept another policy than the one it was given.", _POLICY
        )
    return kept
