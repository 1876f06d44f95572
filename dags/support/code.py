"""Which code a process runs: a scheduler keeps what it imported, whatever becomes of the files."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

_CHECKOUT = Path(__file__).resolve().parents[2]
_PACKAGES = ("dags", "jobs", "expectations", "schemas")
_KINDS = {".py", ".toml", ".csv"}


def fingerprint(checkout: Path = _CHECKOUT) -> str:
    """Digest of the files that decide what a task does: code, mappings, code lists."""
    digest = hashlib.sha256()
    for package in _PACKAGES:
        for file in sorted((checkout / package).rglob("*")):
            if file.suffix in _KINDS:
                digest.update(f"{file.relative_to(checkout)}\0".encode() + file.read_bytes() + b"\0")
    return digest.hexdigest()


def require_current() -> None:
    """Refuses to work with code that was imported before it was changed.

    A rule that was mended would hold for a replay by command, and not for the sync of the same day.

    Raises:
        Refused: The scheduler's code is not that of the files.
    """
    from jobs.errors import Refused  # noqa: PLC0415

    kept = sys.modules.get("dags.support.preload")
    if kept is not None and fingerprint() != kept.CODE:
        raise Refused(
            "The scheduler still runs the code from before a change of its files.",
            "restart it, then run the sync again (embedded: lienthong down, lienthong up).",
        )
