"""``lienthong retract``: a submission counts as if it had never been sent, until it is restored."""

from __future__ import annotations

from typing import Annotated

import typer

from jobs.cli.call import At, Json, call_of, emit, line, table, waiting, worded

_WORDS = ("submission_id", "register", "disposition", "rows")


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(retract)


def retract(
    ctx: typer.Context,
    submission: Annotated[str, typer.Option(help="Id of the submission: feed and number.")],
    reason: Annotated[str, worded("Why; recorded.")],
    *,
    restore: Annotated[bool, typer.Option("--restore", help="Take the retraction back.")] = False,
    by: Annotated[str | None, typer.Option(help="Who decides; the person at the keyboard otherwise.")] = None,
    at: At = None,
    as_json: Json = False,
) -> None:
    """Take a submission back as a whole: the registers will be as if it had never been sent.

    Bytes and rows stay, later versions stay, and a later delivery of the same content takes the place of
    what is taken back. The next sync brings it to the registers. --restore undoes it.
    """
    from jobs.findings import retraction  # noqa: PLC0415  (Spark is imported by those who use it)

    call = call_of(ctx)
    verb = retraction.restore if restore else retraction.retract
    receipt = verb(
        call.settings, submission_id=submission, reason=reason, by=by or call.person(), at=call.at(at)
    )
    answer = {name: receipt[name] for name in ("batch_id", "submissions", "counts", "left_out")}

    def told() -> None:
        rows = [[one[name] for name in _WORDS] for one in answer["counts"]]
        table(f"Batch {answer['batch_id']}", _WORDS, rows)
        is_waiting = any(one["source"] == submission for one in answer["left_out"])
        follows = "a sync merges it once it need not wait" if is_waiting else "the next sync merges it"
        line(f"{submission} is {'restored' if restore else 'retracted'}; {follows}.")
        waiting(answer["left_out"])

    emit(answer, as_json=as_json, told=told)
