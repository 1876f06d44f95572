"""How a source lays out what it sends: where its items are, how files are written, what is the delivery's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self

CLOCKS = ("iso", "local", "compact", "epoch_ms")
"""ISO 8601 with its offset; ``yyyy-MM-dd HH:mm:ss`` or ``yyyyMMddHHmmss`` in Viet Nam; milliseconds since
1970."""
ENCODINGS = ("utf-8", "utf-16", "utf-16-le", "utf-16-be", "windows-1258", "tcvn3", "vni")
"""Of a CSV file; ``utf-16`` has a byte order mark, and the two after it have none. TCVN3 (ABC) and VNI are
the bytes that Vietnamese fonts of the 1990s showed as letters."""
DELIMITERS = (",", ";", "\t", "|")
QUOTES = ('"', "'", "")
"""What a cell of CSV may stand in; with none of them, they are letters like others."""
OF_FILES = ("items", "encoding", "delimiter", "quote", "header_row", "sheet")
"""What a source's file may state of a feed, against its dialect."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The outside of a delivery; a submission's manifest keeps it, so that its rows are found again."""

    items: str = "data"
    """Path of the list of items in a page of JSON, or of the elements in a file of XML below its root: keys
    joined by points."""
    identity: str = "id"
    """Key of an item that names it at its source."""
    changed: str = "updated_at"
    """Key of an item's change instant."""
    clock: str = "iso"
    """How that is written: one of ``CLOCKS``."""
    delivery: tuple[str, ...] = ("id", "updated_at")
    """Keys of an item that belong to its delivery and not to its content."""
    encoding: str | None = None
    """Of a CSV file, one of ``ENCODINGS``; None where it is to be found: UTF-8 where nobody looked."""
    delimiter: str | None = None
    """Between the cells of a CSV file; None where it is to be found: a comma where nobody looked."""
    quote: str = '"'
    """Of a CSV file: one of ``QUOTES``."""
    header_row: int = 1
    """Which row of a CSV file or a sheet names the columns; those before it are titles."""
    sheet: str | None = None
    """Which sheet of a workbook has the rows; None where only one has any."""
    lists: tuple[str, ...] = ()
    """Paths within an item of XML where a list is, also of one: what repeats is one anyway. A mapping's paths
    tell them (``name[]``); they are never stated."""
    members: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Of an archive: what was found of each of its files, by name. It is never stated."""

    @classmethod
    def of(cls, stated: Mapping[str, Any]) -> Self:
        """The layout that a manifest or a mapping file states; what it leaves out is as in our own feed."""
        told = {name: stated[name] for name in cls.__slots__ if name in stated}
        return cls(**{**told, **{name: tuple(told[name]) for name in _TUPLES if name in told}})

    def of_member(self, name: str) -> Layout:
        """The layout of one file of an archive."""
        return Layout.of({**asdict(self), **self.members.get(name, {}), "members": {}})

    def told(self) -> dict[str, Any]:
        """What a manifest keeps: whatever is not as in our own feed, and where its items are."""
        told = {**asdict(self), **{name: list(getattr(self, name)) for name in _TUPLES}}
        usual = asdict(USUAL)
        return {name: told[name] for name in told if name in _ALWAYS or getattr(self, name) != usual[name]}


_TUPLES = ("delivery", "lists")
_ALWAYS = ("items", "identity", "changed", "clock", "delivery")
USUAL = Layout()
"""The layout of our own feed, and of submissions whose manifest names none."""


def faults_of(stated: Mapping[str, Any], known: tuple[str, ...]) -> Iterator[str]:
    """What is wrong with a layout that somebody wrote: the key, and the remedy.

    Args:
        stated: Its keys.
        known: Those that may be stated there.
    """
    for key, value in stated.items():
        fault = _fault_of(key, value) if key in known else f"no such key. Remedy: use one of {sorted(known)}."
        if fault is not None:
            yield f"{key}: {fault}"


def _fault_of(key: str, value: Any) -> str | None:
    if key == "delivery":
        is_list = isinstance(value, list) and all(isinstance(one, str) for one in value)
        return None if is_list else "give a list of keys."
    if key == "header_row":
        return None if type(value) is int and value >= 1 else "give the number of a row, the first is 1."
    if not isinstance(value, str):
        return "give a text."
    if value not in _CHOICES.get(key, (value,)):
        return f"no such writing. Remedy: use one of {', '.join(map(_shown, _CHOICES[key]))}."
    return None


STATED = (*_ALWAYS, *OF_FILES[1:])
"""What a mapping file may state."""
_CHOICES = {"clock": CLOCKS, "encoding": ENCODINGS, "delimiter": DELIMITERS, "quote": QUOTES}


def _shown(text: str) -> str:
    return text if text.isalnum() or "-" in text or "_" in text else f"{text!r}"
