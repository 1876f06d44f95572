"""A province's file: its feeds, their kinds, limits and mappings."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from jobs.errors import UsageFault
from jobs.settings import Settings
from schemas.procedures import BY_CODE


class Feed(BaseModel):
    """One feed of a province."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    feed_id: str
    province_code: str
    province_name: str
    kind: Literal["rest", "directory"]
    dialect: str
    url: str
    credentials: str | None = None
    """Name of an entry ``LIENTHONG_CREDENTIAL_<NAME>``, or ``file:`` and a path to JSON."""
    page_size: int = Field(500, ge=1, le=5000)
    requests_per_second: float = Field(50, gt=0)
    overlap_minutes: int = Field(60, ge=0)
    safety_window_minutes: int = Field(10, ge=0)
    schedule: Literal["@daily", "@once"] = "@daily"
    """When it is due: at every run, or until it succeeded once (a baseline)."""
    late_after_hours: int = Field(26, ge=1)
    """Hours without a success after which a daily feed counts as late."""
    patterns: Mapping[str, str] = {}
    """Of a directory: file glob → pseudo-procedure of its rows, or ``dossiers``."""

    def is_due(self, *, succeeded: bool) -> bool:
        """Whether a run pulls it by itself."""
        return self.schedule == "@daily" or not succeeded


class _Province(BaseModel):
    model_config = ConfigDict(extra="forbid")

    province: str = Field(pattern=r"^[0-9]{2}$")
    name: str
    feeds: dict[str, dict[str, object]]


def load(settings: Settings) -> dict[str, Feed]:
    """Every feed of every file on the source paths, by feed id; a later folder overrides an earlier.

    Raises:
        UsageFault: A file is wrong; the message names it, the key and the remedy.
    """
    feeds: dict[str, Feed] = {}
    for folder in settings.source_paths.split(":"):
        for file in sorted(Path(folder).glob("*.toml")):
            feeds |= {feed.feed_id: feed for feed in read(file, settings)}
    return feeds


def one(settings: Settings, feed_id: str) -> Feed:
    """The feed of that id.

    Raises:
        UsageFault: There is none.
    """
    feeds = load(settings)
    if feed_id not in feeds:
        raise UsageFault(f"There is no feed {feed_id!r}.", "lienthong sources list shows them.")
    return feeds[feed_id]


def read(file: Path, settings: Settings) -> list[Feed]:
    """The feeds of one file."""
    try:
        stated = _Province.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
        feeds = [_feed(file.stem, name, stated, entry, settings) for name, entry in stated.feeds.items()]
    except tomllib.TOMLDecodeError as error:
        raise UsageFault(f"{file.name}: {error}.", "correct the TOML.") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise UsageFault(
            f"{file.name}: {place}: {first['msg']}.", "see CONTRIBUTING, new province."
        ) from error
    for feed in feeds:
        unknown = set(feed.patterns.values()) - {*BY_CODE, "dossiers"}
        if unknown:
            raise UsageFault(
                f"{file.name}: patterns of {feed.feed_id} name {sorted(unknown)}.",
                "name dossiers or a baseline procedure.",
            )
    return feeds


def _feed(stem: str, name: str, province: _Province, entry: Mapping[str, object], settings: Settings) -> Feed:
    values = {key: _expanded(value, settings) for key, value in entry.items()}
    return Feed.model_validate(
        {
            **values,
            "feed_id": f"{stem}-{name}",
            "province_code": province.province,
            "province_name": province.name,
        }
    )


def _expanded(value: object, settings: Settings) -> object:
    if not isinstance(value, str):
        return value
    return re.sub(r"\$\{(\w+)\}", lambda found: str(getattr(settings, found[1])), value)
