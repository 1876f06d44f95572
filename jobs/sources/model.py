"""A province's file: its feeds, their kinds, limits and mappings."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from jobs.errors import UsageFault
from jobs.settings import Settings
from jobs.sources.feed_faults import faults_of
from schemas import dialect as dialects
from schemas.layout import Layout

_PLACES = ("home", "sandbox_url", "sandbox_sftp_url", "sandbox_postgresql_url", "sandbox_mysql_url")
"""Settings that a source's file may name: none of them is a secret."""
_NAME = r"^[0-9a-z]+([_-][0-9a-z]+)*$"


class Feed(BaseModel):
    """One feed of a province."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    feed_id: str = Field(pattern=_NAME)
    province_code: str
    province_name: str
    kind: Literal["rest", "directory", "database", "soap"]
    dialect: str
    url: str
    credentials: str | None = None
    """Name of an entry ``LIENTHONG_CREDENTIAL_<NAME>``, or ``file:`` and a path to JSON. Of a bucket: access
    key and secret key of who may read there; the pipeline's own otherwise."""
    host_key: str | None = None
    """The key of an SFTP server, which alone is trusted: ``ssh-ed25519 AAAA…``."""
    known_hosts: str | None = None
    """Or a file of such keys, as OpenSSH keeps them."""
    timeout_seconds: float = Field(30, gt=0)
    """Silence of a server of HTTP or SFTP after which it counts as unreachable."""
    ca_file: str | None = None
    """Certificates in PEM form that alone are trusted to vouch for the source; the system's otherwise."""
    client_certificate: str | None = None
    """Certificate in PEM form, with its chain, that is shown to the source."""
    client_key: str | None = None
    """Its private key, or that of our user of an SFTP server: name of an entry
    ``LIENTHONG_CREDENTIAL_<NAME>``, or ``file:`` and a path."""
    page_size: int = Field(500, ge=1, le=5000)
    requests_per_second: float = Field(50, gt=0)
    overlap_minutes: int = Field(60, ge=0)
    safety_window_minutes: int = Field(10, ge=0)
    schedule: Literal["@daily", "@once"] = "@daily"
    """When it is due: at every run, or until it succeeded once (a baseline)."""
    late_after_hours: int = Field(26, ge=1)
    """Hours without a success after which a daily feed counts as late."""
    layout: Mapping[str, Any] = {}
    """How its files are written, against the dialect: some of ``schemas.layout.OF_FILES``."""
    drift: Mapping[str, Literal["accept", "warn", "refuse"]] = {}
    """What is done when it sends otherwise than before: by kind of drift, or by kind and path
    (``missing:email``); what is not stated is as in ``jobs.sources.drift``."""
    patterns: Mapping[str, str] = {}
    """Of a directory: file glob → pseudo-procedure of its rows, or ``dossiers`` or ``documents``."""
    settled: Literal["whole", "marker", "size"] | None = None
    """Of a directory: how a file is known to be whole (``jobs.sources.settled``). Where None, ``size`` for
    SFTP and ``whole`` elsewhere."""
    settle_minutes: int = Field(10, ge=0)
    """How long ago a file must have been seen as it is now; of ``size`` alone."""

    limit: int = Field(1000, ge=1)
    """Of a SOAP feed: persons that one run asks about."""
    ask_again_days: int = Field(30, ge=1)
    """Of a SOAP feed: days after which a person who was not confirmed is asked about again."""
    asks_as: Mapping[str, str] = {}
    """Of a SOAP feed: who asks, as the service names it."""

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        for fault in faults_of(self):
            raise ValueError(fault)
        return self

    @property
    def rule(self) -> Literal["whole", "marker", "size"]:
        """How a file is known to be whole."""
        return self.settled or ("size" if self.url.startswith("sftp://") else "whole")

    def is_due(self, *, succeeded: bool) -> bool:
        """Whether a run pulls it by itself."""
        return self.schedule == "@daily" or not succeeded


def layout_of(feed: Feed) -> Layout:
    """How a feed's deliveries are laid out: as its dialect says, and its own file against that."""
    dialect = dialects.load(feed.dialect)
    paths = [one.path for many in dialect.header.values() for one in many]
    for group in dialect.groups.values():
        paths += [f"{group.path}.{one.path}" for many in group.fields.values() for one in many]
    lists = sorted({place for path in paths for place in _lists(path)})
    return replace(dialect.layout, lists=tuple(lists), **feed.layout)


def _lists(path: str) -> Iterator[str]:
    """Where lists are on the way of a path.

    >>> [*_lists("a.b[].c")]
    ['a.b']
    """
    steps = path.split(".")
    for place, step in enumerate(steps, 1):
        if step.endswith("[]"):
            yield ".".join(steps[:place]).replace("[]", "")


class _Province(BaseModel):
    model_config = ConfigDict(extra="forbid")

    province: str = Field(pattern=r"^[0-9]{2}$")
    name: str
    feeds: dict[str, dict[str, object]]


@dataclass(frozen=True, slots=True)
class Sources:
    """What the files on the source paths say."""

    feeds: Mapping[str, Feed]
    """By feed id."""
    faults: Mapping[str, str]
    """By file name, what is wrong with a file that cannot be used, and the remedy."""


def sources(settings: Settings) -> Sources:
    """Every file of the source paths; a file of a later folder takes the place of its namesake.

    A file that cannot be used takes no other down: its feeds are missing and its fault is told. One whose
    name begins with a dot is an editor's, and no source.
    """
    feeds: dict[str, list[Feed]] = {}
    faults: dict[str, str] = {}
    for folder in settings.source_paths.split(":"):
        for file in sorted(Path(folder).glob("[!.]*.toml")):
            feeds.pop(file.stem, None)
            faults.pop(file.name, None)
            try:
                feeds[file.stem] = read(file, settings)
            except UsageFault as fault:
                faults[file.name] = str(fault)
    return Sources({feed.feed_id: feed for mine in feeds.values() for feed in mine}, faults)


def load(settings: Settings) -> Mapping[str, Feed]:
    """Every feed that can be used, by feed id."""
    return sources(settings).feeds


def one(settings: Settings, feed_id: str) -> Feed:
    """The feed of that id.

    Raises:
        UsageFault: There is none, or its file is wrong; the message names file, key and remedy.
    """
    known = sources(settings)
    if feed_id in known.feeds:
        return known.feeds[feed_id]
    for name, fault in known.faults.items():
        if feed_id.startswith(f"{name.removesuffix('.toml')}-"):
            raise UsageFault(fault)
    raise UsageFault(f"There is no feed {feed_id!r}.", "lienthong sources list shows them.")


def read(file: Path, settings: Settings) -> list[Feed]:
    """The feeds of one file.

    Raises:
        UsageFault: It is wrong; the message names it, the key and the remedy.
    """
    said = _parsed(file)
    try:
        stated = _Province.model_validate(said)
        return [_feed(file.stem, name, stated, entry, settings) for name, entry in stated.feeds.items()]
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        what = first["msg"].removeprefix("Value error, ")
        told = f"{place}: {what}" if place else what
        line = _line(file, told.partition(" ")[0].rstrip(":"))
        raise UsageFault(f"{file.name}: {told}{line}.", "see CONTRIBUTING, new province.") from error


def _parsed(file: Path) -> dict[str, Any]:
    """What a file says.

    Raises:
        UsageFault: It cannot be read, or is no TOML.
    """
    correct = "correct the TOML; it is UTF-8."
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageFault(
            f"{file.name}: it cannot be read ({error.strerror}).",
            "make it a file that the pipeline may read, or take it away.",
        ) from error
    except RecursionError as error:
        raise UsageFault(f"{file.name}: its values are nested too deep.", correct) from error
    except ValueError as error:
        raise UsageFault(f"{file.name}: {error}.", correct) from error


def _line(file: Path, key: str) -> str:
    """Where a key stands in a file, when it stands there once."""
    lines = file.read_text(encoding="utf-8").splitlines()
    found = [number for number, line in enumerate(lines, 1) if re.match(rf"\s*{re.escape(key)}\s*=", line)]
    return f" (line {found[0]})" if len(found) == 1 else ""


def _feed(stem: str, name: str, province: _Province, entry: Mapping[str, object], settings: Settings) -> Feed:
    return Feed.model_validate(
        {
            **{key: _expanded(value, f"{stem}.toml: {key}", settings) for key, value in entry.items()},
            "feed_id": f"{stem}-{name}",
            "province_code": province.province,
            "province_name": province.name,
        }
    )


def _expanded(value: object, where: str, settings: Settings) -> object:
    if not isinstance(value, str):
        return value

    def place(found: re.Match[str]) -> str:
        if found[1] not in _PLACES:
            names = ", ".join(f"${{{name}}}" for name in _PLACES)
            raise UsageFault(f"{where}: there is no {found[0]}.", f"use one of {names}.")
        return str(getattr(settings, found[1]))

    return re.sub(r"\$\{(\w+)\}", place, value)
