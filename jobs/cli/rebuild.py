"""``lienthong rebuild``: everything derived made anew in another home, and compared with this one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from jobs.cli import stack
from jobs.cli.call import Json, call_of, console, emit, line, table
from jobs.errors import IntegrityFault, Unreachable, UsageFault
from jobs.settings import Settings, load_settings, read_file

if TYPE_CHECKING:
    from jobs.rebuild.digests import Digests

SERVICES = ("postgres", "store", "spark")


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(rebuild)


def rebuild(
    ctx: typer.Context,
    into: Annotated[
        Path, typer.Option(help="An empty folder, or a home whose settings name empty services.")
    ],
    *,
    as_json: Json = False,
) -> None:
    """Build core, curated and the registers anew from landing and ops alone; exit 5 if a digest differs.

    If the original goes on meanwhile nothing is judged (exit 4); the same command goes on with the rest.
    With erasures by law only core is compared: what was recorded of the erased rows is not made again.
    """
    from jobs.rebuild import rebuild as build  # noqa: PLC0415  (Spark is imported by those who use it)

    settings, home = call_of(ctx).settings, into.resolve()
    if home == settings.home:
        raise UsageFault("The new home is the old one.", "name another folder.")
    start(settings.identity_key.get_secret_value(), home, like=settings.home)
    receipt = build(settings, into=home, progress=console.print)
    console.print("comparing what was built with the original")
    told = receipt | _compared(settings, load_settings({"LIENTHONG_HOME": str(home)}))
    emit(told, as_json=as_json, told=lambda: _tell(told))
    if told["gone_on"]:
        raise typer.Exit(Unreachable.exit_code)
    if not told["equal"]:
        raise typer.Exit(IntegrityFault.exit_code)


def _compared(settings: Settings, new: Settings) -> dict[str, Any]:
    """How the new home's data stand beside the original's; not judged where that has gone on meanwhile."""
    from jobs import ops, release  # noqa: PLC0415
    from jobs.ops import batches, erasures  # noqa: PLC0415
    from jobs.rebuild.digests import differences, digests  # noqa: PLC0415

    release.republish(new)
    rebuilt, known, engine = digests(new), digests(settings), ops.engine(settings)
    since = batches.numbers(engine) - batches.numbers(ops.engine(new), "committed")
    erased = [one.told() for one in erasures.listed(engine)]
    unequal = [name for name in differences(known, rebuilt) if not erased or name.startswith("core.")]
    return {
        "equal": None if since else not unequal,
        "gone_on": sorted(since),
        "first_difference": unequal[0] if unequal and not since else None,
        "erased": erased,
        "datasets": _beside(known, rebuilt),
    }


def start(identity_key: str, home: Path, like: Path | None = None) -> None:
    """Starts the new home's services, unless its settings name services that others run.

    The new home keeps the key of the old one's entity ids, since that key belongs to ops.

    Raises:
        UsageFault: The home is one that has another key.
        Unreachable: A service does not become ready.
    """
    from infra.embedded.home import adopt  # noqa: PLC0415  (only those who start services need it)

    if read_file(home / "settings.env") and not (home / "stack.json").exists():
        return
    known = read_file(home / "settings.env").get("LIENTHONG_IDENTITY_KEY", identity_key)
    if known != identity_key:
        raise UsageFault(f"{home} is a home with another identity key.", "name an empty folder.")
    adopt(home, identity_key=identity_key, like=like)
    stack.start(home, SERVICES)


def _beside(known: Digests, rebuilt: Digests) -> dict[str, dict[str, Any]]:
    nothing = (0, None)
    return {
        name: {
            "rows": known.get(name, nothing)[0],
            "digest": known.get(name, nothing)[1],
            "rebuilt_rows": rebuilt.get(name, nothing)[0],
            "rebuilt_digest": rebuilt.get(name, nothing)[1],
        }
        for name in sorted(known.keys() | rebuilt.keys())
    }


def _tell(told: dict[str, Any]) -> None:
    rows = [
        (
            name,
            one["rows"],
            one["rebuilt_rows"],
            "equal" if one["digest"] == one["rebuilt_digest"] else "" if told["gone_on"] else "DIFFERS",
            one["rebuilt_digest"],
        )
        for name, one in told["datasets"].items()
    ]
    table("Rebuilt from landing and ops", ("dataset", "rows", "rebuilt", "", "digest"), rows)
    line(f"{len(told['carried_out'])} of {told['batches']} batches were carried out in {told['home']}.")
    if told["gone_on"]:
        line(f"The original has gone on by {len(told['gone_on'])} batches: the same again compares them too.")
    elif told["erased"] and told["equal"]:
        line("Every digest of core is equal; the rest was made without what was erased by law.")
    elif told["equal"]:
        line("Every digest is equal.")
    else:
        line(f"{told['first_difference']} differs from the original.")
    if (Path(told["home"]) / "stack.json").exists():
        line(f"Its services go on running: LIENTHONG_HOME={told['home']} lienthong status · down")
