"""How systems of a kind are asked over HTTP: paths, credentials, paging; stated in a mapping file."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from schemas import dialect as dialects
from schemas.reading import DialectError
from schemas.zone import HANOI


class Paging(BaseModel):
    """How a change feed is read in parts; names are those of the query's parameters."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    style: Literal["cursor", "number", "window"] = "cursor"
    """By the cursor that a page names; by the page's number; by number within spans of days."""
    size: str = "page_size"
    cursor: str = "cursor"
    """Takes the cursor, or the page's number."""
    since: str = "updated_since"
    until: str = "updated_until"
    """Only ``window`` sends it."""
    written: Literal["iso", "compact"] = "iso"
    """An instant as ISO 8601 with its offset, or as ``yyyyMMddHHmmss`` in Viet Nam."""
    following: str = "next_cursor"
    """Path of the next cursor in a page: keys joined by points."""
    total: str = "total"
    """Path of the number of items in all, where a page tells it."""
    first: int = Field(default=1, ge=0)
    """Number of the first page."""
    days: int = Field(default=5, ge=1)
    """Longest span that may be asked for."""
    begins: AwareDatetime = datetime(2026, 8, 1, tzinfo=HANOI)
    """Where a feed begins that must be asked for a span and was never read."""


class Statistics(BaseModel):
    """How the counts of a period are asked for (``schemas.statistic``)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: str
    begins: str
    """Name of the parameter with the beginning of the period; written as the paging's instants are."""
    until: str
    counts: str = ""
    """Path of the counts in the answer; empty for the answer itself."""


class Interface(BaseModel):
    """What a system of the dialect offers."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    dossiers: str = "api/v1/dossiers"
    keys: str | None = "api/v1/dossier-keys"
    """List of all keys, for finding what was missed."""
    health: str | None = "health"
    statistics: Statistics | None = None
    """Counts that are compared with ours at every run."""
    token: str = "oauth/token"  # noqa: S105  (a path)
    auth: Literal["bearer", "api_key", "basic", "none"] = "bearer"
    """A token by client credentials (RFC 6749 §4.4), a key in a header, HTTP basic (RFC 7617), or nothing
    beside a client certificate."""
    key_header: str = "X-Api-Key"
    headers: Mapping[str, str] = {}
    """Sent with every request, such as ``X-Road-Client``; no secrets."""
    paging: Paging = Paging()


@cache
def interface_of(dialect: str) -> Interface:
    """The interface that a mapping file states; that of our own feed where it states none.

    Raises:
        DialectError: Something in it is wrong; the message names the key and the remedy.
    """
    try:
        return Interface.model_validate(dict(dialects.load(dialect).interface))
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise DialectError(
            f"{dialect}.toml: [interface] {place}: {first['msg']}. Remedy: see CONTRIBUTING, new dialect."
        ) from error
