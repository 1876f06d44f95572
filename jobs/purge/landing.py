"""Landed objects written anew without what is erased; the places stay."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from minio import Minio
from sqlalchemy import Engine

from jobs import objects
from jobs.errors import IntegrityFault
from jobs.landing import manifests
from jobs.landing.content import Data, size_of
from jobs.landing.rows import without
from jobs.ops import erasures, submissions
from jobs.ops.erasures import REFUSED, Erasure, numbers_in
from jobs.settings import Settings


def erase(settings: Settings, engine: Engine, erasure: Erasure, *, at: datetime) -> Erasure:
    """Writes every object that has an erased row anew, states the manifests anew, deletes the old objects.

    Nothing may conform meanwhile. Safe to run again after a kill: an object that was written is not
    written again.

    Returns:
        The erasure in its new state.

    Raises:
        IntegrityFault: A submission has no manifest, or an object is missing.
    """
    store, bucket = objects.client(settings), settings.landing_bucket
    for submission_id, places in sorted(erasure.places.items()):
        submission = submissions.get(engine, submission_id)
        if submission is None or submission.manifest is None:
            raise IntegrityFault(f"{submission_id} has no manifest any more.", "lienthong ledger verify")
        manifest = _without(store, bucket, erasure, submission_id, submission.manifest, places)
        if manifest != submission.manifest:
            erasures.note_manifest(engine, submission_id, manifest, at)
        manifest_key = manifests.key_of(submission.feed_id, submission.sequence)
        objects.put(store, bucket, manifest_key, manifests.bytes_of(manifest), "application/json")
        parts = (*manifest["objects"], *manifest["refused"])
        listed = {manifest_key} | {entry["key"] for entry in parts}
        folder = manifests.folder_of(submission.feed_id, submission.sequence)
        for key in list(objects.keys(store, bucket, folder)):
            if key not in listed:
                store.remove_object(bucket_name=bucket, object_name=key)
    return erasures.note_rewritten(engine, erasure, at=at)


def _without(
    store: Minio,
    bucket: str,
    erasure: Erasure,
    submission_id: str,
    manifest: Mapping[str, Any],
    places: Mapping[str, list[list[int]]],
) -> dict[str, Any]:
    """The manifest after its objects were written anew."""

    def anew(entry: dict[str, Any], number: str) -> dict[str, Any]:
        known = entry.get("erasures", [])
        if number not in places or erasure.erasure_id in known:
            return entry
        mark = f"{erasure.erasure_id}/{submission_id}/{number}"
        if number.startswith(REFUSED):
            form, data = "bin", cast("Data", json.dumps({"erased": mark}).encode())
        else:
            whole, layout = objects.fetched(store, bucket, entry["key"]), manifests.layout_of(manifest, entry)
            erased = numbers_in(places[number])
            form, data = "rows.gz", without(whole, entry["format"], layout, erased, mark)
        key = f"{entry['key'].partition('.')[0]}.e{erasure.erasure_id}.{form}"
        changed = {
            "key": key,
            "sha256": objects.put(store, bucket, key, data),
            "bytes": size_of(data),
            "offered": entry.get("offered", entry["sha256"]),
            "erasures": [*known, erasure.erasure_id],
        }
        return entry | changed | ({"format": form} if "format" in entry else {})

    return dict(manifest) | {
        "objects": [anew(entry, str(entry["no"])) for entry in manifest["objects"]],
        "refused": [anew(entry, f"{REFUSED}{number}") for number, entry in enumerate(manifest["refused"], 1)],
    }
