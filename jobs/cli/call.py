"""What every command shares: settings, the instant, output for people and for machines."""

from __future__ import annotations

import getpass
import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Annotated, Any

import typer
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from jobs import clock
from jobs.errors import UsageFault
from jobs.settings import Settings, load_settings

Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output, for machines.")]
At = Annotated[
    str | None,
    typer.Option(help="Instant of the run, ISO 8601 with an offset; the calendar of the sources otherwise."),
]
console = Console(stderr=True)
"""Progress and messages for people; standard output carries the answer alone."""
_ANY_WIDTH = 1000
_CONTROLS = {*range(0x20), *range(0x7F, 0xA0)} - {ord("\n"), ord("\t")}
_DIRECTIONS = {0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)}
_UNSEEN = {code: f"\\x{code:02x}" for code in _CONTROLS} | {code: f"\\u{code:04x}" for code in _DIRECTIONS}


@dataclass(frozen=True)
class Call:
    """One call of the command line."""

    environ: Mapping[str, str] = field(repr=False)

    @cached_property
    def settings(self) -> Settings:
        """Settings of the home that the environment names."""
        return load_settings(self.environ)

    def at(self, text: str | None, option: str = "--at") -> datetime:
        """The instant that an option asks for, else that of the sources' calendar.

        Raises:
            UsageFault: It is no instant, or has no offset.
        """
        if text is None:
            return clock.now(self.settings)
        try:
            instant = datetime.fromisoformat(text)
            found = instant.astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise UsageFault(
                f"{option} {text}: not an instant.", "write it like 2026-11-02T23:30:00+07:00."
            ) from error
        if instant.tzinfo is None:
            raise UsageFault(f"{option} {text}: the offset is missing.", "add +07:00 or Z.")
        return found

    def person(self) -> str:
        """Name of the person at the keyboard, for what must carry one."""
        return str(self.environ.get("LIENTHONG_PERSON") or getpass.getuser())


def call_of(ctx: typer.Context) -> Call:
    """The call that a command belongs to."""
    found = ctx.find_object(Call)
    if found is None:
        raise RuntimeError("the command line was not entered through jobs.__main__")
    return found


def worded(told: str) -> Any:
    """An option whose words are recorded: where it may be left out, it may not be blank either."""
    return typer.Option(help=told, callback=_worded)


def _worded(param: typer.CallbackParam, value: str | None) -> str | None:
    if value is not None and not value.strip():
        raise UsageFault(f"--{param.name} is blank.", "say it in words; they are recorded.")
    return value


def emit(value: object, *, as_json: bool, told: Callable[[], None]) -> None:
    """Prints an answer: as JSON, or as the given function tells it to people."""
    if as_json:
        sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=1, default=str) + "\n")
    else:
        told()


def visible(text: str) -> str:
    """A text whose control characters and changes of direction are shown, not obeyed by a terminal."""
    return text.translate(_UNSEEN)


def answers() -> Console:
    """Where answers for people go: as wide as the terminal, or as wide as need be in a file or pipe."""
    found = Console()
    return found if found.is_terminal else Console(width=_ANY_WIDTH)


def drawn(title: str, columns: Iterable[str], **style: Any) -> Table:
    """A table in which no cell is cut short."""
    empty = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False, **style)
    for name in columns:
        empty.add_column(name, overflow="fold")
    return empty


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Prints rows for people; None is an empty cell."""
    whole = drawn(title, columns)
    for row in rows:
        whole.add_row(*[_cell(cell) for cell in row])
    answers().print(whole)


def _cell(value: object) -> Text:
    shown = "" if value is None else visible(str(value))
    return Text(shown, justify="right" if isinstance(value, int) else "left")


def line(text: str) -> None:
    """Prints one line of the answer."""
    sys.stdout.write(f"{visible(text)}\n")


def waiting(left_out: Iterable[Mapping[str, str]]) -> None:
    """Prints what a conform left waiting, and why."""
    for one in left_out:
        line(f"{one['source']} waits: {one['reason']}")


def fields(pairs: Mapping[str, Any]) -> None:
    """Prints names and values, one a line."""
    width = max((len(name) for name in pairs), default=0)
    for name, value in pairs.items():
        line(f"{name:<{width}}  {value}")
