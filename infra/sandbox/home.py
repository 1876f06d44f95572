"""The sandbox's folder: its configuration, its day, its credentials, its world."""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from infra.sandbox import exports
from infra.sandbox.build import build
from infra.sandbox.drop import Drop
from infra.sandbox.places import provinces

PORTAL = "portal"
"""Entry of the credentials that is the portal's."""
_AHEAD = 7
"""Days of the world that are built ahead of the calendar."""


@dataclass(slots=True)
class State:
    """Configuration and day of a sandbox."""

    folder: Path
    seed: str = "2026"
    scale: float = 1.0
    profile: str = "typical"
    day: int = 0
    built_until: int = -1
    credentials: dict[str, dict[str, str]] = field(default_factory=dict)
    drop: Drop | None = None

    @classmethod
    def load(cls, folder: Path, drop: Drop | None = None) -> State:
        """The state of a folder; what is missing there is made, the world too.

        What belongs into a bucket is put there when the calendar moves, or by whoever waits for the store.
        """
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "state.json"
        told: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
        state = cls(folder, **told)
        state.credentials = credentials(folder)
        if not (folder / "world.sqlite").exists():
            state.built_until = -1
        state.advance(state.day)
        state.drop = drop
        return state

    def advance(self, day: int) -> None:
        """Moves the calendar; a world that ends too soon is built further, with the same beginning.

        Raises:
            MinioException, HTTPError, OSError: The store does not take the files of the evening.
        """
        if day > self.built_until:
            until = day + _AHEAD
            build(self.folder, seed=self.seed, scale=self.scale, profile=self.profile, days=until)
            self.built_until = until
        exports.write(self.folder, day, self.seed)
        if self.drop is not None:
            self.drop.put(self.folder)
        self.day = day
        self.save()

    def save(self) -> None:
        """Writes the state, whole or not at all."""
        draft = self.folder / "state.json.new"
        draft.write_text(json.dumps(self.told(), indent=1))
        draft.replace(self.folder / "state.json")

    def told(self) -> dict[str, Any]:
        """Everything but the credentials."""
        names = ("seed", "scale", "profile", "day", "built_until")
        return {name: getattr(self, name) for name in names}


def read(folder: Path) -> dict[str, Any]:
    """Seed, scale, profile and day of a folder; the defaults where nothing is configured."""
    path = folder / "state.json"
    return State(folder, **(json.loads(path.read_text()) if path.exists() else {})).told()


def configure(folder: Path, **values: Any) -> None:
    """Sets seed, scale or profile of a sandbox whose world is not built yet; None keeps what is there."""
    path = folder / "state.json"
    if path.exists() or not any(value is not None for value in values.values()):
        return
    state = State(folder, **{name: value for name, value in values.items() if value is not None})
    folder.mkdir(parents=True, exist_ok=True)
    state.save()


def credentials(folder: Path) -> dict[str, dict[str, str]]:
    """Id and secret of each province, and of the national portal under ``portal``; made when missing."""
    path = folder / "credentials.json"
    known: dict[str, dict[str, str]] = json.loads(path.read_text()) if path.exists() else {}
    names = [*(province.code for province in provinces()), PORTAL]
    made = {
        name: {"id": f"lienthong-{name}", "secret": secrets.token_urlsafe(24)}
        for name in names
        if name not in known
    }
    if made:
        draft = folder / "credentials.json.new"
        draft.unlink(missing_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(known | made, file, indent=1)
        draft.replace(path)
    return known | made
