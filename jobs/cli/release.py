"""``lienthong release``: the open release, from the candidate to the tombstone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import typer

from jobs.cli.call import At, Json, call_of, emit, fields, line, table, worded

app = typer.Typer(no_args_is_help=True, help="Open release: build, list, show, approve, reject, withdraw.")
ReleaseId = Annotated[str, typer.Argument(help="Release, as release list shows it: 2026.11.1.")]
By = Annotated[
    str | None,
    typer.Option(help="Name of the person who decides; yours otherwise. It is recorded, not published."),
]


@app.command()
def build(ctx: typer.Context, at: At = None, as_json: Json = False) -> None:
    """Build a candidate from the lake. Nothing is public until a person approves it."""
    from jobs import release  # noqa: PLC0415

    call = call_of(ctx)
    told = release.build(call.settings, at=call.at(at))
    _emit(told, as_json=as_json, after=_next_step)


@app.command("list")
def listed(ctx: typer.Context, as_json: Json = False) -> None:
    """Every release and its state."""
    from jobs import release  # noqa: PLC0415

    told = release.listed(call_of(ctx).settings)
    names = ("release_id", "state", "built_at", "decided_by", "decided_at")
    rows = [[one[name] for name in names] for one in told]
    emit(told, as_json=as_json, told=lambda: table("Open releases", names, rows))


@app.command()
def show(ctx: typer.Context, release_id: ReleaseId, as_json: Json = False) -> None:
    """One release: rows, months, late provinces, what is hidden and what was restated."""
    from jobs import release  # noqa: PLC0415

    _emit(release.show(call_of(ctx).settings, release_id=release_id), as_json=as_json)


@app.command()
def approve(
    ctx: typer.Context, release_id: ReleaseId, by: By = None, at: At = None, as_json: Json = False
) -> None:
    """Publish a candidate, in your name."""
    from jobs import release  # noqa: PLC0415

    call = call_of(ctx)
    told = release.approve(call.settings, release_id=release_id, by=by or call.person(), at=call.at(at))
    page = release.url(call.settings)
    _emit({**told, "url": page}, as_json=as_json, after=lambda _: line(f"Public at {page}"))


@app.command()
def reject(
    ctx: typer.Context,
    release_id: ReleaseId,
    reason: Annotated[str, worded("Why.")],
    by: By = None,
    at: At = None,
    as_json: Json = False,
) -> None:
    """Reject a candidate."""
    from jobs import release  # noqa: PLC0415

    call = call_of(ctx)
    told = release.reject(
        call.settings, release_id=release_id, by=by or call.person(), reason=reason, at=call.at(at)
    )
    _emit(told, as_json=as_json)


@app.command()
def withdraw(
    ctx: typer.Context,
    release_id: ReleaseId,
    reason: Annotated[str, worded("Why. It is published on the tombstone: name no person.")],
    by: By = None,
    at: At = None,
    as_json: Json = False,
) -> None:
    """Take a published release back; a tombstone stays."""
    from jobs import release  # noqa: PLC0415

    call = call_of(ctx)
    told = release.withdraw(
        call.settings, release_id=release_id, by=by or call.person(), reason=reason, at=call.at(at)
    )
    _emit(told, as_json=as_json)


def _emit(
    told: dict[str, Any], *, as_json: bool, after: Callable[[dict[str, Any]], None] | None = None
) -> None:
    def people() -> None:
        fields(
            {
                "release": told["release_id"],
                "state": told["state"] if told.get("changed", True) else f"{told['state']} (nothing new)",
                "decided by": told["decided_by"] or "–",
                "months": ", ".join(told["periods"]) or "none is closed",
                "late": "; ".join(f"{month}: {' '.join(codes)}" for month, codes in told["late"].items())
                or "–",
                "rows": ", ".join(f"{noun} {one['rows']}" for noun, one in told["datasets"].items()),
                "rows with a hidden count": ", ".join(
                    f"{noun} {n}" for noun, n in told["suppressed"].items()
                ),
                "restated": sum(len(blocks) for blocks in told["restated"].values()),
                "kept as published": sum(len(blocks) for blocks in told["waiting"].values()),
                **({"reason": told["reason"]} if "reason" in told else {}),
            }
        )
        if after is not None:
            after(told)

    emit(told, as_json=as_json, told=people)


def _next_step(told: dict[str, Any]) -> None:
    if told["state"] == "candidate":
        line(f"Look at it: lienthong release show {told['release_id']} --json")
        line(f"Publish it: lienthong release approve {told['release_id']}")
