"""How a source lays out what it sends: where a page's items are, and what of an item is its delivery's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

CLOCKS = ("iso", "local", "compact", "epoch_ms")
"""ISO 8601 with its offset; ``yyyy-MM-dd HH:mm:ss`` or ``yyyyMMddHHmmss`` in Viet Nam; milliseconds since
1970."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The outside of a delivery; a submission's manifest keeps it, so that its rows are found again."""

    items: str = "data"
    """Path of the list of items in a page of JSON: keys joined by points."""
    identity: str = "id"
    """Key of an item that names it at its source."""
    changed: str = "updated_at"
    """Key of an item's change instant."""
    clock: str = "iso"
    """How that is written: one of ``CLOCKS``."""
    delivery: tuple[str, ...] = ("id", "updated_at")
    """Keys of an item that belong to its delivery and not to its content."""

    @classmethod
    def of(cls, stated: Mapping[str, Any]) -> Self:
        """The layout that a manifest or a mapping file states; what it leaves out is as in our own feed."""
        told = {name: stated[name] for name in cls.__slots__ if name in stated}
        return cls(**{**told, **({"delivery": tuple(told["delivery"])} if "delivery" in told else {})})

    def told(self) -> dict[str, Any]:
        """What a manifest keeps."""
        return {**asdict(self), "delivery": list(self.delivery)}


USUAL = Layout()
"""The layout of our own feed, and of submissions whose manifest names none."""
