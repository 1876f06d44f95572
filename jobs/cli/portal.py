"""``lienthong portal``: dossiers and their steps to the national public service portal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from rich.progress import Progress

from jobs.cli.call import At, Json, call_of, console, emit, fields, line, table
from jobs.errors import IntegrityFault, UsageFault

app = typer.Typer(no_args_is_help=True, help="National public service portal: send, status, reconcile.")
_EVERY = 500
"""Dossiers between two lines of progress where there is no terminal."""


@app.command()
def send(
    ctx: typer.Context,
    most: Annotated[int | None, typer.Option(min=1, help="Dossiers at most; all that are due else.")] = None,
    refused: Annotated[
        bool, typer.Option("--refused", help="Also what was refused before, as it is.")
    ] = False,
    at: At = None,
    as_json: Json = False,
) -> None:
    """Send what is due to the portal. May be stopped and typed again at any time."""
    from jobs.portal import send as sending  # noqa: PLC0415  (Spark is imported by those who use it)

    call = call_of(ctx)
    with _shown("sent", "postponed", "rejected") as tally:
        told = sending.send(call.settings, at=call.at(at), most=most, refused=refused, tally=tally)
    emit(told, as_json=as_json, told=lambda: fields(told))


@app.command()
def status(ctx: typer.Context, as_json: Json = False) -> None:
    """Dossiers that the portal has as we have them, of those that are due, by province."""
    from jobs.portal.status import status as known  # noqa: PLC0415

    told = known(call_of(ctx).settings)

    def for_people() -> None:
        names = ("province_code", "name", "due", "synced", "percent", "pending", "rejected")
        rows = [[one[name] for name in names] for one in told["provinces"]]
        whole = told["all"]
        rows.append(["", "All", *[whole[name] for name in names[2:]]])
        table("The portal: dossiers due, and accepted as they are now", names, rows)
        if told["underived"]:
            line(f"{told['underived']} submissions are not in it yet; lienthong portal send takes them.")

    emit(told, as_json=as_json, told=for_people)


@app.command()
def reconcile(
    ctx: typer.Context,
    province: Annotated[str | None, typer.Option(help="Code of a province; all else.")] = None,
    mend: Annotated[
        bool, typer.Option("--mend", help="Send what differs again, with the next send.")
    ] = False,
    at: At = None,
    as_json: Json = False,
) -> None:
    """Ask the portal for every dossier that it accepted, and name those it has otherwise. Exit 5 if any."""
    from jobs.portal.reconcile import reconcile as compare  # noqa: PLC0415
    from schemas.reference import provinces  # noqa: PLC0415

    if province is not None and province not in provinces():
        raise UsageFault(
            f"There is no province {province}.", "write its two digits; lienthong status shows them."
        )
    call = call_of(ctx)
    with _shown("agrees", "absent", "other_status", "untold") as tally:
        told = compare(call.settings, at=call.at(at), province=province, mend=mend, tally=tally)

    def for_people() -> None:
        numbers = ("agrees", "absent", "other_status", "untold", "put_back")
        fields({name: told[name] for name in numbers})
        names = ("reference", "province_code", "kind", "ours", "theirs")
        if told["differences"]:
            rows = [[one[name] for name in names] for one in told["differences"]]
            table("Differences, by landed row", names, rows)

    emit(told, as_json=as_json, told=for_people)
    if told["differences"]:
        raise typer.Exit(IntegrityFault.exit_code)


@contextmanager
def _shown(*names: str) -> Iterator[Callable[[Mapping[str, int]], None]]:
    """Progress on a terminal as it goes, elsewhere a line now and then."""
    with Progress(*Progress.get_default_columns()[:1], console=console, transient=True) as shown:
        task = shown.add_task("", total=None)
        last = 0

        def tally(told: Mapping[str, Any]) -> None:
            nonlocal last
            text = " · ".join(f"{name} {told[name]}" for name in names)
            shown.update(task, description=text)
            done = sum(told[name] for name in names)
            if not console.is_terminal and done - last >= _EVERY:
                console.print(text, highlight=False)
                last = done

        yield tally
