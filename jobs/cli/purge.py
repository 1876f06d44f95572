"""``lienthong purge``: erasure by law, from landing to the registers, with a tombstone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from jobs.cli.call import At, Json, call_of, console, emit, line, table
from jobs.errors import UsageFault

if TYPE_CHECKING:
    from jobs.ops.erasures import Places

_WORDS = ("erasure_id", "state", "rows", "basis", "by", "at")


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(purge)


def purge(
    ctx: typer.Context,
    basis: Annotated[
        str | None, typer.Option(help="Legal basis and document; recorded, so no value of the record.")
    ] = None,
    *,
    dossier: Annotated[list[str] | None, typer.Option(help="Every row of a dossier; repeatable.")] = None,
    submission: Annotated[list[str] | None, typer.Option(help="A whole submission; repeatable.")] = None,
    row: Annotated[list[str] | None, typer.Option(help="A row: submission/object/row; repeatable.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Finish erasures that were cut off.")] = False,
    again: Annotated[
        Path | None, typer.Option(help="Erase what --list --json of the same line told, after a restore.")
    ] = None,
    listing: Annotated[bool, typer.Option("--list", help="List erasures, and change nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    by: Annotated[str | None, typer.Option(help="Who decides; the person at the keyboard otherwise.")] = None,
    at: At = None,
    as_json: Json = False,
) -> None:
    """Erase landed rows by law, with all that came of them. There is no way back.

    Each row leaves a tombstone; what it told leaves landing, core, curated and the registers with their
    history. Registers then stand as if it had said nothing. Rows of a named dossier that are landed and not
    conformed yet go with it; a province that sends it again later lands it again.
    Backups made before keep it: destroy them, or run --again after a restore.
    """
    from jobs import purge as erasing  # noqa: PLC0415  (Spark is imported by those who use it)

    call = call_of(ctx)
    settings, told_to = call.settings, console.print
    if listing:
        done = erasing.listed(settings)
    elif resume:
        done = erasing.resume(settings, at=call.at(at), progress=told_to)
    elif again:
        done = erasing.again(settings, erasing.read(again), at=call.at(at), progress=told_to)
    else:
        _require_named(basis, dossier, submission, row)
        places = erasing.places_of(settings, dossiers=dossier, submission_ids=submission, rows=row)
        if not yes:
            _ask(places)
        told: dict[str, Any] = {"basis": basis or "", "by": by or call.person(), "at": call.at(at)}
        done = [erasing.erase(settings, places=places, dossiers=dossier or (), **told, progress=told_to)]
    emit(done, as_json=as_json, told=lambda: _tell(done))


def _require_named(basis: str | None, *named: list[str] | None) -> None:
    if not (basis or "").strip() or not any(named):
        raise UsageFault(
            "What is to be erased, and on what basis?",
            "lienthong purge --basis … with --dossier, --submission or --row; or --list, --resume, --again.",
        )


def _ask(places: Places) -> None:
    from jobs.ops.erasures import rows_of  # noqa: PLC0415  (the schemas are imported by those who use them)

    rows = sum(1 for _ in rows_of(places))
    typer.confirm(f"Erase {rows} rows of {len(places)} submissions for ever?", abort=True, err=True)


def _tell(done: list[dict[str, Any]]) -> None:
    table("Erasures", _WORDS, [[one[name] for name in _WORDS] for one in done])
    for one in done:
        for name, number in one.get("deleted", {}).items():
            line(f"{name}: {number} rows deleted")
        for name in one.get("left", ()):
            line(f"{name}: left as it is, since it is not here or is not what was erased; erase its dossiers")
