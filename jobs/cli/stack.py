"""``up``, ``down``, ``status``: the embedded stack and what the pipeline knows of every source."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from infra import embedded
from jobs.cli.call import At, Json, call_of, console, emit, fields, line, table
from jobs.errors import Unreachable, UsageFault
from jobs.settings import home_of

_REGISTERS = ("population", "land", "business", "none")


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command()(up)
    app.command()(down)
    app.command()(status)


def up(
    ctx: typer.Context,
    services: Annotated[list[str] | None, typer.Argument(help="Services; all when none is named.")] = None,
    as_json: Json = False,
) -> None:
    """Start the embedded stack and bring its databases up to date. Safe to repeat."""
    from jobs.setup import prepare  # noqa: PLC0415

    home = home_of(call_of(ctx).environ)
    names = services or list(embedded.EVERYTHING)
    if unknown := sorted(set(names) - set(embedded.EVERYTHING)):
        raise UsageFault(f"There is no service {unknown[0]}.", f"name {', '.join(embedded.EVERYTHING)}.")
    start(home, names, call_of(ctx).environ.get("LIENTHONG_SPARK_MASTER"))
    if {"postgres", "store"} <= set(names):
        prepare(call_of(ctx).settings)
    states = embedded.status(home)
    emit({"home": str(home), "services": states}, as_json=as_json, told=lambda: fields(states))


def start(home: Path, names: Iterable[str], spark_master: str | None = None) -> None:
    """Starts services of the embedded stack and tells of each that is ready.

    Raises:
        Unreachable: A service does not become ready.
        UsageFault: The home's settings name services that others run.
    """
    with _told_plainly():
        embedded.up(home, names, lambda text: console.print(f"  {text}", highlight=False), spark_master)


@contextmanager
def _told_plainly() -> Iterator[None]:
    """Faults of the stack as faults of the command: their text is ours, and names a remedy."""
    try:
        yield
    except embedded.HomeError as error:
        raise UsageFault(str(error)) from error
    except embedded.StackError as error:
        raise Unreachable(str(error)) from error


def down(ctx: typer.Context, as_json: Json = False) -> None:
    """Stop every service of the home."""
    home = home_of(call_of(ctx).environ)
    with _told_plainly():
        ran = embedded.down(home)
    told = {"home": str(home), "has_run": ran}
    emit(told, as_json=as_json, told=lambda: line(f"{home}: {'stopped' if ran else 'nothing ran'}"))


def status(ctx: typer.Context, at: At = None, as_json: Json = False) -> None:
    """What runs, where everything is, and how each province stands."""
    call = call_of(ctx)
    home = home_of(call.environ)
    services = embedded.status(home)
    told: dict[str, Any] = {"home": str(home), "services": services}
    told["is_embedded"] = embedded.is_home(home)
    if not told["is_embedded"] or services.get("postgres") == "RUNNING":
        from jobs.status import status as known  # noqa: PLC0415

        told |= known(call.settings, at=call.at(at))
    emit(told, as_json=as_json, told=lambda: _tell(told))


def _tell(told: dict[str, Any]) -> None:
    line(f"home {told['home']}")
    if told["is_embedded"]:
        fields(told["services"])
    if "sources" not in told:
        line("Nothing runs. Start it with: lienthong up")
        return
    fields(told["endpoints"])
    rows = [
        (
            one["source"],
            one["name"],
            f"{one['last_success_at']:%d/%m %H:%M}" if one["last_success_at"] else "never",
            _state(one),
            *(one["registers"][name]["landed"] for name in _REGISTERS),
        )
        for one in told["sources"]
    ]
    columns = ("source", "province", "success", "", *_REGISTERS)
    table(f"Sources at {told['at']}: last success (UTC), rows landed by register", columns, rows)
    if told["confirmations"]:
        parts = ("persons", "confirmed", "not_confirmed", "due")
        known = [(name, *(one[part] for part in parts)) for name, one in told["confirmations"].items()]
        table("Persons and the national population database", ("province", *parts), known)
    for fault in told["faults"].values():
        line(fault)
    for one in told["sources"]:
        if one["last_error"]:
            line(f"{one['source']}: {one['last_error']}")


def _state(one: dict[str, Any]) -> str:
    if one["is_paused"]:
        return "paused"
    late = [name for name in _REGISTERS if one["registers"][name]["is_late"]]
    return "late" if one["is_late"] else f"not yet in {', '.join(late)}" if late else ""
