"""A line's truth in one folder, and a home made anew from it."""

from __future__ import annotations

import hashlib
import json
import os
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from jobs import ops
from jobs.errors import UsageFault
from jobs.landing.content import Data, opened, parts_of
from jobs.ops import erasures
from jobs.rebuild import copies
from jobs.rebuild.origins import SEAL, Backup, Home, digest_of, files
from jobs.rebuild.run import Told, build, new_home
from jobs.registry import migrations
from jobs.settings import Settings
from schemas import ops as schema


def backup(settings: Settings, *, to: Path, at: datetime, progress: Told = lambda _: None) -> dict[str, Any]:
    """Writes landing, ops and the identity key into a folder: everything else is derived from them.

    The folder holds personal data and a secret, and is readable by its owner alone. Its seal is written
    last. A folder that was not finished is gone on with.

    Args:
        settings: The home.
        to: The folder.
        at: Instant; kept in the seal.
        progress: Told what is done.

    Returns:
        The folder, and the numbers of ``objects`` and ``tables`` in it.

    Raises:
        IntegrityFault: The event log is broken, or a sealed object is missing or differs from its manifest.
        Refused: An erasure is not finished.
        UsageFault: The folder holds a finished backup, or something else.
    """
    _require_free(to)
    origin, engine = Home(settings), ops.engine(settings)
    with erasures.none_begun(engine):
        _begin(to)
        with origin.reading():
            tables = {table.name: _table(origin, table, to / "ops" / table.name) for table in _ALL}
            stated = copies.stated_in(origin.held())
            keys = {*origin.keys(), *stated}
        progress(f"saved {len(tables)} tables of ops")
        _objects(origin, to / "landing", sorted(keys), stated)
        for strange in files(to / "landing") - keys:  # Of an earlier try: it may have been erased since.
            (to / "landing" / strange).unlink()
        progress(f"saved {len(keys)} landed objects")
    seal = {
        "at": at.isoformat(),
        "revision": migrations.revision_of(engine),
        "tables": tables,
        "identity_key": settings.entity_key().hex(),
    }
    _write(to / SEAL, json.dumps(seal, indent=1).encode())
    return {"folder": str(to), "objects": len(keys), "tables": len(tables)}


_ALL = schema.metadata.sorted_tables


def _require_free(to: Path) -> None:
    if (to / SEAL).exists():
        raise UsageFault(f"{to} holds a finished backup.", "name another folder.")
    if to.exists() and any(to.iterdir()) and not _part_of(to / SEAL).exists():
        raise UsageFault(f"{to} holds something else.", "name an empty folder.")


def _begin(to: Path) -> None:
    """Makes the folder, with the beginning of a seal: what is in a folder that has one is ours."""
    try:
        to.mkdir(parents=True, exist_ok=True)
        to.chmod(0o700)
    except OSError as error:
        raise UsageFault(f"{to} cannot be made ({error.strerror}).", "name a folder of your own.") from error
    _part_of(to / SEAL).touch(mode=0o600)
    (to / "ops").mkdir(exist_ok=True)


def _table(origin: Home, table: sa.Table, path: Path) -> str:
    """Writes a table and gives its SHA-256."""
    digest = hashlib.sha256()
    with open(path, "wb", opener=_private) as file:
        for part in origin.table(table):
            digest.update(part)
            file.write(part)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest()


def _objects(origin: Home, folder: Path, keys: list[str], stated: dict[str, str]) -> None:
    """Writes landed objects; one that is there with its stated content stays."""

    def save(key: str) -> None:
        path = folder / key
        if key in stated and path.is_file() and digest_of(path) == stated[key]:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(path, copies.checked(origin, key, stated))

    with ThreadPoolExecutor(copies.THREADS) as pool:
        list(pool.map(save, keys))


def _write(path: Path, data: Data) -> None:
    """Writes a file whole or not at all."""
    part = _part_of(path)
    with open(part, "wb", opener=_private) as file:
        file.writelines(parts_of(opened(data)))
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def _part_of(path: Path) -> Path:
    """Where a file is written until it is whole."""
    return path.with_name(f"{path.name}.part")


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def restore(folder: Path, *, into: Path, progress: Told = lambda _: None) -> dict[str, Any]:
    """Makes a home anew from a backup: every batch is carried out again and compared with its receipt.

    Safe to run again after a kill.

    Args:
        folder: What ``backup`` wrote.
        into: The home: its ``settings.env`` names services that run and are empty.
        progress: Told what is done.

    Raises:
        IntegrityFault: The backup is not what was written, or a receipt differs.
        UsageFault: It is no backup, was made under another revision of ops, or the home holds another line
            or has another identity key.
    """
    origin, target = Backup(folder), new_home(into)
    engine = ops.engine(target)
    known = migrations.target_of("ops")
    migrations.upgrade(engine, known)
    if target.identity_key.get_secret_value() != origin.identity_key:
        raise UsageFault(
            f"{into} has another identity key than {folder}.",
            f"set LIENTHONG_IDENTITY_KEY in {into / 'settings.env'} to the one in {SEAL}.",
        )
    if (revision := migrations.revision_of(engine)) != origin.revision:
        raise UsageFault(
            f"{folder} was made under revision {origin.revision} of ops, this is {revision}.",
            "restore it with the code that made it, then upgrade.",
        )
    return build(origin, target, progress)
