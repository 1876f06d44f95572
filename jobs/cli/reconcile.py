"""``lienthong reconcile``: the provinces' own counts of their dossiers beside ours."""

from __future__ import annotations

from typing import Annotated

import typer

from jobs.cli.call import Json, call_of, emit, line, table
from jobs.errors import IntegrityFault

_SHOWN = 20


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(reconcile)


def reconcile(
    ctx: typer.Context,
    province: Annotated[str | None, typer.Option(help="Code of a province.")] = None,
    as_json: Json = False,
) -> None:
    """Compare what sources told of their dossiers with ours. Exit 5 when a difference has no reason."""
    from jobs import reconcile as reconciling  # noqa: PLC0415

    found = reconciling.reconciled(call_of(ctx).settings, province=province)
    names = ("theirs", "ours", *reconciling.KINDS)

    def told() -> None:
        for one in found:
            rows = [[count, *[parts[name] for name in names]] for count, parts in one["counts"].items()]
            table(f"{one['feed']}, from {one['begins']} to {one['until']}", ("count", *names), rows)
            if one["missed"]:
                line(f"The source's ids that were missed: {', '.join(one['missed'][:_SHOWN])}")
                line("Remedy: run a sync; lienthong sources missed tells more.")
        if not found:
            line("No source has told counts yet; a sync asks those that do.")

    emit(found, as_json=as_json, told=told)
    if any(parts["unexplained"] for one in found for parts in one["counts"].values()):
        raise typer.Exit(IntegrityFault.exit_code)
