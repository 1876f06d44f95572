"""``lienthong sandbox``: the provinces' servers, their calendar, their faults, and the truth behind them."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Annotated, Any

import typer

from jobs.cli.call import Json, call_of, emit, fields, line, table
from jobs.errors import UsageFault
from jobs.settings import Settings

app = typer.Typer(
    name="sandbox",
    help="Provincial sandbox: generated sources with a known truth.",
    no_args_is_help=True,
)
_SHOWN = 50


@app.command()
def serve(
    ctx: typer.Context,
    port: Annotated[int, typer.Option(help="Port on the loopback interface.")],
    seed: Annotated[str | None, typer.Option(help="Seed of a world that is not built yet.")] = None,
    scale: Annotated[float | None, typer.Option(help="1 is 62 k baseline rows and 32 k dossiers.")] = None,
    profile: Annotated[str | None, typer.Option(help="Dirt: clean, typical or filthy.")] = None,
    tls: Annotated[
        Path | None,
        typer.Option(
            help="Serve HTTPS: folder with server.pem, server.key, and clients.pem to ask for theirs."
        ),
    ] = None,
    sftp_port: Annotated[
        int | None, typer.Option(help="Port of the SFTP server beside it; none without it.")
    ] = None,
) -> None:
    """Serve the provinces' interfaces over the world of this home until stopped."""
    import uvicorn  # noqa: PLC0415  (only a server needs it)

    from infra.sandbox import server  # noqa: PLC0415
    from infra.sandbox.home import configure  # noqa: PLC0415

    folder = call_of(ctx).settings.home / "sandbox"
    configure(folder, seed=seed, scale=scale, profile=profile)
    listening = None if sftp_port is None else socket.create_server(("127.0.0.1", sftp_port))
    world = server.application(folder, sftp=listening)
    uvicorn.run(world, host="127.0.0.1", port=port, log_level="warning", **server.tls(tls))


@app.command()
def advance(
    ctx: typer.Context,
    day: Annotated[int | None, typer.Option(min=0, help="Day to move to; the next otherwise.")] = None,
    as_json: Json = False,
) -> None:
    """Move the sources' calendar."""
    told = _asked(call_of(ctx).settings, "POST", "advance", {} if day is None else {"day": day})
    emit(told, as_json=as_json, told=lambda: line(f"It is the evening of day {told['day']}."))


@app.command()
def state(ctx: typer.Context, as_json: Json = False) -> None:
    """Show seed, scale, profile, day and faults of the running sandbox."""
    told = _asked(call_of(ctx).settings, "GET", "state")
    emit(told, as_json=as_json, told=lambda: fields(told))


@app.command()
def faults(
    ctx: typer.Context,
    province: Annotated[str, typer.Option(help="Province code; * for all.")] = "*",
    kind: Annotated[str | None, typer.Option(help="Fault to switch on.")] = None,
    clear: Annotated[bool, typer.Option("--clear", help="Switch off, for the province or all.")] = False,
    as_json: Json = False,
) -> None:
    """Show, switch on or clear faults of the provinces' interfaces."""
    settings = call_of(ctx).settings
    if clear:
        told = _asked(settings, "DELETE", "faults", {"province": province})
    elif kind is not None:
        told = _asked(settings, "POST", "faults", {"province": province, "kind": kind})
    else:
        told = _asked(settings, "GET", "faults")

    def for_people() -> None:
        for name, one in told["faults"].items():
            line(f"{name}  {one}: {told['kinds'][one]}")
        if not told["faults"]:
            line(f"No fault is on. Kinds: {', '.join(told['kinds'])}.")

    emit(told, as_json=as_json, told=for_people)


@app.command()
def truth(
    ctx: typer.Context,
    register: Annotated[str | None, typer.Option(help="population, land or business.")] = None,
    key: Annotated[str | None, typer.Option(help="Personal id, parcel id or tax code.")] = None,
    day: Annotated[
        int | None, typer.Option(min=0, help="Evening of a day; the sandbox's own otherwise.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show what is true: one entity, a register's entities, or numbers of entities and faults."""
    settings = call_of(ctx).settings
    told = _truth(settings, register, key, day)
    emit(told, as_json=as_json, told=lambda: _tell_truth(told))


def _truth(settings: Settings, register: str | None, key: str | None, day: int | None) -> dict[str, Any]:
    from collections import Counter  # noqa: PLC0415
    from dataclasses import asdict  # noqa: PLC0415

    from infra.sandbox import truth as recorded  # noqa: PLC0415
    from infra.sandbox.home import read  # noqa: PLC0415

    folder = settings.home / "sandbox"
    if not (folder / "world.sqlite").exists():
        raise UsageFault("This home has no sandbox.", "lienthong up builds it.")
    until = int(read(folder)["day"]) if day is None else day
    found = recorded.entities(folder, day=until, register=register, key=key)
    told: dict[str, Any] = {"day": until}
    if register is None and key is None:
        shown = recorded.faults(folder, day=until)
        return {
            **told,
            "registers": recorded.summary(found),
            "faults": dict(Counter(one.kind for one in shown)),
        }
    return {**told, "entities": [asdict(one) for one in found]}


def _tell_truth(told: dict[str, Any]) -> None:
    if "entities" not in told:
        rows = [(name, *counts.values()) for name, counts in told["registers"].items()]
        table(
            f"Evening of day {told['day']}",
            ["register", "existing", "untouched", "repairable", "spoiled"],
            rows,
        )
        table("Faults shown by the feeds", ["kind", "number"], told["faults"].items())
        return
    entities = told["entities"]
    for one in entities[:_SHOWN]:
        line(f"{one['register']} {one['key']}  faults: {', '.join(one['faults']) or 'none'}")
        line(f"  {one['state'] if one['state'] is not None else 'in no register'}")
    if len(entities) > _SHOWN:
        line(f"and {len(entities) - _SHOWN} more; --json gives all.")


def _asked(settings: Settings, method: str, what: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """The running sandbox's answer.

    Raises:
        UsageFault: There is none, it does not answer, or it refuses.
    """
    import httpx2 as httpx  # noqa: PLC0415

    if not settings.sandbox_url:
        raise UsageFault("This home has no sandbox.", "set LIENTHONG_SANDBOX_URL, or run lienthong up.")
    try:
        answer = httpx.request(
            method, f"{settings.sandbox_url}/_control/{what}", json=body, timeout=3600, trust_env=False
        )
    except httpx.HTTPError as error:
        raise UsageFault("The sandbox does not answer.", "lienthong up starts it.") from error
    if answer.status_code != httpx.codes.OK:
        raise UsageFault(f"The sandbox refuses: {answer.json().get('error', answer.status_code)}.")
    told: dict[str, Any] = answer.json()
    return told
