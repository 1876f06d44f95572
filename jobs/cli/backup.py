"""``lienthong backup`` and ``lienthong restore``: the truth in one folder, and a home made from it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from jobs.cli.call import At, Json, call_of, console, emit, line
from jobs.cli.rebuild import start
from jobs.settings import load_settings


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command()(backup)
    app.command()(restore)


def backup(
    ctx: typer.Context,
    to: Annotated[Path, typer.Option(help="An empty folder, or one that an interrupted backup left.")],
    *,
    at: At = None,
    as_json: Json = False,
) -> None:
    """Save landing, ops and the identity key in a folder; everything else is derived from them.

    May run beside a sync. The folder holds personal data and a secret: keep it as you keep the databases.
    """
    from jobs.rebuild import backup as save  # noqa: PLC0415  (Spark is imported by those who use it)

    call = call_of(ctx)
    told = save(call.settings, to=to.resolve(), at=call.at(at), progress=console.print)
    emit(
        told,
        as_json=as_json,
        told=lambda: line(
            f"{told['objects']} landed objects and {told['tables']} tables are in {told['folder']}. "
            f"lienthong restore --from {told['folder']} --into HOME makes a home of it."
        ),
    )


def restore(
    from_: Annotated[Path, typer.Option("--from", help="Folder that lienthong backup wrote.")],
    into: Annotated[
        Path, typer.Option(help="An empty folder, or a home whose settings name empty services.")
    ],
    *,
    as_json: Json = False,
) -> None:
    """Make a home from a backup: every batch is carried out again and compared with its receipt.

    Then: LIENTHONG_HOME=… lienthong ledger verify.
    """
    from jobs import release  # noqa: PLC0415  (Spark is imported by those who use it)
    from jobs.rebuild import restore as build  # noqa: PLC0415
    from jobs.rebuild.origins import Backup  # noqa: PLC0415

    folder, home = from_.resolve(), into.resolve()
    start(Backup(folder).identity_key, home)
    told = build(folder, into=home, progress=console.print)
    told["public_files"] = release.republish(load_settings({"LIENTHONG_HOME": str(home)}))
    emit(
        told,
        as_json=as_json,
        told=lambda: line(
            f"{len(told['carried_out'])} of {told['batches']} batches were carried out in {home}. "
            f"LIENTHONG_HOME={home} lienthong ledger verify · up · down"
        ),
    )
