"""What another home of the same line erased, erased here too: after a restore from a backup made before."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError
from sqlalchemy import Engine

from jobs import ops
from jobs.errors import UsageFault
from jobs.ops import erasures, submissions
from jobs.ops.erasures import REFUSED, Erasure, Places
from jobs.purge.run import Told, erase
from jobs.settings import Settings

Offered = Mapping[str, Mapping[str, str]]
"""By submission and number of the object: SHA-256 of what was offered."""


class Erased(BaseModel):
    """An erasure as ``lienthong purge --list --json`` tells it."""

    erasure_id: int
    basis: str
    by: str
    at: str
    places: dict[str, dict[str, list[list[int]]]]
    offered: dict[str, dict[str, str]]


def told(engine: Engine, erasure: Erasure) -> dict[str, Any]:
    """An erasure with its places, and with what was offered there, by which another home knows them."""
    return erasure.told() | {"places": erasure.places, "offered": _offered(engine, erasure.places)}


def listed(settings: Settings) -> list[dict[str, Any]]:
    """Every erasure, in order, as ``told``."""
    engine = ops.engine(settings)
    return [told(engine, one) for one in erasures.listed(engine)]


def read(path: Path) -> list[Erased]:
    """The erasures in a file that ``lienthong purge --list --json`` wrote.

    Raises:
        UsageFault: It cannot be read, or is something else.
    """
    try:
        return TypeAdapter(list[Erased]).validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise UsageFault(
            f"{path} cannot be read as a list of erasures.",
            "name a file that lienthong purge --list --json of this version wrote.",
        ) from error


def again(
    settings: Settings, chosen: list[Erased], *, at: datetime, progress: Told = lambda _: None
) -> list[dict[str, Any]]:
    """Erases what another home of the same line erased, where this home was offered the same.

    A home that was restored and has pulled since may have other rows at the same places, or none: those
    objects are left as they are, and named. All are looked at before anything is erased.

    Args:
        settings: Names the stores.
        chosen: The erasures of the other home.
        at: Instant.
        progress: Told what is done.

    Returns:
        The erasures that were made here, and those of which something was left, each with ``left``: the
        objects as ``submission/number``.

    Raises:
        Refused: An erasure here is not finished, so what it names may be there still.
    """
    engine = ops.engine(settings)
    here = erasures.listed(engine)
    erasures.require_finished(here)
    known = [one.places for one in here]
    parted = [(one, *_parted(engine, one)) for one in chosen]
    done: list[dict[str, Any]] = []
    for one, places, left in parted:
        if places and places not in known:
            result = erase(settings, places=places, basis=one.basis, by=one.by, at=at, progress=progress)
            done.append(result | {"left": left})
        elif left:
            nothing = {"erasure_id": None, "state": "left", "rows": 0, "left": left}
            done.append(one.model_dump(include={"basis", "by", "at"}) | nothing)
    return done


def _parted(engine: Engine, one: Erased) -> tuple[Places, list[str]]:
    """The places of an erasure whose objects are here what they were there, and the other objects."""
    here = _offered(engine, one.places)
    same: dict[str, dict[str, list[list[int]]]] = {}
    left = []
    for submission, numbers in one.places.items():
        for number, ranges in numbers.items():
            mine, theirs = (side.get(submission, {}).get(number) for side in (here, one.offered))
            if mine is not None and mine == theirs:
                same.setdefault(submission, {})[number] = ranges
            else:
                left.append(f"{submission}/{number}")
    return same, left


def _offered(engine: Engine, places: Places) -> Offered:
    """SHA-256 of what was offered at some places; what is not landed is left out."""
    found: dict[str, dict[str, str]] = {}
    for name, numbers in places.items():
        one = submissions.get(engine, name)
        manifest = one.manifest if one and one.manifest else {"objects": [], "refused": []}
        entries = {str(entry["no"]): entry for entry in manifest["objects"]}
        entries |= {f"{REFUSED}{number}": entry for number, entry in enumerate(manifest["refused"], 1)}
        found[name] = {
            number: entry.get("offered", entry["sha256"])
            for number, entry in entries.items()
            if number in numbers
        }
    return found
