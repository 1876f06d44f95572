"""A submission's folder in the landing bucket, and the manifest that stands in it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from schemas.layout import Layout


def folder_of(feed_id: str, sequence: int) -> str:
    """Prefix of a submission's keys, with its slash.

    >>> folder_of("01-dossiers", 7)
    '01-dossiers/00000007/'
    """
    return f"{feed_id}/{sequence:08d}/"


def key_of(feed_id: str, sequence: int) -> str:
    """Key of a submission's manifest."""
    return f"{folder_of(feed_id, sequence)}manifest.json"


def bytes_of(manifest: Mapping[str, Any]) -> bytes:
    """The manifest as it is written: the same content, the same bytes."""
    return json.dumps(manifest, ensure_ascii=False, sort_keys=True, indent=1).encode()


def layout_of(manifest: Mapping[str, Any], entry: Mapping[str, Any]) -> Layout:
    """How an object is laid out: as was found when it landed, else as its submission's manifest says.

    Args:
        manifest: Of the submission.
        entry: The object's in it.
    """
    return Layout.of({**manifest.get("layout", {}), **entry.get("layout", {})})


def dialect_of(manifest: Mapping[str, Any], entry: Mapping[str, Any]) -> str:
    """The dialect that an object is in: its own, else that of its submission.

    Args:
        manifest: Of the submission.
        entry: The object's in it.

    >>> dialect_of({"dialect": "dvcqg"}, {"dialect": "baseline"}), dialect_of({"dialect": "dvcqg"}, {})
    ('baseline', 'dvcqg')
    """
    return str(entry.get("dialect") or manifest["dialect"])


def member_of(entry: Mapping[str, Any], row_no: int) -> tuple[str, int] | None:
    """The file of an archive in which a row stands, and its number there; None where there is no archive."""
    before = 0
    for name, last in entry.get("members", ()):
        if row_no <= last:
            return name, row_no - before
        before = last
    return None
