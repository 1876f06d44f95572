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


def layout_of(manifest: Mapping[str, Any]) -> Layout:
    """How a submission's items are laid out; as in our own feed where its manifest does not say."""
    return Layout.of(manifest.get("layout", {}))
