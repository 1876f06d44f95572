"""``lienthong ledger``: the proof that nothing was lost, and the equations behind it."""

from __future__ import annotations

import resource
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer
from rich.live import Live
from rich.table import Table

from jobs.cli.call import At, Json, call_of, console, emit, fields, line, table
from jobs.errors import IntegrityFault
from jobs.settings import Settings
from schemas.facts import FACT_DISPOSITIONS
from schemas.types import ROW_DISPOSITIONS

app = typer.Typer(no_args_is_help=True, help="Ledger: verify, show, anchor.")
_ROWS = ("landed", *ROW_DISPOSITIONS)
_FACTS = ("emitted", *FACT_DISPOSITIONS, "pending")


@app.command()
def verify(
    ctx: typer.Context,
    layer: Annotated[
        list[str] | None,
        typer.Option(help="Only this layer: ops, landing, core, curated, registers or open; repeatable."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Recount and recompute everything from the data. Exit 0 when verified, 5 at the first difference."""
    told = verified(call_of(ctx).settings, layer)
    told["peak_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    emit(told, as_json=as_json, told=lambda: _tell(told))
    if not told["verified"]:
        raise typer.Exit(IntegrityFault.exit_code)


def verified(settings: Settings, layers: Sequence[str] | None = None) -> dict[str, Any]:
    """Verifies all layers, or those named, with a live display of them."""
    from jobs.ledger.difference import Step  # noqa: PLC0415
    from jobs.ledger.verify import LAYERS  # noqa: PLC0415
    from jobs.ledger.verify import verify as run  # noqa: PLC0415

    newest: dict[str, Step] = {}

    def drawn() -> Table:
        shown = Table("layer", "state", "at", title="ledger verify", title_justify="left")
        for layer in layers or LAYERS:
            step = newest.get(layer)
            is_last = bool(newest) and layer == [*newest][-1]
            state = "" if step is None else "checking" if is_last else "as it must be"
            shown.add_row(layer, state, _place(step) if step and is_last else "")
        return shown

    with Live(drawn(), console=console, refresh_per_second=4, transient=True) as live:

        def progress(step: Step) -> None:
            if step.layer not in newest and not console.is_terminal:
                console.print(f"checking {step.layer}", highlight=False)
            newest[step.layer] = step
            live.update(drawn())

        return run(settings, layers=layers or LAYERS, progress=progress)


def _place(step: Any) -> str:
    return step.what if step.total is None else f"{step.what} ({step.done} of {step.total} done)"


def _tell(told: Mapping[str, Any]) -> None:
    for layer, counts in told["checked"].items():
        line(f"{layer:<10} {', '.join(f'{number:,} {what}' for what, number in counts.items())}")
    for one in told["erased"]:
        line(f"{one['rows']:,} rows erased by {one['by']} on {one['at'][:10]}: {one['basis']}")
    if told["verified"]:
        rate = f"{told['rows_per_second']:,} landed rows per second"
        line(f"verified in {told['seconds']} s, {rate}, in at most {told['peak_mib']} MiB")
        return
    line(f"NOT verified ({told['seconds']} s). The first difference:")
    fields(told["first_difference"])


@app.command()
def show(ctx: typer.Context, as_json: Json = False) -> None:
    """The equations of rows and facts, register by register, counted from the data."""
    from jobs.ledger.equations import equations  # noqa: PLC0415

    told = equations(call_of(ctx).settings)

    def drawn() -> None:
        for title, names in (("Rows: landed = the rest", _ROWS), ("Facts: emitted = the rest", _FACTS)):
            rows = [[register, *[counts.get(name) for name in names]] for register, counts in told.items()]
            table(title, ("register", *names), rows)

    emit(told, as_json=as_json, told=drawn)


@app.command()
def anchor(ctx: typer.Context, at: At = None, as_json: Json = False) -> None:
    """Write the head of the event chain to the landing store, so that a cut tail shows. Every sync does."""
    from jobs.ledger import anchors  # noqa: PLC0415

    call = call_of(ctx)
    head = anchors.anchor(call.settings, at=call.at(at))
    told = {"seq": head.seq, "hash": head.hash}
    emit(told, as_json=as_json, told=lambda: fields(told))
