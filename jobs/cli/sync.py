"""``lienthong sync``: a national day through Airflow, followed to its end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer
from rich.live import Live
from rich.table import Table

from jobs.cli.call import At, Call, Json, call_of, console, emit, line, table, waiting
from jobs.settings import Settings
from schemas.contract import REGISTERS

Patterns = Annotated[
    list[str] | None, typer.Option("--source", help="Feed id or pattern ('01-*'); may be repeated.")
]
Registers = Annotated[
    list[str] | None, typer.Option("--register", help="population, land or business; may be repeated.")
]


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(sync)


def sync(
    ctx: typer.Context,
    source: Patterns = None,
    register: Registers = None,
    at: At = None,
    since: Annotated[str | None, typer.Option(help="Pull again from this instant (ISO 8601).")] = None,
    plan: Annotated[bool, typer.Option("--plan", help="Say what would be done, and do nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Pull, conform, merge and load what the sources have, through Airflow.

    A source that fails is named as late; the others are served. Run it again at any time.
    """
    from jobs.errors import UsageFault  # noqa: PLC0415

    call = call_of(ctx)
    known = [one.value for one in REGISTERS]
    if strange := sorted(set(register or []) - set(known)):
        raise UsageFault(f"--register {strange[0]}: no such register.", f"use one of {', '.join(known)}.")
    if plan:
        _plan(call, at, source or [], register or [], as_json=as_json)
        return
    told = run_day(
        call.settings,
        at=call.at(at),
        sources=source or [],
        registers=register or [],
        since=call.at(since, "--since") if since else None,
    )
    emit(told, as_json=as_json, told=lambda: tell(told))


def run_day(settings: Settings, **asked: Any) -> dict[str, Any]:
    """Runs a day with a live display of its stages."""
    from jobs.sync import Asked  # noqa: PLC0415
    from jobs.sync import sync as run  # noqa: PLC0415

    with Live(console=console, refresh_per_second=4, transient=True) as live:

        def progress(states: Mapping[str, str]) -> None:
            shown = Table("stage", "state", title=f"{asked['at']:%Y-%m-%d %H:%M}", title_justify="left")
            for name, state in states.items():
                shown.add_row(name, state)
            live.update(shown)
            if not console.is_terminal:
                console.print(
                    " · ".join(f"{name} {state}" for name, state in states.items()), highlight=False
                )

        return run(settings, Asked(**asked), progress=progress)


def tell(told: Mapping[str, Any]) -> None:
    """Prints a day's counts and laggards."""
    registers = told["registers"]
    names = [name for name in next(iter(registers.values())) if name != "moved"]
    rows = [[name, *[counts[name] for counts in registers.values()]] for name in names]
    rows.append(["moved", *[_moved(counts["moved"]) for counts in registers.values()]])
    table(f"Day of {told['at']}, {told['seconds']} s", ("", *registers), rows)
    for one in told["late"]:
        line(f"late: {one['source']}: {one['reason']}")
    if (portal := told["portal"])["due"]:
        line(f"portal: {portal['synced']} of {portal['due']} dossiers synced; what is new follows the day")


def _moved(moved: Mapping[str, int]) -> str:
    return " ".join(f"{name} {number:+d}" for name, number in moved.items())


def _plan(call: Call, at: str | None, sources: list[str], registers: list[str], *, as_json: bool) -> None:
    from jobs.sync import plan as planned  # noqa: PLC0415

    told = planned(call.settings, at=call.at(at), sources=sources, registers=registers)

    def shown() -> None:
        rows = [(one["source"], one["from"] or "the beginning") for one in told["pull"]]
        table(f"At {told['at']} would be pulled", ("source", "from"), rows)
        line(f"waiting for conform: {len(told['conform'])} submissions")
        waiting(told["left_out"])
        for name, batches in told["merge"].items():
            line(f"waiting for merge_{name}: {len(batches)} batches")

    emit(told, as_json=as_json, told=shown)
