"""``lienthong sources``: what each province offers and how it is asked."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from jobs.cli.call import At, Json, call_of, console, emit, fields, line, table
from jobs.cli.letter import letter_of
from jobs.errors import IntegrityFault

app = typer.Typer(
    no_args_is_help=True,
    help="Sources: list, check, drift, show, mapping, draft, missed, pause, resume, reset.",
)
_SHOWN = 20
FeedId = Annotated[str, typer.Argument(help="Feed id, as sources list shows it: 01-dossiers.")]


@app.command("list")
def listed(ctx: typer.Context, at: At = None, as_json: Json = False) -> None:
    """Every feed with its last success."""
    from jobs.sources import model  # noqa: PLC0415
    from jobs.sources.freshness import freshness  # noqa: PLC0415

    call = call_of(ctx)
    stated = model.sources(call.settings)
    feeds = stated.feeds
    for fault in stated.faults.values():
        console.print(fault, highlight=False, markup=False)
    told = [
        {**one, "kind": feeds[one["source"]].kind, "dialect": feeds[one["source"]].dialect}
        for one in freshness(call.settings, at=call.at(at))
    ]
    names = ("source", "kind", "dialect", "last_success_at", "is_late", "is_paused", "last_error")
    rows = [[one[name] for name in names] for one in told]
    emit(told, as_json=as_json, told=lambda: table("Sources", names, rows))


@app.command()
def show(ctx: typer.Context, feed_id: FeedId, as_json: Json = False) -> None:
    """One feed: its file, its cursor, its submissions."""
    from jobs import ops  # noqa: PLC0415
    from jobs.ops import cursors, submissions  # noqa: PLC0415
    from jobs.sources import model  # noqa: PLC0415

    call = call_of(ctx)
    feed = model.one(call.settings, feed_id)
    engine = ops.engine(call.settings)
    cursor = cursors.get(engine, feed_id)
    mine = [one for one in submissions.listed(engine) if one.feed_id == feed_id]
    told: dict[str, Any] = {
        **feed.model_dump(),
        "cursor": cursor[0].isoformat() if cursor else None,
        "submissions": [
            {"id": one.submission_id, "state": one.state, "received_at": one.received_at} for one in mine
        ],
    }
    emit(told, as_json=as_json, told=lambda: fields(told))


@app.command()
def check(
    ctx: typer.Context,
    feed_ids: Annotated[list[str] | None, typer.Argument(help="Feed ids; all feeds otherwise.")] = None,
    names: Annotated[
        bool,
        typer.Option("--names", help="Name the newest file and those that wait; a name may be a person's."),
    ] = False,
    at: At = None,
    as_json: Json = False,
) -> None:
    """A doctor's letter about each source, conclusion first. Exit 4: one cannot be asked; 3: one is held."""
    from jobs import doctor  # noqa: PLC0415

    call = call_of(ctx)
    letters = doctor.letters(call.settings, feed_ids or [], at=call.at(at), names=names)

    def told() -> None:
        for number, letter in enumerate(letters):
            for text in ([""] if number else []) + letter_of(letter):
                line(text)

    emit(letters, as_json=as_json, told=told)
    if code := doctor.exit_code(letters):
        raise typer.Exit(code)


@app.command("drift")
def drifted(
    ctx: typer.Context,
    feed_id: Annotated[str | None, typer.Argument(help="Feed id; all feeds otherwise.")] = None,
    ended: Annotated[bool, typer.Option("--ended", help="Those too that have ended.")] = False,
    as_json: Json = False,
) -> None:
    """What sources send otherwise than before: since when, in how many records, what is done about it."""
    from jobs.findings import drifts  # noqa: PLC0415

    found = drifts.recorded(call_of(ctx).settings, feed_id=feed_id, ended=ended)
    names = (
        "feed_id",
        "kind",
        "level",
        "path",
        "was",
        "now",
        "share",
        "first_seen",
        "first_submission",
        "ended",
    )
    rows = [[one[name] for name in names] for one in found]
    emit(found, as_json=as_json, told=lambda: table("Drift", names, rows))


@app.command()
def mapping(
    ctx: typer.Context,
    digest: Annotated[str, typer.Argument(help="Digest, or its beginning, as explain shows it.")],
    as_json: Json = False,
) -> None:
    """A mapping file as it was when rows were conformed with it."""
    from jobs import ops  # noqa: PLC0415
    from jobs.errors import UsageFault  # noqa: PLC0415
    from jobs.ops import mappings  # noqa: PLC0415

    found = mappings.find(ops.engine(call_of(ctx).settings), digest)
    if found is None:
        raise UsageFault(f"No mapping {digest} is kept.", "lienthong explain shows those of a row.")
    name, texts = found
    emit({"dialect": name, "texts": dict(texts)}, as_json=as_json, told=lambda: line(texts[name].rstrip()))


@app.command()
def draft(
    ctx: typer.Context,
    sample: Annotated[str, typer.Argument(help="A file, or the address of a page, with some dossiers.")],
    name: Annotated[str, typer.Option(help="Name of the new dialect.")] = "new",
    out: Annotated[Path | None, typer.Option(help="Where to write the mapping; shown otherwise.")] = None,
    as_json: Json = False,
) -> None:
    """Propose a mapping for an unknown system from a sample, each line with its evidence."""
    from jobs.sources.draft import run  # noqa: PLC0415

    call = call_of(ctx)
    data, form = run.read(sample)
    told = run.draft(call.settings, name=name, data=data, form=form)
    if out is not None:
        out.write_text(told["file"], encoding="utf-8")
    shown = (
        f"{len(told['header'])} header fields and {len(told['groups'])} groups of {told['records']} records"
    )
    emit(told, as_json=as_json, told=lambda: line(f"{out}: {shown}" if out else told["file"]))


@app.command()
def missed(
    ctx: typer.Context,
    feed_id: FeedId,
    since: Annotated[str | None, typer.Option(help="Only what changed since (ISO 8601).")] = None,
    as_json: Json = False,
) -> None:
    """Compare a source's own list of keys with what was landed. Exit 5 when something was missed."""
    from jobs.extract.missed import missed as compare  # noqa: PLC0415

    call = call_of(ctx)
    told = compare(call.settings, feed_id=feed_id, since=call.at(since, "--since") if since else None)

    def shown() -> None:
        fields({**told, "missed": len(told["missed"])})
        if told["missed"]:
            line(f"The source's ids that were missed: {', '.join(told['missed'][:_SHOWN])}")
            line(f"Remedy: {_remedy(feed_id, told['erased'])}")

    emit(told, as_json=as_json, told=shown)
    if told["missed"]:
        raise typer.Exit(IntegrityFault.exit_code)


def _remedy(feed_id: str, erased: int) -> str:
    if erased:
        return (
            f"run a sync; of those that stay up to {erased} may be rows erased by law, which the province "
            "must erase too. Do not reset the feed: what was erased would be landed again."
        )
    return f"run a sync; if they stay, lienthong sources reset {feed_id}, then a sync."


@app.command()
def pause(ctx: typer.Context, feed_id: FeedId, as_json: Json = False) -> None:
    """Leave a feed out of every run until it is resumed."""
    _pause(ctx, feed_id, paused=True, as_json=as_json)


@app.command()
def resume(ctx: typer.Context, feed_id: FeedId, as_json: Json = False) -> None:
    """Take a paused feed in again; it goes on where it stopped."""
    _pause(ctx, feed_id, paused=False, as_json=as_json)


def _pause(ctx: typer.Context, feed_id: str, *, paused: bool, as_json: bool) -> None:
    from jobs import ops  # noqa: PLC0415
    from jobs.ops import sources as states  # noqa: PLC0415
    from jobs.sources.model import one  # noqa: PLC0415

    call = call_of(ctx)
    one(call.settings, feed_id)
    engine = ops.engine(call.settings)
    states.pause(engine, feed_id, paused=paused, by=call.person(), at=call.at(None))
    told = {"source": feed_id, "is_paused": paused}
    emit(told, as_json=as_json, told=lambda: line(f"{feed_id} is {'paused' if paused else 'active'}"))


@app.command()
def reset(
    ctx: typer.Context,
    patterns: Annotated[list[str], typer.Argument(help="Feed ids or patterns: '*-dossiers'.")],
    at: At = None,
    as_json: Json = False,
) -> None:
    """Forget how far feeds were read: the next sync reads all again, and what is known is a duplicate."""
    from jobs import extract, ops  # noqa: PLC0415
    from jobs.ops import cursors  # noqa: PLC0415

    call = call_of(ctx)
    instant = call.at(at)
    feeds = extract.due(call.settings, patterns=patterns)
    for feed_id in feeds:
        cursors.reset(ops.engine(call.settings), feed_id, instant)

    def told() -> None:
        for feed_id in feeds:
            line(f"{feed_id} will be read from its beginning")

    emit({"reset": feeds}, as_json=as_json, told=told)
