"""Small disks, and what fills them."""

from __future__ import annotations

import errno
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PIECE = bytes(1 << 16)


@contextmanager
def small(place: Path, size: str) -> Iterator[bool]:
    """A new folder that is a disk of its own, where this user may make one; whether it is."""
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", place]
    if shutil.which("mount") is None or subprocess.run(mount, check=False).returncode:
        yield False
        return
    try:
        yield True
    finally:
        # Lazily: what a failed test left running may hold it.
        subprocess.run(["umount", "--lazy", place], check=True)


@contextmanager
def filled(place: Path) -> Iterator[None]:
    """A disk without room, whatever others write meanwhile."""
    ballast = place / "ballast"
    try:
        with ballast.open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(_PIECE)
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
        yield
    finally:
        ballast.unlink(missing_ok=True)
